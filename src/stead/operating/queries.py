"""Read the numbers: the scorecard of closed weeks, the rows behind each figure, what is stuck, what would stall."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from stead.operating import figures, rules, sentences, stuck
from stead.operating.absence import absence_preview as absence_preview
from stead.operating.homes.stages import Books
from stead.operating.measures import CATALOGUE, find
from stead.operating.models import Decision, Issue, MeasureSetting, Meeting
from stead.operating.people import Chart, SeatName
from stead.operating.stuck import Stuck, split
from stead.operating.terms import Measure, Week
from stead.platform.actors import Actor
from stead.platform.refusals import NotFound
from stead.scheduling.models import Appointment

WEEKS = 13


@dataclass(frozen=True)
class Judged:
    """A measure as this practice uses it."""

    measure: Measure
    target: Decimal | None
    seat: str
    owner: SeatName
    position: int
    on_scorecard: bool = True


@dataclass(frozen=True)
class Cell:
    week: Week
    value: Decimal | None
    off: bool


@dataclass(frozen=True)
class ScoreRow:
    """One measure over the weeks, oldest first, and how its newest weeks go."""

    judged: Judged
    cells: Sequence[Cell]
    run: rules.Run

    @property
    def measure(self) -> Measure:
        return self.judged.measure

    @property
    def last(self) -> Cell:
        return self.cells[-1]


@dataclass(frozen=True)
class Scorecard:
    weeks: Sequence[Week]
    rows: Sequence[ScoreRow]
    found: figures.Kept
    zone: ZoneInfo

    @property
    def off(self) -> list[ScoreRow]:
        """The measures off target in the newest week, those off for longest first."""
        return sorted((r for r in self.rows if r.last.off), key=lambda r: -r.run.off)

    @property
    def judged(self) -> list[ScoreRow]:
        return [r for r in self.rows if r.judged.target is not None and r.last.value is not None]

    def row(self, key: str) -> ScoreRow | None:
        return next((r for r in self.rows if r.measure.key == key), None)


def measures(chart: Chart, *, hidden: bool = False) -> list[Judged]:
    """Return the measures as the practice set them, in its order within the groups; `hidden` adds those taken off."""
    settings = {s.key: s for s in MeasureSetting.objects.get_queryset()}
    found: list[Judged] = []
    for place, measure in enumerate(CATALOGUE):
        setting = settings.get(measure.key)
        if setting is None:
            found.append(Judged(measure, measure.target, measure.seat, chart.find(measure.seat), place))
        elif setting.on_scorecard or hidden:
            seat = setting.owner_seat_key or measure.seat
            found.append(
                Judged(measure, setting.target, seat, chart.find(seat), setting.position, setting.on_scorecard)
            )
    order = {group: number for number, group in enumerate(("Access", "Care", "Money", "People"))}
    return sorted(found, key=lambda j: (order[j.measure.group], j.position))


def scorecard(
    *,
    at: datetime,
    weeks: int = WEEKS,
    until: date | None = None,
    chart: Chart | None = None,
    zone: ZoneInfo | None = None,
) -> Scorecard:
    """Return the closed weeks up to the one that ended last (or that holds `until`), oldest first. A caller that knows
    the practice's chart and zone hands them over."""
    zone = zone or figures.zone_of_practice()
    span = rules.closed_weeks(at if until is None else _after(until, zone, at), zone, weeks)
    judged = measures(chart or Chart(at.astimezone(zone).date()))
    found = figures.of_weeks([j.measure for j in judged], span, zone)
    began = Appointment.objects.order_by("starts_at").values_list("starts_at", flat=True).first()
    return Scorecard(span, [_row(j, span, found, began) for j in judged], found, zone)


def _after(until: date, zone: ZoneInfo, at: datetime) -> datetime:
    return min(at, rules.week_of(datetime.combine(until, datetime.min.time(), zone), zone).ends_at)


def _row(judged: Judged, span: Sequence[Week], found: figures.Kept, began: datetime | None) -> ScoreRow:
    """Before the book begins there was nothing to count: no figure, not zero."""
    values = [
        found.figures[judged.measure.key, w.start_date].value if began and w.ends_at > began else None for w in span
    ]
    direction = judged.measure.direction
    cells = [Cell(w, v, rules.is_off(v, judged.target, direction)) for w, v in zip(span, values, strict=True)]
    return ScoreRow(judged, cells, rules.run_of(values, judged.target, direction))


def get_measure(key: str) -> Measure:
    found = find(key)
    if found is None:
        raise NotFound()
    return found


def figure_rows(measure_key: str, week: date) -> list[figures.Row]:
    """Return the rows behind a measure's figure of the week that starts on this Monday."""
    zone = figures.zone_of_practice()
    return figures.rows(get_measure(measure_key), get_week(week, zone), zone)


def get_week(monday: date, zone: ZoneInfo) -> Week:
    if monday.weekday():
        raise NotFound()
    return rules.week_from(monday, zone)


def next_meeting() -> Meeting | None:
    """Return the meeting that was opened and not held, the soonest first."""
    return Meeting.objects.filter(held_at=None).order_by("starts_at").first()


def open_issues() -> Sequence[Issue]:
    return list(Issue.objects.filter(state="open").order_by("rank", "raised_at"))


def get_issue(issue_id: UUID) -> Issue:
    found = Issue.objects.get_or_none(id=issue_id)
    if found is None:
        raise NotFound()
    return found


def get_meeting(meeting_id: UUID) -> Meeting:
    found = Meeting.objects.get_or_none(id=meeting_id)
    if found is None:
        raise NotFound()
    return found


def said(row: ScoreRow) -> tuple[str, str]:
    """Say a row's newest figure and its target: ("61 h", "at most 48 h")."""
    unit = row.measure.unit
    return sentences.shown(row.last.value, unit), sentences.target_words(row.judged.target, row.measure.direction, unit)


def place_of(measure: Measure) -> int:
    """Return a measure's place in the catalogue, where it stands until the practice moves it."""
    return CATALOGUE.index(measure)


def stuck_things(*, by: Actor, at: datetime) -> tuple[list[Stuck], list[Stuck]]:
    """Return what is stuck as yours and somebody else's, the heaviest first."""
    zone = figures.zone_of_practice()
    chart = Chart(at.astimezone(zone).date())
    return split(stuck.stuck_things(at=at, chart=chart, zone=zone, books=Books()), by)


def decisions() -> QuerySet[Decision]:
    """Return what was decided, newest first, each with the issue it settled."""
    return Decision.objects.get_queryset().select_related("issue").order_by("-decided_at", "-id")
