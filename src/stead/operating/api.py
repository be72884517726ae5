"""The numbers by API: the catalogue, the scorecard, and the rows behind a figure."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from ninja import Router, Schema

from stead.operating import figures, queries
from stead.operating.people import Chart
from stead.operating.times import Local
from stead.platform.access import log
from stead.platform.refusals import NotFound
from stead.platform.web.door import PageRequest
from stead.platform.web.tokens import token

router = Router(tags=["measures"])


class MeasureOut(Schema):
    key: str
    name: str
    group: str
    unit: str
    direction: str
    target: Decimal | None
    owner_seat: str
    owner: str
    defined: str
    excluded: str
    on_scorecard: bool


class WeekOut(Schema):
    week: date
    value: Decimal | None
    off: bool


class ScoreOut(Schema):
    key: str
    name: str
    unit: str
    target: Decimal | None
    owner: str
    run: str
    weeks: list[WeekOut]


class RowOut(Schema):
    counts: int
    among: int
    value: Decimal | None
    row_id: UUID
    patient_id: UUID | None
    staff_id: UUID | None
    location_id: UUID | None
    at: datetime
    note: str


@router.get("/measures", response=list[MeasureOut])
@token("numbers.read")
def measures(request: PageRequest) -> list[MeasureOut]:
    """The catalogue as this practice uses it."""
    return [
        MeasureOut(
            key=j.measure.key,
            name=j.measure.name,
            group=j.measure.group,
            unit=j.measure.unit,
            direction=j.measure.direction,
            target=j.target,
            owner_seat=j.seat,
            owner=j.owner.holder,
            defined=j.measure.defined,
            excluded=j.measure.excluded,
            on_scorecard=j.on_scorecard,
        )
        for j in queries.measures(Chart(Local.of(request).today), hidden=True)
    ]


@router.get("/scorecard", response=list[ScoreOut])
@token("numbers.read")
def scorecard(request: PageRequest) -> list[ScoreOut]:
    """Thirteen closed weeks of every measure on the scorecard, oldest first."""
    local = Local.of(request)
    card = queries.scorecard(at=request.at, chart=Chart(local.today), zone=local.zone)
    figures.keep(card.found, card.weeks, request.at)
    return [
        ScoreOut(
            key=r.measure.key,
            name=r.measure.name,
            unit=r.measure.unit,
            target=r.judged.target,
            owner=r.judged.owner.holder,
            run=r.run.words,
            weeks=[WeekOut(week=c.week.start_date, value=c.value, off=c.off) for c in r.cells],
        )
        for r in card.rows
    ]


@router.get("/measures/{key}/weeks/{week}/rows", response=list[RowOut])
@token("numbers.rows")
def rows(request: PageRequest, key: str, week: date) -> list[figures.Row]:
    """The rows of which one week's figure is made; `week` is its Monday, and the week must be over."""
    if week.weekday() or queries.get_week(week, Local.of(request).zone).ends_at > request.at:
        raise NotFound()
    found = queries.figure_rows(key, week)
    log.reads_all(r.patient_id for r in found)
    return found
