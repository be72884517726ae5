"""The story of the demo: closed days are those of the law, notes are nobody else's, the same seed tells the same."""

from __future__ import annotations

from datetime import UTC, date, datetime
from random import Random
from uuid import UUID

import pytest

from stead.care.terms import TEMPLATES
from stead.simulation.demo.create import SEED
from stead.simulation.demo.history import Story
from stead.simulation.demo.holidays import closed_days
from stead.simulation.demo.rows import Ids
from stead.simulation.notes import Writer

SATURDAY = datetime(2026, 11, 28, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 11, 26), "Thanksgiving"),
        (date(2026, 11, 27), "Day after Thanksgiving"),
        (date(2026, 7, 3), "Independence Day"),  # the fourth is a Saturday
        (date(2027, 12, 31), "New Year's Day"),  # of 2028, which begins on a Saturday
        (date(2027, 1, 18), "Martin Luther King Jr. Day"),
        (date(2026, 5, 25), "Memorial Day"),
        (date(2027, 12, 24), "Christmas Day"),
    ],
)
def test_holiday_is_kept_on_its_day(day: date, words: str) -> None:
    assert closed_days(day, day) == {day: words}


def test_twelve_days_of_2026_are_closed_and_none_is_at_a_weekend() -> None:
    days = closed_days(date(2026, 1, 1), date(2026, 12, 31))
    assert len(days) == 12
    assert all(day.weekday() < 5 for day in days)


def told(now: datetime) -> Story:
    closed = closed_days(date(now.year - 1, 1, 1), date(now.year + 1, 12, 31))
    story = Story(now, frozenset(closed), SEED, Ids(Random(SEED)))
    story.live()
    return story


@pytest.mark.parametrize("now", [SATURDAY, datetime(2026, 7, 8, 12, tzinfo=UTC), datetime(2027, 1, 3, 23, tzinfo=UTC)])
def test_story_keeps_closed_days_whenever_it_begins(now: datetime) -> None:
    story = told(now)
    visits = list(story.visits())
    closed = set(closed_days(date(2025, 1, 1), date(2028, 1, 1)))
    assert not [v for v in visits if v.day in closed or v.day.weekday() == 6]
    saturdays = [v for v in visits if v.day.weekday() == 5]
    assert 0 < len(saturdays) < len(visits) / 20
    assert {v.person.place for v in saturdays} == {0}
    taken = [(v.practitioner, v.starts_at) for v in visits if v.status != "cancelled" and v.status != "late_cancel"]
    assert len(taken) == len(set(taken))
    assert all(v.booked_at < v.starts_at and v.booked_at < now for v in visits)
    assert all(v.ended_at is None or v.booked_at < v.ended_at < now for v in visits if v.status == "cancelled")


def test_same_seed_and_moment_tell_the_same_story() -> None:
    first, second = told(SATURDAY), told(SATURDAY)
    assert [(v.id, v.status, v.starts_at) for v in first.visits()] == [
        (v.id, v.status, v.starts_at) for v in second.visits()
    ]


def test_notes_differ_by_patient_and_visit_and_fill_every_required_part() -> None:
    patients = [UUID(int=n) for n in range(60)]
    progress = [Writer(1, patient).note("dap", number)["data"] for patient in patients for number in range(1, 9)]
    assert len(set(progress)) > 0.95 * len(progress)
    for template in TEMPLATES.values():
        for patient in patients:
            body = Writer(1, patient).note(template.key, 0)
            assert {part.key for part in template.parts if part.required} <= set(body)
            assert all(words and "{" not in words for words in body.values())
    assert Writer(1, patients[0]).note("dap", 3) == Writer(1, patients[0]).note("dap", 3)
