"""Coverage rules: tables, no database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stead.coverage import rules
from stead.coverage.rules import Check
from stead.coverage.terms import PayerDetails
from stead.platform.refusals import InvalidInput, Refusal

AT = datetime(2026, 11, 24, 15, 42, tzinfo=UTC)


def check(state: str, hours_ago: int, answered: bool = False) -> Check:
    asked = AT - timedelta(hours=hours_ago)
    return Check(state, asked, asked if answered else None)


@pytest.mark.parametrize(
    ("checks", "verified", "age"),
    [
        ([], False, None),
        ([check("asked", 1)], None, None),
        ([check("failed", 1)], None, None),
        ([check("active", 50, True)], True, 2),
        ([check("inactive", 1, True)], False, None),
        ([check("rejected", 1, True)], False, None),
        ([check("asked", 1), check("active", 72, True)], None, 3),
        ([check("inactive", 1, True), check("active", 72, True)], False, 3),
    ],
)
def test_verified_is_three_valued(checks: list[Check], verified: bool | None, age: int | None) -> None:
    assert rules.is_verified(checks) is verified
    assert rules.verified_age_days(checks, AT) == age


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"member_id": "  "}, rules.MemberIdMissing),
        ({"relation": "child", "has_subscriber": False}, rules.SubscriberMissing),
        ({"starts": date(2026, 2, 1), "ends": date(2026, 1, 1)}, rules.DatesReversed),
        ({"rank": 4}, InvalidInput),
        ({"relation": "neighbour"}, InvalidInput),
    ],
)
def test_policy_nobody_could_bill_is_refused(changes: dict[str, object], refusal: type[Refusal]) -> None:
    lawful = {"member_id": "W1", "rank": 1, "relation": "self", "has_subscriber": False, "starts": None, "ends": None}
    rules.check_policy(**lawful)  # type: ignore[arg-type]  # a table of cases
    with pytest.raises(refusal):
        rules.check_policy(**(lawful | changes))  # type: ignore[arg-type]


def test_payer_with_a_clock_of_zero_days_is_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        rules.check_payer(PayerDetails("Bluegrass Mutual", "BGM01", timely_filing_days=0))
    assert refused.value.field == "timely_filing_days"


@given(st.text(max_size=30))
def test_member_number_has_no_blanks_and_cleaning_twice_changes_nothing(text: str) -> None:
    once = rules.clean_member_id(text)
    assert not any(c.isspace() or c == "-" for c in once)
    assert rules.clean_member_id(once) == once


def test_question_is_silent_after_a_day() -> None:
    assert not rules.is_silent(check("asked", 23), AT)
    assert rules.is_silent(check("asked", 25), AT)
    assert not rules.is_silent(check("active", 25, True), AT)


@pytest.mark.parametrize(("hours", "words"), [(0, "0 min"), (5, "5 h"), (47, "47 h"), (72, "3 d")])
def test_age_is_said_as_a_biller_says_it(hours: int, words: str) -> None:
    assert rules.age_in_words(AT - timedelta(hours=hours), AT) == words
