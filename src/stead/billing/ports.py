"""The payment processor as billing sees it. `exchange` brings the real one and the sandbox, provided at start-up.

Every call carries a key: the processor answers the same key with the same outcome, so a call repeated after a crash
takes no money twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from stead.billing.terms import CardToken
from stead.platform.refusals import Refusal


@dataclass(frozen=True, slots=True)
class ChargeOutcome:
    """What became of a charge. `declined_because` is fit for the screen and empty when it was paid."""

    paid: bool
    reference: str
    declined_because: str = ""


@dataclass(frozen=True, slots=True)
class CardRequest:
    """What the processor is to be asked. `asked_before` says that an answer may have been lost: look the key up first,
    because processors forget the keys of requests after a day, but not the charges that were made under them."""

    key: str
    token: str
    amount_cents: int
    asked_before: bool


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """What the processor is to give back: part of the charge it knows by `charge_reference`."""

    key: str
    charge_reference: str
    amount_cents: int
    asked_before: bool


class CardProcessor(Protocol):
    def vault(self, *, number: str, expires_month: int, expires_year: int, key: str) -> CardToken:
        """Keep a card and return its token."""
        ...

    def charge(self, *, token: str, amount_cents: int, key: str) -> ChargeOutcome:
        """Take money from a kept card. Raises OutsideFailure when nobody answers."""
        ...

    def find_charge(self, *, key: str) -> ChargeOutcome | None:
        """Return what became of the charge made under this key, None when there is none. Takes no money."""
        ...

    def refund(self, *, charge_reference: str, amount_cents: int, key: str) -> ChargeOutcome:
        """Give money of a charge back to its card. Raises OutsideFailure when nobody answers."""
        ...

    def find_refund(self, *, key: str) -> ChargeOutcome | None:
        """Return what became of the refund asked for under this key, None when there is none. Gives nothing."""
        ...


class NoProcessor(Refusal):
    status = 503
    words = "No card processor is connected. Take cash or a check, or ask the practice manager to connect one."


_provide: list[Callable[[], CardProcessor]] = []


def provide(factory: Callable[[], CardProcessor]) -> None:
    """Say where the processor comes from; called once, at start-up."""
    _provide[:] = [factory]


def ask(request: CardRequest) -> ChargeOutcome:
    """Get the processor's answer to a request: the one it gave before, else by charging the card. Never inside a
    transaction: a slow processor must hold no lock of ours."""
    there = processor()
    found = there.find_charge(key=request.key) if request.asked_before else None
    return found or there.charge(token=request.token, amount_cents=request.amount_cents, key=request.key)


def ask_back(request: RefundRequest) -> ChargeOutcome:
    """Get the processor's answer to a refund: the one it gave before, else by giving the money back."""
    there = processor()
    found = there.find_refund(key=request.key) if request.asked_before else None
    return found or there.refund(
        charge_reference=request.charge_reference, amount_cents=request.amount_cents, key=request.key
    )


def processor() -> CardProcessor:
    if not _provide:
        raise NoProcessor()
    return _provide[0]()
