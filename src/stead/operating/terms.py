"""The words of the numbers layer: what a measure is, what it counts, and how it is judged."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

Direction = Literal["at_least", "at_most"]
Group = Literal["Access", "Care", "Money", "People"]
Unit = Literal["count", "percent", "hours", "days", "dollars"]
Made = Literal["sum", "dollars", "share", "median", "third", "days_of_charges"]
"""How a figure comes out of its rows: their sum, their sum in cents, counted ÷ all in percent, the middle value, the
third lowest value, or what is owed ÷ a day's charges of 90 days."""

GROUPS: tuple[Group, ...] = ("Access", "Care", "Money", "People")


@dataclass(frozen=True)
class Week:
    """Monday to Sunday in the practice's own time zone; `ends_at` is the first instant of the next Monday."""

    start_date: date
    starts_at: datetime
    ends_at: datetime

    @property
    def last_date(self) -> date:
        return date.fromordinal(self.start_date.toordinal() + 6)


@dataclass(frozen=True)
class Measure:
    """One measure of the catalogue. `sql` yields the rows behind a week; the figure is made of exactly those rows."""

    key: str
    name: str
    note: str
    group: Group
    unit: Unit
    direction: Direction
    target: Decimal | None
    seat: str
    defined: str
    excluded: str
    made: Made
    sql: str
    row_head: str = "Value"


@dataclass(frozen=True)
class Figure:
    """A week's figure; `value` None means that nothing was there to count."""

    key: str
    week: date
    value: Decimal | None
    numerator: int
    denominator: int


@dataclass(frozen=True)
class NewTodo:
    """Something for exactly one person."""

    words: str
    owner_id: UUID
    due_date: date


@dataclass(frozen=True)
class NewIssue:
    """Something to settle. The same source is open at most once; without a source key any number may be."""

    title: str
    source_kind: str = "word"
    source_key: str = ""
    evidence: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Settlement:
    """How an issue ends: a decision, a to-do with one owner, or both; or dropped, with the reason as `why`."""

    decision: str = ""
    why: str = ""
    todo: NewTodo | None = None
    drop: bool = False
