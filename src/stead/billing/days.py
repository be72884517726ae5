"""Which calendar day a moment is for the practice's books."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from stead.practice.queries import practice_zone


def book_zone() -> ZoneInfo:
    """Return the time zone of the books: that of the practice's first location."""
    return practice_zone()


def book_day(at: datetime) -> date:
    """Return the day on which a posting of this moment counts."""
    return at.astimezone(book_zone()).date()
