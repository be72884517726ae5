"""The days on which Linden Street is closed: federal holidays as they are observed, and the day after Thanksgiving.

Source: 5 U.S.C. 6103; a holiday on a Saturday is kept on the Friday before, one on a Sunday on the Monday after.
"""

from __future__ import annotations

from datetime import date, timedelta

MON, THU, SAT, SUN = 0, 3, 5, 6
FIXED = ((1, 1, "New Year's Day"), (6, 19, "Juneteenth"), (7, 4, "Independence Day"), (11, 11, "Veterans Day"),
         (12, 25, "Christmas Day"))  # fmt: skip
NTH = (
    (1, MON, 3, "Martin Luther King Jr. Day"),
    (2, MON, 3, "Presidents' Day"),
    (9, MON, 1, "Labor Day"),
    (10, MON, 2, "Columbus Day"),
    (11, THU, 4, "Thanksgiving"),
)
"""Month, weekday, which one of the month."""


def closed_days(first: date, last: date) -> dict[date, str]:
    """Return the closed days between two dates, both included, with their names."""
    found: dict[date, str] = {}
    for year in range(first.year, last.year + 2):  # New Year's Day may be kept in the old year
        found |= _of_year(year)
    return {day: name for day, name in sorted(found.items()) if first <= day <= last}


def _of_year(year: int) -> dict[date, str]:
    days = {_observed(date(year, month, day)): name for month, day, name in FIXED}
    days |= {_nth(year, month, weekday, n): name for month, weekday, n, name in NTH}
    days[_last_monday_of_may(year)] = "Memorial Day"
    thanksgiving = next(day for day, name in days.items() if name == "Thanksgiving")
    return days | {thanksgiving + timedelta(days=1): "Day after Thanksgiving"}


def _nth(year: int, month: int, weekday: int, n: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (n - 1))


def _last_monday_of_may(year: int) -> date:
    last = date(year, 5, 31)
    return last - timedelta(days=last.weekday())


def _observed(day: date) -> date:
    return day + timedelta(days={SAT: -1, SUN: 1}.get(day.weekday(), 0))
