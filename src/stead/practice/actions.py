"""The only writers of the practice's places, people and seats."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from stead.platform.actions import action
from stead.platform.actors import STAFF_ROLES, Actor
from stead.platform.journal.write import write
from stead.platform.refusals import Conflict, InvalidInput, NotFound, Refusal
from stead.practice import queries
from stead.practice.models import (
    Absence,
    Closure,
    License,
    Location,
    PracticeProfile,
    Room,
    Seat,
    SeatBackup,
    SeatHolding,
    StaffMember,
)
from stead.practice.presets import PRESETS, SeatPreset
from stead.practice.rules import check_hours, check_time_zone
from stead.practice.terms import LocationDetails, ProfileDetails, SeatDetails, StaffDetails


class SeatTaken(Conflict):
    """A seat has one name at a time."""


class NameTaken(Conflict):
    """There is already one of this name."""


class NotHeld(Refusal):
    words = "Nobody holds this seat on that day, so there is nothing to vacate."


class DatesReversed(InvalidInput):
    words = "The last day is before the first."


@action("set_profile", permission="practice.configure", words="set how the practice names itself to payers")
def set_profile(*, practice: UUID, by: Actor, at: datetime, details: ProfileDetails) -> PracticeProfile:
    """Write the practice's name, identifiers and address for payers."""
    for name, length in (("npi", 10), ("tax_id", 9)):
        value = getattr(details, name)
        if not (value.isdigit() and len(value) == length):
            raise InvalidInput(f"This number has {length} digits.", field=name)
    profile, _ = PracticeProfile.objects.update_or_create(
        practice_id=practice, id=practice, defaults=dataclasses.asdict(details)
    )
    write("practice.profile_set", by=by, at=at, subject=profile)
    return profile


@action("create_location", permission="practice.configure", words="open a location")
def create_location(*, practice: UUID, by: Actor, at: datetime, details: LocationDetails) -> Location:
    """Add a place where people are seen."""
    _named(details.name)
    check_time_zone(details.time_zone)
    check_hours(details.hours)
    hours = {day: list(pair) for day, pair in details.hours.items()}
    location = _saved(Location(**(dataclasses.asdict(details) | {"hours": hours})))
    write("location.created", by=by, at=at, subject=location)
    return location


@action("create_room", permission="practice.configure", words="add a consulting room")
def create_room(*, practice: UUID, by: Actor, at: datetime, location_id: UUID, name: str, capacity: int = 2) -> Room:
    """Add a room that appointments claim."""
    _named(name)
    if capacity < 1:
        raise InvalidInput("A room seats at least one person.", field="capacity")
    _row(Location, location_id)
    room = _saved(Room(location_id=location_id, name=name.strip(), capacity=capacity))
    write("room.created", by=by, at=at, subject=room, location=str(location_id))
    return room


@action("create_staff_member", permission="practice.configure", words="add a member of staff")
def create_staff_member(*, practice: UUID, by: Actor, at: datetime, details: StaffDetails) -> StaffMember:
    """Add somebody who works here."""
    _named(details.name)
    if strange := sorted(set(details.roles) - set(STAFF_ROLES)):
        raise InvalidInput(f"{strange[0]} is no role of staff.", field="roles")
    if details.npi and not (details.npi.isdigit() and len(details.npi) == 10):
        raise InvalidInput("An NPI has 10 digits.", field="npi")
    if details.home_location_id:
        _row(Location, details.home_location_id)
    values = dataclasses.asdict(details) | {"roles": list(details.roles), "languages": list(details.languages)}
    member = _saved(StaffMember(**values))
    write("staff_member.created", by=by, at=at, subject=member, practitioner=member.is_practitioner)
    return member


@action("add_license", permission="practice.configure", words="add a state license")
def add_license(
    *, practice: UUID, by: Actor, at: datetime, staff_id: UUID, state: str, number: str, expires_date: date
) -> License:
    """Add or renew a practitioner's licence of one state."""
    _row(StaffMember, staff_id)
    if not (len(state) == 2 and state.isalpha()):
        raise InvalidInput("A state has two letters, such as KY.", field="state")
    if not number.strip():
        raise InvalidInput("A license has a number.", field="number")
    license_, _ = License.objects.update_or_create(
        staff_id=staff_id, state=state.upper(), defaults={"number": number.strip(), "expires_date": expires_date}
    )
    write("license.added", by=by, at=at, subject=license_, staff=str(staff_id), state=license_.state)
    return license_


