"""Hold the loops of an 835 that are open, and make each record once, when its loop ends."""

from decimal import Decimal

from stead.x12.adjustments import Adjustment
from stead.x12.content import Address, Coded, Name, RawSegment, Sum, at, composite, number
from stead.x12.faults import ContentError
from stead.x12.remit835.records import (
    ClaimGroup,
    Organisation,
    Payment,
    Procedure,
    ProviderAdjustment,
    RemitClaim,
    RemitLine,
    Remittance,
)
from stead.x12.tokenizer import Segment


class OpenLoop:
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


class RemitReader:
    def __init__(self, component: str) -> None:
        self.component = component
        self.procedures: dict[str, Procedure] = {}
        self.loop = self.top = OpenLoop([])
        self.payment: Payment | None = None
        self.organisations: dict[str, Organisation] = {}
        self.party: OpenLoop | None = None
        self.party_address: list[Segment] = []
        self.groups: list[ClaimGroup] = []
        self.group: OpenLoop | None = None
        self.claims: list[RemitClaim] = []
        self.claim: OpenLoop | None = None
        self.moa: RawSegment = ()
        self.mia: RawSegment = ()
        self.lines: list[RemitLine] = []
        self.line: OpenLoop | None = None
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
        if not self.payment.trace:
            # Two payments without a number could not be told apart, and one would pass for a copy of the other.
            raise ContentError("trace_missing", "The remittance lacks its trace number", element="TRN02")
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
        """Read a code composite; a remittance names the same few codes over and over."""
        known = self.procedures.get(text)
        if known is None:
            parts = composite(text, self.component, 7)
            known = Procedure(parts[1], parts[0], tuple(part for part in parts[2:6] if part), parts[6])
            self.procedures[text] = known
        return known


def _address(segments: list[Segment]) -> Address | None:
    lines = {segment[0]: segment for segment in segments}
    n3, n4 = lines.get("N3", []), lines.get("N4", [])
    if not segments:
        return None
    return Address(at(n3, 1), at(n4, 1), at(n4, 2), at(n4, 3), at(n3, 2), at(n4, 4))
