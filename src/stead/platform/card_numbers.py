"""Card numbers that somebody typed where none belongs: known before they reach a row or a log. Pure.

A card goes to its processor from the browser, and only the processor's token comes here. Every page that takes words or
a token of a card asks this first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from stead.platform.refusals import InvalidInput

# Digits in groups, as people type them from a card; longer runs of digits are no card numbers.
_DIGITS = re.compile(r"(?<!\d)\d(?:[ .\-]?\d){12,18}(?![ .\-]?\d)")
# Forms carry identifiers of rows; their digits and hyphens would now and then pass as a card's.
_IDENTIFIER = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


class CardNumberTyped(InvalidInput):
    words = (
        "This looks like the number of a payment card. We never take it here, and we did not keep it. "
        "Add your card on the card page, or take the number out and send the rest again."
    )


def has_luhn(digits: str) -> bool:
    """Answer whether the last digit is the check digit of the others (ISO/IEC 7812-1, annex B)."""
    doubled = [int(d) * (1 + n % 2) for n, d in enumerate(reversed(digits))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def holds_card_number(text: str) -> bool:
    """Answer whether a text holds 13 to 19 digits that pass as a card number."""
    found = (re.sub(r"\D", "", match.group()) for match in _DIGITS.finditer(_IDENTIFIER.sub(" ", text)))
    return any(has_luhn(digits) for digits in found)


def check_no_card_number(texts: Iterable[str]) -> None:
    """Refuse what holds a card number, before it reaches a row or a log."""
    if any(holds_card_number(text) for text in texts):
        raise CardNumberTyped()
