"""Free time is a row: what a practitioner works on a local day at a location, and what is left of it.

`rebuild_free_days` states the working time from patterns, absences and closed days; `refresh` takes away what is
claimed, in the transaction of every booking. Both lock a practitioner's rows of the day first and compute afterwards in
a statement of its own: in READ COMMITTED that statement sees what the holder of the lock has committed, so two
bookings of one day never undo each other's change. The claims are the truth; these rows are the advice to look there.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from operator import itemgetter
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Q
from psycopg.types.multirange import TimestamptzMultirange
from psycopg.types.range import TimestamptzRange

from stead.platform.identifiers import new_id
from stead.platform.tenancy import context
from stead.practice.models import Absence, Closure, Location, StaffMember
from stead.scheduling import rules
from stead.scheduling.models import Appointment, WorkPattern
from stead.scheduling.terms import TRAVEL_MINUTES

_AROUND = timedelta(hours=12)
_LOCK = """
select id from free_day where practice_id = %(p)s and staff_id = any(%(staff)s) and day between %(first)s and %(last)s
order by day, staff_id, location_id for update
"""

# A claim begins with its visit and ends within half a day of it, so half a day on both sides of the open time finds
# them all. Asked as values of the day's own row: so the bounds keep the index on appointment.starts_at below row-level
# security, which range operators and joins would lose. `own` is the visit being booked: what its day was without it
# decides whether it fits.
_TAKEN = """coalesce((
    select range_agg(case when a.location_id = d.location_id or a.modality <> 'room' then c.during
      else tstzrange(lower(c.during) - %(travel)s, upper(c.during) + %(travel)s) end)
    from appointment a
    cross join lateral (
      select r.during from resource_claim r
      where r.practice_id = a.practice_id and r.appointment_id = a.id and r.resource_id = a.practitioner_id
        and r.lane = 0 offset 0) c
    where a.practice_id = %(p)s and a.practitioner_id = d.staff_id
      and a.starts_at >= lower(d.open) - interval '12 hours' and a.starts_at < upper(d.open) + interval '12 hours'
      {but}), '{{}}'::tstzmultirange)"""
_REFRESH = f"""
update free_day d set free = d.open - {_TAKEN.format(but="")}
where d.practice_id = %(p)s and d.staff_id = any(%(staff)s) and d.day between %(first)s and %(last)s
returning d.location_id = %(place)s and d.day = %(day)s, d.open @> %(visit)s::tstzrange,
  case when d.location_id = %(place)s and d.day = %(day)s
    then (d.open - {_TAKEN.format(but="and a.id is distinct from %(own)s")}) @> %(visit)s::tstzrange end
"""  # noqa: S608 - our own words

_STATE = """
insert into free_day (practice_id, id, staff_id, location_id, room_id, day, open, free)
select %s, * from unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::date[], %s::tstzmultirange[],
  %s::tstzmultirange[])
on conflict (practice_id, staff_id, location_id, day) do update
  set open = excluded.open, room_id = excluded.room_id, free = excluded.free
"""
_CLAIMED = """
select r.appointment_id, r.resource_id, lower(r.during), upper(r.during) from resource_claim r
where r.practice_id = %s and r.lane = 0 and r.appointment_id = any(%s)
"""

_STATED = """
select exists (select from free_day where practice_id = %(p)s and staff_id = %(s)s and day = %(d)s),
  (select room_id from work_pattern where practice_id = %(p)s and staff_id = %(s)s and location_id = %(l)s
    and weekday = %(w)s and from_date <= %(d)s and (until_date is null or until_date > %(d)s)
    and room_id is not null order by starts limit 1)
"""


@dataclass(frozen=True)
class Fit:
    """How a visit sits in one of the practitioner's days: inside the working time, and free of everything else."""

    is_worked: bool
    is_free: bool


