"""Requests for care, as they came in."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import ForeignObject

from stead.platform.tenancy.models import TenantModel, Writes, tenant_fk


class IntakeRequest(TenantModel):
    """What a person asked for, in their own words, kept as sent; the patient row is made from it."""

    writes: ClassVar[Writes] = "insert"

    patient_id = models.UUIDField()
    patient: ForeignObject[Any, Any] = tenant_fk("patients.Patient", "patient_id", related_name="requests")
    received_at = models.DateTimeField()
    channel = models.CharField(max_length=20, default="website")
    language = models.CharField(max_length=10, default="en")
    need_encrypted = models.TextField()
    preferred_times = models.CharField(max_length=200, default="")
    preferred_location_id = models.UUIDField(null=True)
    payer_words = models.CharField(max_length=120, default="")
    self_pay = models.BooleanField(default=False)
    visit_state = models.CharField(max_length=2, default="")
    source = models.CharField(max_length=60, default="")
    safety_answer = models.CharField(max_length=10, default="no")
    possible_duplicate_of_id = models.UUIDField(null=True)

    class Meta(TenantModel.Meta):
        db_table = "intake_request"
