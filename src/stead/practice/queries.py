"""Reads of the practice: calendars, people, and whose a seat is today."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import OuterRef, Q

from stead.platform.accounts.models import Practice
from stead.platform.refusals import NotFound
from stead.platform.tenancy import context
from stead.platform.tenancy.models import TenantQuerySet
from stead.practice.models import Absence, Closure, License, Location, Seat, SeatBackup, SeatHolding, StaffMember
from stead.practice.rules import BusinessCalendar, Incompatible, incompatible_duties
from stead.practice.terms import DEFAULT_HOURS, DEFAULT_TIME_ZONE, NO_ONE, Holder


def locations() -> TenantQuerySet[Location]:
    """Return the open locations, by name."""
    return Location.objects.get_queryset().filter(closed_date=None).order_by("name")


def staff(on: date | None = None) -> TenantQuerySet[StaffMember]:
    """Return who works here (on a day, if given), by name."""
    rows = StaffMember.objects.get_queryset().order_by("name")
    return rows if on is None else rows.filter(_working(on))


def gone(on: date) -> TenantQuerySet[StaffMember]:
    """Return whose work here is over on a day, by name."""
    return StaffMember.objects.get_queryset().filter(ended_date__lte=on).order_by("name")


def practitioners(on: date | None = None) -> TenantQuerySet[StaffMember]:
    """Return who treats patients here (on a day, if given), by name."""
    return staff(on).filter(is_practitioner=True)


def get_staff(staff_id: UUID) -> StaffMember:
    found = StaffMember.objects.get_or_none(id=staff_id)
    if found is None:
        raise NotFound()
    return found


def home_of(staff_id: UUID) -> UUID | None:
    """Return the location somebody works at; None for one who has no fixed place, and for who is no member of staff."""
    home: UUID | None = StaffMember.objects.filter(id=staff_id).values_list("home_location_id", flat=True).first()
    return home


def licences_of(staff_id: UUID) -> TenantQuerySet[License]:
    """Return somebody's licences, by state."""
    return License.objects.get_queryset().filter(staff_id=staff_id).order_by("state")


def practice_zone() -> ZoneInfo:
    """Return the zone by which the practice tells the time: its own; its first open location's where it has none."""
    said = Practice.objects.filter(id=context.practice_id()).values_list("time_zone", flat=True).first()
    zones = Location.objects.filter(closed_date=None).order_by("id").values_list("time_zone", flat=True)
    return ZoneInfo(said or zones.first() or DEFAULT_TIME_ZONE)


def practice_day(at: datetime) -> date:
    """Return the practice's calendar day of a moment. The day of UTC is tomorrow's in an American evening."""
    return at.astimezone(practice_zone()).date()


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """Return the first moment of a calendar day at the practice, and of the next."""
    zone = practice_zone()
    first, following = (datetime.combine(d, time(0), zone) for d in (day, day + timedelta(days=1)))
    return first, following


def calendar_of(location_id: UUID | None) -> BusinessCalendar:
    """Return the business calendar of a location; None takes the practice's first location.

    A location that has told no hours counts Monday to Friday, 8 to 5.
    """
    which = "l.id = %(location)s" if location_id else "l.closed_date is null order by l.id limit 1"
    with connection.cursor() as cursor:
        cursor.execute(_CALENDAR + which, {"practice": context.practice_id(), "location": location_id})
        found = cursor.fetchone()
    if found is None:
        return BusinessCalendar(DEFAULT_TIME_ZONE, DEFAULT_HOURS)
    zone, hours, days = found
    return BusinessCalendar(zone, json.loads(hours) or DEFAULT_HOURS, frozenset(days))


_CALENDAR = """
select l.time_zone, l.hours::text, array(
    select c.closed_on_date from closure c
    where c.practice_id = %(practice)s and (c.location_id = l.id or c.location_id is null))
from location l where l.practice_id = %(practice)s and """
"""Asked at every gate and every move of a case, so in one statement of its own."""


def zone_of(location_id: UUID | None) -> ZoneInfo:
    """Return the time zone of a location; None, or one that is not there, takes the practice's."""
    zone = Location.objects.filter(id=location_id).values_list("time_zone", flat=True).first() if location_id else None
    return ZoneInfo(zone) if zone else practice_zone()


