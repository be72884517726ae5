"""277CA claim acknowledgement: did the clearinghouse, then the payer, take each claim in for processing?

Three levels speak: our whole batch (2200B, named by its BHT03), a billing provider (2200C) and a claim (2200D, named
by its CLM01). An acceptance with the payer's number (REF*1K) is the proof of timely filing, and that number is what a
replacement must quote. A rejected claim was never adjudicated: mend it and send it as new, frequency 1.
Source: 005010X214; edi.md §4.3.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Literal

import msgspec

from stead.x12.content import (
    Coded,
    Name,
    RawSegment,
    Received,
    Sum,
    amount,
    at,
    composite,
    find_date,
    number,
    read_typed,
)
from stead.x12.delimiters import STANDARD, Delimiters
from stead.x12.envelope import Transaction
from stead.x12.faults import ContentError, Fault
from stead.x12.loops import Loop, cut_loops
from stead.x12.tokenizer import BLOCK_BYTES, Segment, Source
from stead.x12.writer import Body, SegmentWriter, format_date

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

    def total(self, qualifier: str) -> Decimal | None:
        """Find a total of the batch: 90, AA (claims) or YU, YY (money)."""
        totals = (*self.quantities, *self.amounts)
        return next((total.value for total in totals if total.qualifier == qualifier), None)


def read_claim_acks(source: Source, block_bytes: int = BLOCK_BYTES) -> Iterator[Received[ClaimAck] | Fault]:
    """Yield one acknowledgement per ST; what cannot be used comes as a fault."""
    return read_typed(source, "277", (GUIDE,), parse_claim_ack, block_bytes)


def parse_claim_ack(transaction: Transaction) -> ClaimAck:
    """Make the record of one proven 277CA."""
    reader = _AckReader(transaction.heading.delimiters.component)
    place = 1
    try:
        for loop in cut_loops(transaction.segments, {"BHT": "BHT", "HL": "HL*{3}", "SVC": "SVC", "TRN": "TRN"}):
            place = loop.at_segment
            reader.read(loop)
        return reader.finish()
    except ContentError as error:
        error.segment = place
        raise


class _AckReader:
    """Walk the levels; a TRN opens the statements about the level whose HL came before."""

    def __init__(self, component: str) -> None:
        self.component = component
        self.level = ""
        self.patient = Name()
        self.ack = ClaimAck("", "", Name(), Name())
        self.provider: ProviderStatus | None = None
        self.claim: ClaimStatus | None = None

    def read(self, loop: Loop) -> None:
        match loop.kind:
            case "BHT":
                bht = loop.need("BHT")
                self.ack = _with(self.ack, reference=at(bht, 3), created=f"{at(bht, 4)}{at(bht, 5)}")
            case "TRN":
                self.read_trace(loop)
            case "SVC":
                self.read_line(loop)
            case _:
                self.read_level(loop)
        if loop.segments:
            self.keep(loop.left())

    def read_level(self, loop: Loop) -> None:
        self.end_claim()
        self.level = at(loop.need("HL"), 3)
        name = loop.name()
        match self.level:
            case "20":
                self.ack = _with(self.ack, source=name)
            case "21":
                self.ack = _with(self.ack, receiver=name)
            case "19":
                self.end_provider()
                self.provider = ProviderStatus(name)
            case "PT":
                self.patient = name
            case _:
                raise ContentError("level_unknown", "A level of the acknowledgement is unknown", element="HL03")

    def read_trace(self, loop: Loop) -> None:
        trace = at(loop.need("TRN", most=2), 2)
        match self.level:
            case "20":
                dates = tuple(Coded(at(dtp, 1), at(dtp, 3)) for dtp in loop.take_all("DTP", 3))
                self.ack = _with(self.ack, source_trace=trace, source_dates=dates)
            case "21":
                quantities, amounts = _sums(loop, "QTY"), _sums(loop, "AMT")
                statuses = self.statuses(loop)
                self.ack = _with(self.ack, batch=trace, statuses=statuses, quantities=quantities, amounts=amounts)
            case "19" if self.provider is not None:
                self.provider = _with(
                    self.provider,
                    trace=trace,
                    statuses=self.statuses(loop),
                    refs=tuple(Coded(at(ref, 1), at(ref, 2)) for ref in loop.take_all("REF", 2)),
                    quantities=_sums(loop, "QTY"),
                    amounts=_sums(loop, "AMT"),
                )
            case "PT":
                self.end_claim()
                self.claim = ClaimStatus(
                    trace,
                    self.patient,
                    self.statuses(loop),
                    loop.value("REF", "1K"),
                    loop.value("REF", "D9"),
                    at(loop.take("DTP", "472", 3), 3),
                )
            case _:
                raise ContentError("trace_misplaced", "A trace number stands in the wrong place", element="TRN")

    def read_line(self, loop: Loop) -> None:
        if self.claim is None:
            raise ContentError("line_misplaced", "A service line stands outside a claim", element="SVC")
        svc = loop.need("SVC", most=7)
        line = LineStatus(
            tuple(at(svc, 1).split(self.component)),
            amount(svc, 2, "SVC02"),
            self.statuses(loop),
            loop.value("REF", "FJ"),
            at(loop.take("DTP", "472", 3), 3),
            number(at(svc, 7), "SVC07") if at(svc, 7) else None,
            loop.left(),
        )
        loop.segments.clear()
        self.claim = _with(self.claim, lines=(*self.claim.lines, line))

    def statuses(self, loop: Loop) -> tuple[Status, ...]:
        return tuple(self.status(stc) for stc in loop.take_all("STC", 12))

    def status(self, stc: Segment) -> Status:
        spoken = (at(stc, i) for i in (1, 10, 11))
        codes = tuple(StatusCode(*composite(text, self.component, 3)[:3]) for text in spoken if text)
        money = number(at(stc, 4), "STC04") if at(stc, 4) else None
        return Status(codes, find_date(at(stc, 2)), at(stc, 3), money, at(stc, 12))

    def keep(self, raw: tuple[RawSegment, ...]) -> None:
        if self.claim is not None:
            self.claim = _with(self.claim, other=self.claim.other + raw)
        elif self.provider is not None:
            self.provider = _with(self.provider, other=self.provider.other + raw)
        else:
            self.ack = _with(self.ack, other=self.ack.other + raw)

    def end_claim(self) -> None:
        if self.claim is None:
            return
        if self.provider is None:
            raise ContentError("claim_misplaced", "A claim stands outside a billing provider", element="HL")
        self.provider = _with(self.provider, claims=(*self.provider.claims, self.claim))
        self.claim = None

    def end_provider(self) -> None:
        if self.provider is not None:
            self.ack = _with(self.ack, providers=(*self.ack.providers, self.provider))
        self.provider = None

    def finish(self) -> ClaimAck:
        self.end_claim()
        self.end_provider()
        if not self.ack.reference or not self.ack.batch:
            raise ContentError("ack_incomplete", "The acknowledgement does not name the batch", element="TRN")
        return self.ack


def compose_claim_ack(ack: ClaimAck, *, control: str, delimiters: Delimiters = STANDARD) -> Body:
    """Write the acknowledgement as a transaction numbered `control`."""
    out = SegmentWriter("277", control, GUIDE, delimiters)
    out.add("BHT", "0085", "08", ack.reference, ack.created[:8], ack.created[8:], "TH")
    top = out.hl("20")
    _add_name(out, ack.source)
    out.add("TRN", "1", ack.source_trace)
    for moment in ack.source_dates:
        out.add("DTP", moment.qualifier, "D8", moment.value)
    batch = out.hl("21", top)
    _add_name(out, ack.receiver)
    out.add("TRN", "2", ack.batch)
    _add_statements(out, ack.statuses, (), ack.quantities, ack.amounts)
    out.add_raw(ack.other)
    for provider in ack.providers:
        level = out.hl("19", batch)
        _add_name(out, provider.provider)
        if provider.trace:
            out.add("TRN", "1", provider.trace)
            _add_statements(out, provider.statuses, provider.refs, provider.quantities, provider.amounts)
        out.add_raw(provider.other)
        for claim in provider.claims:
            _add_claim(out, level, claim)
    return out.finish()


def _add_claim(out: SegmentWriter, parent: int, claim: ClaimStatus) -> None:
    out.hl("PT", parent)
    _add_name(out, claim.patient)
    out.add("TRN", "2", claim.account)
    _add_statements(out, claim.statuses, (), (), ())
    out.add_if("REF", "1K", claim.payer_number, given=claim.payer_number)
    out.add_if("REF", "D9", claim.clearinghouse_trace, given=claim.clearinghouse_trace)
    _add_service_date(out, claim.service_date)
    out.add_raw(claim.other)
    for line in claim.lines:
        out.add("SVC", line.procedure, line.charge, "", "", "", "", line.units)
        _add_statements(out, line.statuses, (), (), ())
        out.add_if("REF", "FJ", line.control, given=line.control)
        _add_service_date(out, line.service_date)
        out.add_raw(line.other)


def _add_statements(
    out: SegmentWriter,
    statuses: tuple[Status, ...],
    refs: tuple[Coded, ...],
    quantities: tuple[Sum, ...],
    amounts: tuple[Sum, ...],
) -> None:
    for status in statuses:
        first, second, third = (*((code.category, code.status, code.entity) for code in status.codes), (), (), ())[:3]
        out.add(
            "STC", first, format_date(status.on), status.action, status.amount, "", "", "", "", "", second, third,
            status.message,
        )  # fmt: skip
    for ref in refs:
        out.add("REF", ref.qualifier, ref.value)
    for total in quantities:
        out.add("QTY", total.qualifier, total.value)
    for total in amounts:
        out.add("AMT", total.qualifier, total.value)


def _add_service_date(out: SegmentWriter, when: str) -> None:
    out.add_if("DTP", "472", "RD8" if "-" in when else "D8", when, given=when)


def _add_name(out: SegmentWriter, name: Name) -> None:
    out.add(
        "NM1", name.entity, name.kind, name.last, name.first, name.middle, "", name.suffix, name.id_qualifier, name.id
    )


def _sums(loop: Loop, tag: str) -> tuple[Sum, ...]:
    return tuple(Sum(at(one, 1), number(at(one, 2), f"{tag}02")) for one in loop.take_all(tag, 2))


_with = msgspec.structs.replace
