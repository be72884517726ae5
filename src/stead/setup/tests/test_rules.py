"""What is missing before the first booking and the first claim, and when a link holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from stead.setup import rules
from stead.setup.terms import Facts
from stead.testing.cast import NOON

FOUNDED = Facts(
    has_profile=False, locations=1, locations_without_address=1, can_send_mail=False, people_who_sign_in=1,
    practitioners=0, practitioners_without_npi=0, practitioners_without_license=0, practitioners_without_hours=0,
    services=0, services_without_practitioner=0, services_without_code=0, payers=0, seats=1, blank_seats=0,
    agreements=0, playbooks=0,
)  # fmt: skip
RUNNING = replace(
    FOUNDED, has_profile=True, locations_without_address=0, can_send_mail=True, people_who_sign_in=3, practitioners=2,
    services=3, payers=4, seats=20, agreements=4, playbooks=6,
)  # fmt: skip


def keys(facts: Facts, goal: Any) -> list[str]:
    return [step.key for step in rules.missing(rules.steps(facts), goal)]


def test_a_founded_practice_lacks_what_a_visit_and_a_claim_need() -> None:
    assert keys(FOUNDED, "booking") == ["practitioners", "hours", "services"]
    assert keys(FOUNDED, "claim") == ["profile", "practitioners", "hours", "npi", "services", "codes", "payers"]


def test_a_practice_that_runs_lacks_nothing() -> None:
    assert keys(RUNNING, "claim") == []
    assert {step.state for step in rules.steps(RUNNING)} == {"done"}


@pytest.mark.parametrize(
    ("change", "key", "state"),
    [
        ({"locations": 0}, "locations", "missing"),
        ({"locations_without_address": 1}, "locations", "look"),
        ({"practitioners_without_hours": 2}, "hours", "missing"),
        ({"practitioners_without_hours": 1}, "hours", "look"),
        ({"practitioners_without_npi": 2}, "npi", "missing"),
        ({"practitioners_without_license": 2}, "licenses", "look"),
        ({"services_without_practitioner": 3}, "services", "missing"),
        ({"services_without_practitioner": 1}, "services", "look"),
        ({"services_without_code": 3}, "codes", "missing"),
        ({"services_without_code": 1}, "codes", "done"),
        ({"blank_seats": 2}, "seats", "look"),
        ({"seats": 1}, "seats", "look"),
        ({"can_send_mail": False}, "mail", "look"),
        ({"people_who_sign_in": 1}, "people", "look"),
        ({"payers": 0}, "payers", "missing"),
        ({"has_profile": False}, "profile", "missing"),
    ],
)
def test_each_fact_moves_its_own_step_only(change: dict[str, Any], key: str, state: str) -> None:
    found = {step.key: step.state for step in rules.steps(replace(RUNNING, **change))}
    assert found.pop(key) == state
    assert set(found.values()) == {"done"}


@pytest.mark.parametrize(
    ("used", "ended", "minutes", "holds"),
    [(False, False, 1, True), (True, False, 1, False), (False, True, 1, False), (False, False, 0, False)],
)
def test_a_link_holds_once_and_for_its_time(used: bool, ended: bool, minutes: int, holds: bool) -> None:
    given = {"used_at": NOON if used else None, "ended_at": NOON if ended else None}
    assert rules.holds(**given, expires_at=NOON + timedelta(minutes=minutes), at=NOON) is holds
