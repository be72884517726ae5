"""Read a day out of an address: one that people could mean, so that the day before and the week after exist too."""

from __future__ import annotations

from datetime import date

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)


def read_day(text: str) -> date:
    """Read 2026-11-24. Raises ValueError for what is no such day, or a day of another age."""
    day = date.fromisoformat(text)
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError("no day of our time")
    return day
