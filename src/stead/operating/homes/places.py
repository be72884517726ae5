"""The locations today: who is at the desk, sessions by half hour, where visits stand, who runs late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from stead.operating.links import address
from stead.operating.people import Chart, SeatName
from stead.platform.ui import words
from stead.practice.models import Closure, Location
from stead.scheduling.models import Appointment
from stead.scheduling.terms import COUNTED, DAY_GROUPS

FIGURES = (
    ("Booked", "counted"),
    ("Confirmed", "sure"),
    ("Done", "done"),
    ("In session", "session"),
    ("Waiting", "waiting"),
    ("No-show", "missed"),
)
"""Each figure is a status of the list of the day, which it opens: so both count the same."""
CLOSED = "closed today"
HALF_HOUR = timedelta(minutes=30)
_ZONES = {
    **dict.fromkeys(("EST", "EDT"), "Eastern"),
    **dict.fromkeys(("CST", "CDT"), "Central"),
    **dict.fromkeys(("MST", "MDT"), "Mountain"),
    **dict.fromkeys(("PST", "PDT"), "Pacific"),
    **dict.fromkeys(("AKST", "AKDT"), "Alaska"),
    "HST": "Hawaii",
}


@dataclass
class Place:
    """One location's day; a figure is its name, number and the list it opens.

    `bars` are sessions by half hour from `opens`; `now` is the running half hour's place."""

    name: str
    hours: str
    desk: SeatName
    cover: str
    url: str
    opens: int
    now: int
    bars: list[int]
    figures: list[tuple[str, int, str]] = field(default_factory=list)
    late: str = ""
    closed: str = ""
    label: str = ""

    @property
    def width(self) -> int:
        """How wide the chart of the bars is drawn."""
        return len(self.bars) * 13

    @property
    def booked(self) -> int:
        return self.figures[0][1]


def places(at: datetime, chart: Chart, home: ZoneInfo) -> list[Place]:
    """Return the open locations with today's visits, the busiest first, in three queries."""
    rows = list(Location.objects.filter(closed_date=None).order_by("id"))
    day = at.astimezone(home).date()
    begins = datetime.combine(day, time(), home) - timedelta(hours=12)
    visits = Appointment.objects.filter(
        starts_at__gte=begins, starts_at__lt=begins + timedelta(hours=48), status__in=COUNTED
    ).values_list("location_id", "status", "starts_at", "ends_at")
    by_location: dict[UUID, list[tuple[str, datetime, datetime]]] = {row.id: [] for row in rows}
    for location_id, status, starts, ends in visits:
        by_location.setdefault(location_id, []).append((status, starts, ends))
    closed = closures_of(day)
    opens, closes = _span(rows, at)
    found = [
        _place(row, by_location[row.id], at, chart, home, opens, closes, closed.get(row.id) or closed.get(None, ""))
        for row in rows
    ]
    return sorted(found, key=lambda p: -p.booked)


def closures_of(day: date) -> dict[UUID | None, str]:
    """Return why places are closed on a day; None stands for the whole practice."""
    return dict(Closure.objects.filter(closed_on_date=day).values_list("location_id", "words"))


def _list(day: date, location_id: UUID, status: str) -> str:
    return address("calendar_list", day=day, location=location_id, status=status)


def _hours(row: Location, at: datetime) -> tuple[time, time] | None:
    day = at.astimezone(ZoneInfo(row.time_zone)).strftime("%a").lower()
    pair = row.hours.get(day)
    return (time.fromisoformat(pair[0]), time.fromisoformat(pair[1])) if pair else None


def _span(rows: Sequence[Location], at: datetime) -> tuple[int, int]:
    """One scale for all rows: from the earliest opening to the latest closing of the day, in whole hours."""
    hours = [found for row in rows if (found := _hours(row, at))]
    if not hours:
        return 8, 18
    return min(o.hour for o, _ in hours), max(c.hour + (c.minute > 0) for _, c in hours)


def _place(
    row: Location,
    visits: list[tuple[str, datetime, datetime]],
    at: datetime,
    chart: Chart,
    home: ZoneInfo,
    opens: int,
    closes: int,
    closure: str,
) -> Place:
    zone = ZoneInfo(row.time_zone)
    local = at.astimezone(zone)
    first = datetime.combine(local.date(), time(opens), zone)
    todays = [v for v in visits if v[1].astimezone(zone).date() == local.date()]
    bars = [
        sum(s < first + HALF_HOUR * (n + 1) and e > first + HALF_HOUR * n for _, s, e in todays)
        for n in range((closes - opens) * 2)
    ]
    hours = None if closure else _hours(row, at)
    desk = next((s for s in chart.names if s.location_id == row.id and s.key.startswith("front_desk")), None)
    desk = desk or chart.find("front_desk")
    found = Place(
        name=row.name,
        hours=_said_hours(row, hours, local, home),
        desk=desk,
        cover="" if desk.holder else _cover(row, chart),
        url=address("calendar_day", local.date(), location=row.id),
        opens=opens,
        now=max(0, min(len(bars), int((local - first) / HALF_HOUR) if local >= first else 0)),
        bars=bars,
        figures=[
            (name, sum(v[0] in DAY_GROUPS[group] for v in todays), _list(local.date(), row.id, group))
            for name, group in FIGURES
        ],
        late=_late(todays, at),
        closed="" if hours else closure or CLOSED,
    )
    found.label = f"Sessions by half hour at {row.name}: " + ", ".join(map(str, bars))
    return found


def _said_hours(row: Location, hours: tuple[time, time] | None, local: datetime, home: ZoneInfo) -> str:
    other = local.utcoffset() != local.astimezone(home).utcoffset()
    where = _zone_words(local) if other else row.city or row.state
    said = f"{words.clock(hours[0])} to {words.clock(hours[1])}" if hours else "closed today"
    return " · ".join(part for part in (where, said) if part)


def _zone_words(local: datetime) -> str:
    """Name the zone the way people say it: "Central time"."""
    return f"{_ZONES.get(local.tzname() or '', local.tzname())} time"


def _cover(row: Location, chart: Chart) -> str:
    """Say who answers for a desk without a name: the first other desk that has one."""
    other = next(
        (s for s in chart.names if s.key.startswith("front_desk") and s.holder and s.location_id != row.id), None
    )
    return f"{other.holder} answers the phone" if other else "nobody stands in"


def _late(visits: list[tuple[str, datetime, datetime]], at: datetime) -> str:
    waits = [at - starts for status, starts, _ in visits if status == "arrived" and at > starts]
    if not waits:
        return ""
    return f"{len(waits)} by {words.length(max(waits).total_seconds() / 60)}"


def axis(all_places: Sequence[Place]) -> list[tuple[int, str]]:
    """Return the hours to print above the bars with their places: every second one."""
    if not all_places:
        return []
    first = all_places[0]
    return [(n * 26, str((first.opens + n - 1) % 12 + 1)) for n in range(0, len(first.bars) // 2, 2)]


def totals(all_places: Sequence[Place]) -> list[tuple[str, int]]:
    """Return the sum of each column under its name."""
    return [(name, sum(p.figures[n][1] for p in all_places)) for n, (name, *_) in enumerate(FIGURES)]
