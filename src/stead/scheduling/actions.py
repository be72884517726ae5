"""Book visits and lead them through the day: the only writers of the book."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from stead.platform.actions import action
from stead.platform.actors import Actor
from stead.platform.jobs.queue import enqueue
from stead.platform.journal import write as journal
from stead.platform.refusals import NotFound
from stead.scheduling import booking, gates, rules
from stead.scheduling.models import Appointment
from stead.scheduling.queries import zone_of
from stead.scheduling.terms import BookingRequest


@action(
    "book_appointment",
    permission="appointments.book",
    words="book a visit",
    gated=True,
    hands=("patient", "appointment"),
)
def book_appointment(*, practice: UUID, by: Actor, at: datetime, request: BookingRequest) -> Appointment:
    """Book a visit. Refused by the practice's gates, or with SlotTaken and the next three times."""
    row = booking.drafted(request, practice=practice, by=by, at=at)
    if by.kind == "patient":
        rules.check_patients_notice(row.starts_at, at)
    gates.ask("book_appointment", row, by=by, at=at, override=request.override)
    booking.store(row, at)
    _write("appointment.booked", row, by, at, lane=row.lane, **_said(row))
    return row


@action("hold_slot", permission="appointments.book", words="hold a time")
def hold_slot(*, practice: UUID, by: Actor, at: datetime, request: BookingRequest, until: datetime) -> Appointment:
    """Keep a time for a patient while what the gate asks for is brought; given back at `until` by itself.

    Refuses a hold longer than three days, and more of them at a time than somebody or one patient may keep.
    """
    row = booking.drafted(request, practice=practice, by=by, at=at)
    row.status, row.held_until = "held", until
    rules.check_hold(at, until)
    own, patients = booking.held_already(row, by, at)
    rules.check_holds(own, patients, is_patient=by.kind == "patient")
    booking.store(row, at)
    enqueue("scheduling.release_hold", at=until, appointment_id=row.id)
    _write("appointment.held", row, by, at, until=until.isoformat(), **_said(row))
    return row


@action("book_held_slot", permission="appointments.book", words="book a time that was held",
        asks="book_appointment")  # fmt: skip
def book_held_slot(
    *, practice: UUID, by: Actor, at: datetime, appointment_id: UUID, override: Any = None
) -> Appointment:
    """Turn a hold into a visit; asks the gates of booking."""
    row = _locked(appointment_id, by)
    rules.check_move("book", row.status)
    if row.held_until is not None and row.held_until <= at:
        raise rules.HoldOver()
    gates.ask("book_appointment", row, by=by, at=at, override=override)
    row.held_until, row.booked_at, row.booked_by_id, row.booked_by_name = None, at, by.id, by.name
    return _moved("book", "appointment.booked", row, by, at, lane=row.lane, **_said(row))


@action("release_hold", permission="appointments.cancel", words="give a held time back")
def release_hold(*, practice: UUID, by: Actor, at: datetime, appointment_id: UUID) -> Appointment:
    return _moved("release", "appointment.released", _locked(appointment_id, by), by, at)


@action("confirm_appointment", permission="appointments.book", words="confirm a visit")
def confirm_appointment(*, practice: UUID, by: Actor, at: datetime, appointment_id: UUID) -> Appointment:
    """Note that the patient said they will come."""
    row = _locked(appointment_id, by)
    row.confirmed_at = at
    return _moved("confirm", "appointment.confirmed", row, by, at)


