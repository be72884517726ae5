"""Requests for care as they came in, and the invitations to the patient's own page."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import ForeignObject, Q

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
    asker_name = models.CharField(max_length=200, default="")
    asker_relation = models.CharField(max_length=60, default="")

    class Meta(TenantModel.Meta):
        db_table = "intake_request"
        indexes = [models.Index(fields=["practice_id", "patient_id", "-received_at"], name="intake_request_patient")]


class RequestAttempt(TenantModel):
    """One sending of the public form, by a keyed hash of the network address; forgotten after a day."""

    writes: ClassVar[Writes] = "insert update delete"

    address_hash = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        db_table = "request_attempt"
        indexes = [models.Index(fields=["practice_id", "address_hash", "at"], name="request_attempt_address")]


class PortalInvitation(TenantModel):
    """A single-use link to the patient's own page: only the token's hash is kept. Ends when used, when too many wrong
    birth dates were typed, when it expires, or when a newer one is sent."""

    patient_id = models.UUIDField()
    patient: ForeignObject[Any, Any] = tenant_fk("patients.Patient", "patient_id", related_name="invitations")
    token_sha256 = models.CharField(max_length=64)
    email = models.EmailField()
    sent_at = models.DateTimeField()
    sent_by_name = models.CharField(max_length=200)
    expires_at = models.DateTimeField()
    tries = models.IntegerField(default=0)
    used_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        db_table = "portal_invitation"
        constraints = [
            models.UniqueConstraint(fields=["practice_id", "token_sha256"], name="portal_invitation_token_once"),
            models.UniqueConstraint(
                fields=["practice_id", "patient_id"],
                condition=Q(used_at=None, ended_at=None),
                name="portal_invitation_one_open",
            ),
        ]


class PatientMessage(TenantModel):
    """What a patient wrote to the practice, encrypted; the task that it became says whose it is and when it is due."""

    writes: ClassVar[Writes] = "insert"

    patient_id = models.UUIDField()
    patient: ForeignObject[Any, Any] = tenant_fk("patients.Patient", "patient_id", related_name="messages")
    about = models.CharField(max_length=20)
    text_encrypted = models.TextField()
    written_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        db_table = "patient_message"
        indexes = [models.Index(fields=["practice_id", "patient_id", "-written_at"], name="patient_message_newest")]
