"""Place appointments on the day grid by classes, because the content-security policy forbids style attributes."""

from dataclasses import dataclass
from datetime import datetime, time

ROW_MINUTES = 5
MOST_ROWS = 18 * 12  # the classes of calendar-grid.css reach this far
SHORT_MINUTES = 30


@dataclass(frozen=True, slots=True)
class Place:
    """Where a block stands in its column: CSS classes, and whether it has room for one line only."""

    classes: str
    short: bool


def place(start: time | datetime, minutes: int, *, opens: time, lane: int = 1) -> Place:
    """Return the classes for a block that starts at `start` and lasts `minutes`, in a column that opens at `opens`.

    A start before opening is cut at the column's head, an end beyond 18 hours at its foot. Lengths are rounded to whole
    rows, never to none.
    """
    offset = (start.hour - opens.hour) * 60 + start.minute - opens.minute
    visible = minutes + min(offset, 0)
    row = min(max(offset, 0) // ROW_MINUTES, MOST_ROWS - 1)
    rows = min(max(1, round(visible / ROW_MINUTES)), MOST_ROWS - row)
    lane_class = f" lane-{lane}" if lane > 1 else ""
    short = visible <= SHORT_MINUTES
    return Place(f"r{row} n{rows}{lane_class}{' short' if short else ''}", short)


def rows_between(opens: time, closes: time) -> int:
    """Count the five-minute rows of a column."""
    return ((closes.hour - opens.hour) * 60 + closes.minute - opens.minute) // ROW_MINUTES


def hour_labels(opens: time, closes: time) -> list[tuple[str, str]]:
    """Return (class, words) for each full hour: ("r0 n12", "8 am")."""
    first = opens.hour if opens.minute == 0 else opens.hour + 1
    return [
        (f"r{((hour - opens.hour) * 60 - opens.minute) // ROW_MINUTES} n12", _hour(hour))
        for hour in range(first, closes.hour)
    ]


def _hour(hour: int) -> str:
    return f"{hour % 12 or 12} {'am' if hour < 12 else 'pm'}"
