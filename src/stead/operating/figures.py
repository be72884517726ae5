"""Count measures, keep the figures of closed weeks, and forget one week when an event reaches back into it.

A kept figure carries `events`, how often something happened to its week, and `counted_events`, how many of those it
knows. They differ: the figure is stale. Keeping is an insert that gives way when `events` has moved on, so a count that
did not see an event can never pass for one that did. The running week is always counted fresh and never kept; a week is
kept an hour after its end, when no transaction of its last minute can still be open (`rules.SETTLES_AFTER`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from stead.operating import rules
from stead.operating.measures import BY_KEY
from stead.operating.models import WeekFigure
from stead.operating.terms import Figure, Made, Measure, Week
from stead.platform.accounts.models import Practice
from stead.platform.identifiers import floor_of, new_id
from stead.platform.tenancy import context

_MADE: dict[Made, str] = {
    "sum": "coalesce(sum(n), 0)::numeric",
    "dollars": "coalesce(sum(n), 0)::numeric / 100",
    "share": "sum(n)::numeric * 100 / nullif(sum(d), 0)",
    "median": "percentile_cont(0.5) within group (order by v)::numeric",
    "third": "(array_agg(v order by v))[3]",
    "days_of_charges": "sum(n)::numeric * 90 / nullif(sum(d), 0)",
}
_COLUMNS = "week, starts, ends, friday_noon, id_from, id_until, id7_from, id7_until"


def zone_of_practice() -> ZoneInfo:
    """Return the practice's own time zone, in which its weeks begin."""
    return ZoneInfo(Practice.objects.values_list("time_zone", flat=True).get(id=context.practice_id()))


def count(wanted: Iterable[tuple[Measure, Week]], zone: ZoneInfo) -> dict[tuple[str, date], Figure]:
    """Count the figures asked for in one statement: each measure over exactly its own weeks."""
    by_measure: dict[str, list[Week]] = defaultdict(list)
    for measure, week in wanted:
        by_measure[measure.key].append(week)
    if not by_measure:
        return {}
    parts, values = [], _values(zone, [week for weeks in by_measure.values() for week in weeks])
    for number, (key, weeks) in enumerate(by_measure.items()):
        measure = BY_KEY[key]
        values |= _weeks(weeks, zone, number)
        parts.append(_counted(measure, number))
    with connection.cursor() as cursor:
        cursor.execute(" union all ".join(parts), values)
        return {(key, week): Figure(key, week, _rounded(value), n, d) for key, week, value, n, d in cursor.fetchall()}


def _counted(measure: Measure, number: int) -> str:
    """Return the statement that makes one measure's figures; it is text of the catalogue, nothing a person typed."""
    return (
        f"(with w as ({_week_rows(number)}), q as ({measure.sql}) select '{measure.key}', w.week,"  # noqa: S608
        f" {_MADE[measure.made]}, coalesce(sum(n), 0)::bigint, coalesce(sum(d), 0)::bigint"
        " from w left join q on q.week = w.week group by w.week)"
    )


def _rounded(value: Decimal | None) -> Decimal | None:
    return None if value is None else Decimal(value).quantize(Decimal("0.0001"))


def _values(zone: ZoneInfo, weeks: Sequence[Week]) -> dict[str, Any]:
    """Return what every measure is given. `first` and `last` are the ends of all weeks together: in the statement they
    are constants, from which the planner knows that it needs a few weeks of ten years; the rows of `w` say nothing to
    it."""
    span = {"first": min(w.starts_at for w in weeks), "last": max(w.ends_at for w in weeks)}
    return {"practice": context.practice_id(), "zone": str(zone), **span}


def _week_rows(number: int) -> str:
    casts = ("date", "timestamptz", "timestamptz", "timestamptz", "uuid", "uuid", "uuid", "uuid")
    arrays = ", ".join(f"%(w{number}_{place})s::{cast}[]" for place, cast in enumerate(casts))
    return f"select * from unnest({arrays}) as w({_COLUMNS})"  # noqa: S608  numbers and constants only


def _weeks(weeks: Sequence[Week], zone: ZoneInfo, number: int) -> dict[str, Any]:
    seven = timedelta(days=7)
    columns = (
        [w.start_date for w in weeks],
        [w.starts_at for w in weeks],
        [w.ends_at for w in weeks],
        [datetime.combine(w.start_date + timedelta(days=4), time(12), zone) for w in weeks],
        [floor_of(w.starts_at) for w in weeks],
        [floor_of(w.ends_at) for w in weeks],
        [floor_of(w.starts_at - seven) for w in weeks],
        [floor_of(w.ends_at - seven) for w in weeks],
    )
    return {f"w{number}_{place}": column for place, column in enumerate(columns)}


@dataclass(frozen=True)
class Row:
    """One row behind a figure: it counts `counts` of the `among` that make the figure; `value` is its own size."""

    counts: int
    among: int
    value: Decimal | None
    row_id: UUID
    patient_id: UUID | None
    staff_id: UUID | None
    location_id: UUID | None
    at: datetime
    note: str


