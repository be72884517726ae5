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


class CardProcessor(Protocol):
    def vault(self, *, number: str, expires_month: int, expires_year: int, key: str) -> CardToken:
        """Keep a card and return its token."""
        ...

    def charge(self, *, token: str, amount_cents: int, key: str) -> ChargeOutcome:
        """Take money from a kept card. Raises OutsideFailure when nobody answers."""
        ...


class NoProcessor(Refusal):
    status = 503
    words = "No card processor is connected. Take cash or a check, or ask the practice manager to connect one."


_provide: list[Callable[[], CardProcessor]] = []


def provide(factory: Callable[[], CardProcessor]) -> None:
    """Say where the processor comes from; called once, at start-up."""
    _provide[:] = [factory]


def processor() -> CardProcessor:
    if not _provide:
        raise NoProcessor()
    return _provide[0]()
