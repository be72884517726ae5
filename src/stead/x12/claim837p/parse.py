"""Read an 837P back into the very records it was written from, as a payer does.

The body is cut into loops first; each loop then gives up its segments by name. What this guide's records have no place
for stays raw in `other` of the line, the claim or the batch.
"""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

import msgspec

from stead.x12.adjustments import Adjustment, read_adjustments
from stead.x12.claim837p.records import (
    Attachment,
    BillingProvider,
    Claim,
    ClaimBatch,
    Contact,
    Dependent,
    Facility,
    LineAdjudication,
    OtherCoverage,
    Payer,
    Person,
    Practitioner,
    ServiceLine,
    Subscriber,
    TradingPartner,
)
from stead.x12.content import (
    RawSegment,
    Received,
    amount,
    at,
    composite,
    number,
    read_date,
    read_moment,
    read_typed,
    whole,
)
from stead.x12.envelope import Transaction
from stead.x12.faults import ContentError, Fault
from stead.x12.loops import Loop, cut_loops
from stead.x12.tokenizer import BLOCK_BYTES, Segment, Source

_OPENERS = {
    "BHT": "BHT", "HL": "HL*{3}", "NM1": "NM1*{1}", "SBR": "SBR", "CLM": "CLM", "LX": "LX", "SVD": "SVD",
}  # fmt: skip


def read_claims(source: Source, block_bytes: int = BLOCK_BYTES) -> Iterator[Received[ClaimBatch] | Fault]:
    """Yield one batch per ST; what cannot be used comes as a fault."""
    return read_typed(source, "837", ("005010X222",), parse_claims, block_bytes)


def parse_claims(transaction: Transaction) -> ClaimBatch:
    """Make the batch of one proven 837P; refuses missing parties, amounts or dates with the segment's place."""
    reader = _BatchReader(transaction.heading.delimiters.component)
    place = 1
    try:
        for loop in cut_loops(transaction.segments, _OPENERS):
            place = loop.at_segment
            reader.read(loop)
        return reader.finish()
    except ContentError as error:
        error.segment = place
        raise


class _BatchReader:
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

    def read(self, loop: Loop) -> None:
        handler = self.handler(loop.kind)
        if handler is None:
            self.keep(loop.left())
            return
        if loop.kind[:2] == "HL" or loop.kind == "CLM":
            self.end_claim()
        handler(self, loop)
        self.keep(loop.left())

    def handler(self, kind: str) -> "_Handler | None":
        """Find who reads a loop; inside a claim only the next claim or level leads out again."""
        if self.claim is None or kind == "CLM" or kind.startswith("HL"):
            return _OUTER.get(kind)
        return (_CLAIM if self.line is None else _LINE).get(kind)

    def keep(self, raw: tuple[RawSegment, ...]) -> None:
        """Keep raw segments on the innermost record that is open."""
        if not raw:
            return
        if self.line is not None:
            self.line = _with(self.line, other=self.line.other + raw)
        elif self.claim is not None:
            self.claim = _with(self.claim, other=self.claim.other + raw)
        else:
            self.other += raw

    def end_line(self) -> None:
        if self.line is not None and self.claim is not None:
            self.claim = _with(self.claim, lines=(*self.claim.lines, self.line))
        self.line = None

    def end_coverage(self) -> None:
        if self.coverage is not None and self.claim is not None:
            self.claim = _with(self.claim, other_coverages=(*self.claim.other_coverages, self.coverage))
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


def _header(reader: _BatchReader, loop: Loop) -> None:
    reader.bht = loop.need("BHT")


def _partner(reader: _BatchReader, loop: Loop) -> None:
    name = loop.name()
    reader.partners[name.entity] = TradingPartner(name.last, name.id)
    if name.entity == "41":
        reader.contact = _contact(loop.take("PER")) or reader.contact


def _contact(per: Segment) -> Contact | None:
    if not per:
        return None
    ways = dict(zip(per[3::2], per[4::2], strict=False))
    return Contact(at(per, 2), ways.get("TE", ""), ways.get("EM", ""))


def _billing_level(reader: _BatchReader, loop: Loop) -> None:
    loop.need("HL")
    reader.taxonomy = at(loop.take("PRV", "BI"), 3)
    reader.billing = None


def _billing(reader: _BatchReader, loop: Loop) -> None:
    name = loop.name()
    place = loop.address()
    tax = loop.take("REF", "EI", 2) or loop.take("REF", "SY", 2)
    if place is None or not tax:
        raise ContentError("billing_incomplete", "The billing provider lacks address or tax number", element="NM1*85")
    person = Person(name.last, name.first, name.middle, name.suffix) if name.kind == "1" else None
    reader.billing = BillingProvider(
        npi=name.id,
        taxonomy=reader.taxonomy,
        address=place,
        tax_id=at(tax, 2),
        organisation="" if person else name.last,
        person=person,
        tax_id_kind=at(tax, 1),
        contact=_contact(loop.take("PER")),
    )


