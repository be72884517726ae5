"""Seats: what they answer for, who holds them, who stands in."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from stead.platform.actions import action
from stead.platform.actors import Actor
from stead.platform.journal.write import write
from stead.platform.refusals import Conflict, InvalidInput, Refusal
from stead.practice import queries
from stead.practice.actions.rows import check_named, get_row, saved
from stead.practice.models import Seat, SeatBackup, SeatHolding, StaffMember
from stead.practice.presets import PRESETS, SeatPreset
from stead.practice.terms import SeatDetails


class SeatTaken(Conflict):
    """A seat has one name at a time."""


class NotHeld(Refusal):
    words = "Nobody holds this seat on that day, so there is nothing to vacate."


@action("create_seat", permission="practice.configure", words="create a seat")
def create_seat(*, practice: UUID, by: Actor, at: datetime, details: SeatDetails) -> Seat:
    """Add a function that one named person answers for."""
    check_named(details.name)
    superior = None
    if details.reports_to_key:
        superior = queries.find_seat(details.reports_to_key, details.location_id)
        if superior is None:
            raise InvalidInput(f"There is no seat {details.reports_to_key} to report to.", field="reports_to_key")
    values = dataclasses.asdict(details) | {"duties": list(details.duties)}
    del values["reports_to_key"]
    seat = saved(Seat(reports_to_id=superior.id if superior else None, **values))
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
    seat, member = get_row(Seat, seat_id, lock=True), get_row(StaffMember, staff_id)
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
    seat = get_row(Seat, seat_id, lock=True)
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
    # The seat first: of two who name backups at once, the second finds the order that the first has written.
    seat, person = get_row(Seat, seat_id, lock=True), get_row(StaffMember, staff_id)
    if person.ended_date is not None and person.ended_date <= queries.practice_day(at):
        raise InvalidInput("Only somebody who works here can stand in.", field="staff_id")
    if rank < 1:
        raise InvalidInput("Ranks count from 1.", field="rank")
    order = [b.staff_id for b in SeatBackup.objects.filter(seat_id=seat_id).order_by("rank") if b.staff_id != staff_id]
    order.insert(rank - 1, staff_id)
    rows = _write_order(seat_id, order)
    write("seat.backup_named", by=by, at=at, subject=seat, seat=seat.key, staff=str(staff_id), rank=rank)
    return next(row for row in rows if row.staff_id == staff_id)


def _write_order(seat_id: UUID, order: list[UUID]) -> list[SeatBackup]:
    SeatBackup.objects.filter(seat_id=seat_id).delete()
    return SeatBackup.objects.bulk_create(
        [SeatBackup(seat_id=seat_id, staff_id=who, rank=place) for place, who in enumerate(order, start=1)]
    )


@action(
    "drop_backups", permission="practice.assign_seat", words="let somebody stand in no more", may_change_nothing=True
)
def drop_backups(*, practice: UUID, by: Actor, at: datetime, staff_id: UUID) -> list[Seat]:
    """Take somebody out of every seat's backups; those below move up one. Returns the seats."""
    backed = Seat.objects.filter(id__in=SeatBackup.objects.filter(staff_id=staff_id).values("seat_id"))
    seats = list(backed.select_for_update().order_by("id"))
    for seat in seats:
        rows = SeatBackup.objects.filter(seat_id=seat.id).order_by("rank")
        _write_order(seat.id, [row.staff_id for row in rows if row.staff_id != staff_id])
        write("seat.backup_dropped", by=by, at=at, subject=seat, seat=seat.key, staff=str(staff_id))
    return seats


def end_holdings(by: Actor, at: datetime, person: StaffMember, from_date: date) -> None:
    """Give up every seat that somebody holds on the day or later. Who was named that very day is named for one day:
    a holding is never empty, and whoever has left is passed over by `holder_of` anyway."""
    rows = SeatHolding.objects.filter(staff_id=person.id).exclude(until_date__lte=from_date).select_related("seat")
    for holding in rows.order_by("id"):
        holding.until_date = max(from_date, holding.from_date + timedelta(days=1))
        holding.save(update_fields=["until_date"])
        write(
            "seat.vacated", by=by, at=at, subject=holding.seat, seat=holding.seat.key, staff=str(person.id),
            until_date=str(holding.until_date),
        )  # fmt: skip
