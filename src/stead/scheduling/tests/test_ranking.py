"""Of times that begin together: the patient's practitioner, then place, then least orphaning; last the identifiers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from stead.scheduling import ranking
from stead.scheduling.ranking import Preference
from stead.scheduling.terms import DESK, RECORD, SEEN, USUAL, Slot

NOON = datetime(2026, 11, 30, 17, tzinfo=UTC)
IDS = [UUID(int=n) for n in range(1, 6)]
KEYS = st.sampled_from(IDS)


def one(key: tuple[int, UUID, UUID, int]) -> Slot:
    hour, who, where, orphan = key
    at = NOON + timedelta(hours=hour)
    return Slot(who, where, None, at, at + timedelta(minutes=50), "leaves no gap", orphan)


TIMES = st.lists(
    st.tuples(st.integers(0, 2), KEYS, KEYS, st.sampled_from([0, 10])).map(one),
    max_size=8,
    unique_by=lambda s: (s.starts_at, s.practitioner_id, s.location_id),
)
"""Few hours, people and places, so that most of them begin together."""
PREFERENCES = st.builds(
    ranking.preference,
    practitioner=st.none() | KEYS,
    home=st.none() | KEYS,
    visits=st.lists(st.tuples(KEYS, KEYS), max_size=5),
    desk=st.none() | KEYS,
)


def place(key: UUID, known: list[UUID]) -> int:
    return known.index(key) if key in known else len(known)


def bare(slot: Slot) -> tuple[object, ...]:
    return slot.practitioner_id, slot.location_id, slot.starts_at, slot.ends_at, slot.orphan_minutes


@given(TIMES, PREFERENCES, st.integers(0, 7))
def test_order_does_not_depend_on_how_the_times_were_found(slots: list[Slot], wish: Preference, turn: int) -> None:
    found = ranking.ranked(slots, wish)
    assert found == ranking.ranked(slots[turn:] + slots[:turn], wish) == ranking.ranked(reversed(slots), wish)
    assert sorted(map(bare, found), key=str) == sorted(map(bare, slots), key=str)


@given(TIMES, PREFERENCES)
def test_nothing_nearer_stands_behind_what_begins_with_it(slots: list[Slot], wish: Preference) -> None:
    people, places = [k for k, _ in wish.practitioners], [k for k, _ in wish.places]
    for a, b in pairwise(ranking.ranked(slots, wish)):
        assert a.starts_at <= b.starts_at
        if a.starts_at < b.starts_at:
            continue
        who, where = place(a.practitioner_id, people), place(a.location_id, places)
        assert who <= place(b.practitioner_id, people)
        if who == place(b.practitioner_id, people):
            assert where <= place(b.location_id, places)
            if where == place(b.location_id, places):
                assert a.orphan_minutes <= b.orphan_minutes


@given(TIMES, PREFERENCES)
def test_a_reason_is_told_only_where_it_decided(slots: list[Slot], wish: Preference) -> None:
    reasons = dict(wish.practitioners), dict(wish.places)
    for _, group in groupby(ranking.ranked(slots, wish), key=lambda s: s.starts_at):
        first, *rest = group
        assert not any(s.preferred for s in rest)
        if first.preferred in (RECORD, SEEN):
            assert reasons[0][first.practitioner_id] == first.preferred
            assert rest[0].practitioner_id != first.practitioner_id
        elif first.preferred:
            assert reasons[1][first.location_id] == first.preferred
            assert rest[0].location_id != first.location_id
        else:
            assert first.why == "leaves no gap"


def test_record_before_visits_and_desk_before_home() -> None:
    a, b, c, d, e = IDS
    known = ranking.preference(practitioner=a, home=d, visits=[(b, c), (a, c), (b, e)], desk=c)
    assert known.practitioners == [(a, RECORD), (b, SEEN)]
    assert known.places == [(c, DESK), (d, USUAL)]


def test_usual_place_without_one_on_the_record_is_where_most_visits_were() -> None:
    a, _, c, d, _ = IDS
    known = ranking.preference(practitioner=None, home=None, visits=[(a, c), (a, d), (a, d)], desk=None)
    assert known.places == [(d, USUAL), (c, USUAL)]
