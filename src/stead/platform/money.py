"""Money: integer minor units (US cents), never float.

>>> Money.parse("1,214.5").cents
121450
>>> [part.cents for part in Money(100).allocate([1, 1, 1])]
[34, 33, 33]
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from stead.platform.refusals import InvalidInput

_AMOUNT = re.compile(r"^-?\$?-?(\d{1,3}(,\d{3})+|\d+)?(\.\d{1,2})?$")


class AmountNotReadable(InvalidInput):
    words = "Write an amount in dollars and cents, for example 35.00."


@dataclass(frozen=True, order=True, slots=True)
class Money:
    """An amount in US cents. One practice bills in one currency; a second one would be a field of the practice."""

    cents: int

    def __post_init__(self) -> None:
        if type(self.cents) is not int:
            raise TypeError("Money takes whole cents.")

    @classmethod
    def parse(cls, text: str) -> Money:
        """Read "35", "$1,214.50" or "-12.3". Refuses what is not an amount with at most two decimals."""
        bare = text.strip()
        if not bare or not _AMOUNT.match(bare) or not any(c.isdigit() for c in bare):
            raise AmountNotReadable()
        return cls.of(Decimal(bare.replace("$", "").replace(",", "")))

    @classmethod
    def of(cls, dollars: Decimal) -> Money:
        """Round half up to the cent."""
        return cls(int((dollars * 100).quantize(Decimal(1), ROUND_HALF_UP)))

    @property
    def dollars(self) -> Decimal:
        return Decimal(self.cents).scaleb(-2)

    def __add__(self, other: Money) -> Money:
        return Money(self.cents + other.cents)

    def __sub__(self, other: Money) -> Money:
        return Money(self.cents - other.cents)

    def __neg__(self) -> Money:
        return Money(-self.cents)

    def __bool__(self) -> bool:
        return self.cents != 0

    def __str__(self) -> str:
        sign = "-" if self.cents < 0 else ""
        return f"{sign}${abs(self.cents) // 100:,}.{abs(self.cents) % 100:02d}"

    def times(self, rate: Decimal) -> Money:
        """Multiply by a rate and round half up."""
        return Money.of(self.dollars * rate)

    def allocate(self, weights: Sequence[int]) -> list[Money]:
        """Split by weights so that the parts add up; the cents left over go to the first parts."""
        total = sum(weights)
        if total <= 0 or min(weights) < 0:
            raise ValueError("Weights must be non-negative and not all zero.")
        sign = -1 if self.cents < 0 else 1
        parts = [abs(self.cents) * w // total for w in weights]
        left = abs(self.cents) - sum(parts)
        for index in [i for i, w in enumerate(weights) if w > 0][:left]:
            parts[index] += 1
        return [Money(sign * part) for part in parts]


ZERO = Money(0)
