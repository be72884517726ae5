"""Why a time is not offered: every reason at once, in words for the screen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q

from stead.platform.refusals import NotFound
from stead.practice.models import Absence, Closure, Location, Room, StaffMember
from stead.scheduling import rules
from stead.scheduling.models import Appointment, FreeDay, ResourceClaim, Service, ServicePractitioner
from stead.scheduling.terms import NotOffered


def reasons(
    *, service: Service, practitioner_id: UUID, location_id: UUID, starts_at: datetime, at: datetime,
    patient_id: UUID | None, modality: str | None,
) -> list[NotOffered]:  # fmt: skip
    person = StaffMember.objects.get_or_none(id=practitioner_id)
    place = Location.objects.get_or_none(id=location_id)
    if person is None or place is None:
        raise NotFound()
    ends_at = starts_at + timedelta(minutes=service.minutes)
    return [
        *_of_request(service, person, starts_at, ends_at, at),
        *_of_day(service, person, place, starts_at, ends_at),
        *_of_room(place, starts_at, ends_at, modality or service.modality),
        *_of_patient(patient_id, starts_at, ends_at),
    ]


def _of_request(
    service: Service, person: StaffMember, starts_at: datetime, ends_at: datetime, at: datetime
) -> Iterator[NotOffered]:
    if ends_at <= at:
        yield NotOffered("time_passed", "This time has passed.")
    if starts_at.minute % 5 or starts_at.second or starts_at.microsecond:
        yield NotOffered("time_uneven", "Visits start on full five minutes.")
    if service.retired_at:
        yield NotOffered("service_retired", f"{service.name} is no longer offered.")
    if not ServicePractitioner.objects.filter(service_id=service.id, staff_id=person.id).exists():
        yield NotOffered("not_performed", f"{person.name} does not perform {service.name}.")


def _of_day(
    service: Service, person: StaffMember, place: Location, starts_at: datetime, ends_at: datetime
) -> Iterator[NotOffered]:
    day = starts_at.astimezone(ZoneInfo(place.time_zone)).date()
    row = FreeDay.objects.get_or_none(staff_id=person.id, location_id=place.id, day=day)
    if row is None:
        yield _away(person, place, starts_at)
        return
    if not rules.holds(_spans(row.open), starts_at, ends_at):
        yield NotOffered("not_working", f"{person.name} does not work at {place.name} at that time.")
        return
    if not rules.holds(_spans(row.free), starts_at, ends_at):
        clash = _claimed(person.id, starts_at, ends_at)
        words = f"{person.name} has another visit then." if clash else f"{person.name} needs the time to travel."
        yield NotOffered("taken" if clash else "travel", words)
    elif _claimed(person.id, ends_at, ends_at + timedelta(minutes=service.buffer_minutes)):
        yield NotOffered("pause", f"The pause of {service.buffer_minutes} min after it would be lost.")


def _away(person: StaffMember, place: Location, starts_at: datetime) -> NotOffered:
    day = starts_at.astimezone(ZoneInfo(place.time_zone)).date()
    if Closure.objects.filter(Q(location_id=place.id) | Q(location_id=None), closed_on_date=day).exists():
        return NotOffered("closed", f"{place.name} is closed on this day.")
    absent = Absence.objects.filter(staff_id=person.id, cancelled_at=None, first_date__lte=day, last_date__gte=day)
    if absent.exists():
        return NotOffered("absent", f"{person.name} is away on this day.")
    return NotOffered("not_working", f"{person.name} does not work at {place.name} on this day.")


def _of_room(place: Location, starts_at: datetime, ends_at: datetime, modality: str) -> Iterator[NotOffered]:
    rooms = list(Room.objects.filter(location_id=place.id).values_list("id", flat=True))
    if modality == "room" and rooms and all(_claimed(room, starts_at, ends_at) for room in rooms):
        yield NotOffered("no_room", f"Every room at {place.name} is taken then.")


def _of_patient(patient_id: UUID | None, starts_at: datetime, ends_at: datetime) -> Iterator[NotOffered]:
    if patient_id and _claimed(patient_id, starts_at, ends_at):
        yield NotOffered("patient_busy", "The patient has another visit then.")


def _claimed(resource_id: UUID, start: datetime, end: datetime) -> bool:
    """Whether lane 0 of the resource is claimed. Only the visits near the time are looked at, by their start."""
    near = Appointment.objects.filter(starts_at__gte=start - timedelta(hours=12), starts_at__lt=end)
    claims = ResourceClaim.objects.filter(appointment_id__in=near.values("id"), resource_id=resource_id, lane=0)
    return start < end and claims.filter(during__overlap=(start, end)).exists()


def _spans(value: object) -> list[rules.Stretch]:
    return [(span.lower, span.upper) for span in value]  # type: ignore[attr-defined]  # a psycopg multirange
