"""Free time is a row: what a practitioner works on a local day at a location, and what is left of it.

`rebuild_free_days` states the working time from patterns, absences and closed days; `refresh` takes away what is
claimed, in the transaction of every booking. Both lock a practitioner's rows of the day first and compute afterwards in
a statement of its own: in READ COMMITTED that statement sees what the holder of the lock has committed, so two
bookings of one day never undo each other's change. The claims are the truth; these rows are the advice to look there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
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
from stead.scheduling.models import WorkPattern
from stead.scheduling.terms import TRAVEL_MINUTES

_LOCK = """
select id from free_day where practice_id = %(p)s and staff_id = any(%(staff)s) and day between %(first)s and %(last)s
order by day, staff_id, location_id for update
"""

# Comparing appointment.starts_at with constants keeps its index below row-level security; range && and lower() would
# lose it. A claim begins with its visit and ends within half a day of it, so half a day on both sides of the open time
# finds them all. `own` is the visit being booked: what the day was without it decides whether it fits.
_REFRESH = """
update free_day f set free = f.open - t.taken
from (
  select d.practice_id, d.id, coalesce(range_agg(x.busy) filter (where x.busy is not null), '{}') as taken,
    coalesce(range_agg(x.busy) filter (where x.busy is not null and x.appointment_id is distinct from %(own)s), '{}')
      as others
  from free_day d
  left join lateral (
    select c.appointment_id, case when a.location_id = d.location_id or a.modality <> 'room' then c.during
      else tstzrange(lower(c.during) - %(travel)s, upper(c.during) + %(travel)s) end as busy
    from appointment a
    join resource_claim c
      on c.practice_id = a.practice_id and c.appointment_id = a.id and c.resource_id = a.practitioner_id
    where a.practice_id = %(p)s and a.practitioner_id = d.staff_id and c.lane = 0
      and a.starts_at >= %(since)s and a.starts_at < %(until)s
      and a.starts_at >= lower(d.open) - interval '12 hours' and a.starts_at < upper(d.open) + interval '12 hours'
  ) x on true
  where d.practice_id = %(p)s and d.staff_id = any(%(staff)s) and d.day between %(first)s and %(last)s
  group by d.practice_id, d.id
) t
where f.practice_id = %(p)s and t.practice_id = f.practice_id and t.id = f.id
returning f.location_id, f.day, f.open @> %(visit)s::tstzrange, (f.open - t.others) @> %(visit)s::tstzrange
"""

_STATE = """
insert into free_day (practice_id, id, staff_id, location_id, room_id, day, open, free)
select %s, * from unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::date[], %s::tstzmultirange[],
  %s::tstzmultirange[])
on conflict (practice_id, staff_id, location_id, day) do update set open = excluded.open, room_id = excluded.room_id
"""

_STATED = """
select exists (select from free_day where practice_id = %(p)s and staff_id = %(s)s and day = %(d)s),
  (select room_id from work_pattern where practice_id = %(p)s and staff_id = %(s)s and location_id = %(l)s
    and weekday = %(w)s and from_date <= %(d)s and room_id is not null order by starts limit 1)
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
    given = _given([staff_id], day - timedelta(days=1), day + timedelta(days=1), own, visit)
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, given)
        cursor.execute(_REFRESH, given)
        rows = cursor.fetchall() if cursor.description else []
    mine = [row for row in rows if row[0] == location_id and row[1] == day]
    return Fit(any(row[2] for row in mine), any(row[3] for row in mine))


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
            cursor.execute(_STATE, [practice, *_columns(days)])
        cursor.execute(
            "delete from free_day where practice_id = %s and staff_id = any(%s) and day between %s and %s"
            " and (staff_id, location_id, day) not in (select * from unnest(%s::uuid[], %s::uuid[], %s::date[]))",
            [practice, list(staff_ids), first, last,
             [d.staff_id for d in days], [d.location_id for d in days], [d.day for d in days]],
        )  # fmt: skip
        cursor.execute(_REFRESH, given)
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
    return started and (person.ended_date is None or day <= person.ended_date)


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _columns(days: Sequence[OpenDay]) -> list[list[object]]:
    spans = [TimestamptzMultirange([TimestamptzRange(a, b) for a, b in d.open]) for d in days]
    return [
        [new_id() for _ in days], [d.staff_id for d in days], [d.location_id for d in days], [d.room_id for d in days],
        [d.day for d in days], list(spans), list(spans),
    ]  # fmt: skip


def _given(
    staff_ids: Sequence[UUID], first: date, last: date, own: UUID | None = None,
    visit: tuple[datetime, datetime] | None = None,
) -> dict[str, Any]:  # fmt: skip
    return {
        "p": context.practice_id(),
        "staff": list(staff_ids),
        "first": first,
        "last": last,
        "since": datetime.combine(first, time(0), tzinfo=UTC) - timedelta(days=1),
        "until": datetime.combine(last, time(0), tzinfo=UTC) + timedelta(days=3),
        "own": own,
        "travel": timedelta(minutes=TRAVEL_MINUTES),
        "visit": TimestamptzRange(*visit) if visit else TimestamptzRange(empty=True),
    }
