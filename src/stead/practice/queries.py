"""Reads of the practice: calendars, people, and whose a seat is today."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q

from stead.platform.refusals import NotFound
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
    """Return the time zone of the practice: that of its first open location."""
    zones = Location.objects.filter(closed_date=None).order_by("id").values_list("time_zone", flat=True)
    return ZoneInfo(zones.first() or DEFAULT_TIME_ZONE)


def practice_day(at: datetime) -> date:
    """Return the practice's calendar day of a moment. The day of UTC is tomorrow's in an American evening."""
    return at.astimezone(practice_zone()).date()


def calendar_of(location_id: UUID | None) -> BusinessCalendar:
    """Return the business calendar of a location; None takes the practice's first location.

    A location that has told no hours counts Monday to Friday, 8 to 5.
    """
    rows = Location.objects.get_queryset()
    location = rows.get_or_none(id=location_id) if location_id else rows.filter(closed_date=None).order_by("id").first()
    if location is None:
        return BusinessCalendar(DEFAULT_TIME_ZONE, DEFAULT_HOURS)
    closed = Closure.objects.filter(Q(location_id=location.id) | Q(location_id=None))
    days = frozenset(closed.values_list("closed_on_date", flat=True))
    return BusinessCalendar(location.time_zone, location.hours or DEFAULT_HOURS, days)


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
    found = Seat.objects.filter(Q(key=key) | Q(key__startswith=f"{key}."), closed_date=None)
    ranked = sorted(found, key=lambda seat: (seat.location_id != location_id, seat.key != key, seat.position, seat.key))
    fitting = [seat for seat in ranked if seat.location_id in (None, location_id) or location_id is None]
    return fitting[0] if fitting else None


def holder_of(seat_key: str, on: date, location_id: UUID | None = None) -> Holder:
    """Return whose a seat's work is on a day: its holder; when away, the first present backup by rank; else No one."""
    seat = find_seat(seat_key, location_id)
    if seat is None:
        words = seat_key.replace("_", " ").replace(".", ", ")
        return Holder(seat_key, words.capitalize(), None, NO_ONE, f"There is no seat {words}")
    return holders_of([seat], on)[seat.id]


def holders_of(seats: Iterable[Seat], on: date) -> dict[UUID, Holder]:
    """Return the holder of each seat on a day, in three queries however many seats."""
    seats = list(seats)
    ids = [seat.id for seat in seats]
    current = SeatHolding.objects.filter(_holding_on(on), seat_id__in=ids).select_related("staff")
    holdings = {holding.seat_id: holding.staff for holding in current}
    backups: dict[UUID, list[StaffMember]] = {}
    for backup in SeatBackup.objects.filter(seat_id__in=ids).order_by("rank").select_related("staff"):
        backups.setdefault(backup.seat_id, []).append(backup.staff)
    people = {person.id for person in holdings.values()} | {p.id for row in backups.values() for p in row}
    away = set(absent_on(on).filter(staff_id__in=people).values_list("staff_id", flat=True))
    return {seat.id: _choose(seat, holdings.get(seat.id), backups.get(seat.id, []), away, on) for seat in seats}


def _choose(seat: Seat, holder: StaffMember | None, backups: list[StaffMember], away: set[UUID], on: date) -> Holder:
    def present(person: StaffMember) -> bool:
        return person.id not in away and (person.ended_date is None or person.ended_date > on)

    if holder is not None and present(holder):
        return Holder(seat.key, seat.name, holder.id, holder.name, "Holds the seat")
    why = f"{holder.name} is away" if holder is not None else "The seat is blank"
    for rank, person in enumerate(backups, start=1):
        if present(person):
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
