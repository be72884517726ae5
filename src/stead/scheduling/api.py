"""The book over REST: slots, bookings, the day. The same queries and actions as the pages."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from ninja import Router, Schema, Status

from stead.platform.access import log
from stead.platform.refusals import InvalidInput
from stead.platform.web.door import PageRequest
from stead.platform.web.tokens import token
from stead.scheduling import actions, queries
from stead.scheduling.models import Appointment, Service
from stead.scheduling.queries import DayVisit
from stead.scheduling.terms import BookingRequest, NotOffered, Slot

router = Router(tags=["calendar"])
MOST = 100


class MomentNeedsOffset(InvalidInput):
    words = "A moment carries its offset, such as 2026-11-30T10:00:00-05:00."


class ServiceOut(Schema):
    id: UUID
    name: str
    minutes: int
    modality: str
    is_first_visit: bool
    price_cents: int


class SlotOut(Schema):
    practitioner_id: UUID
    location_id: UUID
    room_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    why: str


class ReasonOut(Schema):
    code: str
    words: str


class AppointmentOut(Schema):
    id: UUID
    patient_id: UUID
    practitioner_id: UUID
    service_id: UUID
    location_id: UUID
    room_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    lane: int
    modality: str
    status: str


class VisitOut(Schema):
    """One visit of the day; `practitioner`, `service` and `room` are names."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    status: str
    modality: str
    practitioner_id: UUID
    practitioner: str
    location_id: UUID
    room: str | None
    service: str
    patient_id: UUID


class BookingIn(Schema):
    patient_id: UUID
    service_id: UUID
    practitioner_id: UUID
    location_id: UUID
    starts_at: datetime
    modality: str = "room"
    lane: int = 0


class MoveIn(Schema):
    """`reason` is one of those a visit is cancelled for; it decides whether a move within 24 hours counts as late."""

    starts_at: datetime
    practitioner_id: UUID | None = None
    location_id: UUID | None = None
    reason: str = "patient_asked"


class CancelIn(Schema):
    """`reason` is patient_asked, ill, no_transport, practitioner_away, practice_closed, booked_in_error or other."""

    reason: str = "patient_asked"


@router.get("/services", response=list[ServiceOut])
@token("calendar.read")
def services(request: PageRequest) -> list[Service]:
    return list(queries.services())


@router.get("/slots", response=list[SlotOut])
@token("calendar.read")
def slots(
    request: PageRequest, service_id: UUID, earliest: datetime | None = None, practitioner_id: UUID | None = None,
    location_id: UUID | None = None, patient_id: UUID | None = None, count: int = 20,
) -> list[Slot]:  # fmt: skip
    """Return the next times that can be booked, soonest first."""
    return queries.find_slots(
        service_id=service_id, practitioner_ids=[practitioner_id] if practitioner_id else None,
        location_ids=[location_id] if location_id else None, earliest=_aware(earliest) if earliest else request.at,
        count=min(max(count, 1), MOST), patient_id=patient_id,
    )  # fmt: skip


@router.get("/slots/why-not", response=list[ReasonOut])
@token("calendar.read")
def why_not(
    request: PageRequest, service_id: UUID, practitioner_id: UUID, location_id: UUID, starts_at: datetime,
    patient_id: UUID | None = None,
) -> list[NotOffered]:  # fmt: skip
    """Return every reason why this very time cannot be booked; an empty list says that it can."""
    return queries.why_not_offered(
        service_id=service_id, practitioner_id=practitioner_id, location_id=location_id, starts_at=_aware(starts_at),
        at=request.at, patient_id=patient_id,
    )  # fmt: skip


@router.get("/days/{day}", response=list[VisitOut])
@token("calendar.read")
def day(request: PageRequest, day: date, location_id: UUID) -> list[DayVisit]:
    """Return the visits of the location's local day, soonest first."""
    found = queries.day_book([location_id], day)
    log.reads_all(visit.patient_id for visit in found)
    return found


@router.post("/appointments", response={201: AppointmentOut})
@token("appointments.book")
def book(request: PageRequest, body: BookingIn) -> Status[Appointment]:
    """Book a visit. 409 slot_taken, 422 gate_refused and others say what stands against it; nothing is kept."""
    said = BookingRequest(**{**body.dict(), "starts_at": _aware(body.starts_at)})
    row = actions.book_appointment(practice=request.practice.id, by=request.by, at=request.at, request=said)
    return Status(201, row)


@router.get("/appointments/{uuid:appointment_id}", response=AppointmentOut)
@token("calendar.read")
def appointment(request: PageRequest, appointment_id: UUID) -> Appointment:
    row = queries.get_appointment(appointment_id)
    log.reads(row.patient_id)
    return row


@router.post("/appointments/{uuid:appointment_id}/move", response=AppointmentOut)
@token("appointments.book")
def move(request: PageRequest, appointment_id: UUID, body: MoveIn) -> Appointment:
    return actions.reschedule_appointment(
        practice=request.practice.id, by=request.by, at=request.at, appointment_id=appointment_id,
        starts_at=_aware(body.starts_at), practitioner_id=body.practitioner_id, location_id=body.location_id,
        reason=body.reason,
    )  # fmt: skip


@router.post("/appointments/{uuid:appointment_id}/cancel", response=AppointmentOut)
@token("appointments.cancel")
def cancel(request: PageRequest, appointment_id: UUID, body: CancelIn) -> Appointment:
    return actions.cancel_appointment(
        practice=request.practice.id, by=request.by, at=request.at, appointment_id=appointment_id, reason=body.reason
    )


@router.post("/appointments/{uuid:appointment_id}/check-in", response=AppointmentOut)
@token("appointments.check_in")
def check_in(request: PageRequest, appointment_id: UUID) -> Appointment:
    return actions.check_in_patient(
        practice=request.practice.id, by=request.by, at=request.at, appointment_id=appointment_id
    )


def _aware(moment: datetime) -> datetime:
    """Refuse a moment without its offset: it could be any of the practice's zones."""
    if moment.tzinfo is None:
        raise MomentNeedsOffset(field="starts_at")
    return moment