class Calendars:
    """The business calendar of every location, in one query however many: for lists over many locations."""

    def __init__(self) -> None:
        self._known: dict[UUID | None, BusinessCalendar] = {}

    def of(self, location_id: UUID | None) -> BusinessCalendar:
        if not self._known:
            self._read()
        return self._known[location_id if location_id in self._known else None]

    def _read(self) -> None:
        closed = Closure.objects.filter(Q(location_id=OuterRef("id")) | Q(location_id=None)).order_by("closed_on_date")
        rows = Location.objects.annotate(days=ArraySubquery(closed.values("closed_on_date"))).order_by("id")
        first = BusinessCalendar(DEFAULT_TIME_ZONE, DEFAULT_HOURS)
        for row in reversed(rows):
            self._known[row.id] = BusinessCalendar(row.time_zone, row.hours or DEFAULT_HOURS, frozenset(row.days))
            first = first if row.closed_date else self._known[row.id]
        self._known[None] = first


def find_seat(key: str, location_id: UUID | None = None) -> Seat | None:
    """Return the seat a playbook means: the location's own ("front_desk.new_albany") before the general one."""
    return _fitting(Seat.objects.filter(Q(key=key) | Q(key__startswith=f"{key}."), closed_date=None), key, location_id)


def _fitting(seats: Iterable[Seat], key: str, location_id: UUID | None) -> Seat | None:
    found = [seat for seat in seats if seat.key == key or seat.key.startswith(f"{key}.")]
    ranked = sorted(found, key=lambda seat: (seat.location_id != location_id, seat.key != key, seat.position, seat.key))
    fitting = [seat for seat in ranked if seat.location_id in (None, location_id) or location_id is None]
    return fitting[0] if fitting else None


def holder_of(seat_key: str, on: date, location_id: UUID | None = None) -> Holder:
    """Return whose a seat's work is on a day: its holder; when away, the first present backup by rank; else No one."""
    seat = find_seat(seat_key, location_id)
    return holders_of([seat], on)[seat.id] if seat else _no_seat(seat_key)


def _no_seat(seat_key: str) -> Holder:
    words = seat_key.replace("_", " ").replace(".", ", ")
    return Holder(seat_key, words.capitalize(), None, NO_ONE, f"There is no seat {words}")


class Holders:
    """Whose every seat's work is, in a handful of queries for each day however many are asked: for many cases."""

    def __init__(self) -> None:
        self._seats: list[Seat] | None = None
        self._by_day: dict[date, dict[UUID, Holder]] = {}

    def of(self, seat_key: str, on: date, location_id: UUID | None = None) -> Holder:
        if self._seats is None:
            self._seats = list(Seat.objects.filter(closed_date=None))
        seat = _fitting(self._seats, seat_key, location_id)
        if seat is None:
            return _no_seat(seat_key)
        if on not in self._by_day:
            self._by_day[on] = holders_of(self._seats, on)
        return self._by_day[on][seat.id]


def holders_of(seats: Iterable[Seat], on: date) -> dict[UUID, Holder]:
    """Return the holder of each seat on a day, in one query however many seats."""
    seats = list(seats)
    holdings: dict[UUID, _Person] = {}
    backups: dict[UUID, list[_Person]] = {}
    with connection.cursor() as cursor:
        ids = [seat.id for seat in seats]
        cursor.execute(_PEOPLE_OF_SEATS, {"practice": context.practice_id(), "seats": ids, "on": on})
        for seat_id, holds, *person in cursor.fetchall():
            if holds:
                holdings[seat_id] = _Person(*person)
            else:
                backups.setdefault(seat_id, []).append(_Person(*person))
    return {seat.id: _choose(seat, holdings.get(seat.id), backups.get(seat.id, [])) for seat in seats}


@dataclass(frozen=True, slots=True)
class _Person:
    id: UUID
    name: str
    present: bool


_PEOPLE_OF_SEATS = """
select p.seat_id, p.holds, s.id, s.name, (s.ended_date is null or s.ended_date > %(on)s) and not exists (
    select from absence a where a.practice_id = %(practice)s and a.staff_id = s.id and a.cancelled_at is null
     and a.first_date <= %(on)s and a.last_date >= %(on)s)
from (
  select h.seat_id, true as holds, 0 as rank, h.staff_id from seat_holding h
  where h.practice_id = %(practice)s and h.seat_id = any(%(seats)s) and h.from_date <= %(on)s
   and (h.until_date is null or h.until_date > %(on)s)
  union all
  select b.seat_id, false, b.rank, b.staff_id from seat_backup b
  where b.practice_id = %(practice)s and b.seat_id = any(%(seats)s)) p
join staff_member s on s.practice_id = %(practice)s and s.id = p.staff_id
order by p.rank
"""


