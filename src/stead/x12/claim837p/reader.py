"""Hold what was read of an 837P so far: the parties in force, and the claim and line that are open."""

from msgspec import structs

from stead.x12.adjustments import Adjustment, read_adjustments
from stead.x12.claim837p.records import (
    BillingProvider,
    Claim,
    ClaimBatch,
    Contact,
    Dependent,
    OtherCoverage,
    Payer,
    Person,
    Practitioner,
    ServiceLine,
    Subscriber,
    TradingPartner,
)
from stead.x12.content import RawSegment, at, read_moment
from stead.x12.faults import ContentError
from stead.x12.loops import Loop
from stead.x12.tokenizer import Segment


class BatchReader:
    def __init__(self, component: str) -> None:
        self.component = component
        self.bht: Segment = []
        self.partners: dict[str, TradingPartner] = {}
        self.contact = Contact("", "")
        self.other: list[RawSegment] = []
        self.taxonomy = ""
        self.billing: BillingProvider | None = None
        self.sbr: Segment = []
        self.subscriber: Subscriber | None = None
        self.payer: Payer | None = None
        self.relationship = ""
        self.dependent: Dependent | None = None
        self.claims: list[Claim] = []
        self.claim: Claim | None = None
        self.line: ServiceLine | None = None
        self.coverage: OtherCoverage | None = None

    def keep(self, raw: tuple[RawSegment, ...]) -> None:
        """Keep raw segments on the innermost record that is open."""
        if not raw:
            return
        if self.line is not None:
            self.line = structs.replace(self.line, other=self.line.other + raw)
        elif self.claim is not None:
            self.claim = structs.replace(self.claim, other=self.claim.other + raw)
        else:
            self.other += raw

    def end_line(self) -> None:
        if self.line is not None and self.claim is not None:
            self.claim = structs.replace(self.claim, lines=(*self.claim.lines, self.line))
        self.line = None

    def end_coverage(self) -> None:
        if self.coverage is not None and self.claim is not None:
            self.claim = structs.replace(self.claim, other_coverages=(*self.claim.other_coverages, self.coverage))
        self.coverage = None

    def end_claim(self) -> None:
        self.end_line()
        self.end_coverage()
        if self.claim is not None:
            self.claims.append(self.claim)
        self.claim = None

    def finish(self) -> ClaimBatch:
        self.end_claim()
        submitter, receiver = self.partners.get("41"), self.partners.get("40")
        if not self.bht or submitter is None or receiver is None:
            raise ContentError("header_missing", "The batch lacks its beginning, submitter or receiver", element="BHT")
        return ClaimBatch(
            at(self.bht, 3),
            read_moment(at(self.bht, 4), at(self.bht, 5), "BHT04"),
            submitter,
            self.contact,
            receiver,
            tuple(self.claims),
            at(self.bht, 6) == "RP",
            tuple(self.other),
        )

    def need_claim(self) -> Claim:
        if self.claim is None:
            raise ContentError("claim_missing", "A part of a claim stands outside any claim", element="CLM")
        return self.claim

    def practitioner(self, loop: Loop) -> Practitioner:
        name = loop.name()
        return Practitioner(Person(name.last, name.first, name.middle, name.suffix), name.id, at(loop.take("PRV"), 3))

    def adjustments(self, loop: Loop) -> tuple[Adjustment, ...]:
        return tuple(moved for cas in loop.take_all("CAS") for moved in read_adjustments(cas))
