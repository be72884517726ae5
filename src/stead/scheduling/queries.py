"""Reads of the book."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from stead.platform.refusals import NotFound
from stead.practice.models import Location, StaffMember
from stead.scheduling import rules, slots
from stead.scheduling.models import Appointment, FreeDay, ResourceClaim, Service, WorkPattern
from stead.scheduling.terms import NotOffered, Slot


@dataclass(frozen=True)
class DayVisit:
    """One visit of the day book, ready for a page or an answer of the API."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    status: str
    lane: int
    modality: str
    practitioner_id: UUID
    practitioner: str
    location_id: UUID
    room: str
    service: str
    patient_id: UUID
    first_name: str
    preferred_name: str
    last_name: str
    arrived_at: datetime | None
    session_started_at: datetime | None
    held_until: datetime | None


_DAY_COLUMNS = ("id", "starts_at", "ends_at", "status", "lane", "modality", "practitioner_id", "practitioner__name",
                "location_id", "room__name", "service__name", "patient_id", "patient__first_name",
                "patient__preferred_name", "patient__last_name", "arrived_at", "session_started_at",
                "held_until")  # fmt: skip


def get_appointment(appointment_id: UUID) -> Appointment:
    """Return the visit with its people and places, or refuse with NotFound."""
    rows = Appointment.objects.select_related("patient", "practitioner", "service", "location", "room")
    row = rows.filter(id=appointment_id).first()
    if row is None:
        raise NotFound()
    return row


def get_service(service_id: UUID) -> Service:
    row = Service.objects.get_or_none(id=service_id)
    if row is None:
        raise NotFound()
    return row


def services() -> QuerySet[Service]:
    """Return what can be booked, by name."""
    return Service.objects.filter(retired_at=None).order_by("name")


def find_slots(
    *,
    service_id: UUID,
    practitioner_ids: Sequence[UUID] | None = None,
    location_ids: Sequence[UUID] | None = None,
    earliest: datetime,
    count: int = 20,
    modality: str | None = None,
    patient_id: UUID | None = None,
    ignoring: UUID | None = None,
    desk: UUID | None = None,
) -> list[Slot]:
    """Return the next times that can be booked, earliest first. None for people or places means any.

    With `patient_id` the patient's own visits count too, and of times that begin together their own practitioner and
    place come first; `desk` is the location of whoever asks, which comes before. `ignoring` is a visit that is being
    moved.
    """
    service = get_service(service_id)
    able = slots.practitioners_of(service_id, practitioner_ids)
    asked = modality or service.modality
    return slots.find(slots.Search(service, able, location_ids, earliest, count, asked, patient_id, ignoring, desk))


def why_not_offered(
    *, service_id: UUID, practitioner_id: UUID, location_id: UUID, starts_at: datetime, at: datetime,
    patient_id: UUID | None = None, modality: str | None = None,
) -> list[NotOffered]:  # fmt: skip
    """Return every reason why this very time cannot be booked; an empty list says that it can."""
    from stead.scheduling import why

    return why.reasons(
        service=get_service(service_id), practitioner_id=practitioner_id, location_id=location_id,
        starts_at=starts_at, at=at, patient_id=patient_id, modality=modality,
    )  # fmt: skip


def day_book(location_ids: Sequence[UUID], day: date) -> list[DayVisit]:
    """Return the visits of these locations on the local day, by start; released holds are left out."""
    bounds = bounds_of(location_ids, day)
    if not bounds:
        return []
    rows = Appointment.objects.filter(
        location_id__in=list(bounds),
        starts_at__gte=min(a for a, _ in bounds.values()),
        starts_at__lt=max(b for _, b in bounds.values()),
    ).exclude(status="released")
    found = [DayVisit(*row) for row in rows.order_by("starts_at", "lane", "id").values_list(*_DAY_COLUMNS)]
    return [v for v in found if bounds[v.location_id][0] <= v.starts_at < bounds[v.location_id][1]]


def bounds_of(location_ids: Sequence[UUID], day: date) -> dict[UUID, rules.Stretch]:
    """Return the day's first and last instant at each location, which may lie in different time zones."""
    zones = Location.objects.filter(id__in=list(location_ids)).values_list("id", "time_zone")
    return {i: rules.day_bounds(day, ZoneInfo(zone)) for i, zone in zones}


def week_of(practitioner_id: UUID, since: datetime, until: datetime) -> list[DayVisit]:
    """Return a practitioner's visits that begin in the time given, at every location."""
    rows = Appointment.objects.filter(practitioner_id=practitioner_id, starts_at__gte=since, starts_at__lt=until)
    rows = rows.exclude(status__in=("released", "cancelled"))
    return [DayVisit(*row) for row in rows.order_by("starts_at", "lane", "id").values_list(*_DAY_COLUMNS)]


def open_days(
    first: date, last: date, *, staff_id: UUID | None = None, location_ids: Sequence[UUID] = ()
) -> list[FreeDay]:
    """Return the working days of a practitioner, or of everybody at the locations."""
    rows = FreeDay.objects.filter(day__gte=first, day__lte=last)
    rows = rows.filter(staff_id=staff_id) if staff_id else rows.filter(location_id__in=list(location_ids))
    return list(rows.order_by("day", "staff_id"))


def visits_of(patient_id: UUID, since: datetime, until: datetime | None = None) -> QuerySet[Appointment]:
    """Return a patient's visits from a moment on, soonest first."""
    rows = Appointment.objects.filter(patient_id=patient_id, starts_at__gte=since).exclude(status="released")
    rows = rows.filter(starts_at__lt=until) if until else rows
    return rows.select_related("practitioner", "service", "location").order_by("starts_at")


def overlaps() -> list[tuple[UUID, UUID]]:
    """Return pairs of claims of one resource and lane that overlap: none, or the constraint is broken.

    An independent self-join, for `stead verify` and the drills; it reads the whole book.
    """
    from django.db import connection

    from stead.platform.tenancy import context

    with connection.cursor() as cursor:
        cursor.execute(
            "select a.appointment_id, b.appointment_id from resource_claim a join resource_claim b"
            " on a.practice_id = b.practice_id and a.resource_id = b.resource_id and a.lane = b.lane and a.id < b.id"
            " and lower(a.during) < upper(b.during) and lower(b.during) < upper(a.during) where a.practice_id = %s",
            [context.practice_id()],
        )
        return list(cursor.fetchall())


def zone_of(location: Location) -> ZoneInfo:
    return ZoneInfo(location.time_zone)


def people() -> QuerySet[StaffMember]:
    return StaffMember.objects.filter(is_practitioner=True, ended_date=None).order_by("name")


def work_hours(on: date) -> QuerySet[WorkPattern]:
    """Return the weekly blocks that are in force on a day or begin later, by person, place and day."""
    rows = WorkPattern.objects.filter(Q(until_date=None) | Q(until_date__gt=on)).select_related("staff", "location")
    return rows.order_by("staff__name", "location__name", "weekday", "starts")


def claims_of(appointment_id: UUID) -> QuerySet[ResourceClaim]:
    return ResourceClaim.objects.filter(appointment_id=appointment_id)
