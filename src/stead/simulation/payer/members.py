"""What the sandbox payer knows of a member, by the last character of the member number.

| ends in | cover |
| --- | --- |
| 0 | active, copay $0 (an answer, not an absence) |
| 1 | active, copay $20 |
| 2 | active, copay $30 |
| 3 | active, no copay: 20 % of the visit once $350 of deductible are paid |
| 4 | active, copay $25, every visit needs an authorization |
| 5 | active, but another company carries the mental-health benefit (carve-out) |
| 6 | never answers a question about cover |
| 7 | cannot answer now (AAA 42): ask again later |
| 8 | not found (AAA 75); claims for this member are rejected by the 277CA |
| 9 | cover has ended |
| other | as 1 |
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Member:
    """A member's plan; amounts in dollars, `coinsurance` a fraction."""

    is_active: bool = True
    copay: Decimal | None = Decimal(20)
    deductible_left: Decimal | None = None
    coinsurance: Decimal | None = None
    needs_authorization: bool = False
    carve_out: str = ""
    is_silent: bool = False
    rejection: str = ""


_MEMBERS = {
    "0": Member(copay=Decimal(0)),
    "1": Member(),
    "2": Member(copay=Decimal(30)),
    "3": Member(copay=None, deductible_left=Decimal(350), coinsurance=Decimal("0.2")),
    "4": Member(copay=Decimal(25), needs_authorization=True),
    "5": Member(copay=None, carve_out="Ohio Valley Behavioral"),
    "6": Member(is_silent=True),
    "7": Member(rejection="42"),
    "8": Member(rejection="75"),
    "9": Member(is_active=False, copay=None),
}


def member_of(member_id: str) -> Member:
    return _MEMBERS.get(member_id[-1:], _MEMBERS["1"])
