"""Open cases by playbook and stage, each case one stroke at its age against the limit of its stage."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from stead.operating.links import address
from stead.operating.people import Chart
from stead.platform.ui import words
from stead.processes.models import Case, PlaybookVersion

FIRST = "new_patient_intake"


@dataclass
class StageLine:
    """One stage of one playbook with its open cases; `shares` are ages as parts of the limit."""

    number: int
    name: str
    owner: str
    open: int
    shares: list[float]
    oldest: str
    over: bool
    url: str
    label: str


@dataclass
class BookLines:
    """One playbook; `lines` follow its stages."""

    name: str
    open: int
    over: int
    lines: list[StageLine] = field(default_factory=list)

    @property
    def said(self) -> str:
        return f"{self.open} open, {self.over} over" if self.over else f"{self.open} open"


@dataclass(frozen=True)
class _Aged:
    key: str
    stage: str
    seat: str
    owner: str
    minutes: float
    share: float


class Books:
    """The published playbooks in one query, for their names and those of their stages."""

    def __init__(self) -> None:
        rows = PlaybookVersion.objects.filter(state="published")
        found = rows.values_list("playbook__key", "playbook__name", "document")
        self.by_key: dict[str, tuple[str, Any]] = {key: (name, document) for key, name, document in found}

    def name(self, key: str) -> str:
        return self.by_key[key][0] if key in self.by_key else key.replace("_", " ").capitalize()

    def stages(self, key: str) -> list[Any]:
        return list(self.by_key.get(key, ("", {}))[1].get("stages", []))

    def stage(self, key: str, stage: str) -> str:
        """Return a stage's own name, else its key in words."""
        found = next((s.get("name") for s in self.stages(key) if s["key"] == stage), None)
        return str(found or stage.replace("_", " ").capitalize())


def case_lines(at: datetime, chart: Chart, books: Books) -> list[BookLines]:
    """Return intake by stage, then the other playbooks one line each, in one query."""
    rows = Case.objects.filter(state="open").values_list(
        "playbook_key", "stage_key", "owner_seat_key", "owner_staff__name", "stage_entered_at", "due_at"
    )
    cases = [_aged(at, *row) for row in rows]
    mine = [c for c in cases if c.key == FIRST]
    found = [_by_stage(mine, books, chart)] if mine or FIRST in books.by_key else []
    others = _others([c for c in cases if c.key != FIRST], books, chart)
    return [*found, *([others] if others.lines else [])]


def _aged(
    at: datetime, key: str, stage: str, seat: str, owner: str | None, entered: datetime, due: datetime | None
) -> _Aged:
    age = (at - entered).total_seconds()
    limit = (due - entered).total_seconds() if due else 0
    return _Aged(key, stage, seat, owner or "", age / 60, age / limit if limit > 0 else (2.0 if due else 0.0))


def _by_stage(cases: list[_Aged], books: Books, chart: Chart) -> BookLines:
    by_stage: dict[str, list[_Aged]] = defaultdict(list)
    for case in cases:
        by_stage[case.stage].append(case)
    known = [(s["key"], s.get("name") or s["key"], s.get("owner", "")) for s in books.stages(FIRST)]
    known += [
        (k, k.replace("_", " ").capitalize(), c[0].seat) for k, c in by_stage.items() if k not in dict(_two(known))
    ]
    book = BookLines(books.name(FIRST), len(cases), sum(c.share > 1 for c in cases))
    for number, (key, said, seat) in enumerate(known, start=1):
        if by_stage[key]:
            url = address("processes_cases", playbook=FIRST, stage=key)
            book.lines.append(_line(number, said, seat, by_stage[key], chart, url))
    return book


def _two(known: list[tuple[str, str, str]]) -> list[tuple[str, str]]:
    return [(key, said) for key, said, _ in known]


def _others(cases: list[_Aged], books: Books, chart: Chart) -> BookLines:
    by_key: dict[str, list[_Aged]] = defaultdict(list)
    for case in cases:
        by_key[case.key].append(case)
    found = BookLines("Other playbooks", len(cases), sum(c.share > 1 for c in cases))
    for key, rows in sorted(by_key.items()):
        found.lines.append(
            _line(0, books.name(key), rows[0].seat, rows, chart, address("processes_cases", playbook=key))
        )
    return found


def _line(number: int, name: str, seat: str, cases: list[_Aged], chart: Chart, url: str) -> StageLine:
    names = sorted({c.owner for c in cases})
    owner = names[0] if len(names) == 1 else chart.find(seat).holder if seat else ""
    shares = sorted(round(c.share, 3) for c in cases)
    over = sum(s > 1 for s in shares)
    label = f"{name}: {len(cases)} open, {over} over their limit"
    oldest = words.length(max(c.minutes for c in cases))
    return StageLine(number, name, owner, len(cases), shares, oldest, over > 0, url, label)
