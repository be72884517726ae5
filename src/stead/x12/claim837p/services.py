"""Read a claim of an 837P: its own facts, practitioners, other payers and service lines."""

from datetime import date
from decimal import Decimal

from msgspec import structs

from stead.x12.claim837p.reader import BatchReader
from stead.x12.claim837p.records import (
    Attachment,
    Claim,
    Facility,
    LineAdjudication,
    OtherCoverage,
    Payer,
    Person,
    ServiceLine,
)
from stead.x12.content import amount, at, composite, number, read_date, whole
from stead.x12.faults import ContentError
from stead.x12.loops import Loop
from stead.x12.tokenizer import Segment


def read_claim(reader: BatchReader, loop: Loop) -> None:
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


def _diagnoses(reader: BatchReader, loop: Loop) -> tuple[str, ...]:
    for hi in loop.segments:
        parts = [composite(text, reader.component, 2) for text in hi[1:]]
        if hi[0] == "HI" and parts and all(part[0] in {"ABK", "ABF"} for part in parts):
            loop.segments.remove(hi)
            return tuple(part[1] for part in parts)
    return ()


def read_claim_practitioner(reader: BatchReader, loop: Loop) -> None:
    who = reader.practitioner(loop)
    claim = reader.need_claim()
    match loop.kind:
        case "NM1*DN":
            reader.claim = structs.replace(claim, referring=who)
        case "NM1*82":
            reader.claim = structs.replace(claim, rendering=who)
        case _:
            reader.claim = structs.replace(claim, supervising=who)


def read_facility(reader: BatchReader, loop: Loop) -> None:
    name, place = loop.name(), loop.address()
    if place is None:
        raise ContentError("facility_incomplete", "The service facility lacks an address", element="NM1*77")
    reader.claim = structs.replace(reader.need_claim(), facility=Facility(name.last, place, name.id))


def read_coverage(reader: BatchReader, loop: Loop) -> None:
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


def read_coverage_party(reader: BatchReader, loop: Loop) -> None:
    if reader.coverage is None:
        reader.keep(loop.left())
        loop.segments.clear()
        return
    name = loop.name()
    if name.entity == "PR":
        payer = Payer(name.last, name.id, name.id_qualifier)
        reader.coverage = structs.replace(reader.coverage, payer=payer, payer_number=loop.value("REF", "F8"))
    else:
        person = Person(name.last, name.first, name.middle, name.suffix)
        reader.coverage = structs.replace(reader.coverage, subscriber=person, member_id=name.id)


def read_line(reader: BatchReader, loop: Loop) -> None:
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


def read_line_practitioner(reader: BatchReader, loop: Loop) -> None:
    if reader.line is not None:
        reader.line = structs.replace(reader.line, rendering=reader.practitioner(loop))


def read_adjudication(reader: BatchReader, loop: Loop) -> None:
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
        reader.line = structs.replace(reader.line, adjudications=(*reader.line.adjudications, decided))


def _decimal(segment: Segment) -> Decimal | None:
    return amount(segment, 2, "AMT02") if segment else None
