"""The agenda of the weekly meeting, which fills itself.

In its order: numbers off target, issues, to-dos late, blank seats, cases that stall.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from stead.operating import queries, sentences
from stead.operating.models import Decision, Issue, Meeting, Todo
from stead.operating.people import Chart
from stead.platform.ui import words
from stead.processes.models import Case

STALLED_SHOWN = 10


@dataclass(frozen=True)
class TodoLine:
    id: str
    words: str
    owner: str
    due: str
    late: bool
    days_late: int
    mine: bool
    due_order: date


@dataclass(frozen=True)
class StalledCase:
    id: str
    title: str
    owner: str
    since: str


@dataclass(frozen=True)
class Agenda:
    """What the meeting has in front of it, in its order."""

    off: Sequence[queries.ScoreRow]
    raised: frozenset[str]
    issues: Sequence[Issue]
    todos: Sequence[TodoLine]
    blank: Sequence[str]
    stalled: Sequence[StalledCase]
    stalled_more: int

    @property
    def items(self) -> int:
        fresh = [r for r in self.off if r.measure.key not in self.raised]
        return len(fresh) + len(self.issues) + len(self.todos) + len(self.blank) + len(self.stalled) + self.stalled_more


def agenda(*, at: datetime, today: date, card: queries.Scorecard, chart: Chart) -> Agenda:
    """Return the agenda as it stands now."""
    issues = queries.open_issues()
    stalled = Case.objects.filter(state="open", due_at__lt=at).order_by("due_at")
    shown = [
        StalledCase(str(i), title, name or "", words.length((at - due).total_seconds() / 60 if due else 0))
        for i, title, name, due in stalled.values_list("id", "title", "owner_staff__name", "due_at")[:STALLED_SHOWN]
    ]
    more = max(0, stalled.count() - STALLED_SHOWN) if len(shown) == STALLED_SHOWN else 0
    return Agenda(
        off=card.off,
        raised=frozenset(i.source_key for i in issues if i.source_kind == "measure"),
        issues=issues,
        todos=[t for t in todos(today) if t.late],
        blank=[n.name for n in chart.names if not n.staff_id],
        stalled=shown,
        stalled_more=more,
    )


def todos(today: date, *, mine: Any = None, done: bool = False) -> list[TodoLine]:
    """Return to-dos, the longest overdue first; `done` the finished ones, newest first."""
    rows = Todo.objects.filter(done_at__isnull=not done)
    ordered = rows.order_by("-done_at")[:50] if done else rows.order_by("due_date", "made_at")
    return [
        TodoLine(str(i), said, owner, words.day(due), due < today, max(0, (today - due).days), owner_id == mine, due)
        for i, said, owner, owner_id, due in ordered.values_list("id", "words", "owner__name", "owner_id", "due_date")
    ]


def minutes_of(meeting: Meeting, found: Agenda, *, notes: str, present: Sequence[str]) -> dict[str, Any]:
    """Write down what the meeting had in front of it and what it decided."""
    settled = Issue.objects.filter(meeting_id=meeting.id).exclude(state="open").order_by("settled_at")
    decided = Decision.objects.filter(issue__meeting_id=meeting.id).order_by("decided_at")
    made = Todo.objects.filter(issue__meeting_id=meeting.id).order_by("made_at").values_list("words", "owner__name")
    return {
        "notes": notes.strip()[:5000],
        "present": list(present),
        "off_target": [f"{r.measure.name}: {' , '.join(queries.said(r)).replace(' ,', ',')}" for r in found.off],
        "settled": [i.title for i in settled],
        "decisions": [{"what": d.what, "why": d.why, "by": d.by_name} for d in decided],
        "todos": [{"words": said, "owner": owner} for said, owner in made],
        "carried": [i.title for i in found.issues],
    }


def title(items: int, when: str) -> str:
    """Write the page's title: "Nine items for today's 1:00 pm"."""
    if items == 0:
        return "Nothing waits for the meeting"
    return (
        f"{words.count(items, 'item', start=True)} for {when}"
        if when
        else f"{words.count(items, 'item', start=True)} wait for a meeting"
    )


def cell_words(row: queries.ScoreRow) -> str:
    return sentences.shown(row.last.value, row.measure.unit)
