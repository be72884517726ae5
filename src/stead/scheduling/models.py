"""The book: what can be booked, when people work, which time is free, and who has claimed it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, ForeignObject, Q

from stead.platform.tenancy.models import PortalView, TenantModel, Writes, tenant_fk
from stead.scheduling.fields import DateTimeMultiRangeField

STATUSES = [
    ("held", "held"),
    ("booked", "booked"),
    ("confirmed", "confirmed"),
    ("arrived", "waiting"),
    ("in_session", "in session"),
    ("done", "done"),
    ("no_show", "no-show"),
    ("late_cancel", "cancelled late"),
    ("cancelled", "cancelled"),
    ("released", "released"),
]
RESOURCE_KINDS = ("patient", "practitioner", "room")
LIVE = ("held", "booked", "confirmed", "arrived", "in_session", "done", "no_show")


class Service(TenantModel):
    """What the practice does and books. `procedure_code` is opaque: the practice loads its own licensed codes."""

    portal: ClassVar[PortalView] = "all"

    name = models.CharField(max_length=100)
    name_es = models.CharField(max_length=100, default="")
    minutes = models.IntegerField()
    buffer_minutes = models.IntegerField(default=0)
    modality = models.CharField(
        max_length=10, default="room", choices=[("room", "in person"), ("video", "video"), ("phone", "telephone")]
    )
    is_first_visit = models.BooleanField(default=False)
    procedure_code = models.CharField(max_length=10, default="")
    price_cents = models.BigIntegerField()
    retired_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        db_table = "service"
        constraints = [
            models.UniqueConstraint(fields=["practice_id", "name"], name="service_name_once"),
            models.CheckConstraint(condition=Q(minutes__gt=0, minutes__lte=480), name="service_minutes"),
        ]


class ServicePractitioner(TenantModel):
    """Who may perform a service."""

    writes: ClassVar[Writes] = "insert update delete"

    service_id = models.UUIDField()
    service: ForeignObject[Any, Service] = tenant_fk("scheduling.Service", "service_id", related_name="performed_by")
    staff_id = models.UUIDField()
    staff: ForeignObject[Any, Any] = tenant_fk("practice.StaffMember", "staff_id", related_name="performs")

    class Meta(TenantModel.Meta):
        db_table = "service_practitioner"
        constraints = [
            models.UniqueConstraint(fields=["practice_id", "service_id", "staff_id"], name="service_practitioner_once")
        ]


class WorkPattern(TenantModel):
    """A weekly block of a practitioner at a location, in the location's wall-clock time (weekday 0 is Monday)."""

    staff_id = models.UUIDField()
    staff: ForeignObject[Any, Any] = tenant_fk("practice.StaffMember", "staff_id", related_name="patterns")
    location_id = models.UUIDField()
    location: ForeignObject[Any, Any] = tenant_fk("practice.Location", "location_id")
    room_id = models.UUIDField(null=True)
    weekday = models.IntegerField()
    starts = models.TimeField()
    ends = models.TimeField()
    from_date = models.DateField()
    until_date = models.DateField(null=True)

    class Meta(TenantModel.Meta):
        db_table = "work_pattern"
        constraints = [
            models.CheckConstraint(condition=Q(weekday__gte=0, weekday__lte=6), name="work_pattern_weekday"),
            models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="work_pattern_hours"),
        ]


class FreeDay(TenantModel):
    """The free time of one practitioner on one local day, kept in the booking's own transaction. `id` is made of
    practitioner and day, so there is one. `open` is the time worked, `free` what is left of it; `location_id` and
    `room_id` say where, `location_id` part of the key because a day may be split between two places."""

    writes: ClassVar[Writes] = "insert update delete"

    staff_id = models.UUIDField()
    location_id = models.UUIDField()
    room_id = models.UUIDField(null=True)
    day = models.DateField()
    open = DateTimeMultiRangeField()
    free = DateTimeMultiRangeField()

    class Meta(TenantModel.Meta):
        db_table = "free_day"
        constraints = [
            models.UniqueConstraint(fields=["practice_id", "staff_id", "location_id", "day"], name="free_day_once")
        ]
        indexes = [models.Index(fields=["practice_id", "day", "staff_id"], name="free_day_search")]


