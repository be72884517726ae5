"""The scorecard and the opened cell in words and classes, ready to print."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.safestring import SafeString

from stead.operating import figures, queries, rules, sentences
from stead.operating.links import address
from stead.operating.people import location_names, names_of
from stead.operating.strip import strip
from stead.operating.terms import GROUPS, Measure, Week
from stead.patients.models import Patient
from stead.platform.ui import words

IN_PANEL = 12
ON_A_PHONE = 3
"""On a phone the last three weeks stand in the row; the others are in the panel's page and in the export."""


def scorecard(card: queries.Scorecard, opened: tuple[str, str]) -> list[dict[str, Any]]:
    """Return the groups with their rows; each row with its cells as (words, address, classes)."""
    return [
        {"name": group, "rows": rows}
        for group in GROUPS
        if (rows := [_row(r, opened) for r in card.rows if r.measure.group == group])
    ]


def _row(row: queries.ScoreRow, opened: tuple[str, str]) -> dict[str, Any]:
    measure = row.measure
    return {
        "key": measure.key,
        "name": measure.name,
        "note": measure.note,
        "owner": row.judged.owner.holder,
        "seat": row.judged.owner.name,
        "target": sentences.target_words(row.judged.target, measure.direction, measure.unit),
        "cells": [
            _cell(measure, cell, opened, cell is row.cells[-1], cell in row.cells[:-ON_A_PHONE]) for cell in row.cells
        ],
        "mark": _trend_mark(row),
        "run": row.run.words,
        "tone": {"over": "brick", "close": "ochre"}.get(row.run.mark, ""),
        "opened": opened[0] == measure.key,
    }


def _trend_mark(row: queries.ScoreRow) -> str:
    """A small triangle that points where the figure went; a tick on target."""
    if row.run.mark == "over":
        return "up" if row.measure.direction == "at_most" else "down"
    return row.run.mark


def _cell(measure: Measure, cell: queries.Cell, opened: tuple[str, str], last: bool, old: bool) -> dict[str, Any]:
    week = cell.week.start_date.isoformat()
    here = opened == (measure.key, week)
    classes = [name for name, so in (("off", cell.off), ("last", last), ("opened", here), ("old", old)) if so]
    return {
        "words": sentences.shown(cell.value, measure.unit, short=True),
        "url": f"?open={measure.key}&week={week}#m-{measure.key}" if not here else f"?#m-{measure.key}",
        "css": " ".join(classes),
        "plain": not cell.off and not last,
        "here": here,
        "none": cell.value is None,
        "label": f"week ending {words.day(cell.week.last_date)}",
    }


def week_heads(weeks: Sequence[Week]) -> list[tuple[str, bool]]:
    """Head the columns by the day the week ends, the month where it changes; and whether a phone leaves it out."""
    found: list[tuple[str, bool]] = []
    before = 0
    for place, week in enumerate(weeks):
        last = week.last_date
        old = place < len(weeks) - ON_A_PHONE
        found.append((words.day(last) if last.month != before else str(last.day), old))
        before = last.month
    return found


@dataclass(frozen=True)
class Panel:
    """An opened cell: its heading, its rows, what they add up to, and how it is counted."""

    head: str
    measure: Measure
    week: Week
    rows: Sequence[dict[str, Any]]
    total: int
    adds: str
    adds_value: str
    facts: Sequence[tuple[str, str]]
    chart: SafeString | str
    patient_ids: Sequence[UUID]

    @property
    def more(self) -> int:
        return self.total - len(self.rows)


def panel(row: queries.ScoreRow, cell: queries.Cell, zone: ZoneInfo, *, limit: int | None = IN_PANEL) -> Panel:
    """Return the panel of a cell with at most `limit` rows; the sum is always that of all rows."""
    measure = row.measure
    behind = figures.rows(measure, cell.week, zone)
    shown = behind if limit is None else behind[:limit]
    value = figures.made_of(measure, behind)
    return Panel(
        head=f"{_head(measure, value)}, week ending {words.long_day(cell.week.last_date).split(', ')[1]}",
        measure=measure,
        week=cell.week,
        rows=_lines(measure, shown, row.judged.target, zone),
        total=len(behind),
        adds=_adds(measure, behind),
        adds_value=sentences.shown(value, measure.unit),
        facts=_facts(row, behind),
        chart=_chart(measure, behind, row.judged.target, value),
        patient_ids=[r.patient_id for r in shown if r.patient_id],
    )


