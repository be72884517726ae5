"""Weeks, runs and sentences."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stead.operating import rules, sentences
from stead.operating.terms import Direction, Unit

LOUISVILLE = ZoneInfo("America/Kentucky/Louisville")


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(ZoneInfo("UTC"))))
def test_every_instant_lies_in_exactly_one_week(at: datetime) -> None:
    week = rules.week_of(at, LOUISVILLE)
    assert week.starts_at <= at < week.ends_at
    assert week.start_date.weekday() == 0
    assert rules.week_of(week.ends_at, LOUISVILLE).starts_at == week.ends_at


def test_week_of_the_autumn_change_has_169_hours() -> None:
    week = rules.week_from(date(2026, 10, 26), LOUISVILLE)
    assert (week.ends_at.astimezone(ZoneInfo("UTC")) - week.starts_at.astimezone(ZoneInfo("UTC"))).total_seconds() == (
        169 * 3600
    )


def test_week_starts_on_a_monday_only() -> None:
    with pytest.raises(ValueError, match="Monday"):
        rules.week_from(date(2026, 11, 24), LOUISVILLE)


@pytest.mark.parametrize(
    ("values", "target", "direction", "words"),
    [
        ((46, 52, 55, 49, 58, 61), 48, "at_most", "5 weeks over"),
        ((77, 71, 69, 62, 58), 75, "at_least", "4 weeks under"),
        ((4, 4, 9), 4, "at_most", "1 week over"),
        ((30, 31, 32, 33, 34), 35, "at_most", "rising 4 weeks"),
        ((99, 98, 97, 96, 95.5), 95, "at_least", "falling 4 weeks"),
        ((99, 98, 97, 96), 95, "at_least", "on target 4 weeks"),
        ((50, 10, 9, 8), 48, "at_most", "on target 3 weeks"),
        ((50, 40, None), 48, "at_most", "no figure yet"),
        ((5,), None, "at_most", "no target yet"),
        ((), 5, "at_most", "no figure yet"),
        ((None, 40), 48, "at_most", "on target 1 week"),
    ],
)
def test_run_says_the_newest_weeks(
    values: tuple[float | None, ...], target: int | None, direction: Direction, words: str
) -> None:
    given_values = [None if v is None else Decimal(str(v)) for v in values]
    assert rules.run_of(given_values, None if target is None else Decimal(target), direction).words == words


@pytest.mark.parametrize(
    ("on", "judged", "title"),
    [
        (7, 12, "Seven of twelve on target"),
        (12, 12, "All twelve on target"),
        (0, 3, "None of three on target"),
        (1, 1, "The one measure is on target"),
        (0, 0, "No measure has a figure and a target yet"),
    ],
)
def test_scorecard_title(on: int, judged: int, title: str) -> None:
    assert sentences.scorecard_title(on, judged) == title


@pytest.mark.parametrize(
    ("stuck", "yours", "title"),
    [
        (6, 2, "Six things are stuck. Two are yours."),
        (1, 1, "One thing is stuck. It is yours."),
        (3, 3, "Three things are stuck. All are yours."),
        (2, 0, "Two things are stuck. None is yours."),
        (4, 1, "Four things are stuck. One is yours."),
        (0, 0, "Nothing is stuck."),
    ],
)
def test_stuck_title(stuck: int, yours: int, title: str) -> None:
    assert sentences.stuck_title(stuck, yours) == title


@pytest.mark.parametrize(
    ("value", "unit", "short", "words"),
    [
        ("61.4", "hours", False, "61 h"),
        ("61.4", "hours", True, "61"),
        ("11.24", "percent", True, "11.2%"),
        ("75", "percent", True, "75%"),
        ("34.83", "days", True, "34.8"),
        ("46912.5", "dollars", True, "46.9"),
        ("46912.5", "dollars", False, "$46,912.50"),
        ("288", "count", True, "288"),
    ],
)
def test_figure_is_written_with_its_unit(value: str, unit: Unit, short: bool, words: str) -> None:
    assert sentences.shown(Decimal(value), unit, short=short) == words