def _pay_to(reader: _BatchReader, loop: Loop) -> None:
    loop.need("NM1")
    if reader.billing is None:
        raise ContentError("billing_missing", "A pay-to address stands without billing provider", element="NM1*87")
    reader.billing = _with(reader.billing, pay_to=loop.address())


def _person_level(reader: _BatchReader, loop: Loop) -> None:
    hl = loop.need("HL")
    reader.relationship = at(loop.take("PAT", most=1), 1)
    reader.dependent = None
    if hl[3] == "22":
        reader.subscriber = reader.payer = None


def _policy(reader: _BatchReader, loop: Loop) -> None:
    reader.sbr = loop.need("SBR")


def _subscriber(reader: _BatchReader, loop: Loop) -> None:
    name, place, born, sbr = loop.name(), loop.address(), loop.take("DMG", most=3), reader.sbr
    reader.subscriber = Subscriber(
        name=Person(name.last, name.first, name.middle, name.suffix),
        member_id=name.id,
        priority=at(sbr, 1),
        filing_code=at(sbr, 9),
        group_number=at(sbr, 3),
        group_name=at(sbr, 4),
        medicare_secondary=at(sbr, 5),
        address=place,
        birth_date=read_date(at(born, 2), "DMG02") if born else None,
        sex=at(born, 3),
    )


def _payer(reader: _BatchReader, loop: Loop) -> None:
    name = loop.name()
    reader.payer = Payer(name.last, name.id, name.id_qualifier)


def _dependent(reader: _BatchReader, loop: Loop) -> None:
    name, place, born = loop.name(), loop.address(), loop.need("DMG", most=3)
    if place is None:
        raise ContentError("patient_incomplete", "The patient lacks an address", element="NM1*QC")
    person = Person(name.last, name.first, name.middle, name.suffix)
    reader.dependent = Dependent(person, reader.relationship, place, read_date(at(born, 2), "DMG02"), at(born, 3))


def _claim(reader: _BatchReader, loop: Loop) -> None:
    if reader.billing is None or reader.subscriber is None or reader.payer is None:
        raise ContentError("party_missing", "A claim stands before its billing provider or policy", element="CLM")
    clm = loop.need("CLM")
    place = composite(at(clm, 5), reader.component, 3)
    paid = loop.take("AMT", "F5", 2)
    if any(clm[10:20]) or len(clm) > 21:
        loop.segments.append(clm)  # accident, special programme and the like have no field here: kept raw
    reader.claim = Claim(
        account=at(clm, 1),
        charge=number(at(clm, 2), "CLM02"),
        place=place[0],
        billing=reader.billing,
        subscriber=reader.subscriber,
        payer=reader.payer,
        diagnoses=_diagnoses(reader, loop),
        lines=(),
        dependent=reader.dependent,
        frequency=place[2],
        payer_number=loop.value("REF", "F8"),
        signature_on_file=at(clm, 6),
        assignment=at(clm, 7),
        benefits_assigned=at(clm, 8),
        release=at(clm, 9),
        delay_reason=at(clm, 20),
        patient_paid=amount(paid, 2, "AMT02") if paid else None,
        prior_authorization=loop.value("REF", "G1"),
        referral=loop.value("REF", "9F"),
        note=loop.value("NTE", "ADD"),
        attachments=tuple(Attachment(at(pwk, 1), at(pwk, 2), at(pwk, 6)) for pwk in loop.take_all("PWK", 6)),
    )


def _diagnoses(reader: _BatchReader, loop: Loop) -> tuple[str, ...]:
    for hi in loop.segments:
        parts = [composite(text, reader.component, 2) for text in hi[1:]]
        if hi[0] == "HI" and parts and all(part[0] in {"ABK", "ABF"} for part in parts):
            loop.segments.remove(hi)
            return tuple(part[1] for part in parts)
    return ()


def _claim_practitioner(reader: _BatchReader, loop: Loop) -> None:
    who = reader.practitioner(loop)
    claim = reader.need_claim()
    match loop.kind:
        case "NM1*DN":
            reader.claim = _with(claim, referring=who)
        case "NM1*82":
            reader.claim = _with(claim, rendering=who)
        case _:
            reader.claim = _with(claim, supervising=who)


def _facility(reader: _BatchReader, loop: Loop) -> None:
    name, place = loop.name(), loop.address()
    if place is None:
        raise ContentError("facility_incomplete", "The service facility lacks an address", element="NM1*77")
    reader.claim = _with(reader.need_claim(), facility=Facility(name.last, place, name.id))


