"""Business time is exact, and what must not be one person's is found in both directions."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stead.practice.presets import PRESETS
from stead.practice.rules import (
    INCOMPATIBLE,
    BusinessCalendar,
    HoursNotUnderstood,
    NeverOpen,
    TimeZoneUnknown,
    incompatible_duties,
)
from stead.practice.terms import WEEKDAYS

LOUISVILLE = "America/Kentucky/Louisville"
WEEK = {day: ["08:00", "17:00"] for day in WEEKDAYS[:5]}
linden = BusinessCalendar(LOUISVILLE, WEEK, frozenset({date(2026, 11, 26), date(2026, 11, 27)}))


def local(text: str, zone: str = LOUISVILLE) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-24T09:00", 2, "2026-11-24T11:00"),
        ("2026-11-24T16:00", 1, "2026-11-24T17:00"),
        ("2026-11-24T16:00", 2, "2026-11-25T09:00"),
        ("2026-11-24T20:00", 1, "2026-11-25T09:00"),
        ("2026-11-25T16:30", 1, "2026-11-30T08:30"),  # over a closed Thursday and Friday and a weekend
        ("2026-11-28T12:00", 0, "2026-11-30T08:00"),
        ("2026-11-24T08:00", 9, "2026-11-24T17:00"),
    ],
)
def test_deadlines_count_open_hours_only(start: str, hours: float, end: str) -> None:
    assert linden.add_hours(local(start), hours) == local(end)


def test_an_opening_is_half_open() -> None:
    assert linden.is_open(local("2026-11-24T08:00"))
    assert not linden.is_open(local("2026-11-24T17:00"))
    assert not linden.is_open(local("2026-11-26T10:00"))
    assert linden.next_open(local("2026-11-25T17:00")) == local("2026-11-30T08:00")


@pytest.mark.parametrize(("day", "hours"), [("2026-03-08", 23.0), ("2026-11-01", 25.0), ("2026-11-02", 24.0)])
def test_a_day_on_which_the_clocks_change_is_as_long_as_it_is(day: str, hours: float) -> None:
    always = BusinessCalendar(LOUISVILLE, {d: ["00:00", "24:00"] for d in WEEKDAYS})
    start = local(f"{day}T00:00")
    assert always.hours_between(start, start + timedelta(hours=30)) == 30
    opening = always.opening(date.fromisoformat(day))
    assert opening is not None
    assert (opening[1] - opening[0]) / timedelta(hours=1) == hours


def test_hours_inside_the_skipped_hour_are_none_that_day() -> None:
    night = BusinessCalendar(LOUISVILLE, {d: ["02:15", "02:45"] for d in WEEKDAYS})
    assert night.opening(date(2026, 3, 9)) is not None
    opening = night.opening(date(2026, 3, 8))
    assert opening is None or opening[0] < opening[1]


def test_a_calendar_without_hours_refuses_instead_of_searching_for_ever() -> None:
    with pytest.raises(NeverOpen):
        BusinessCalendar(LOUISVILLE, {}).next_open(local("2026-11-24T09:00"))


@pytest.mark.parametrize(
    "hours", [{"mon": ["17:00", "08:00"]}, {"funday": ["08:00", "09:00"]}, {"mon": ["8", "x"]}, {"mon": ["08:00"]}]
)
def test_hours_nobody_understands_are_refused(hours: dict[str, list[str]]) -> None:
    with pytest.raises(HoursNotUnderstood):
        BusinessCalendar(LOUISVILLE, hours)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd"])
def test_a_strange_time_zone_is_refused(zone: str) -> None:
    with pytest.raises(TimeZoneUnknown):
        BusinessCalendar(zone, WEEK)


clock_times = st.integers(0, 95).map(lambda q: f"{q // 4:02}:{q % 4 * 15:02}")


@st.composite
def calendars(draw: st.DrawFn) -> BusinessCalendar:
    hours: dict[str, list[str]] = {}
    for day in draw(st.sets(st.sampled_from(WEEKDAYS), min_size=1)):
        opens = draw(clock_times)
        hours[day] = [opens, draw(clock_times.filter(opens.__lt__) | st.just("24:00"))]
    closed = draw(st.frozensets(st.dates(date(2026, 1, 1), date(2027, 6, 1)), max_size=20))
    return BusinessCalendar(
        draw(st.sampled_from([LOUISVILLE, "America/Chicago", "Australia/Lord_Howe"])), hours, closed
    )


instants = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))
lengths = st.integers(0, 60 * 60 * 60).map(lambda seconds: seconds / 3600)


@given(calendars(), instants, lengths)
def test_the_hours_added_are_the_hours_between(calendar: BusinessCalendar, at: datetime, hours: float) -> None:
    due = calendar.add_hours(at, hours)
    assert due >= at
    assert calendar.hours_between(at, due) == pytest.approx(hours, abs=1e-6)
    assert calendar.hours_between(due, at) == pytest.approx(-hours, abs=1e-6)


@given(calendars(), instants, lengths, lengths)
def test_adding_twice_is_adding_the_sum(calendar: BusinessCalendar, at: datetime, a: float, b: float) -> None:
    twice = calendar.add_hours(calendar.add_hours(at, a), b)
    once = calendar.add_hours(at, a + b)
    assert calendar.hours_between(min(twice, once), max(twice, once)) == pytest.approx(0, abs=1e-6)


@given(calendars(), instants)
def test_the_next_opening_is_open_and_nothing_is_open_before_it(calendar: BusinessCalendar, at: datetime) -> None:
    opens = calendar.next_open(at)
    assert calendar.is_open(opens)
    assert calendar.hours_between(at, opens) == 0


def test_duties_of_two_hands_are_found_in_both_directions_and_for_site_seats() -> None:
    assert [p.code for p in incompatible_duties({"biller_claims"}, "revenue_lead")] == ["posts_and_approves"]
    assert [p.code for p in incompatible_duties({"revenue_lead"}, "biller_claims")] == ["posts_and_approves"]
    assert [p.code for p in incompatible_duties({"front_desk.new_albany"}, "bookkeeper")] == ["drawer_and_bank"]
    assert incompatible_duties({"front_desk"}, "intake_coordinator") == []


def test_the_pairs_name_seats_that_presets_have() -> None:
    known = {seat.key for preset in PRESETS.values() for seat in preset}
    assert all(pair.one | pair.other <= known for pair in INCOMPATIBLE)


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_reports_to_and_is_backed_by_its_own_seats(name: str) -> None:
    seats = PRESETS[name]
    keys = {seat.key for seat in seats}
    assert len(keys) == len(seats)
    for seat in seats:
        assert not seat.reports_to or seat.reports_to in keys, seat.key
        assert set(seat.backup_keys) <= keys, seat.key
