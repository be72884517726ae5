"""The payer's remittance advice as records: one `Remittance` per ST, claims and lines below it, money in Decimal.

Nothing is dropped: segments without a field of their own stay raw in `other` of the loop they stood in.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import msgspec

from stead.x12.adjustments import Adjustment
from stead.x12.content import ZERO, Address, Coded, Name, RawSegment, Sum

GUIDE = "005010X221A1"


class Procedure(msgspec.Struct, frozen=True, gc=False):
    """SVC01 or SVC06: the code as a composite with up to four modifiers."""

    code: str
    qualifier: str = "HC"
    modifiers: tuple[str, ...] = ()
    description: str = ""


class RemitLine(msgspec.Struct, frozen=True, gc=False):
    """SVC: what the payer made of one service. `submitted` is our code where the payer bundled or split (SVC06)."""

    procedure: Procedure
    charge: Decimal
    paid: Decimal
    revenue_code: str = ""
    units_paid: Decimal | None = None
    submitted: Procedure | None = None
    units_submitted: Decimal | None = None
    dates: tuple[Coded, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    refs: tuple[Coded, ...] = ()
    amounts: tuple[Sum, ...] = ()
    quantities: tuple[Sum, ...] = ()
    remarks: tuple[Coded, ...] = ()
    other: tuple[RawSegment, ...] = ()

    @property
    def control(self) -> str:
        """Give the line number we sent (REF*6R), empty when the payer did not echo it."""
        return _find(self.refs, "6R")

    @property
    def service_date(self) -> date | None:
        """Give the service date, or the first day of the period."""
        return _find_date(self.dates, ("472", "150"))


class RemitClaim(msgspec.Struct, frozen=True, gc=False):
    """CLP: one claim or its reversal (status 22). `account` is our CLM01, `payer_number` what REF*F8 must quote."""

    account: str
    status: str
    charge: Decimal
    paid: Decimal
    patient_owes: Decimal = ZERO
    filing_code: str = ""
    payer_number: str = ""
    place: str = ""
    frequency: str = ""
    drg: tuple[str, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    names: tuple[Name, ...] = ()
    inpatient: RawSegment = ()
    outpatient: RawSegment = ()
    refs: tuple[Coded, ...] = ()
    dates: tuple[Coded, ...] = ()
    amounts: tuple[Sum, ...] = ()
    quantities: tuple[Sum, ...] = ()
    lines: tuple[RemitLine, ...] = ()
    other: tuple[RawSegment, ...] = ()

    @property
    def remarks(self) -> tuple[str, ...]:
        """Give the claim-level remark codes of MOA and MIA."""
        spoken = [*self.outpatient[3:8], *self.inpatient[5:6], *self.inpatient[20:24]]
        return tuple(code for code in spoken if code)

    @property
    def is_reversal(self) -> bool:
        """Tell whether the claim takes an earlier one back."""
        return self.status == "22"

    def name(self, entity: str) -> Name | None:
        """Find a person of the claim: QC patient, IL subscriber, 74 corrected, 82 rendering, TT crossover."""
        return next((name for name in self.names if name.entity == entity), None)


class ClaimGroup(msgspec.Struct, frozen=True, gc=False):
    """LX: the payer's bundle of claims; claims before any LX stand in a group with number ""."""

    number: str = ""
    claims: tuple[RemitClaim, ...] = ()
    other: tuple[RawSegment, ...] = ()


class ProviderAdjustment(msgspec.Struct, frozen=True, gc=False):
    """One pair of a PLB: money moved outside any claim. Positive lowers the payment."""

    provider_id: str
    fiscal_date: str
    reason: str
    amount: Decimal
    reference: str = ""


class Account(msgspec.Struct, frozen=True, gc=False):
    """A bank account of BPR."""

    bank_qualifier: str = ""
    bank: str = ""
    account_qualifier: str = ""
    account: str = ""


class Payment(msgspec.Struct, frozen=True, gc=False):
    """BPR and TRN: the money and the number by which the bank names it. Method NON means nothing was paid."""

    amount: Decimal
    handling: str = "I"
    flag: str = "C"
    method: str = "ACH"
    format: str = ""
    payer_account: Account = Account()
    origin: str = ""
    origin_supplement: str = ""
    payee_account: Account = Account()
    paid_date: date | None = None
    trace: str = ""
    payer_trace_id: str = ""
    trace_supplement: str = ""


class Organisation(msgspec.Struct, frozen=True, gc=False):
    """N1 loop: payer (PR) or payee (PE)."""

    name: str
    id_qualifier: str = ""
    id: str = ""
    address: Address | None = None
    refs: tuple[Coded, ...] = ()
    other: tuple[RawSegment, ...] = ()


class Remittance(msgspec.Struct, frozen=True, gc=False):
    """One 835 transaction. The key against double posting is `identity`, never a file name."""

    payment: Payment
    payer: Organisation
    payee: Organisation
    groups: tuple[ClaimGroup, ...] = ()
    provider_adjustments: tuple[ProviderAdjustment, ...] = ()
    refs: tuple[Coded, ...] = ()
    dates: tuple[Coded, ...] = ()
    other: tuple[RawSegment, ...] = ()

    @property
    def claims(self) -> Iterator[RemitClaim]:
        """Walk the claims of all groups in file order."""
        return (claim for group in self.groups for claim in group.claims)

    @property
    def identity(self) -> tuple[str, str, str, Decimal, date | None]:
        """Give (payer, TRN02, TRN03, BPR02, BPR16), by which a second copy is recognised."""
        pay = self.payment
        return (self.payer.id or self.payer.name, pay.trace, pay.payer_trace_id, pay.amount, pay.paid_date)


def _find(values: tuple[Coded, ...], qualifier: str) -> str:
    return next((value.value for value in values if value.qualifier == qualifier), "")


def _find_date(values: tuple[Coded, ...], qualifiers: tuple[str, ...]) -> date | None:
    return next((found.as_date for wanted in qualifiers for found in values if found.qualifier == wanted), None)
