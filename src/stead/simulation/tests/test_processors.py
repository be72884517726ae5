"""What every card processor must do, held against the sandbox and against the fake that billing's tests use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from stead.billing.ports import CardProcessor
from stead.billing.tests.conftest import Processor
from stead.platform import clock
from stead.simulation.cards import SandboxCards
from stead.simulation.tests.test_cards import AT

GOOD, SHORT = "4242424242424242", "4000000000009995"


def _fake(folder: Path, number: str) -> CardProcessor:
    made = Processor()
    made.declines = "Not enough money on the card." if number == SHORT else ""
    return made


def _sandbox(folder: Path, number: str) -> CardProcessor:
    return SandboxCards(folder)


@pytest.fixture(params=[_fake, _sandbox], ids=["fake", "sandbox"])
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], tuple[CardProcessor, str]]:
    """Return a processor and the token of a card of the number."""

    def make(number: str) -> tuple[CardProcessor, str]:
        processor: CardProcessor = request.param(tmp_path, number)
        with clock.driven(AT):
            card = processor.vault(number=number, expires_month=5, expires_year=2028, key="v")
        assert (card.last4, card.expires_month, card.expires_year) == (number[-4:], 5, 2028)
        return processor, card.token

    return make


type Made = Callable[[str], tuple[CardProcessor, str]]


def test_same_key_has_one_outcome_and_another_key_is_another_charge(made: Made) -> None:
    processor, token = made(GOOD)
    first = processor.charge(token=token, amount_cents=3000, key="a")
    assert first.paid
    assert processor.charge(token=token, amount_cents=3000, key="a") == first
    assert processor.charge(token=token, amount_cents=3000, key="b").reference != first.reference


def test_charge_is_found_by_its_key_and_finding_takes_nothing(made: Made) -> None:
    processor, token = made(GOOD)
    assert processor.find_charge(key="a") is None
    assert processor.find_charge(key="a") is None
    taken = processor.charge(token=token, amount_cents=3000, key="a")
    assert processor.find_charge(key="a") == taken
    assert processor.find_charge(key="b") is None


def test_decline_says_why_and_is_kept_under_its_key(made: Made) -> None:
    processor, token = made(SHORT)
    declined = processor.charge(token=token, amount_cents=3000, key="a")
    assert not declined.paid
    assert declined.declined_because == "Not enough money on the card."
    assert processor.find_charge(key="a") == declined
    assert processor.charge(token=token, amount_cents=3000, key="a") == declined


def test_refund_has_one_outcome_by_its_key_and_gives_no_more_than_was_taken(made: Made) -> None:
    processor, token = made(GOOD)
    taken = processor.charge(token=token, amount_cents=3000, key="a")
    assert processor.find_refund(key="r") is None
    first = processor.refund(charge_reference=taken.reference, amount_cents=2000, key="r")
    assert first.paid
    assert processor.refund(charge_reference=taken.reference, amount_cents=2000, key="r") == first
    assert processor.find_refund(key="r") == first
    more = processor.refund(charge_reference=taken.reference, amount_cents=1001, key="s")
    assert (more.paid, more.declined_because) == (False, "More than is left of the charge.")
    assert processor.refund(charge_reference=taken.reference, amount_cents=1000, key="t").paid
    assert not processor.refund(charge_reference="ch_none", amount_cents=1, key="u").paid