def _choose(seat: Seat, holder: _Person | None, backups: list[_Person]) -> Holder:
    if holder is not None and holder.present:
        return Holder(seat.key, seat.name, holder.id, holder.name, "Holds the seat")
    why = f"{holder.name} is away" if holder is not None else "The seat is blank"
    for rank, person in enumerate(backups, start=1):
        if person.present:
            return Holder(seat.key, seat.name, person.id, person.name, f"{why}; backup {rank}")
    lacking = "every backup is away" if backups else "it has no backup"
    return Holder(seat.key, seat.name, None, NO_ONE, f"{why} and {lacking}")


def absent_on(on: date) -> TenantQuerySet[Absence]:
    """Return the absences that cover a day."""
    return Absence.objects.get_queryset().filter(cancelled_at=None, first_date__lte=on, last_date__gte=on)


def absences(until: date | None = None, since: date | None = None) -> TenantQuerySet[Absence]:
    """Return absences not cancelled, soonest first."""
    rows = Absence.objects.get_queryset().filter(cancelled_at=None).select_related("staff")
    if since:
        rows = rows.filter(last_date__gte=since)
    if until:
        rows = rows.filter(first_date__lte=until)
    return rows.order_by("first_date", "staff__name")


def seats() -> TenantQuerySet[Seat]:
    """Return the open seats in the order of the chart."""
    return Seat.objects.get_queryset().filter(closed_date=None).order_by("position", "name")


def seats_of(staff_id: UUID, on: date | None = None) -> TenantQuerySet[Seat]:
    """Return the seats somebody holds (on a day, or open-ended), in the order of the chart."""
    rows = SeatHolding.objects.filter(staff_id=staff_id)
    rows = rows.filter(_holding_on(on)) if on else rows.filter(until_date=None)
    return seats().filter(id__in=list(rows.values_list("seat_id", flat=True)))


@dataclass(frozen=True)
class ChartRow:
    """One seat of the chart: who holds it, who would stand in, whose it is today."""

    seat: Seat
    depth: int
    holding: SeatHolding | None
    blank_since: date | None
    backups: tuple[SeatBackup, ...]
    today: Holder

    @property
    def covered(self) -> bool:
        return self.today.staff_id is not None


def chart(on: date) -> list[ChartRow]:
    """Return the accountability chart, each seat under the one it reports to."""
    rows = list(seats().select_related("location"))
    held = {h.seat_id: h for h in SeatHolding.objects.filter(_holding_on(on)).select_related("staff")}
    ended = SeatHolding.objects.filter(until_date__lte=on).order_by("until_date")
    last_end = {h.seat_id: h.until_date for h in ended}
    backups: dict[UUID, list[SeatBackup]] = {}
    for backup in SeatBackup.objects.order_by("rank").select_related("staff"):
        backups.setdefault(backup.seat_id, []).append(backup)
    today = holders_of(rows, on)
    return [
        ChartRow(
            seat, depth, held.get(seat.id), None if seat.id in held else last_end.get(seat.id),
            tuple(backups.get(seat.id, ())), today[seat.id],
        )
        for seat, depth in _in_order(rows)
    ]  # fmt: skip


def _in_order(rows: list[Seat]) -> list[tuple[Seat, int]]:
    """Walk the tree of who reports to whom, depth first; a seat whose superior is closed stands at the top."""
    known = {seat.id for seat in rows}
    below: dict[UUID | None, list[Seat]] = {}
    for seat in rows:
        below.setdefault(seat.reports_to_id if seat.reports_to_id in known else None, []).append(seat)
    placed: list[tuple[Seat, int]] = []

    def walk(above: UUID | None, depth: int) -> None:
        for seat in below.get(above, []):
            placed.append((seat, depth))
            walk(seat.id, depth + 1)

    walk(None, 0)
    return placed


def duty_conflicts(staff_id: UUID, seat_key: str, on: date) -> list[Incompatible]:
    """Return what must not be one person's and would be, if this person also held the seat."""
    return incompatible_duties([seat.key for seat in seats_of(staff_id, on)], seat_key)


def _holding_on(on: date) -> Q:
    return Q(from_date__lte=on) & (Q(until_date=None) | Q(until_date__gt=on))


def _working(on: date) -> Q:
    return (Q(started_date=None) | Q(started_date__lte=on)) & (Q(ended_date=None) | Q(ended_date__gt=on))
