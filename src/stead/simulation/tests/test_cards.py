"""The sandbox card processor: each number does what its table says; a key has one outcome."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from stead.platform import clock
from stead.platform.jobs.queue import OutsideFailure
from stead.platform.refusals import InvalidInput
from stead.simulation.cards import CardExpired, CardNotReadable, CardRefused, SandboxCards, is_card_number

AT = datetime(2026, 11, 24, 15, 42, tzinfo=UTC)
GOOD = "4242 4242 4242 4242"


@pytest.fixture
def cards(tmp_path: Path) -> SandboxCards:
    return SandboxCards(tmp_path)


def vaulted(cards: SandboxCards, number: str = GOOD, key: str = "k1", year: int = 2028, month: int = 5) -> str:
    with clock.driven(AT):
        return cards.vault(number=number, expires_month=month, expires_year=year, key=key).token


def test_good_card_is_kept_without_its_number_and_charged(cards: SandboxCards, tmp_path: Path) -> None:
    token = vaulted(cards)
    assert cards.charge(token=token, amount_cents=2000, key="c1").paid
    assert vaulted(cards) == token
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"4242424242424242" not in kept
    assert b"4242" in kept


def test_charge_repeated_after_a_crash_has_the_first_outcome(cards: SandboxCards, tmp_path: Path) -> None:
    token = vaulted(cards)
    first = cards.charge(token=token, amount_cents=2000, key="c1")
    assert SandboxCards(tmp_path).charge(token=token, amount_cents=2000, key="c1") == first
    assert cards.charge(token=token, amount_cents=2000, key="c2").reference != first.reference
    with pytest.raises(InvalidInput, match="another amount"):
        cards.charge(token=token, amount_cents=2001, key="c1")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("4000 0000 0000 9995", "Not enough money"),
        ("4000 0000 0000 9987", "reported lost"),
        ("4000 0000 0000 0069", "expired"),
    ],
)
def test_card_that_is_declined_says_why(cards: SandboxCards, number: str, words: str) -> None:
    outcome = cards.charge(token=vaulted(cards, number), amount_cents=100, key="c")
    assert not outcome.paid
    assert words in outcome.declined_because


def test_silence_may_pass_and_a_strange_token_does_not(cards: SandboxCards) -> None:
    with pytest.raises(OutsideFailure) as silent:
        cards.charge(token=vaulted(cards, "4000000000000119"), amount_cents=100, key="c")
    assert not silent.value.permanent
    assert not cards.charge(token="else", amount_cents=100, key="d").paid


@pytest.mark.parametrize(
    ("number", "year", "month", "refusal"),
    [
        ("4000000000000002", 2028, 5, CardRefused),
        ("4242424242424241", 2028, 5, CardNotReadable),
        ("12", 2028, 5, CardNotReadable),
        (GOOD, 2026, 10, CardExpired),
        (GOOD, 2028, 13, CardExpired),
    ],
)
def test_vault_refuses(cards: SandboxCards, number: str, year: int, month: int, refusal: type[InvalidInput]) -> None:
    with pytest.raises(refusal):
        vaulted(cards, number, year=year, month=month)


def test_card_of_this_month_is_still_good(cards: SandboxCards) -> None:
    assert vaulted(cards, year=2026, month=11)


def test_check_digit() -> None:
    assert all(is_card_number(n) for n in ("4242424242424242", "5555555555554444", "4000000000009995"))
    assert not is_card_number("4242424242424243")
