"""Pure rules of the scorecard: weeks, off target or not, and the newest run of weeks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from stead.operating.terms import Direction, Week

RISING_FROM = 4
"""From this many steps in the wrong direction a measure that is still on target is shown as close to its limit."""
SETTLES_AFTER = timedelta(hours=1)
"""A week is kept only this long after it ended: no transaction that began inside it can still be open then."""


def week_of(at: datetime, zone: ZoneInfo) -> Week:
    """Return the week that holds the instant."""
    local = at.astimezone(zone).date()
    return week_from(local - timedelta(days=local.weekday()), zone)


def week_from(monday: date, zone: ZoneInfo) -> Week:
    """Return the week that starts on this Monday; it has 167 or 169 hours when the clocks change in it."""
    if monday.weekday():
        raise ValueError("A week starts on a Monday.")
    return Week(monday, _midnight(monday, zone), _midnight(monday + timedelta(days=7), zone))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def closed_weeks(at: datetime, zone: ZoneInfo, number: int) -> list[Week]:
    """Return the last closed weeks before the one that is running, oldest first."""
    running = week_of(at, zone).start_date
    return [week_from(running - timedelta(days=7 * back), zone) for back in range(number, 0, -1)]


def is_settled(week: Week, at: datetime) -> bool:
    return at >= week.ends_at + SETTLES_AFTER


def is_off(value: Decimal | None, target: Decimal | None, direction: Direction) -> bool:
    """Say whether a figure misses its target; without a figure or a target nothing is off."""
    if value is None or target is None:
        return False
    return value < target if direction == "at_least" else value > target


def weeks_off(offs: Sequence[bool]) -> int:
    """Count how many of the newest weeks are off in a row."""
    number = 0
    for off in reversed(offs):
        if not off:
            break
        number += 1
    return number


def weeks_worse(values: Sequence[Decimal | None], direction: Direction) -> int:
    """Count the newest steps in a row that went in the wrong direction."""
    number = 0
    for newer, older in zip(reversed(values), list(reversed(values))[1:], strict=False):
        if newer is None or older is None:
            break
        if not (newer > older if direction == "at_most" else newer < older):
            break
        number += 1
    return number


@dataclass(frozen=True)
class Run:
    """How the newest weeks go, as a mark with words."""

    mark: str
    words: str
    off: int = 0


def run_of(values: Sequence[Decimal | None], target: Decimal | None, direction: Direction) -> Run:
    """Say the newest run of a measure: "5 weeks over", "rising 6 weeks", "on target 13 weeks"."""
    if not values or values[-1] is None:
        return Run("unknown", "no figure yet")
    if target is None:
        return Run("booked", "no target yet")
    offs = [is_off(value, target, direction) for value in values]
    side = "over" if direction == "at_most" else "under"
    if off := weeks_off(offs):
        return Run("over", f"{off} {'week' if off == 1 else 'weeks'} {side}", off)
    if (worse := weeks_worse(values, direction)) >= RISING_FROM:
        return Run("close", f"{'rising' if direction == 'at_most' else 'falling'} {worse} weeks")
    known = [not off and value is not None for off, value in zip(offs, values, strict=True)]
    on = weeks_off(known)
    return Run("met", f"on target {on} {'week' if on == 1 else 'weeks'}")
