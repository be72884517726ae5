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


class SafetyAlarm(TenantModel):
    """Somebody may be in danger: rings one person after another until one says "I have it"; stands until a clinician
    has said what came of it. `next_ring_at` is when the next person is told; it is set exactly while it rings."""

    request_id = models.UUIDField()
    request: ForeignObject[Any, IntakeRequest] = tenant_fk("intake.IntakeRequest", "request_id", related_name="alarms")
    patient_id = models.UUIDField()
    patient: ForeignObject[Any, Any] = tenant_fk("patients.Patient", "patient_id", related_name="alarms")
    case_id = models.UUIDField()
    case: ForeignObject[Any, Any] = tenant_fk("processes.Case", "case_id")
    location_id = models.UUIDField(null=True)
    site = models.CharField(max_length=200, default="")
    raised_at = models.DateTimeField()
    state = models.CharField(
        max_length=8, default="ringing", choices=[("ringing", "ringing"), ("taken", "taken"), ("settled", "settled")]
    )
    rounds = models.IntegerField(default=0)
    next_ring_at = models.DateTimeField(null=True)
    taken_at = models.DateTimeField(null=True)
    taken_by_id = models.UUIDField(null=True)
    taken_by_name = models.CharField(max_length=200, default="")
    settled_at = models.DateTimeField(null=True)
    settled_by_name = models.CharField(max_length=200, default="")
    outcome = models.CharField(max_length=20, default="")

    class Meta(TenantModel.Meta):
        db_table = "safety_alarm"
        constraints = [
            models.UniqueConstraint(fields=["practice_id", "request_id"], name="safety_alarm_once"),
            models.CheckConstraint(
                condition=Q(state="ringing", next_ring_at__isnull=False) | Q(~Q(state="ringing"), next_ring_at=None),
                name="safety_alarm_rings_on",
            ),
            models.CheckConstraint(
                condition=~Q(state="taken") | Q(taken_at__isnull=False, taken_by_id__isnull=False),
                name="safety_alarm_taken_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state="settled", settled_at__isnull=False) & ~Q(outcome="")
                | Q(~Q(state="settled"), settled_at=None, outcome=""),
                name="safety_alarm_settled_with_outcome",
            ),
        ]
        indexes = [
            models.Index(fields=["practice_id", "next_ring_at"], name="safety_alarm_due", condition=Q(state="ringing")),
            models.Index(fields=["practice_id", "-raised_at"], name="safety_alarm_newest"),
        ]


class SafetyRing(TenantModel):
    """One person told of an alarm, or a seat that nobody answers for; never changed."""

    writes: ClassVar[Writes] = "insert"

    alarm_id = models.UUIDField()
    alarm: ForeignObject[Any, SafetyAlarm] = tenant_fk("intake.SafetyAlarm", "alarm_id", related_name="rings")
    step = models.IntegerField()
    seat_key = models.CharField(max_length=60)
    seat_name = models.CharField(max_length=100)
    staff_id = models.UUIDField(null=True)
    staff: ForeignObject[Any, Any] = tenant_fk("practice.StaffMember", "staff_id", null=True)
    staff_name = models.CharField(max_length=200, default="")
    why = models.CharField(max_length=200, default="")
    message_id = models.UUIDField(null=True)
    rung_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        db_table = "safety_ring"
        constraints = [
            models.UniqueConstraint(fields=["practice_id", "alarm_id", "step"], name="safety_ring_step_once"),
            models.CheckConstraint(condition=~Q(staff_id=None) | Q(message_id=None), name="safety_ring_to_somebody"),
        ]


class SafetyMinutes(TenantModel):
    """After how many minutes by the clock the next person is told; one row per practice, id = practice_id."""

    while_open = models.IntegerField()
    while_closed = models.IntegerField()
    again = models.IntegerField()

    class Meta(TenantModel.Meta):
        db_table = "safety_minutes"
        constraints = [
            models.CheckConstraint(
                condition=Q(while_open__range=(1, 60), while_closed__range=(1, 60), again__range=(1, 60)),
                name="safety_minutes_at_most_an_hour",
            )
        ]
