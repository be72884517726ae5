"""Make large, lawful files to measure with: balanced 835s with reversals, several trios, PLBs, several ST."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

from stead.x12.content import Address, Coded, Name
from stead.x12.remit835 import (
    Adjustment,
    ClaimGroup,
    Organisation,
    Payment,
    Procedure,
    ProviderAdjustment,
    RemitClaim,
    RemitLine,
    Remittance,
    compose_remittance,
)
from stead.x12.writer import stamp_group, stamp_interchange, write_interchange

_AT = datetime(2026, 3, 2, 7, 30)
_CLAIMS_PER_SET = 400
_HELD_BACK = Decimal("12.5")


def remittance_file(claims: int) -> bytes:
    """Write one interchange of balanced remittances holding `claims` claims, about 400 bytes each."""
    bodies = [
        compose_remittance(_remittance(first, min(_CLAIMS_PER_SET, claims - first)), control=f"{n:04d}")
        for n, first in enumerate(range(0, claims, _CLAIMS_PER_SET), start=1)
    ]
    interchange = stamp_interchange(sender="PAYER", receiver="STEAD", control=1, at=_AT, usage="T")
    group = stamp_group(bodies[0], sender="PAYER", receiver="STEAD", control=1, at=_AT)
    return write_interchange(interchange, (group, bodies))


def _remittance(first: int, count: int) -> Remittance:
    claims = tuple(_claims(first, count))
    paid = sum((claim.paid for claim in claims), Decimal(0))
    place = Address("1 PAYER WAY", "SPRINGFIELD", "IL", "627010001")
    return Remittance(
        Payment(
            paid - _HELD_BACK,
            method="CHK",
            paid_date=date(2026, 3, 2),
            trace=f"EFT{first:08d}",
            payer_trace_id="1999999999",
        ),
        Organisation("SANDBOX PAYER", "XV", "SBX01", place, other=(("PER", "BL", "SUPPORT", "TE", "2175550111"),)),
        Organisation("PRACTICE", "XX", "1234567893", place),
        (ClaimGroup("1", claims),),
        (ProviderAdjustment("1234567893", "20261231", "WO", _HELD_BACK, "OLD-1"),),
        dates=(Coded("405", "20260302"),),
    )


def _claims(first: int, count: int) -> Iterator[RemitClaim]:
    for number in range(first, first + count):
        lines = tuple(_line(number, position) for position in range(1, 3))
        claim = RemitClaim(
            account=f"STEAD-{number:08d}",
            status="1",
            charge=sum((line.charge for line in lines), Decimal(0)),
            paid=sum((line.paid for line in lines), Decimal(0)),
            patient_owes=sum((moved.amount for line in lines for moved in line.adjustments[1:2]), Decimal(0)),
            filing_code="12",
            payer_number=f"ICN{number:010d}",
            place="11",
            frequency="1",
            names=(Name("EXAMPLE", f"PATIENT{number % 997}", id_qualifier="MI", id=f"MEM{number:07d}", entity="QC"),),
            dates=(Coded("232", "20260217"),),
            lines=lines,
        )
        yield _reversed(claim) if number % 50 == 49 else claim


def _line(number: int, position: int) -> RemitLine:
    charge = Decimal(15000 + number % 4000) / 100
    contract, copay, other = Decimal("31.25"), Decimal("20"), Decimal(number % 700 + 1) / 100
    return RemitLine(
        Procedure("H0004", modifiers=("HO",)),
        charge,
        charge - contract - copay - other,
        units_paid=Decimal(1),
        dates=(Coded("472", "20260217"),),
        adjustments=(Adjustment("CO", "45", contract), Adjustment("PR", "3", copay), Adjustment("OA", "23", other)),
        refs=(Coded("6R", f"{number}-{position}"),),
    )


def _reversed(claim: RemitClaim) -> RemitClaim:
    lines = tuple(
        RemitLine(
            line.procedure,
            -line.charge,
            -line.paid,
            units_paid=line.units_paid,
            dates=line.dates,
            adjustments=tuple(Adjustment(a.group, a.reason, -a.amount) for a in line.adjustments),
            refs=line.refs,
        )
        for line in claim.lines
    )
    return RemitClaim(
        claim.account,
        "22",
        -claim.charge,
        -claim.paid,
        -claim.patient_owes,
        claim.filing_code,
        claim.payer_number,
        claim.place,
        claim.frequency,
        names=claim.names,
        dates=claim.dates,
        lines=lines,
    )
