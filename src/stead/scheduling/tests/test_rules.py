"""The life of a visit walked in full, and arithmetic on stretches of time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stead.scheduling import rules
from stead.scheduling.models import LIVE, STATUSES
from stead.scheduling.terms import LATE_HOURS

LOUISVILLE = ZoneInfo("America/Kentucky/Louisville")
MIDNIGHT = datetime(2026, 11, 30, tzinfo=UTC)
ALLOWED = {
    ("held", "book"): "booked",
    ("held", "release"): "released",
    ("held", "reschedule"): "booked",
    ("booked", "confirm"): "confirmed",
    ("booked", "check_in"): "arrived",
    ("booked", "no_show"): "no_show",
    ("booked", "cancel"): "cancelled",
    ("booked", "cancel_late"): "late_cancel",
    ("booked", "undo"): "cancelled",
    ("booked", "reschedule"): "booked",
    ("confirmed", "check_in"): "arrived",
    ("confirmed", "no_show"): "no_show",
    ("confirmed", "cancel"): "cancelled",
    ("confirmed", "cancel_late"): "late_cancel",
    ("confirmed", "reschedule"): "booked",
    ("arrived", "start"): "in_session",
    ("arrived", "cancel"): "cancelled",
    ("arrived", "cancel_late"): "late_cancel",
    ("in_session", "finish"): "done",
    ("booked", "finish_late"): "done",
    ("confirmed", "finish_late"): "done",
    ("arrived", "finish_late"): "done",
    ("in_session", "finish_late"): "done",
    ("no_show", "finish_late"): "done",
    ("arrived", "undo_check_in"): "booked",
    ("arrived", "undo_check_in_confirmed"): "confirmed",
    ("in_session", "undo_start"): "arrived",
    ("done", "undo_start"): "arrived",
}


@pytest.mark.parametrize("status", [key for key, _ in STATUSES])
@pytest.mark.parametrize("move", sorted(rules.MOVES))
def test_every_step_from_every_status(status: str, move: str) -> None:
    if (status, move) in ALLOWED:
        assert rules.check_move(move, status).to == ALLOWED[status, move]
    else:
        with pytest.raises(rules.MoveNotPossible, match="Nothing was changed"):
            rules.check_move(move, status)


def test_a_step_frees_the_time_exactly_when_it_leaves_the_live_statuses() -> None:
    assert all(step.frees == (step.to not in LIVE) for step in rules.MOVES.values())


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 11, 1), 25), (date(2026, 3, 8), 23), (date(2026, 11, 2), 24)])
def test_day_is_as_long_as_its_clocks_say(day: date, hours: int) -> None:
    start, end = rules.day_bounds(day, LOUISVILLE)
    assert end - start == timedelta(hours=hours)


def test_work_keeps_its_wall_clock_over_the_change_of_clocks() -> None:
    for day, utc_hour in ((date(2026, 10, 30), 13), (date(2026, 11, 2), 14)):
        ((start, _),) = rules.worked(day, [(time(9), time(17))], LOUISVILLE)
        assert start.hour == utc_hour


def test_time_that_the_clocks_skip_is_an_hour_later() -> None:
    skipped = rules.instant(date(2026, 3, 8), time(2, 30), LOUISVILLE)
    assert skipped.astimezone(LOUISVILLE).time() == time(3, 30)


def minutes(*pairs: tuple[int, int]) -> list[rules.Stretch]:
    return [(MIDNIGHT + timedelta(minutes=a), MIDNIGHT + timedelta(minutes=b)) for a, b in pairs]


def test_blocks_that_touch_are_one() -> None:
    assert rules.merged(minutes((60, 120), (120, 180), (30, 61), (5, 5))) == minutes((30, 180))


def test_visits_tile_a_stretch_and_the_last_pause_may_run_past_work() -> None:
    (stretch,) = minutes((540, 720))
    at_end = list(rules.starts(stretch, 50, 10, MIDNIGHT, tail=True))
    assert [s.hour for s in at_end] == [9, 10, 11]
    (short,) = minutes((540, 590))
    assert list(rules.starts(short, 50, 10, MIDNIGHT, tail=True))
    assert not list(rules.starts(short, 50, 10, MIDNIGHT, tail=False))


def test_nothing_starts_before_the_earliest() -> None:
    (stretch,) = minutes((540, 720))
    found = list(rules.starts(stretch, 50, 10, MIDNIGHT + timedelta(minutes=547), tail=True))
    assert (found[0].hour, found[0].minute) == (9, 15)


@pytest.mark.parametrize(("reason", "hours", "move"), [
    ("ill", LATE_HOURS, "cancel"), ("ill", LATE_HOURS - 0.01, "cancel_late"), ("practice_closed", 0.1, "cancel"),
])  # fmt: skip
def test_lateness(reason: str, hours: float, move: str) -> None:
    assert rules.cancelling(reason, MIDNIGHT, MIDNIGHT - timedelta(hours=hours)) == move


def test_a_patient_moves_a_promised_visit_only_outside_the_notice() -> None:
    notice = timedelta(hours=LATE_HOURS)
    for status in ("booked", "confirmed"):
        rules.check_patients_move(status, MIDNIGHT, MIDNIGHT - notice)
        with pytest.raises(rules.MoveInsideNotice, match="please call us"):
            rules.check_patients_move(status, MIDNIGHT, MIDNIGHT - notice + timedelta(seconds=1))
    rules.check_patients_move("held", MIDNIGHT, MIDNIGHT - timedelta(minutes=1))


SPANS = st.lists(st.tuples(st.integers(0, 96), st.integers(0, 96)), max_size=12)


def quarter(at: datetime) -> int:
    return int((at - MIDNIGHT).total_seconds() // 900)


def cells(stretches: list[rules.Stretch]) -> set[int]:
    """A model that cannot be wrong: the quarter hours that the stretches cover."""
    return {n for a, b in stretches for n in range(quarter(a), quarter(b))}


@given(SPANS, SPANS)
def test_arithmetic_agrees_with_counting(first: list[tuple[int, int]], second: list[tuple[int, int]]) -> None:
    a = [(MIDNIGHT + timedelta(minutes=15 * s), MIDNIGHT + timedelta(minutes=15 * e)) for s, e in first if s < e < 96]
    b = [(MIDNIGHT + timedelta(minutes=15 * s), MIDNIGHT + timedelta(minutes=15 * e)) for s, e in second if s < e < 96]
    left = rules.without(a, b)
    assert cells(left) == cells(a) - cells(b)
    assert left == rules.merged(left)


@given(st.integers(0, 95), st.integers(1, 95), st.integers(1, 24), st.integers(0, 4), st.booleans())
def test_what_is_offered_fits(start: int, length: int, visit: int, pause: int, tail: bool) -> None:
    free = (MIDNIGHT + timedelta(minutes=5 * start), MIDNIGHT + timedelta(minutes=5 * (start + length)))
    found = list(rules.starts(free, visit * 5, pause * 5, MIDNIGHT, tail=tail))
    whole = timedelta(minutes=5 * (visit + pause))
    for at in found:
        assert free[0] <= at and at + timedelta(minutes=5 * visit) <= free[1]
        assert at.minute % 15 == 0
        assert tail or at + whole <= free[1]
    assert all(b - a >= whole for a, b in pairwise(found))
