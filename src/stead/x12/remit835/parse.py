"""Read the 835, streaming one ST at a time.

The loop is one pass with a small state: which of header, payer, payee, group, claim or line a segment belongs to
follows from the segments before it. Speed matters here (a payer's weekly file holds ten thousand claims), so each
segment costs one dictionary look-up and the record is made once, when its loop ends.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal

from stead.x12.adjustments import Adjustment, read_adjustments
from stead.x12.content import (
    Address,
    Coded,
    Name,
    RawSegment,
    Received,
    Sum,
    amount,
    at,
    composite,
    name_of,
    number,
    read_date,
    read_typed,
)
from stead.x12.envelope import Transaction
from stead.x12.faults import ContentError, Fault
from stead.x12.remit835.records import (
    Account,
    ClaimGroup,
    Organisation,
    Payment,
    Procedure,
    ProviderAdjustment,
    RemitClaim,
    RemitLine,
    Remittance,
)
from stead.x12.tokenizer import BLOCK_BYTES, Segment, Source


def read_remittances(source: Source, block_bytes: int = BLOCK_BYTES) -> Iterator[Received[Remittance] | Fault]:
    """Yield one remittance per ST, holding one in memory at a time; what cannot be used comes as a fault."""
    return read_typed(source, "835", ("005010X221",), parse_remittance, block_bytes)


def parse_remittance(transaction: Transaction) -> Remittance:
    """Make the record of one proven 835; refuses unreadable numbers and a missing BPR, TRN, payer or payee."""
    reader = _RemitReader(transaction.heading.delimiters.component)
    position = 1
    try:
        for position, segment in enumerate(transaction.segments, start=2):  # noqa: B007  the faults below name it
            handler = _HANDLERS.get(segment[0])
            if handler is None:
                reader.other.append(tuple(segment))
            else:
                handler(reader, segment)
        return reader.finish()
    except ContentError as error:
        error.segment = position
        raise
    except IndexError:
        raise ContentError("short_segment", "A segment lacks elements it must have", segment=position) from None


class _Loop:
    """What was collected for the loop being read, until its record can be made."""

    __slots__ = ("adjustments", "amounts", "dates", "head", "money", "names", "other", "quantities", "refs", "remarks")

    def __init__(self, head: Segment, money: tuple[Decimal, ...] = ()) -> None:
        self.head = head
        # Read together with the head, so that a fault names the segment it is in and not the next one.
        self.money = money
        # Most loops hold few kinds of segment: a list is made only for those that come.
        self.adjustments: list[Adjustment] | tuple[()] = ()
        self.amounts: list[Sum] | tuple[()] = ()
        self.quantities: list[Sum] | tuple[()] = ()
        self.dates: list[Coded] | tuple[()] = ()
        self.refs: list[Coded] | tuple[()] = ()
        self.remarks: list[Coded] | tuple[()] = ()
        self.names: list[Name] | tuple[()] = ()
        self.other: list[RawSegment] = []


class _RemitReader:
    def __init__(self, component: str) -> None:
        self.component = component
        self.loop = self.top = _Loop([])
        self.payment: Payment | None = None
        self.organisations: dict[str, Organisation] = {}
        self.party: _Loop | None = None
        self.party_address: list[Segment] = []
        self.groups: list[ClaimGroup] = []
        self.group: _Loop | None = None
        self.claims: list[RemitClaim] = []
        self.claim: _Loop | None = None
        self.moa: RawSegment = ()
        self.mia: RawSegment = ()
        self.lines: list[RemitLine] = []
        self.line: _Loop | None = None
        self.provider_adjustments: list[ProviderAdjustment] = []

    @property
    def other(self) -> list[RawSegment]:
        return self.loop.other

    def finish(self) -> Remittance:
        self.end_group()
        self.end_party()
        payer, payee = self.organisations.get("PR"), self.organisations.get("PE")
        if self.payment is None or payer is None or payee is None:
            raise ContentError("header_missing", "The remittance lacks its payment, payer or payee", element="BPR")
        top = self.top
        return Remittance(
            self.payment,
            payer,
            payee,
            tuple(self.groups),
            tuple(self.provider_adjustments),
            tuple(top.refs),
            tuple(top.dates),
            tuple(top.other),
        )

    def end_line(self) -> None:
        line = self.line
        if line is None:
            return
        head = line.head
        size = len(head)
        self.lines.append(
            RemitLine(
                self.procedure(head[1]),
                line.money[0],
                line.money[1],
                head[4] if size > 4 else "",
                number(head[5], "SVC05") if size > 5 and head[5] else None,
                self.procedure(head[6]) if size > 6 and head[6] else None,
                number(head[7], "SVC07") if size > 7 and head[7] else None,
                tuple(line.dates),
                tuple(line.adjustments),
                tuple(line.refs),
                tuple(line.amounts),
                tuple(line.quantities),
                tuple(line.remarks),
                tuple(line.other),
            )
        )
        self.line = None

    def end_claim(self) -> None:
        self.end_line()
        claim = self.claim
        if claim is None:
            return
        head = claim.head
        self.claims.append(
            RemitClaim(
                head[1],
                head[2],
                claim.money[0],
                claim.money[1],
                claim.money[2],
                at(head, 6),
                at(head, 7),
                at(head, 8),
                at(head, 9),
                tuple(head[10:]),
                tuple(claim.adjustments),
                tuple(claim.names),
                self.mia,
                self.moa,
                tuple(claim.refs),
                tuple(claim.dates),
                tuple(claim.amounts),
                tuple(claim.quantities),
                tuple(self.lines),
                tuple(claim.other),
            )
        )
        self.claim, self.lines, self.moa, self.mia = None, [], (), ()

    def end_group(self) -> None:
        self.end_claim()
        if self.group is not None:
            self.groups.append(ClaimGroup(at(self.group.head, 1), tuple(self.claims), tuple(self.group.other)))
        self.group, self.claims, self.loop = None, [], self.top

    def end_party(self) -> None:
        party = self.party
        if party is None:
            return
        head = party.head
        self.organisations[head[1]] = Organisation(
            at(head, 2), at(head, 3), at(head, 4), _address(self.party_address), tuple(party.refs), tuple(party.other)
        )
        self.party, self.party_address, self.loop = None, [], self.top

    def procedure(self, text: str) -> Procedure:
        parts = text.split(self.component)
        if len(parts) == 2:
            return Procedure(parts[1], parts[0])
        parts = composite(text, self.component, 7)
        return Procedure(parts[1], parts[0], tuple(part for part in parts[2:6] if part), parts[6])


def _payment(reader: _RemitReader, s: Segment) -> None:
    if reader.payment is not None:
        raise ContentError("bpr_repeated", "The remittance names its payment twice", element="BPR")
    reader.payment = Payment(
        amount=number(at(s, 2), "BPR02"),
        handling=at(s, 1),
        flag=at(s, 3),
        method=at(s, 4),
        format=at(s, 5),
        payer_account=Account(at(s, 6), at(s, 7), at(s, 8), at(s, 9)),
        origin=at(s, 10),
        origin_supplement=at(s, 11),
        payee_account=Account(at(s, 12), at(s, 13), at(s, 14), at(s, 15)),
        paid_date=read_date(at(s, 16), "BPR16") if at(s, 16) else None,
    )


def _trace(reader: _RemitReader, s: Segment) -> None:
    paid = reader.payment
    if paid is None or paid.trace:
        raise ContentError("trace_misplaced", "The trace number stands in the wrong place", element="TRN02")
    reader.payment = Payment(
        paid.amount, paid.handling, paid.flag, paid.method, paid.format, paid.payer_account, paid.origin,
        paid.origin_supplement, paid.payee_account, paid.paid_date, at(s, 2), at(s, 3), at(s, 4),
    )  # fmt: skip


def _organisation(reader: _RemitReader, s: Segment) -> None:
    if reader.claim is not None:
        reader.other.append(tuple(s))
        return
    reader.end_party()
    reader.party = reader.loop = _Loop(s)


def _place(reader: _RemitReader, s: Segment) -> None:
    is_first = all(kept[0] != s[0] for kept in reader.party_address)
    if reader.party is not None and is_first and len(s) <= 5:
        reader.party_address.append(s)
    else:
        reader.other.append(tuple(s))


def _group(reader: _RemitReader, s: Segment) -> None:
    reader.end_party()
    reader.end_group()
    reader.group = reader.loop = _Loop(s)


def _claim(reader: _RemitReader, s: Segment) -> None:
    if len(s) < 5:
        raise ContentError("short_segment", "A claim lacks its amounts", element="CLP")
    reader.end_party()
    reader.end_claim()
    if reader.group is None:
        reader.group = _Loop(["LX", ""])
    money = (amount(s, 3, "CLP03"), amount(s, 4, "CLP04"), amount(s, 5, "CLP05"))
    reader.claim = reader.loop = _Loop(s, money)


def _line(reader: _RemitReader, s: Segment) -> None:
    if reader.claim is None or len(s) < 4:
        raise ContentError("line_misplaced", "A service line stands outside a claim or lacks amounts", element="SVC")
    reader.end_line()
    reader.line = reader.loop = _Loop(s, (amount(s, 2, "SVC02"), amount(s, 3, "SVC03")))


def _adjustments(reader: _RemitReader, s: Segment) -> None:
    if reader.claim is None:
        raise ContentError("cas_misplaced", "An adjustment stands outside a claim", element="CAS")
    loop = reader.loop
    if loop.adjustments:
        loop.adjustments.extend(read_adjustments(s))
    else:
        loop.adjustments = read_adjustments(s)


def _provider_adjustments(reader: _RemitReader, s: Segment) -> None:
    if len(s) < 5:
        raise ContentError("short_segment", "A provider adjustment lacks its amount", element="PLB04")
    reader.end_group()
    for i in range(3, len(s), 2):
        money = amount(s, i + 1, "PLB04")
        if not s[i] and money:
            raise ContentError("plb_without_reason", "A provider adjustment has no reason", element="PLB03")
        if s[i]:
            reason, reference = composite(s[i], reader.component, 2)[:2]
            reader.provider_adjustments.append(ProviderAdjustment(s[1], s[2], reason, money, reference))


def _moa(reader: _RemitReader, s: Segment) -> None:
    if reader.claim is None or reader.moa:
        reader.other.append(tuple(s))
    else:
        reader.moa = tuple(s)


def _mia(reader: _RemitReader, s: Segment) -> None:
    if reader.claim is None or reader.mia:
        reader.other.append(tuple(s))
    else:
        reader.mia = tuple(s)


def _name(reader: _RemitReader, s: Segment) -> None:
    if reader.claim is None or reader.line is not None or len(s) > 10 or at(s, 6):
        reader.other.append(tuple(s))
    elif reader.loop.names:
        reader.loop.names.append(name_of(s))
    else:
        reader.loop.names = [name_of(s)]


def _ref(reader: _RemitReader, s: Segment) -> None:
    loop = reader.loop
    if len(s) != 3:
        loop.other.append(tuple(s))
    elif loop.refs:
        loop.refs.append(Coded(s[1], s[2]))
    else:
        loop.refs = [Coded(s[1], s[2])]


def _date(reader: _RemitReader, s: Segment) -> None:
    loop = reader.loop
    if len(s) != 3:
        loop.other.append(tuple(s))
    elif loop.dates:
        loop.dates.append(Coded(s[1], s[2]))
    else:
        loop.dates = [Coded(s[1], s[2])]


def _remark(reader: _RemitReader, s: Segment) -> None:
    loop = reader.loop
    if reader.line is None or len(s) != 3:
        loop.other.append(tuple(s))
    elif loop.remarks:
        loop.remarks.append(Coded(s[1], s[2]))
    else:
        loop.remarks = [Coded(s[1], s[2])]


def _amount(reader: _RemitReader, s: Segment) -> None:
    loop = reader.loop
    if reader.claim is None or len(s) != 3:
        loop.other.append(tuple(s))
    elif loop.amounts:
        loop.amounts.append(Sum(s[1], number(s[2], "AMT02")))
    else:
        loop.amounts = [Sum(s[1], number(s[2], "AMT02"))]


def _quantity(reader: _RemitReader, s: Segment) -> None:
    loop = reader.loop
    if reader.claim is None or len(s) != 3:
        loop.other.append(tuple(s))
    elif loop.quantities:
        loop.quantities.append(Sum(s[1], number(s[2], "QTY02")))
    else:
        loop.quantities = [Sum(s[1], number(s[2], "QTY02"))]


def _address(segments: list[Segment]) -> Address | None:
    lines = {segment[0]: segment for segment in segments}
    n3, n4 = lines.get("N3", []), lines.get("N4", [])
    if not segments:
        return None
    return Address(at(n3, 1), at(n4, 1), at(n4, 2), at(n4, 3), at(n3, 2), at(n4, 4))


_HANDLERS: dict[str, Callable[[_RemitReader, Segment], None]] = {
    "BPR": _payment,
    "TRN": _trace,
    "N1": _organisation,
    "N3": _place,
    "N4": _place,
    "LX": _group,
    "CLP": _claim,
    "CAS": _adjustments,
    "NM1": _name,
    "MOA": _moa,
    "MIA": _mia,
    "SVC": _line,
    "DTM": _date,
    "REF": _ref,
    "AMT": _amount,
    "QTY": _quantity,
    "LQ": _remark,
    "PLB": _provider_adjustments,
}