def refresh(
    staff_id: UUID, day: date, *, own: UUID | None = None, location_id: UUID | None = None,
    visit: tuple[datetime, datetime] | None = None,
) -> Fit:  # fmt: skip
    """Bring a practitioner's rows of one local day up to the claims and say how the visit fits at the location.

    Neighbouring days are refreshed too: 8 pm in one time zone may be another day in the next location's.
    """
    given = _given([staff_id], day - timedelta(days=1), day + timedelta(days=1)) | {
        "own": own,
        "place": location_id,
        "day": day,
        "visit": TimestamptzRange(*visit) if visit else TimestamptzRange(empty=True),
    }
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, given)
        cursor.execute(_REFRESH, given)
        rows = cursor.fetchall() if cursor.description else []
    mine = [row for row in rows if row[0]]
    return Fit(any(row[1] for row in mine), any(row[2] for row in mine))


def rebuild_free_days(staff_ids: Sequence[UUID], first: date, last: date) -> int:
    """State the free days of these practitioners from their patterns; return how many rows there are now."""
    if not staff_ids or last < first:
        return 0
    days = list(_open_days(staff_ids, first, last))
    practice = context.practice_id()
    given = _given(staff_ids, first, last)
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, given)
        if days:
            cursor.execute(_STATE, [practice, *_columns(days, [d.open for d in days])])
        cursor.execute(
            "delete from free_day where practice_id = %s and staff_id = any(%s) and day between %s and %s"
            " and (staff_id, location_id, day) not in (select * from unnest(%s::uuid[], %s::uuid[], %s::date[]))",
            [practice, list(staff_ids), first, last,
             [d.staff_id for d in days], [d.location_id for d in days], [d.day for d in days]],
        )  # fmt: skip
        if days:
            cursor.execute(_STATE, [practice, *_columns(days, _left(days, _claimed(staff_ids, first, last)))])
    return len(days)


def ensure_day(staff_id: UUID, day: date, location_id: UUID) -> UUID | None:
    """State a day that lies beyond what the nightly job has built, before it is booked; return the practitioner's own
    room there, if the day's pattern names one."""
    with connection.cursor() as cursor:
        cursor.execute(
            _STATED, {"p": context.practice_id(), "s": staff_id, "l": location_id, "d": day, "w": day.weekday()}
        )
        is_stated, room_id = cursor.fetchone()
    if not is_stated:
        rebuild_free_days([staff_id], day, day)
    own: UUID | None = room_id
    return own


type _Claim = tuple[datetime, datetime, UUID | None]
"""What a visit claims of its practitioner, and the location whose own days it takes without travel; None is any."""


def _claimed(staff_ids: Sequence[UUID], first: date, last: date) -> dict[UUID, list[_Claim]]:
    """Return the claims of these practitioners around the days, in order.

    Two scans put together here and not by a join: of a practice that the planner has no statistics of it guesses one
    row, and then reads every visit again for every day.
    """
    since = datetime.combine(first, time(0), tzinfo=UTC) - timedelta(days=1)
    until = datetime.combine(last, time(0), tzinfo=UTC) + timedelta(days=3)
    rows = Appointment.objects.filter(
        practitioner_id__in=list(staff_ids), starts_at__gte=since, starts_at__lt=until
    ).values_list("id", "practitioner_id", "location_id", "modality")
    visits = {i: (who, where if modality == "room" else None) for i, who, where, modality in rows}
    found: dict[UUID, list[_Claim]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_CLAIMED, [context.practice_id(), list(visits)])
        for visit, resource, starts, ends in cursor.fetchall():
            who, where = visits[visit]
            if resource == who:
                found.setdefault(who, []).append((starts, ends, where))
    return {who: sorted(claims, key=itemgetter(0)) for who, claims in found.items()}


def _left(days: Iterable[OpenDay], claims: dict[UUID, list[_Claim]]) -> Iterator[list[rules.Stretch]]:
    """Take what is claimed from each day, with the way from and to other locations."""
    travel = timedelta(minutes=TRAVEL_MINUTES)
    for day in days:
        mine = claims.get(day.staff_id, [])
        begins = bisect_left(mine, day.open[0][0] - _AROUND, key=itemgetter(0))
        ends = bisect_left(mine, day.open[-1][1] + _AROUND, key=itemgetter(0))
        yield rules.without(
            day.open,
            [
                (a, b) if where in (None, day.location_id) else (a - travel, b + travel)
                for a, b, where in mine[begins:ends]
            ],
        )