@action("create_seat", permission="practice.configure", words="create a seat")
def create_seat(*, practice: UUID, by: Actor, at: datetime, details: SeatDetails) -> Seat:
    """Add a function that one named person answers for."""
    _named(details.name)
    superior = None
    if details.reports_to_key:
        superior = queries.find_seat(details.reports_to_key, details.location_id)
        if superior is None:
            raise InvalidInput(f"There is no seat {details.reports_to_key} to report to.", field="reports_to_key")
    values = dataclasses.asdict(details) | {"duties": list(details.duties)}
    del values["reports_to_key"]
    seat = _saved(Seat(reports_to_id=superior.id if superior else None, **values))
    write("seat.created", by=by, at=at, subject=seat, seat=seat.key)
    return seat


@action("install_seats", permission="practice.configure", words="begin with a preset of seats", may_change_nothing=True)
def install_seats(*, practice: UUID, by: Actor, at: datetime, preset: str) -> list[Seat]:
    """Create the seats of a preset that are not there yet; seats of a site once per location."""
    if preset not in PRESETS:
        raise InvalidInput(f"There is no preset {preset}; there are {', '.join(PRESETS)}.", field="preset")
    known = set(Seat.objects.values_list("key", flat=True))
    wanted = [
        details
        for position, seat in enumerate(_superiors_first(PRESETS[preset]))
        for details in _seats_of_preset(seat, position * 10)
        if details.key not in known
    ]
    return [create_seat(practice=practice, by=by, at=at, details=details) for details in wanted]


def _superiors_first(seats: tuple[SeatPreset, ...]) -> list[SeatPreset]:
    placed: list[SeatPreset] = []
    left = list(seats)
    while left:
        keys = {seat.key for seat in placed}
        ready = [seat for seat in left if not seat.reports_to or seat.reports_to in keys]
        placed += ready
        left = [seat for seat in left if seat not in ready]
        if not ready:
            raise ValueError("seats of the preset report in a circle")
    return placed


def _seats_of_preset(seat: SeatPreset, position: int) -> list[SeatDetails]:
    def details(key: str, name: str, location_id: UUID | None) -> SeatDetails:
        return SeatDetails(
            key, name, seat.duties, seat.reports_to, location_id, seat.write_off_limit_cents, seat.refund_limit_cents,
            seat.spend_limit_cents, seat.fill_within_days, position,
        )  # fmt: skip

    places = list(queries.locations()) if seat.per_location else []
    if len(places) < 2:
        return [details(seat.key, seat.name, places[0].id if places else None)]
    return [details(f"{seat.key}.{_slug(place.name)}", f"{seat.name}, {place.name}", place.id) for place in places]


def _slug(name: str) -> str:
    return "_".join("".join(c if c.isalnum() else " " for c in name.lower()).split())


@action("assign_seat", permission="practice.assign_seat", words="name who holds a seat")
def assign_seat(
    *, practice: UUID, by: Actor, at: datetime, seat_id: UUID, staff_id: UUID, from_date: date
) -> SeatHolding:
    """Put one name on a seat from a day on. Duties that should not be one person's are written down, not refused."""
    seat, member = _row(Seat, seat_id), _row(StaffMember, staff_id)
    if seat.closed_date is not None or (member.ended_date is not None and member.ended_date <= from_date):
        raise InvalidInput("Only somebody who works here can hold a seat that is open.", field="staff_id")
    conflicts = [pair.code for pair in queries.duty_conflicts(staff_id, seat.key, from_date)]
    try:
        with transaction.atomic():
            holding = SeatHolding.objects.create(seat_id=seat_id, staff_id=staff_id, from_date=from_date)
    except IntegrityError as error:
        if "seat_one_holder" not in str(error):
            raise
        raise SeatTaken(_taken_words(seat, from_date), field="staff_id") from None
    write(
        "seat.assigned", by=by, at=at, subject=seat, seat=seat.key, staff=str(staff_id), from_date=str(from_date),
        conflicts=conflicts,
    )  # fmt: skip
    return holding


def _taken_words(seat: Seat, from_date: date) -> str:
    clash = (
        SeatHolding.objects.filter(seat_id=seat.id)
        .exclude(until_date__lte=from_date)
        .select_related("staff")
        .order_by("from_date")
        .first()
    )
    who = clash.staff.name if clash else "Somebody"
    return f"{who} holds the seat {seat.name} then. A seat has one name at a time: vacate it first."