class Appointment(TenantModel):
    """A visit in the book. Its resources are claimed in ResourceClaim; lane 0 is the normal book."""

    portal: ClassVar[PortalView] = "own"

    patient_id = models.UUIDField()
    patient: ForeignObject[Any, Any] = tenant_fk("patients.Patient", "patient_id", related_name="appointments")
    practitioner_id = models.UUIDField()
    practitioner: ForeignObject[Any, Any] = tenant_fk(
        "practice.StaffMember", "practitioner_id", related_name="appointments"
    )
    service_id = models.UUIDField()
    service: ForeignObject[Any, Service] = tenant_fk("scheduling.Service", "service_id")
    location_id = models.UUIDField()
    location: ForeignObject[Any, Any] = tenant_fk("practice.Location", "location_id")
    room_id = models.UUIDField(null=True)
    room: ForeignObject[Any, Any] = tenant_fk("practice.Room", "room_id", null=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    lane = models.IntegerField(default=0)
    modality = models.CharField(max_length=10, default="room")
    status = models.CharField(max_length=12, choices=STATUSES, default="booked")
    held_until = models.DateTimeField(null=True)
    booked_by_id = models.UUIDField(null=True)
    booked_by_name = models.CharField(max_length=200, default="")
    booked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    session_started_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    ended_reason = models.CharField(max_length=200, default="")
    replaces_id = models.UUIDField(null=True)
    version_no = models.IntegerField(default=1)

    class Meta(TenantModel.Meta):
        db_table = "appointment"
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="appointment_length"),
            models.UniqueConstraint(fields=["practice_id", "id", "patient_id"], name="appointment_of_patient"),
        ]
        indexes = [
            models.Index(fields=["practice_id", "location_id", "starts_at"], name="appointment_location_day"),
            models.Index(fields=["practice_id", "practitioner_id", "starts_at"], name="appointment_practitioner"),
            models.Index(fields=["practice_id", "patient_id", "starts_at"], name="appointment_patient"),
            models.Index(fields=["practice_id", "starts_at"], name="appointment_day"),
            models.Index(fields=["practice_id", "booked_by_id"], name="appointment_held", condition=Q(status="held")),
        ]

    @property
    def visit_state(self) -> str:
        """The state whose law counts: where the patient sits, which for video and telephone is at home."""
        state: str = self.location.state if self.modality == "room" else self.patient.state
        return state


class ResourceClaim(TenantModel):
    """The time an appointment claims of one resource (practitioner, room or patient). The constraint is the truth about
    double booking; rows are inserted in sorted order with ON CONFLICT DO NOTHING and deleted when the time is given
    back, so a cancelled visit claims nothing."""

    writes: ClassVar[Writes] = "insert update delete"

    appointment_id = models.UUIDField()
    appointment: ForeignObject[Any, Appointment] = tenant_fk(
        "scheduling.Appointment", "appointment_id", related_name="claims", cascades=True
    )
    resource_kind = models.CharField(max_length=12, choices=[(k, k) for k in RESOURCE_KINDS])
    resource_id = models.UUIDField()
    lane = models.IntegerField(default=0)
    during = DateTimeRangeField()

    class Meta(TenantModel.Meta):
        db_table = "resource_claim"
        constraints = [
            ExclusionConstraint(
                name="no_double_booking",
                expressions=[
                    (F("practice_id"), RangeOperators.EQUAL),
                    (F("resource_id"), RangeOperators.EQUAL),
                    (F("lane"), RangeOperators.EQUAL),
                    (F("during"), RangeOperators.OVERLAPS),
                ],
            ),
            models.UniqueConstraint(
                fields=["practice_id", "appointment_id", "resource_id"], name="resource_claim_once"
            ),
            # Free rooms are found by the kind: a claim without it would let a taken room look free.
            models.CheckConstraint(condition=Q(resource_kind__in=RESOURCE_KINDS), name="resource_claim_kind"),
        ]
