"""277CA claim acknowledgement: did the clearinghouse, then the payer, take each claim in for processing?

Three levels speak: our whole batch (2200B, named by its BHT03), a billing provider (2200C) and a claim (2200D, named
by its CLM01). An acceptance with the payer's number (REF*1K) is the proof of timely filing, and that number is what a
replacement must quote. A rejected claim was never adjudicated: mend it and send it as new, frequency 1.
Source: 005010X214.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Literal

import msgspec

from stead.x12.content import Coded, Name, RawSegment, Sum

GUIDE = "005010X214"

type Outcome = Literal["accepted", "rejected", "unclear"]

_REJECTING = frozenset({"A3", "A6", "A7", "A8"})
_ACCEPTING = frozenset({"A0", "A1", "A2", "A5"})


class StatusCode(msgspec.Struct, frozen=True, gc=False):
    """One composite of STC: category (A1 ...), status number and the party it is about."""

    category: str
    status: str = ""
    entity: str = ""


class Status(msgspec.Struct, frozen=True, gc=False):
    """STC: up to three codes, the action WQ (taken in) or U (rejected), and the receiver's own words."""

    codes: tuple[StatusCode, ...]
    on: date | None = None
    action: str = ""
    amount: Decimal | None = None
    message: str = ""

    @property
    def outcome(self) -> Outcome:
        """Judge by the codes and the action; where they contradict each other or are unknown, a person must look."""
        categories = {code.category for code in self.codes}
        if categories & _REJECTING and self.action != "WQ":
            return "rejected"
        if categories and categories <= _ACCEPTING and self.action != "U":
            return "accepted"
        return "unclear"


class LineStatus(msgspec.Struct, frozen=True, gc=False):
    """2220: what is said about one service line; `control` is our REF*6R."""

    procedure: tuple[str, ...]
    charge: Decimal
    statuses: tuple[Status, ...]
    control: str = ""
    service_date: str = ""
    units: Decimal | None = None
    other: tuple[RawSegment, ...] = ()


class ClaimStatus(msgspec.Struct, frozen=True, gc=False):
    """2200D: one claim of ours."""

    account: str
    patient: Name
    statuses: tuple[Status, ...]
    payer_number: str = ""
    clearinghouse_trace: str = ""
    service_date: str = ""
    lines: tuple[LineStatus, ...] = ()
    other: tuple[RawSegment, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """Judge the claim; any rejecting status of the claim or a line rejects it."""
        spoken = {status.outcome for status in self.statuses}
        spoken |= {status.outcome for line in self.lines for status in line.statuses}
        if "rejected" in spoken:
            return "rejected"
        return "accepted" if spoken == {"accepted"} else "unclear"


class ProviderStatus(msgspec.Struct, frozen=True, gc=False):
    """2000C: the claims of one billing provider, with the receiver's totals (QTY QA/QC, AMT YU/YY)."""

    provider: Name
    trace: str = ""
    statuses: tuple[Status, ...] = ()
    refs: tuple[Coded, ...] = ()
    quantities: tuple[Sum, ...] = ()
    amounts: tuple[Sum, ...] = ()
    claims: tuple[ClaimStatus, ...] = ()
    other: tuple[RawSegment, ...] = ()


class ClaimAck(msgspec.Struct, frozen=True, gc=False):
    """One 277CA. `batch` is the BHT03 we sent; totals are QTY 90 taken / AA rejected and AMT YU / YY."""

    reference: str
    created: str
    source: Name
    receiver: Name
    batch: str = ""
    statuses: tuple[Status, ...] = ()
    quantities: tuple[Sum, ...] = ()
    amounts: tuple[Sum, ...] = ()
    providers: tuple[ProviderStatus, ...] = ()
    source_trace: str = ""
    source_dates: tuple[Coded, ...] = ()
    other: tuple[RawSegment, ...] = ()

    @property
    def claims(self) -> Iterator[ClaimStatus]:
        """Walk the claims of all providers."""
        return (claim for provider in self.providers for claim in provider.claims)

    @property
    def outcome(self) -> Outcome:
        """Judge the batch as a whole, before its claims."""
        spoken = {status.outcome for status in self.statuses}
        return "rejected" if "rejected" in spoken else "accepted" if spoken == {"accepted"} else "unclear"

    @property
    def counted(self) -> Decimal | None:
        """Add up the claims taken (90) and sent back (AA); None where the receiver counts neither."""
        return _added(self.quantities, ("90", "AA"))

    @property
    def charged(self) -> Decimal | None:
        """Add up the money taken (YU) and sent back (YY); None where the receiver tells neither."""
        return _added(self.amounts, ("YU", "YY"))


def _added(totals: tuple[Sum, ...], qualifiers: tuple[str, ...]) -> Decimal | None:
    found = [total.value for total in totals if total.qualifier in qualifiers]
    return sum(found, Decimal(0)) if found else None
