"""From a request to a visit: what is needed to book, move or hold a time. Only `actions` calls this."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from stead.patients.models import Patient
from stead.platform import permissions
from stead.platform.actors import Actor
from stead.platform.identifiers import uuid7
from stead.platform.refusals import InvalidInput, NotFound
from stead.practice.models import Location, StaffMember
from stead.scheduling import claims, free, queries, rules
from stead.scheduling.models import Appointment, Service, ServicePractitioner
from stead.scheduling.terms import BookingRequest, Slot

MODALITIES = ("room", "video", "phone")
NEXT = 3


class ModalityUnknown(InvalidInput):
    words = "A visit is in person, by video or by telephone."


class _Taken(Exception):
    """Claims that somebody else holds; undoes the savepoint in which they were tried."""

    def __init__(self, kinds: set[str]) -> None:
        self.kinds = kinds


def drafted(request: BookingRequest, *, practice: UUID, by: Actor, at: datetime) -> Appointment:
    """Return the visit asked for, not stored yet, or refuse what can be said without looking at the book."""
    if by.kind == "patient" and by.id != request.patient_id:
        raise NotFound()
    rules.check_lane(request.lane)
    if request.lane:
        permissions.check(by, "appointments.overbook")
    if request.modality not in MODALITIES:
        raise ModalityUnknown(field="modality")
    performs = _performance(request.service_id, request.practitioner_id)
    service = performs.service if performs else _row(Service, request.service_id)
    patient = _row(Patient, request.patient_id)
    place = _row(Location, request.location_id)
    practitioner = performs.staff if performs else _row(StaffMember, request.practitioner_id)
    row = Appointment(
        practice_id=practice, id=uuid7(at), patient=patient, practitioner=practitioner, service=service, location=place,
        starts_at=request.starts_at, ends_at=request.starts_at + timedelta(minutes=service.minutes), lane=request.lane,
        modality=request.modality, booked_by_id=by.id, booked_by_name=by.name, booked_at=at,
        replaces_id=request.replaces_id,
    )  # fmt: skip
    _check_request(row, at, is_performed=performs is not None)
    return row


def held_already(row: Appointment, by: Actor, at: datetime) -> tuple[int, int]:
    """Return how many living holds the actor has, and how many the patient has.

    Both are locked until the transaction ends, in one order, so that two at once cannot both be the last allowed.
    """
    with connection.cursor() as cursor:
        for key in sorted({f"holds:{by.id}", f"holds:{row.patient_id}"}):
            cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{row.practice_id}:{key}"])
    living = Appointment.objects.filter(status="held", held_until__gt=at)
    return living.filter(booked_by_id=by.id).count(), living.filter(patient_id=row.patient_id).count()


def _performance(service_id: UUID, staff_id: UUID) -> ServicePractitioner | None:
    """Return that the practitioner performs the service, with both of them: one statement in the place of three."""
    rows = ServicePractitioner.objects.select_related("service", "staff")
    return rows.filter(service_id=service_id, staff_id=staff_id).order_by().first()


def _check_request(row: Appointment, at: datetime, *, is_performed: bool) -> None:
    if row.patient.status == "deceased":
        raise rules.PatientDeceased()
    if row.service.retired_at is not None:
        raise rules.ServiceRetired()
    rules.check_time(row.starts_at, row.ends_at, at)
    if not is_performed:
        raise rules.NotPerformedHere()


def store(row: Appointment, at: datetime) -> None:
    """Write the visit and its claims, or refuse with SlotTaken; nothing stays of a refused one."""
    own = free.ensure_day(row.practitioner_id, local_day(row), row.location_id)
    row.room_id = row.room_id or _first_room(row, own)
    try:
        with transaction.atomic():
            _write(row)
    except _Taken as taken:
        _store_in_another_room(row, taken.kinds, at)
    check_fit(row)


def redrafted(
    row: Appointment, starts_at: datetime, at: datetime, *, practitioner_id: UUID | None, location_id: UUID | None
) -> tuple[UUID, date]:
    """Set the visit as it would stand after a move, not stored yet; return the practitioner and the day it leaves."""
    before = (row.practitioner_id, local_day(row))
    row.starts_at, row.ends_at = starts_at, starts_at + (row.ends_at - row.starts_at)
    if practitioner_id is not None and practitioner_id != row.practitioner_id:
        row.practitioner, row.room_id = _row(StaffMember, practitioner_id), None
    if location_id is not None and location_id != row.location_id:
        row.location, row.room_id = _row(Location, location_id), None
    _check_request(row, at, is_performed=_performance(row.service_id, row.practitioner_id) is not None)
    return before


def move(row: Appointment, before: tuple[UUID, date], at: datetime) -> None:
    """Give the visit's time back and claim the one it was redrafted to, or refuse with everything as it was."""
    claims.give_back(row.id, row.practice_id)
    store(row, at)
    if before != (row.practitioner_id, local_day(row)):
        free.refresh(*before)


