"""A sandbox card processor that behaves by the card number, so that every answer of a processor can be seen.

| number | what happens |
| --- | --- |
| 4242 4242 4242 4242, 5555 5555 5555 4444 | kept and charged |
| 4000 0000 0000 9995 | kept; every charge is declined, not enough money |
| 4000 0000 0000 9987 | kept; every charge is declined, reported lost |
| 4000 0000 0000 0069 | kept; every charge is declined, expired |
| 4000 0000 0000 0119 | kept; a charge gets no answer (it may pass, so it is tried again) |
| 4000 0000 0000 0002 | refused by the vault |

Any other number that passes the check digit is kept and charged. The number is forgotten at once: a token, brand and
last four digits stay. Outcomes are kept by key on disk, so a charge repeated after a crash takes no money twice, in
whichever process.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings

from stead.billing.ports import ChargeOutcome
from stead.billing.terms import CardToken
from stead.exchange.mailbox import write_whole
from stead.platform import clock
from stead.platform.jobs.queue import OutsideFailure
from stead.platform.refusals import InvalidInput

_DECLINES = {
    "9995": "Not enough money on the card.",
    "9987": "The card was reported lost.",
    "0069": "The card has expired.",
}
_REFUSED, _SILENT = "0002", "0119"


class CardNotReadable(InvalidInput):
    words = "This card number has a digit that does not fit. Check it against the card."


class CardRefused(InvalidInput):
    words = "The bank refused this card. Ask for another one."


class CardExpired(InvalidInput):
    words = "This card has expired. Ask for the new one."


class SandboxCards:
    """Implements `billing.ports.CardProcessor` on a folder."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or Path(settings.STATE) / "sandbox-cards"
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def vault(self, *, number: str, expires_month: int, expires_year: int, key: str) -> CardToken:
        """Keep a card; the same key again gives the same token."""
        digits = "".join(c for c in number if c.isdigit())
        if not is_card_number(digits):
            raise CardNotReadable(field="number")
        if not 1 <= expires_month <= 12 or (expires_year, expires_month) < _this_month(clock.now().date()):
            raise CardExpired(field="expires_month")
        test = digits[-4:] if digits.startswith("40000000") else ""
        if test == _REFUSED:
            raise CardRefused(field="number")
        behaviour = test if test in (*_DECLINES, _SILENT) else "ok"
        token = CardToken(
            token=f"tok_{behaviour}_{_digest(key)[:24]}",
            brand=_brand(digits),
            last4=digits[-4:],
            expires_month=expires_month,
            expires_year=expires_year,
        )
        return CardToken(**self._once(f"vault:{key}", asdict(token)))

    def charge(self, *, token: str, amount_cents: int, key: str) -> ChargeOutcome:
        """Take money; the same key again gives the same outcome and takes nothing more."""
        behaviour = token.split("_")[1] if token.startswith("tok_") and token.count("_") == 2 else ""
        if behaviour == _SILENT:
            raise OutsideFailure("The card processor does not answer.", permanent=False)
        if not behaviour:
            outcome = ChargeOutcome(False, "", "The processor does not know this card.")
        else:
            why = _DECLINES.get(behaviour, "")
            outcome = ChargeOutcome(not why, f"ch_{_digest(key)[:24]}", why)
        kept = self._once(f"charge:{key}", asdict(outcome) | {"amount_cents": amount_cents})
        if kept.pop("amount_cents") != amount_cents:
            raise InvalidInput("This payment was sent before with another amount. Start a new payment.")
        return ChargeOutcome(**kept)

    def find_charge(self, *, key: str) -> ChargeOutcome | None:
        """Return what became of a charge, None when none was made under this key."""
        return self._found(f"charge:{key}")

    def refund(self, *, charge_reference: str, amount_cents: int, key: str) -> ChargeOutcome:
        """Give money back; the same key again gives the same outcome and gives nothing more. Knows its own charges
        only, and how much of each is left."""
        if found := self.find_refund(key=key):
            return found
        why = self._why_not_back(charge_reference, amount_cents)
        outcome = ChargeOutcome(not why, f"re_{_digest(key)[:24]}", why)
        kept = self._once(f"refund:{key}", asdict(outcome) | {"amount_cents": amount_cents, "of": charge_reference})
        return ChargeOutcome(kept["paid"], kept["reference"], kept["declined_because"])

    def find_refund(self, *, key: str) -> ChargeOutcome | None:
        """Return what became of a refund, None when none was asked for under this key."""
        return self._found(f"refund:{key}")

    def _why_not_back(self, charge_reference: str, amount_cents: int) -> str:
        kept = [json.loads(path.read_text()) for path in self.folder.glob("*.json")]
        charged = [row for row in kept if row.get("reference") == charge_reference and row.get("paid")]
        if not charged:
            return "The processor does not know this charge."
        back = sum(row["amount_cents"] for row in kept if row.get("of") == charge_reference and row["paid"])
        return "" if back + amount_cents <= charged[0]["amount_cents"] else "More than is left of the charge."

    def _found(self, key: str) -> ChargeOutcome | None:
        path = self.folder / f"{_digest(key)}.json"
        if not path.exists():
            return None
        kept: dict[str, Any] = json.loads(path.read_text())
        return ChargeOutcome(kept["paid"], kept["reference"], kept["declined_because"])

    def _once(self, key: str, value: dict[str, Any]) -> dict[str, Any]:
        """Keep the first value of a key and answer it ever after."""
        path = self.folder / f"{_digest(key)}.json"
        if not path.exists():
            write_whole(path, json.dumps(value).encode())
        kept: dict[str, Any] = json.loads(path.read_text())
        return kept


def is_card_number(digits: str) -> bool:
    """Check length and the check digit (ISO/IEC 7812, Luhn)."""
    if not 12 <= len(digits) <= 19:
        return False
    doubled = (sum(divmod(2 * int(c), 10)) for c in digits[-2::-2])
    return (sum(int(c) for c in digits[::-2]) + sum(doubled)) % 10 == 0


def _this_month(today: date) -> tuple[int, int]:
    return today.year, today.month


def _brand(digits: str) -> str:
    return {"4": "Visa", "5": "Mastercard", "3": "Amex", "6": "Discover"}.get(digits[0], "card")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
