"""Read the 277CA: walk the levels, each with the statements that its TRN opens."""

from collections.abc import Iterator

import msgspec

from stead.x12.ack277ca.records import GUIDE, ClaimAck, ClaimStatus, LineStatus, ProviderStatus, Status, StatusCode
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
from stead.x12.faults import ContentError, Fault
from stead.x12.headers import Transaction
from stead.x12.loops import Loop, cut_loops
from stead.x12.tokenizer import BLOCK_BYTES, Segment, Source


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


def _sums(loop: Loop, tag: str) -> tuple[Sum, ...]:
    return tuple(Sum(at(one, 1), number(at(one, 2), f"{tag}02")) for one in loop.take_all(tag, 2))


_with = msgspec.structs.replace