def rows(measure: Measure, week: Week, zone: ZoneInfo) -> list[Row]:
    """List the rows of which the week's figure is made, those that pull it down first."""
    order = "n desc" if measure.direction == "at_most" or measure.made in ("sum", "dollars", "days_of_charges") else "n"
    statement = (
        f"with w as ({_week_rows(0)}), q as ({measure.sql})"  # noqa: S608  catalogue text only
        f" select n, d, v, row_id, patient_id, staff_id, location_id, at,"
        f" coalesce(note, '') from q order by {order}, v nulls last, at"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, _values(zone, [week]) | _weeks([week], zone, 0))
        return [Row(*line) for line in cursor.fetchall()]


def made_of(measure: Measure, behind: Sequence[Row]) -> Decimal | None:
    """Make the figure out of its rows in plain arithmetic: what a reader with a pencil would do."""
    counts, among = sum(r.counts for r in behind), sum(r.among for r in behind)
    values = sorted(r.value for r in behind if r.value is not None)
    match measure.made:
        case "sum":
            return Decimal(counts)
        case "dollars":
            return _rounded(Decimal(counts) / 100)
        case "share":
            return _rounded(Decimal(counts) * 100 / among) if among else None
        case "days_of_charges":
            return _rounded(Decimal(counts) * 90 / among) if among else None
        case "third":
            return _rounded(values[2]) if len(values) > 2 else None
        case "median":
            middle = len(values) // 2
            if not values:
                return None
            return _rounded(values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2)


@dataclass(frozen=True)
class Kept:
    """The figures of some weeks and those that are not kept yet."""

    figures: dict[tuple[str, date], Figure]
    fresh: dict[tuple[str, date], Figure]
    known_events: dict[tuple[str, date], int]


def of_weeks(measures: Sequence[Measure], weeks: Sequence[Week], zone: ZoneInfo) -> Kept:
    """Return the figures of closed weeks: the kept ones by one read, the missing and stale ones counted now."""
    kept: dict[tuple[str, date], Figure] = {}
    events: dict[tuple[str, date], int] = {}
    found = WeekFigure.objects.filter(
        week_start_date__gte=weeks[0].start_date, week_start_date__lte=weeks[-1].start_date
    ).values_list("measure_key", "week_start_date", "value", "numerator", "denominator", "events", "counted_events")
    for key, week, value, n, d, happened, counted in found:
        events[key, week] = happened
        if counted == happened:
            kept[key, week] = Figure(key, week, value, n or 0, d or 0)
    missing = [(m, w) for m in measures for w in weeks if (m.key, w.start_date) not in kept]
    fresh = count(missing, zone)
    return Kept(kept | fresh, fresh, events)


_KEEP = """
insert into week_figure (practice_id, id, measure_key, week_start_date, value, numerator, denominator, counted_at,
                         events, counted_events)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
on conflict (practice_id, measure_key, week_start_date) do update
   set value = excluded.value, numerator = excluded.numerator, denominator = excluded.denominator,
       counted_at = excluded.counted_at, counted_events = excluded.counted_events
 where week_figure.events = excluded.events
"""

_MARK = """
insert into week_figure (practice_id, id, measure_key, week_start_date, events)
values (%s, %s, %s, %s, 1)
on conflict (practice_id, measure_key, week_start_date) do update set events = week_figure.events + 1
"""


def keep(found: Kept, weeks: Sequence[Week], at: datetime) -> int:
    """Keep what was counted for weeks that are settled; return how many figures. Bears repetition."""
    settled = {w.start_date for w in weeks if rules.is_settled(w, at)}
    lines = [
        (context.practice_id(), new_id(), f.key, f.week, f.value, f.numerator, f.denominator, at, events, events)
        for place, f in sorted(found.fresh.items())
        if f.week in settled
        for events in [found.known_events.get(place, 0)]
    ]
    if lines:
        with connection.cursor() as cursor:
            cursor.executemany(_KEEP, lines)
    return len(lines)


def mark_stale(places: Iterable[tuple[str, datetime]], at: datetime) -> int:
    """Mark the closed weeks that hold these moments as to be counted again, one measure each. Returns how many."""
    zone = zone_of_practice()
    weeks = {(key, rules.week_of(moment, zone)) for key, moment in places}
    lines = sorted(
        (context.practice_id(), key, week.start_date) for key, week in weeks if week.ends_at <= at
    )  # sorted: two transactions that mark the same weeks take their locks in one order
    with connection.cursor() as cursor:
        for practice, key, monday in lines:
            cursor.execute(_MARK, [practice, new_id(), key, monday])
    return len(lines)


def forget(first: date, last: date) -> int:
    """Mark every kept figure of the weeks between two days as stale: for loads that write history past the journal."""
    from django.db.models import F

    return WeekFigure.objects.filter(week_start_date__gte=first - timedelta(days=6), week_start_date__lte=last).update(
        events=F("events") + 1
    )