def _coverage(reader: _BatchReader, loop: Loop) -> None:
    reader.end_coverage()
    sbr, paid, oi = loop.need("SBR"), loop.take("AMT", "D", 2), loop.take("OI", most=6)
    reader.coverage = OtherCoverage(
        payer=Payer("", ""),
        subscriber=Person(""),
        member_id="",
        priority=at(sbr, 1),
        relationship=at(sbr, 2),
        group_number=at(sbr, 3),
        filing_code=at(sbr, 9),
        benefits_assigned=at(oi, 3),
        release=at(oi, 6),
        paid=amount(paid, 2, "AMT02") if paid else None,
        adjustments=reader.adjustments(loop),
    )


def _coverage_party(reader: _BatchReader, loop: Loop) -> None:
    if reader.coverage is None:
        reader.keep(loop.left())
        loop.segments.clear()
        return
    name = loop.name()
    if name.entity == "PR":
        payer = Payer(name.last, name.id, name.id_qualifier)
        reader.coverage = _with(reader.coverage, payer=payer, payer_number=loop.value("REF", "F8"))
    else:
        person = Person(name.last, name.first, name.middle, name.suffix)
        reader.coverage = _with(reader.coverage, subscriber=person, member_id=name.id)


def _line(reader: _BatchReader, loop: Loop) -> None:
    reader.end_line()
    reader.end_coverage()
    loop.need("LX")
    sv1, served = loop.need("SV1", most=7), loop.need("DTP", "472", 3)
    code = composite(at(sv1, 1), reader.component, 7)
    first, _, last = at(served, 3).partition("-")
    reader.line = ServiceLine(
        code=code[1],
        charge=number(at(sv1, 2), "SV102"),
        units=number(at(sv1, 4), "SV104"),
        pointers=tuple(whole(text, "SV107") for text in at(sv1, 7).split(reader.component) if text),
        service_date=read_date(first, "DTP03"),
        modifiers=tuple(part for part in code[2:6] if part),
        service_end=_end(last),
        place=at(sv1, 5),
        unit=at(sv1, 3),
        qualifier=code[0],
        description=code[6],
        control=loop.value("REF", "6R"),
        prior_authorization=loop.value("REF", "G1"),
        note=loop.value("NTE", "ADD"),
    )


def _end(text: str) -> date | None:
    return read_date(text, "DTP03") if text else None


def _line_practitioner(reader: _BatchReader, loop: Loop) -> None:
    if reader.line is not None:
        reader.line = _with(reader.line, rendering=reader.practitioner(loop))


def _adjudication(reader: _BatchReader, loop: Loop) -> None:
    svd, owed = loop.need("SVD", most=5), loop.take("AMT", "EAF", 2)
    paid_on = loop.need("DTP", "573", 3)
    code = composite(at(svd, 3), reader.component, 6)
    decided = LineAdjudication(
        payer_id=at(svd, 1),
        paid=number(at(svd, 2), "SVD02"),
        code=code[1],
        units=number(at(svd, 5), "SVD05"),
        paid_date=read_date(at(paid_on, 3), "DTP03"),
        qualifier=code[0],
        modifiers=tuple(part for part in code[2:6] if part),
        adjustments=reader.adjustments(loop),
        patient_owes=_decimal(owed),
    )
    if reader.line is not None:
        reader.line = _with(reader.line, adjudications=(*reader.line.adjudications, decided))


def _decimal(segment: Segment) -> Decimal | None:
    return amount(segment, 2, "AMT02") if segment else None


_with = msgspec.structs.replace

type _Handler = Callable[[_BatchReader, Loop], None]

_OUTER: dict[str, _Handler] = {
    "BHT": _header,
    "NM1*41": _partner,
    "NM1*40": _partner,
    "HL*20": _billing_level,
    "NM1*85": _billing,
    "NM1*87": _pay_to,
    "HL*22": _person_level,
    "HL*23": _person_level,
    "SBR": _policy,
    "NM1*IL": _subscriber,
    "NM1*PR": _payer,
    "NM1*QC": _dependent,
    "CLM": _claim,
}
_CLAIM: dict[str, _Handler] = {
    "NM1*DN": _claim_practitioner,
    "NM1*82": _claim_practitioner,
    "NM1*DQ": _claim_practitioner,
    "NM1*77": _facility,
    "SBR": _coverage,
    "NM1*IL": _coverage_party,
    "NM1*PR": _coverage_party,
    "LX": _line,
}
_LINE: dict[str, _Handler] = {
    "LX": _line,
    "NM1*82": _line_practitioner,
    "SVD": _adjudication,
}
