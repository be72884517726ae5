"""The access log: who saw whose data, on which page."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from stead.platform.tenancy.models import TenantModel, Writes


class PatientAccess(TenantModel):
    """One request's reads of patient data: a row per page with every patient it showed (45 CFR 164.312(b))."""

    writes: ClassVar[Writes] = "insert"
    portal_inserts: ClassVar[bool] = True

    at = models.DateTimeField()
    actor_id = models.UUIDField()
    actor_name = models.CharField(max_length=200)
    page = models.CharField(max_length=120)
    patient_ids = ArrayField(models.UUIDField())
    reason = models.CharField(max_length=400, default="")

    class Meta(TenantModel.Meta):
        db_table = "patient_access"
        indexes = [
            GinIndex(fields=["patient_ids"], name="patient_access_patients"),
            models.Index(fields=["practice_id", "at"], name="patient_access_at"),
        ]