@dataclass(frozen=True)
class OpenDay:
    staff_id: UUID
    location_id: UUID
    room_id: UUID | None
    day: date
    open: list[rules.Stretch]


def _open_days(staff_ids: Sequence[UUID], first: date, last: date) -> Iterator[OpenDay]:
    """Walk days and patterns: who works where, less absences, closed days and people or places that are gone."""
    staff = {s.id: s for s in StaffMember.objects.filter(id__in=list(staff_ids))}
    places = {row.id: row for row in Location.objects.all()}
    away = _absences(staff_ids, first, last)
    closed = set(
        Closure.objects.filter(closed_on_date__range=(first, last)).values_list("location_id", "closed_on_date")
    )
    patterns: dict[tuple[UUID, int], list[WorkPattern]] = {}
    rows = WorkPattern.objects.filter(Q(until_date=None) | Q(until_date__gt=first), staff_id__in=list(staff_ids))
    for row in rows.filter(from_date__lte=last).order_by("starts", "id"):
        patterns.setdefault((row.staff_id, row.weekday), []).append(row)
    for day in _days(first, last):
        for staff_id, person in staff.items():
            if day in away.get(staff_id, ()) or not _employed(person, day):
                continue
            yield from _places_of(day, patterns.get((staff_id, day.weekday()), []), places, closed)


def _places_of(
    day: date, patterns: Iterable[WorkPattern], places: dict[UUID, Location], closed: set[tuple[UUID | None, date]]
) -> Iterator[OpenDay]:
    by_place: dict[UUID, list[WorkPattern]] = {}
    for row in patterns:
        if row.from_date <= day and (row.until_date is None or day < row.until_date):
            by_place.setdefault(row.location_id, []).append(row)
    for location_id, rows in by_place.items():
        place = places[location_id]
        is_gone = place.closed_date is not None and day >= place.closed_date
        if is_gone or (location_id, day) in closed or (None, day) in closed:
            continue
        open_time = rules.worked(day, [(r.starts, r.ends) for r in rows], ZoneInfo(place.time_zone))
        if open_time:
            yield OpenDay(rows[0].staff_id, location_id, rows[0].room_id, day, open_time)


def _absences(staff_ids: Sequence[UUID], first: date, last: date) -> dict[UUID, set[date]]:
    rows = Absence.objects.filter(
        staff_id__in=list(staff_ids), cancelled_at=None, first_date__lte=last, last_date__gte=first
    )
    away: dict[UUID, set[date]] = {}
    for row in rows:
        away.setdefault(row.staff_id, set()).update(_days(max(row.first_date, first), min(row.last_date, last)))
    return away


def _employed(person: StaffMember, day: date) -> bool:
    started = person.started_date is None or person.started_date <= day
    return started and (person.ended_date is None or day < person.ended_date)


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _columns(days: Sequence[OpenDay], free: Iterable[list[rules.Stretch]]) -> list[list[object]]:
    return [
        [new_id() for _ in days], [d.staff_id for d in days], [d.location_id for d in days], [d.room_id for d in days],
        [d.day for d in days], [_span(d.open) for d in days], [_span(stretches) for stretches in free],
    ]  # fmt: skip


def _span(stretches: Iterable[rules.Stretch]) -> TimestamptzMultirange:
    return TimestamptzMultirange([TimestamptzRange(a, b) for a, b in stretches])


def _given(staff_ids: Sequence[UUID], first: date, last: date) -> dict[str, Any]:
    return {
        "p": context.practice_id(),
        "staff": list(staff_ids),
        "first": first,
        "last": last,
        "travel": timedelta(minutes=TRAVEL_MINUTES),
    }