@action("vacate_seat", permission="practice.assign_seat", words="end who holds a seat")
def vacate_seat(*, practice: UUID, by: Actor, at: datetime, seat_id: UUID, until_date: date) -> SeatHolding:
    """End the present holding; `until_date` is the first day without it. The seat is then blank, and shown so."""
    seat = _row(Seat, seat_id)
    holding = (
        SeatHolding.objects.filter(seat_id=seat_id, from_date__lte=until_date)
        .exclude(until_date__lte=until_date)
        .order_by("-from_date")
        .first()
    )
    if holding is None:
        raise NotHeld()
    if holding.from_date >= until_date:
        raise InvalidInput(
            "Who was named today holds the seat for this day; vacate it from tomorrow.", field="until_date"
        )
    holding.until_date = until_date
    holding.save(update_fields=["until_date"])
    write(
        "seat.vacated", by=by, at=at, subject=seat, seat=seat.key, staff=str(holding.staff_id),
        until_date=str(until_date),
    )  # fmt: skip
    return holding


@action("name_backup", permission="practice.assign_seat", words="name who stands in for a seat")
def name_backup(*, practice: UUID, by: Actor, at: datetime, seat_id: UUID, staff_id: UUID, rank: int = 1) -> SeatBackup:
    """Put somebody at a rank of the seat's backups; who stood there, and below, moves down one."""
    seat, _ = _row(Seat, seat_id), _row(StaffMember, staff_id)
    if rank < 1:
        raise InvalidInput("Ranks count from 1.", field="rank")
    order = [b.staff_id for b in SeatBackup.objects.filter(seat_id=seat_id).order_by("rank") if b.staff_id != staff_id]
    order.insert(rank - 1, staff_id)
    SeatBackup.objects.filter(seat_id=seat_id).delete()
    rows = SeatBackup.objects.bulk_create(
        [SeatBackup(seat_id=seat_id, staff_id=who, rank=place) for place, who in enumerate(order, start=1)]
    )
    write("seat.backup_named", by=by, at=at, subject=seat, seat=seat.key, staff=str(staff_id), rank=rank)
    return next(row for row in rows if row.staff_id == staff_id)


@action("record_absence", permission="practice.record_absence", words="record an absence")
def record_absence(
    *, practice: UUID, by: Actor, at: datetime, staff_id: UUID, first_date: date, last_date: date,
    planned: bool = True, words: str = "",
) -> Absence:  # fmt: skip
    """Write down the days somebody is away, both ends included. The reason in words stays out of the journal."""
    _row(StaffMember, staff_id)
    if last_date < first_date:
        raise DatesReversed(field="last_date")
    absence = Absence.objects.create(
        staff_id=staff_id, first_date=first_date, last_date=last_date, planned=planned, words=words.strip()[:200]
    )
    write(
        "absence.recorded", by=by, at=at, subject=absence, staff=str(staff_id), first_date=str(first_date),
        last_date=str(last_date), planned=planned,
    )  # fmt: skip
    return absence


@action("cancel_absence", permission="practice.record_absence", words="cancel an absence")
def cancel_absence(*, practice: UUID, by: Actor, at: datetime, absence_id: UUID) -> Absence:
    """Take an absence back: somebody is here after all."""
    absence = _row(Absence, absence_id)
    if absence.cancelled_at is not None:
        raise Conflict("This absence was cancelled already.")
    absence.cancelled_at = at
    absence.save(update_fields=["cancelled_at"])
    write("absence.cancelled", by=by, at=at, subject=absence, staff=str(absence.staff_id))
    return absence


@action("close_day", permission="practice.configure", words="close a day")
def close_day(
    *, practice: UUID, by: Actor, at: datetime, day: date, words: str, location_id: UUID | None = None
) -> Closure:
    """Close a location, or without one the whole practice, on a day: no deadline counts it."""
    _named(words)
    if location_id:
        _row(Location, location_id)
    closure = _saved(Closure(location_id=location_id, closed_on_date=day, words=words.strip()))
    write("day.closed", by=by, at=at, subject=closure, day=str(day), location=str(location_id or ""))
    return closure


def _named(name: str) -> None:
    if not name.strip():
        raise InvalidInput("This needs a name.", field="name")


def _row[M: Any](model: type[M], row_id: UUID) -> M:
    found: M | None = model.objects.get_or_none(id=row_id)
    if found is None:
        raise NotFound()
    return found


_ONCE = {
    "location_name_once": "There is already a location of this name.",
    "room_name_once": "This location already has a room of this name.",
    "seat_key_once": "There is already a seat of this key.",
    "closure_once": "This day is closed already.",
}


def _saved[M: Any](row: M) -> M:
    """Insert a row; a name that is taken is a refusal."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        for constraint, words in _ONCE.items():
            if constraint in str(error):
                raise NameTaken(words, field="name") from None
        raise
    return row