def check_fit(row: Appointment) -> None:
    """Bring the free days up to date and refuse a time outside work or too near another location.

    Only the normal book is held to working hours: whoever overbooks has decided to.
    """
    fit = free.refresh(
        row.practitioner_id, local_day(row), own=row.id, location_id=row.location_id, visit=(row.starts_at, row.ends_at)
    )
    if row.lane == 0 and not fit.is_worked:
        raise rules.NotWorkingThen()
    if row.lane == 0 and not fit.is_free:
        raise rules.TravelTooShort()


def freed(row: Appointment) -> None:
    """Give the visit's time back."""
    claims.give_back(row.id, row.practice_id)
    free.refresh(row.practitioner_id, local_day(row))


def next_times(row: Appointment, at: datetime, count: int = NEXT) -> list[Slot]:
    """Return the next times like the one asked for: same service, practitioner and location; else any location."""
    earliest = max(at, row.starts_at - timedelta(hours=1))
    for places in ([row.location_id], None):
        found = queries.find_slots(
            service_id=row.service_id, practitioner_ids=[row.practitioner_id], location_ids=places, earliest=earliest,
            count=count, modality=row.modality, patient_id=row.patient_id, ignoring=row.id,
        )  # fmt: skip
        if len(found) >= count:
            break
    return found


def local_day(row: Appointment) -> date:
    return row.starts_at.astimezone(ZoneInfo(row.location.time_zone)).date()


def _write(row: Appointment) -> None:
    row.save(force_insert=row._state.adding)
    missing = claims.claim(row, row.service.buffer_minutes)
    if missing:
        raise _Taken(missing)


def _store_in_another_room(row: Appointment, kinds: set[str], at: datetime) -> None:
    """Try each other room once if only the room was taken; refuse otherwise."""
    tried = {row.room_id}
    while kinds == {"room"}:
        rooms = [room for room in claims.free_rooms(row) if room not in tried]
        if not rooms:
            break
        row.room_id = rooms[0]
        tried.add(row.room_id)
        try:
            with transaction.atomic():
                return _write(row)
        except _Taken as taken:
            kinds = taken.kinds
    raise _taken(kinds, next_times(row, at))


def _taken(kinds: set[str], alternatives: list[Slot]) -> rules.SlotTaken:
    if "practitioner" in kinds:
        return rules.SlotTaken(alternatives)
    if "patient" in kinds:
        return rules.PatientBusy(alternatives)
    return rules.SlotTaken(alternatives, "Every room is taken at this time. Nothing was booked.")


def _first_room(row: Appointment, own: UUID | None) -> UUID | None:
    """Return the practitioner's room of that day, else a free one; None when none is needed or there is none."""
    if row.modality != "room" or own is not None:
        return own if row.modality == "room" else None
    rooms = claims.free_rooms(row) or claims.rooms_of(row.location_id)
    return rooms[0] if rooms else None


def _row[M: (Patient, Service, Location, StaffMember)](model: type[M], row_id: UUID) -> M:
    found = model.objects.get_or_none(id=row_id)
    if found is None:
        raise NotFound()
    return found
