"""Read the parties of an 837P: submitter, receiver, billing provider, subscriber, payer and patient."""

from msgspec import structs

from stead.x12.claim837p.reader import BatchReader
from stead.x12.claim837p.records import (
    BillingProvider,
    Contact,
    Dependent,
    Payer,
    Person,
    Subscriber,
    TradingPartner,
)
from stead.x12.content import at, read_date
from stead.x12.faults import ContentError
from stead.x12.loops import Loop
from stead.x12.tokenizer import Segment


def read_header(reader: BatchReader, loop: Loop) -> None:
    reader.bht = loop.need("BHT")


def read_partner(reader: BatchReader, loop: Loop) -> None:
    name = loop.name()
    reader.partners[name.entity] = TradingPartner(name.last, name.id)
    if name.entity == "41":
        reader.contact = _contact(loop.take("PER")) or reader.contact


def _contact(per: Segment) -> Contact | None:
    if not per:
        return None
    ways = dict(zip(per[3::2], per[4::2], strict=False))
    return Contact(at(per, 2), ways.get("TE", ""), ways.get("EM", ""))


def read_billing_level(reader: BatchReader, loop: Loop) -> None:
    loop.need("HL")
    reader.taxonomy = at(loop.take("PRV", "BI"), 3)
    reader.billing = None


def read_billing(reader: BatchReader, loop: Loop) -> None:
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


def read_pay_to(reader: BatchReader, loop: Loop) -> None:
    loop.need("NM1")
    if reader.billing is None:
        raise ContentError("billing_missing", "A pay-to address stands without billing provider", element="NM1*87")
    reader.billing = structs.replace(reader.billing, pay_to=loop.address())


def read_person_level(reader: BatchReader, loop: Loop) -> None:
    hl = loop.need("HL")
    reader.relationship = at(loop.take("PAT", most=1), 1)
    reader.dependent = None
    if hl[3] == "22":
        reader.subscriber = reader.payer = None


def read_policy(reader: BatchReader, loop: Loop) -> None:
    reader.sbr = loop.need("SBR")


def read_subscriber(reader: BatchReader, loop: Loop) -> None:
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


def read_payer(reader: BatchReader, loop: Loop) -> None:
    name = loop.name()
    reader.payer = Payer(name.last, name.id, name.id_qualifier)


def read_dependent(reader: BatchReader, loop: Loop) -> None:
    name, place, born = loop.name(), loop.address(), loop.need("DMG", most=3)
    if place is None:
        raise ContentError("patient_incomplete", "The patient lacks an address", element="NM1*QC")
    person = Person(name.last, name.first, name.middle, name.suffix)
    reader.dependent = Dependent(person, reader.relationship, place, read_date(at(born, 2), "DMG02"), at(born, 3))
