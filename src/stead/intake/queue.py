"""The coordinator's queue, ready to print: which case, at which stage, since when, what is missing, whose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import QueryDict

from stead.intake.models import IntakeRequest
from stead.platform.ui import words
from stead.platform.ui.parts import Choice, Filter, FilterBar
from stead.practice.queries import Calendars
from stead.processes.models import Case, CaseItem
from stead.processes.queries import clock_words

CSV_HEAD = ("case", "patient", "stage", "since", "due", "waiting_on", "missing", "whose", "alert", "source")
SORTS = ("due", "stage", "name", "whose", "since")
ALERTS = ("crisis", "urgent", "")
WAITING = {"us": "us", "patient": "the patient", "payer": "the payer", "other": "others"}


@dataclass(frozen=True)
class Chosen:
    """What the address asks for."""

    stage: str = ""
    owner: str = ""
    state: str = ""
    sort: str = "due"

    @classmethod
    def read(cls, query: QueryDict) -> Chosen:
        sort = query.get("sort", "due")
        return cls(
            stage=query.get("stage", "")[:40],
            owner=query.get("owner", "") if query.get("owner") in ("me", "noone") else "",
            state=query.get("state", "") if query.get("state") in ("over", "urgent", "patient") else "",
            sort=sort if sort.lstrip("-") in SORTS else "due",
        )

    def any(self) -> bool:
        return bool(self.stage or self.owner or self.state)


@dataclass(frozen=True)
class Row:
    """One case of the queue."""

    case_id: UUID
    number: int
    patient_id: UUID | None
    name: str
    stage: str
    stage_no: int
    stages: int
    stage_key: str
    since: str
    since_at: datetime
    due_at: datetime | None
    clock: str
    over: bool
    missing: str
    waiting: str
    waiting_on: str
    whose: str
    owner_id: UUID | None
    alert: str
    source: str
    duplicate: bool


def rows(cases: Iterable[Case], requests: Mapping[UUID, IntakeRequest], at: datetime) -> list[Row]:
    calendars = Calendars()
    return [_row(case, requests.get(case.subject_id), at, calendars) for case in cases]


def _row(case: Case, request: IntakeRequest | None, at: datetime, calendars: Calendars) -> Row:
    stages = case.version.document.get("stages", [])
    place = next((n for n, s in enumerate(stages) if s["key"] == case.stage_key), 0)
    missing: list[CaseItem] = getattr(case, "missing_items", [])
    here = [item for item in missing if item.stage_key == case.stage_key]
    over = case.due_at is not None and at > case.due_at
    patient = case.patient
    return Row(
        case_id=case.id,
        number=case.number,
        patient_id=case.patient_id,
        name=patient.shown_name if patient else case.title,
        stage=stages[place]["name"] if stages else case.stage_key,
        stage_no=place + 1,
        stages=len(stages),
        stage_key=case.stage_key,
        since=words.length((at - case.stage_entered_at).total_seconds() / 60, "en"),
        since_at=case.stage_entered_at,
        due_at=case.due_at,
        clock=clock_words(case, at, calendars.of(case.location_id)),
        over=over,
        missing=words.first_few([i.words for i in here], 2),
        waiting=WAITING.get(case.waiting_on, case.waiting_on),
        waiting_on=case.waiting_on,
        whose=case.owner_staff.name if case.owner_staff else "",
        owner_id=case.owner_staff_id,
        alert=case.alert,
        source=request.source if request else "",
        duplicate=request is not None and request.possible_duplicate_of_id is not None,
    )


def choose(found: list[Row], chosen: Chosen, me: UUID) -> list[Row]:
    """Return the rows that the address asks for: crises, then urgent ones, each in the chosen order."""
    kept = [
        row
        for row in found
        if (not chosen.stage or row.stage_key == chosen.stage)
        and (chosen.owner != "me" or row.owner_id == me)
        and (chosen.owner != "noone" or row.owner_id is None)
        and (chosen.state != "over" or row.over)
        and (chosen.state != "urgent" or row.alert)
        and (chosen.state != "patient" or row.waiting_on == "patient")
    ]
    far = datetime.max.replace(tzinfo=kept[0].since_at.tzinfo) if kept else datetime.max
    keys: dict[str, Any] = {
        "due": lambda r: r.due_at or far,
        "stage": lambda r: r.stage_no,
        "name": lambda r: r.name.casefold(),
        "whose": lambda r: (not r.whose, r.whose),
        "since": lambda r: r.since_at,
    }
    kept.sort(key=keys[chosen.sort.lstrip("-")], reverse=chosen.sort.startswith("-"))
    return sorted(kept, key=lambda r: ALERTS.index(r.alert))


def sentence(found: list[Row], me: UUID) -> str:
    """Say the state of the queue: how many are over their limit, how many of them are yours."""
    if not found:
        return "Nobody waits in intake."
    crises, urgent = sum(r.alert == "crisis" for r in found), sum(r.alert == "urgent" for r in found)
    over = [r for r in found if r.over]
    if crises:
        return f"{words.count(crises, 'person', 'people', 'en', start=True)} may be in danger. Call first."
    if urgent:
        return f"{words.count(urgent, 'request', start=True)} {'is' if urgent == 1 else 'are'} urgent. Call first."
    if not over:
        return f"{words.count(len(found), 'person', 'people', 'en', start=True)} in intake. Nobody waits too long."
    yours = sum(r.owner_id == me for r in over)
    verb = "waits" if len(over) == 1 else "wait"
    tail = f" {words.number_word(yours, 'en', start=True)} {'is' if yours == 1 else 'are'} yours." if yours else ""
    return f"{words.count(len(over), 'person', 'people', 'en', start=True)} {verb} longer than the limit.{tail}"


def bar(found: list[Row], shown: int, chosen: Chosen) -> FilterBar:
    stages = {row.stage_key: row.stage for row in sorted(found, key=lambda r: r.stage_no)}
    owners = {"": "everybody", "me": "me", "noone": "no one"}
    states = {"": "any", "over": "over the limit", "urgent": "urgent or crisis", "patient": "waiting on the patient"}
    return FilterBar(
        (
            _filter("stage", "Stage", {"": "all", **stages}, chosen.stage),
            _filter("owner", "Owner", owners, chosen.owner),
            _filter("state", "State", states, chosen.state),
        ),
        count=words.tally(shown, "case"),
        clear_url="?" if chosen.any() else "",
        kept=(("sort", chosen.sort),),
    )


def _filter(name: str, label: str, choices: Mapping[str, str], value: str) -> Filter:
    return Filter(name, label, choices.get(value, "all"), [Choice(k, v, k == value) for k, v in choices.items()])


def csv_row(r: Row) -> tuple[object, ...]:
    due = r.due_at.isoformat() if r.due_at else ""
    return (
        r.number,
        r.name,
        r.stage,
        r.since_at.isoformat(),
        due,
        r.waiting,
        r.missing,
        r.whose or "No one",
        r.alert,
        r.source,
    )
