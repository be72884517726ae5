"""From counted events to seconds: the keystroke-level model, with one rule for every job and every product.

Source: Card, Moran, Newell, Communications of the ACM 23(7), 1980. K .28 s, P 1.1, a button down or up .1, H .4,
M 1.35; half a second of machine for each view. Thinking about the content, talking and waiting are outside.

Worked case: three clicks, one search field and one view take 3 x 1.3 + 3.55 + 1.85 = 9.3 seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

CLICK, VIEW, MIND = 1.3, 1.85, 1.35
SEARCH_FIELD, OTHER_FIELD, PHONE_FIELD = 3.55, 4.95, 5.35


@dataclass(frozen=True)
class Counted:
    """What was counted in one stretch of a job."""

    clicks: int = 0
    search_fields: int = 0
    other_fields: int = 0
    views: int = 0
    loads: int = 0

    @property
    def fields(self) -> int:
        return self.search_fields + self.other_fields

    def __add__(self, other: Counted) -> Counted:
        return Counted(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


def seconds(counted: Counted, *, phone: bool = False) -> float:
    """Return the seconds that the hand, the eye and the machine take; nothing done takes none."""
    if counted == Counted():
        return 0.0
    search, other = (PHONE_FIELD, PHONE_FIELD) if phone else (SEARCH_FIELD, OTHER_FIELD)
    typed = search * counted.search_fields + other * counted.other_fields
    eye = VIEW * counted.views if counted.views else MIND
    return round(CLICK * counted.clicks + typed + eye, 2)


@dataclass(frozen=True)
class Bar:
    """What a job may take at most: `c+f/v [loads] <= s`. None is not limited."""

    clicks: int
    fields: int = 0
    views: int = 0
    loads: int | None = 0
    seconds: float | None = 0.0

    @property
    def words(self) -> str:
        loads = f" [{self.loads}]" if self.loads is not None else ""
        time = f" <= {self.seconds:g} s" if self.seconds is not None else ""
        return f"{self.clicks}+{self.fields}/{self.views}{loads}{time}"

    def holds(self, counted: Counted, *, phone: bool = False) -> bool:
        """Say whether nothing is above the bar."""
        most = ((counted.clicks, self.clicks), (counted.fields, self.fields), (counted.views, self.views),
                (counted.loads, self.loads), (seconds(counted, phone=phone), self.seconds))  # fmt: skip
        return all(limit is None or found <= limit for found, limit in most)