def _head(measure: Measure, value: Decimal | None) -> str:
    if value is None:
        return f"{measure.name}: nothing to count"
    said = sentences.shown(value, measure.unit)
    if measure.unit == "hours":
        return f"{value:.0f} hours"
    return f"{said.removesuffix(' d')} days" if measure.unit == "days" else f"{measure.name}: {said}"


def _lines(
    measure: Measure, rows: Sequence[figures.Row], target: Decimal | None, zone: ZoneInfo
) -> list[dict[str, Any]]:
    patients = {
        i: f"{preferred or first} {last}"
        for i, first, preferred, last in Patient.objects.filter(
            id__in={r.patient_id for r in rows if r.patient_id}
        ).values_list("id", "first_name", "preferred_name", "last_name")
    }
    people = names_of(r.staff_id for r in rows)
    places = location_names(r.location_id for r in rows)
    return [
        {
            "value": _value(measure, r),
            "against": _is_against(measure, r, target),
            "patient": patients.get(r.patient_id, "") if r.patient_id else "",
            "patient_url": address("patients_record", r.patient_id) if r.patient_id else "",
            "who": people.get(r.staff_id, "") if r.staff_id else "",
            "where": places.get(r.location_id, "") if r.location_id else "",
            "note": r.note,
            "when": words.day_with_weekday(r.at.astimezone(zone).date()),
        }
        for r in rows
    ]


def _value(measure: Measure, row: figures.Row) -> str:
    if row.value is None:
        return sentences.NOTHING if measure.key in ("ready_booked", "notes_72h") else "yes" if row.counts else "no"
    if measure.group == "Money":
        return words.money(int(row.value * 100), cents=True)
    return (
        f"{row.value:.0f}" if measure.unit in ("hours", "count") or row.value == int(row.value) else f"{row.value:.1f}"
    )


def _is_against(measure: Measure, row: figures.Row, target: Decimal | None) -> bool:
    """Say whether this row is one of those that pull the figure away from its target."""
    if measure.made == "share":
        return row.counts == (0 if measure.direction == "at_least" else 1)
    if measure.made in ("median", "third"):
        return rules.is_off(row.value, target, measure.direction)
    return False


def _adds(measure: Measure, rows: Sequence[figures.Row]) -> str:
    """Say how the rows come to the figure."""
    counts, number = sum(r.counts for r in rows), len(rows)
    among = sum(r.among for r in rows)
    match measure.made:
        case "share":
            return f"{words.grouped(counts)} of {words.grouped(among)}"
        case "median":
            return f"the middle of {words.grouped(number)}"
        case "third":
            return "the third"
        case "days_of_charges":
            return f"{words.money(counts)} owed, {words.money(among)} charged in 90 days"
        case _:
            return f"{words.grouped(number)} {'row' if number == 1 else 'rows'}"


def _facts(row: queries.ScoreRow, rows: Sequence[figures.Row]) -> list[tuple[str, str]]:
    measure = row.measure
    target = sentences.target_words(row.judged.target, measure.direction, measure.unit)
    found = [("Measured as", measure.defined), ("Not counted", measure.excluded), ("Target", target)]
    if split := _by_location(measure, rows):
        found.append(("By location", split))
    if row.run.off > 1:
        found.append(("Off since", f"the week ending {words.day(row.cells[-row.run.off].week.last_date)}"))
    return found


def _by_location(measure: Measure, rows: Sequence[figures.Row]) -> str:
    by_place: dict[UUID, list[figures.Row]] = defaultdict(list)
    for row in rows:
        if row.location_id:
            by_place[row.location_id].append(row)
    if len(by_place) < 2 or measure.made in ("third", "days_of_charges"):
        return ""
    names = location_names(by_place)
    said = [
        f"{names.get(place, 'elsewhere')} {sentences.shown(figures.made_of(measure, of), measure.unit)}"
        for place, of in by_place.items()
    ]
    return ", ".join(sorted(said))


def _chart(
    measure: Measure, rows: Sequence[figures.Row], target: Decimal | None, value: Decimal | None
) -> SafeString | str:
    values = [float(r.value) for r in rows if r.value is not None]
    if measure.made != "median" or target is None or value is None or len(values) < 2:
        return ""
    return strip(values, target=float(target), middle=float(value), unit="h")