@action(
    "check_in_patient",
    permission="appointments.check_in",
    words="check a patient in",
    gated=True,
    hands=("patient", "appointment"),
)
def check_in_patient(
    *, practice: UUID, by: Actor, at: datetime, appointment_id: UUID, override: Any = None
) -> Appointment:
    """Note that the patient is here and waits, on the day of the visit at its location."""
    row = _locked(appointment_id, by)
    rules.check_move("check_in", row.status)
    rules.check_its_day(row.starts_at, row.ends_at, at, zone_of(row.location))
    gates.ask("check_in_patient", row, by=by, at=at, override=override)
    row.arrived_at = at
    early = int((row.starts_at - at).total_seconds() // 60)
    return _moved("check_in", "appointment.checked_in", row, by, at, early_minutes=early)


@action("start_session", permission="appointments.run_session", words="start a session")
def start_session(*, practice: UUID, by: Actor, at: datetime, appointment_id: UUID) -> Appointment:
    """Begin the session, on the day of the visit at its location: that day is the date of service."""
    row = _locked(appointment_id, by)
    rules.check_move("start", row.status)
    rules.check_its_day(row.starts_at, row.ends_at, at, zone_of(row.location))
    row.session_started_at = at
    return _moved("start", "appointment.session_started", row, by, at, **_said(row))


@action("finish_session", permission="appointments.run_session", words="finish a session")
def finish_session(*, practice: UUID, by: Actor, at: datetime, appointment_id: UUID) -> Appointment:
    """End the session now. Long after its planned end nobody knows when it ended: then it is typed."""
    row = _locked(appointment_id, by)
    rules.check_move("finish", row.status)
    rules.check_finish(row.ends_at, at)
    row.done_at = at
    return _moved("finish", "appointment.finished", row, by, at, **_said(row))


@action("record_late_session", permission="appointments.run_session", words="write down a visit after it took place")
def record_late_session(
    *, practice: UUID, by: Actor, at: datetime, appointment_id: UUID, began_at: datetime, ended_at: datetime,
    reason: str,
) -> Appointment:  # fmt: skip
    """Write down a visit that took place with nobody pressing the buttons, with its typed times.

    `reason` is one of the coded `terms.LATE_REASONS`. Refuses times that are not of the visit's own local day.
    """
    row = _locked(appointment_id, by)
    rules.check_move("finish_late", row.status)
    held = (began_at, ended_at)
    rules.check_late_entry((row.starts_at, row.ends_at), held, at, zone_of(row.location), reason)
    row.session_started_at, row.done_at = held
    row.arrived_at = min(row.arrived_at or began_at, began_at)
    said = {"late": reason, "began_at": began_at.isoformat(), "ended_at": ended_at.isoformat()}
    return _moved("finish_late", "appointment.finished", row, by, at, **said, **_said(row))


@action("undo_check_in", permission="appointments.check_in", words="take a check-in back")
def undo_check_in(*, practice: UUID, by: Actor, at: datetime, appointment_id: UUID) -> Appointment:
    """Take a check-in back that was meant for somebody else: the visit is to come again."""
    row = _locked(appointment_id, by)
    if by.kind == "patient":
        raise NotFound()
    row.arrived_at = None
    name = "undo_check_in_confirmed" if row.confirmed_at else "undo_check_in"
    return _moved(name, "appointment.check_in_undone", row, by, at)


@action("undo_start", permission="appointments.run_session", words="take the start of a session back")
def undo_start(*, practice: UUID, by: Actor, at: datetime, appointment_id: UUID) -> Appointment:
    """Take a session back that did not take place: the patient waits again and nobody owes its note.

    Care voids the record in the same transaction, and refuses once the note is signed.
    """
    row = _locked(appointment_id, by)
    row.session_started_at = row.done_at = None
    return _moved("undo_start", "appointment.start_undone", row, by, at, **_said(row))


@action("mark_no_show", permission="appointments.check_in", words="mark a no-show")
def mark_no_show(*, practice: UUID, by: Actor, at: datetime, appointment_id: UUID) -> Appointment:
    """Note that the patient did not come; only once the visit's time has begun."""
    row = _locked(appointment_id, by)
    rules.check_move("no_show", row.status)
    if by.kind == "patient":
        raise NotFound()
    if at < row.starts_at:
        raise rules.NotStartedYet()
    return _moved("no_show", "appointment.no_show", row, by, at, **_said(row))


@action("cancel_appointment", permission="appointments.cancel", words="cancel a visit")
def cancel_appointment(
    *, practice: UUID, by: Actor, at: datetime, appointment_id: UUID, reason: str = "patient_asked"
) -> Appointment:
    """Cancel a visit and free its time. Within 24 hours of its start it is late, unless the reason is ours.

    `reason` is one of the coded `terms.REASONS`.
    """
    row = _locked(appointment_id, by)
    if by.kind == "patient":
        rules.check_not_begun(row.starts_at, at)
    name = rules.cancelling(reason, row.starts_at, at)
    notice = int((row.starts_at - at).total_seconds() // 3600)
    row.ended_reason = reason
    late = name == "cancel_late"
    return _moved(
        name, "appointment.cancelled", row, by, at, reason=reason, late=late, notice_hours=notice, **_said(row)
    )


@action("undo_booking", permission="appointments.book", words="take a booking back")
def undo_booking(*, practice: UUID, by: Actor, at: datetime, appointment_id: UUID) -> Appointment:
    """Take a booking back within three minutes, by who made it: as if it had not been."""
    row = _locked(appointment_id, by)
    rules.check_move("undo", row.status)
    rules.check_undo(row.booked_at, at, row.booked_by_id == by.id)
    row.ended_reason = "undone"
    return _moved("undo", "appointment.booking_undone", row, by, at)


@action("reschedule_appointment", permission="appointments.book", words="move a visit", asks="book_appointment")
def reschedule_appointment(
    *, practice: UUID, by: Actor, at: datetime, appointment_id: UUID, starts_at: datetime,
    practitioner_id: UUID | None = None, location_id: UUID | None = None, override: Any = None,
    reason: str = "patient_asked",
) -> Appointment:  # fmt: skip
    """Move a visit, in one transaction: either it stands at the new time or nothing changed.

    It stays the same visit, so its links and forms hold; the patient has to confirm the new time. The gates of booking
    are asked about it as it then would stand; a hold asks them when it is booked. A patient moves none that is less
    than 24 hours away; staff may, and the line says whether it was late, by the rule of cancelling.
    """
    row = _locked(appointment_id, by)
    rules.check_move("reschedule", row.status)
    if by.kind == "patient":
        rules.check_not_begun(row.starts_at, at)
        rules.check_patients_move(row.status, row.starts_at, at)
        rules.check_patients_notice(starts_at, at)
    late = row.status != "held" and rules.is_late(reason, row.starts_at, at)
    before = {"from_starts_at": row.starts_at.isoformat(), "from_practitioner_id": str(row.practitioner_id)}
    old = booking.redrafted(row, starts_at, at, practitioner_id=practitioner_id, location_id=location_id)
    if row.status != "held":
        gates.ask("book_appointment", row, by=by, at=at, override=override)
    booking.move(row, old, at)
    row.confirmed_at = None
    if row.status == "confirmed":
        row.status = "booked"
    row.version_no += 1
    row.save(force_update=True)
    _write("appointment.rescheduled", row, by, at, **before, reason=reason, late=late, **_said(row))
    return row


def _locked(appointment_id: UUID, by: Actor) -> Appointment:
    """Lock the visit and load what belongs to it. A patient sees no visit but their own."""
    rows = Appointment.objects.select_for_update(of=("self",)).filter(id=appointment_id)
    row = rows.select_related("patient", "practitioner", "service", "location").first()
    if row is None or (by.kind == "patient" and row.patient_id != by.id):
        raise NotFound()
    return row


def _moved(name: str, verb: str, row: Appointment, by: Actor, at: datetime, **data: Any) -> Appointment:
    """Take one step of the transition table, give the time back if the step frees it, and write the line."""
    step = rules.check_move(name, row.status)
    row.status = step.to
    row.version_no += 1
    row.save(force_update=True)
    if step.frees:
        booking.freed(row)
    _write(verb, row, by, at, **data)
    return row


def _write(verb: str, row: Appointment, by: Actor, at: datetime, **data: Any) -> None:
    journal.write(verb, by=by, at=at, subject=row, patient_id=row.patient_id, **data)


def _said(row: Appointment) -> dict[str, Any]:
    return {
        "service_id": str(row.service_id),
        "practitioner_id": str(row.practitioner_id),
        "location_id": str(row.location_id),
        "starts_at": row.starts_at.isoformat(),
        "modality": row.modality,
        "first_visit": row.service.is_first_visit,
    }
