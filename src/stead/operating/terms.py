"""The words of the numbers layer: what a measure is, what it counts, and how it is judged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

Direction = Literal["at_least", "at_most"]
Group = Literal["Access", "Care", "Money", "People"]
Unit = Literal["count", "percent", "hours", "days", "dollars"]
Made = Literal["sum", "share", "median", "third", "days_of_charges"]
"""How a figure comes out of its rows: their sum, counted ÷ all in percent, the middle value, the third lowest value, or
what is owed ÷ a day's charges of 90 days."""

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
    owner_id: str
    due_date: date
