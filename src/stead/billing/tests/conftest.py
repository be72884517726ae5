from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from stead.billing import ports
from stead.billing.ports import ChargeOutcome
from stead.billing.terms import CardToken
from stead.billing.tests.cast import House, cover, payer, profile
from stead.care.tests.cast import dee
from stead.platform import clock
from stead.platform.actors import Actor


@pytest.fixture(autouse=True)
def ten_forty_two(at: datetime) -> Iterator[None]:
    with clock.driven(at):
        yield


@pytest.fixture
def house(
    practice_row: Any, inside: UUID, ben: Actor, cho: Actor, at: datetime, staff_row: Callable[[Actor], Any]
) -> House:
    """The practice with Dee Marsh, insured by Bluegrass Mutual, Dr Cho and Ben."""
    profile()
    staff_row(ben)
    made = House(inside, ben, cho, at, dee(at), payer(inside, ben, at))
    cover(made, made.patient)
    return made


class Processor:
    """A card processor of a test: declines what it is told to, and knows its keys. The tests of processors in the
    simulation hold it to what the sandbox does."""

    def __init__(self) -> None:
        self.charges: dict[str, int] = {}
        self.outcomes: dict[str, ChargeOutcome] = {}
        self.declines = ""
        self.backs: dict[str, ChargeOutcome] = {}
        self.given: list[tuple[str, int]] = []

    def vault(self, *, number: str, expires_month: int, expires_year: int, key: str) -> CardToken:
        return CardToken(f"tok_{number[-4:]}", "Visa", number[-4:], expires_month, expires_year)

    def charge(self, *, token: str, amount_cents: int, key: str) -> ChargeOutcome:
        if key in self.outcomes:
            return self.outcomes[key]
        if self.declines:
            self.outcomes[key] = ChargeOutcome(False, "", self.declines)
        else:
            self.charges[key] = amount_cents
            self.outcomes[key] = ChargeOutcome(True, f"ch_{len(self.charges)}")
        return self.outcomes[key]

    def find_charge(self, *, key: str) -> ChargeOutcome | None:
        return self.outcomes.get(key)

    def refund(self, *, charge_reference: str, amount_cents: int, key: str) -> ChargeOutcome:
        if key in self.backs:
            return self.backs[key]
        of = next((k for k, outcome in self.outcomes.items() if outcome.reference == charge_reference), None)
        back = sum(cents for reference, cents in self.given if reference == charge_reference)
        if of is None or of not in self.charges:
            self.backs[key] = ChargeOutcome(False, "", "The processor does not know this charge.")
        elif back + amount_cents > self.charges[of]:
            self.backs[key] = ChargeOutcome(False, "", "More than is left of the charge.")
        else:
            self.given.append((charge_reference, amount_cents))
            self.backs[key] = ChargeOutcome(True, f"re_{len(self.given)}")
        return self.backs[key]

    def find_refund(self, *, key: str) -> ChargeOutcome | None:
        return self.backs.get(key)


@pytest.fixture
def processor() -> Iterator[Processor]:
    made = Processor()
    before = list(ports._provide)
    ports.provide(lambda: made)
    yield made
    ports._provide[:] = before
