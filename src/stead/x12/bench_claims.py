"""Make professional claims to measure writing with: invented people, HCPCS level II codes."""

from datetime import date, datetime
from decimal import Decimal

from stead.x12.claim837p import (
    Address,
    BillingProvider,
    Claim,
    ClaimBatch,
    Contact,
    Payer,
    Person,
    ServiceLine,
    Subscriber,
    TradingPartner,
)

_PLACE = Address("1 MAIN STREET", "SPRINGFIELD", "IL", "627010001")
_CLAIMS_PER_SET = 100


def claim_batches(claims: int) -> list[ClaimBatch]:
    """Make batches of 100 claims of two lines each."""
    return [
        ClaimBatch(
            f"BATCH{first}",
            datetime(2026, 3, 2, 7, 30),
            TradingPartner("STEAD", "SUB1"),
            Contact("BILLING", "2175550100"),
            TradingPartner("CLEARINGHOUSE", "CH1"),
            tuple(_claim(number) for number in range(first, min(first + _CLAIMS_PER_SET, claims))),
        )
        for first in range(0, claims, _CLAIMS_PER_SET)
    ]


def _claim(number: int) -> Claim:
    lines = tuple(
        ServiceLine(
            code="H0004",
            charge=Decimal(15000 + number % 4000) / 100,
            units=Decimal(1),
            pointers=(1, 2),
            service_date=date(2026, 2, 17),
            modifiers=("HO",),
            control=f"{number}-{position}",
        )
        for position in (1, 2)
    )
    return Claim(
        account=f"STEAD-{number:08d}",
        charge=sum((line.charge for line in lines), Decimal(0)),
        place="11",
        billing=BillingProvider("1234567893", "101YM0800X", _PLACE, "123456789", "PRACTICE LLC"),
        subscriber=Subscriber(
            Person("EXAMPLE", f"PATIENT{number}"),
            f"M{number:07d}",
            address=_PLACE,
            birth_date=date(1990, 1, 2),
            sex="U",
        ),
        payer=Payer("SANDBOX PAYER", "SBX01"),
        diagnoses=("F411", "F331"),
        lines=lines,
    )
