"""Two people at one debt: the second waits for the first and then sees what is left. On committed data."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import connections

from stead.billing import actions, queries, rules
from stead.billing.actions.denials import DenialClosed, LessIsOpen
from stead.billing.actions.statements import StatementThere
from stead.billing.models import Claim, Denial, Statement
from stead.billing.tests.cast import House, answer, cover, payer, profile
from stead.care.tests.cast import dee
from stead.platform import actors
from stead.platform.actors import Actor
from stead.platform.journal.models import JournalEntry
from stead.platform.money import Money
from stead.platform.tenancy.context import acting
from stead.practice.models import StaffMember
from stead.processes.actions import publish_library

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
NOT_COVERED = [("CO", "45", 4000), ("PR", "204", 11000)]


@pytest.fixture
def house(practice_row: Any, linden: UUID, ben: Actor, cho: Actor, at: datetime) -> House:
    """The practice of the other tests, committed."""
    with acting(linden, ben):
        profile()
        StaffMember.objects.create(id=ben.id, name=ben.name, roles=sorted(ben.roles), started_date=at.date())
        made = House(linden, ben, cho, at, dee(at), payer(linden, ben, at))
        cover(made, made.patient)
        made.seat("Owner", 1_000_000, ben)
    return made


def meanwhile(house: House, first: Callable[[], Any], second: Callable[[], Any]) -> Any:
    """Do the first thing, and the second while the first is not committed yet; return what came of the second.

    Where nothing makes it wait, the second is done before the first is committed.
    """
    came: list[Any] = []

    def run() -> None:
        try:
            with acting(house.practice, house.by):
                came.append(second())
        except Exception as problem:
            came.append(problem)
        finally:
            connections["default"].close()

    other = threading.Thread(target=run)
    with acting(house.practice, house.by):
        first()
        other.start()
        other.join(timeout=2)
    other.join(timeout=60)
    return came[0]


def replaced(house: House) -> tuple[Claim, Claim, Denial]:
    """A visit of $150.00 that was denied and sent again: two claims, one debt of $110.00."""
    with acting(house.practice, house.by):
        old = house.claim()
        house.post(answer(old, 0, NOT_COVERED))
        new = actions.resubmit_claim(**house.door, claim_id=old.id)
        denial = Denial.objects.get()
        denial.state = "open"
        denial.save(update_fields=["state"])
        return old, new, denial


def owed(house: House, claim: Claim) -> int:
    with acting(house.practice, house.by):
        return queries.claim_owed(claim)


def test_debt_of_a_visit_is_written_off_once_through_two_claims(house: House) -> None:
    old, new, _ = replaced(house)

    def give_up(claim: Claim) -> Callable[[], Any]:
        return lambda: actions.write_off(**house.door, amount=Money(11000), reason="too late", claim_id=claim.id)

    assert isinstance(meanwhile(house, give_up(old), give_up(new)), rules.WriteOffAboveBalance)
    assert owed(house, old) == 0


def test_debt_that_is_just_written_off_is_not_billed_to_the_patient(house: House) -> None:
    _, new, denial = replaced(house)
    came = meanwhile(
        house,
        lambda: actions.write_off(**house.door, amount=Money(11000), reason="too late", claim_id=new.id),
        lambda: actions.bill_patient(**house.door, denial_id=denial.id),
    )
    assert isinstance(came, (DenialClosed, LessIsOpen))
    assert owed(house, new) == 0


def test_debt_that_is_just_being_paid_is_not_written_off(house: House) -> None:
    old, new, _ = replaced(house)
    came = meanwhile(
        house,
        lambda: house.post(answer(new, 11000, [], charge=11000, payer_number=""), trace="T2"),
        lambda: actions.write_off(**house.door, amount=Money(11000), reason="too late", claim_id=old.id),
    )
    assert isinstance(came, rules.WriteOffAboveBalance)
    assert owed(house, old) == 0


def test_one_statement_of_one_balance_is_made_by_two_who_press_at_once(house: House) -> None:
    with acting(house.practice, house.by):
        house.post(answer(house.claim(), 8000, [("CO", "45", 4000), ("PR", "3", 3000)]))

    def make() -> Statement:
        return actions.make_statement(**house.door, patient_id=house.patient.id)

    assert isinstance(meanwhile(house, make, make), StatementThere)
    with acting(house.practice, house.by):
        assert Statement.objects.count() == 1


def test_of_two_who_end_the_last_two_denials_of_a_case_the_second_sees_that_none_is_left(house: House) -> None:
    with acting(house.practice, house.by):
        publish_library(practice=house.practice, by=actors.system(), at=house.at)
        one, two = house.claim(1), house.claim(2)
        denied = [("CO", "197", 15000)]
        house.post(answer(one, 0, denied), answer(two, 0, denied))

    def give_up(claim: Claim) -> Callable[[], Any]:
        return lambda: actions.write_off(**house.door, amount=Money(15000), reason="too late", claim_id=claim.id)

    assert not isinstance(meanwhile(house, give_up(one), give_up(two)), Exception)
    with acting(house.practice, house.by):
        told = JournalEntry.objects.filter(verb="denial.written_off")
        assert sorted(entry.data["left_of_case"] for entry in told) == [0, 1]
