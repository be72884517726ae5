"""Complete requests, machines, and invitations that hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from stead.intake import rules, terms

TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
GOOD = terms.IntakeDetails(
    first_name="Dee", last_name="Marsh", birth_date=date(1991, 3, 14), need="Sleep", phone="502 555 0143"
)


def test_complete_request_passes() -> None:
    rules.check_request(GOOD, TODAY)
    rules.check_request(replace(GOOD, phone="", email="dee@example.test", safety="yes"), TODAY)


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"need": "  "}, rules.NeedMissing),
        ({"phone": " ", "email": ""}, rules.NoWayToReach),
        ({"birth_date": date(2026, 11, 25)}, rules.BirthDateNotPossible),
        ({"birth_date": date(1890, 1, 1)}, rules.BirthDateNotPossible),
        ({"safety": ""}, rules.SafetyNotAnswered),
        ({"safety": "maybe"}, rules.SafetyNotAnswered),
    ],
)
def test_incomplete_request_is_refused(changed: dict[str, object], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        rules.check_request(replace(GOOD, **changed), TODAY)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize(("box", "seconds"), [("http://spam", 60.0), ("", 1.0), ("", None), ("", -5.0)])
def test_what_no_person_can_do_is_refused(box: str, seconds: float | None) -> None:
    with pytest.raises(rules.LooksSentByMachine):
        rules.check_person(box, seconds, 3)


def test_a_person_passes() -> None:
    rules.check_person("", 3.0, 3)


def test_sixth_request_of_an_hour_is_refused() -> None:
    rules.check_rate(terms.REQUESTS_PER_HOUR - 1)
    with pytest.raises(rules.TooManyRequests):
        rules.check_rate(terms.REQUESTS_PER_HOUR)
    rules.check_rate(terms.REQUESTS_PER_HOUR, urgent=True)
    with pytest.raises(rules.TooManyRequests):
        rules.check_rate(terms.URGENT_PER_HOUR, urgent=True)


@pytest.mark.parametrize(
    ("changed", "holds"),
    [
        ({}, True),
        ({"used_at": NOW}, False),
        ({"ended_at": NOW}, False),
        ({"expires_at": NOW}, False),
        ({"tries": terms.INVITATION_TRIES}, False),
        ({"tries": terms.INVITATION_TRIES - 1}, True),
    ],
)
def test_invitation_holds_once_and_for_a_week(changed: dict[str, object], holds: bool) -> None:
    standing = {"used_at": None, "ended_at": None, "expires_at": NOW + timedelta(days=7), "tries": 0} | changed
    if holds:
        rules.check_invitation_holds(**standing, at=NOW)  # type: ignore[arg-type]  # values above
        return
    with pytest.raises(rules.InvitationEnded):
        rules.check_invitation_holds(**standing, at=NOW)  # type: ignore[arg-type]  # values above
