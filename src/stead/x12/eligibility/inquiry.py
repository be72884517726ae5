"""Write and read the 270: one information source, receiver, subscriber and maybe dependent per inquiry."""

from collections.abc import Iterator
from itertools import groupby

from stead.x12.content import Name, Received, at, find_date, read_date, read_moment, read_typed
from stead.x12.delimiters import STANDARD, Delimiters
from stead.x12.eligibility.records import GUIDE, Inquiry, InquiryBatch, InquiryPerson
from stead.x12.faults import ContentError, Fault, UnwritableError
from stead.x12.headers import Transaction
from stead.x12.loops import Loop, cut_loops
from stead.x12.tokenizer import BLOCK_BYTES, Segment, Source
from stead.x12.writer import Body, SegmentWriter, format_date


def compose_inquiries(batch: InquiryBatch, *, control: str, delimiters: Delimiters = STANDARD) -> Body:
    """Write the questions as one transaction numbered `control`."""
    if any(inquiry.other for inquiry in batch.inquiries):
        raise UnwritableError("An inquiry was read with segments that have no place of their own; it is not written.")
    out = SegmentWriter("270", control, GUIDE, delimiters)
    made = batch.created_at
    out.add("BHT", "0022", "13", batch.reference, format_date(made), f"{made:%H%M%S}")
    for (payer, payer_id), of_payer in groupby(batch.inquiries, key=lambda one: (one.payer_name, one.payer_id)):
        source = out.hl("20")
        out.add("NM1", "PR", "2", payer, "", "", "", "", "PI", payer_id)
        for (provider, npi), asked in groupby(of_payer, key=lambda one: (one.provider_name, one.provider_npi)):
            receiver = out.hl("21", source)
            out.add("NM1", "1P", "2", provider, "", "", "", "", "XX", npi)
            for inquiry in asked:
                _add_inquiry(out, receiver, inquiry)
    return out.finish()


def _add_inquiry(out: SegmentWriter, receiver: int, inquiry: Inquiry) -> None:
    level = out.hl("22", receiver)
    if inquiry.dependent is None:
        out.add("TRN", "1", inquiry.trace, inquiry.trace_origin)
        _add_person(out, "IL", inquiry.subscriber)
    else:
        _add_person(out, "IL", inquiry.subscriber)
        out.hl("23", level)
        out.add("TRN", "1", inquiry.trace, inquiry.trace_origin)
        _add_person(out, "03", inquiry.dependent)
    out.add("DTP", "291", "D8", format_date(inquiry.service_date))
    # One EQ per service type is what every payer reads; the repeated form is read too, below.
    for service_type in inquiry.service_types:
        out.add("EQ", service_type)
        out.add_if("III", "ZZ", inquiry.place, given=inquiry.place)


def _add_person(out: SegmentWriter, entity: str, who: InquiryPerson) -> None:
    qualifier = "MI" if who.member_id else ""
    out.add("NM1", entity, "1", who.last, who.first, "", "", "", qualifier, who.member_id)
    out.add_if("DMG", "D8", format_date(who.birth_date), who.sex, given=who.birth_date)


def read_inquiries(source: Source, block_bytes: int = BLOCK_BYTES) -> Iterator[Received[InquiryBatch] | Fault]:
    """Yield one batch per ST, as a payer reads it; what cannot be used comes as a fault."""
    return read_typed(source, "270", ("005010X279",), parse_inquiries, block_bytes)


def parse_inquiries(transaction: Transaction) -> InquiryBatch:
    """Make the batch of one proven 270."""
    reader = _InquiryReader(transaction.heading.delimiters.repetition)
    place = 1
    try:
        for loop in cut_loops(transaction.segments, {"BHT": "BHT", "HL": "{3}"}):
            place = loop.at_segment
            reader.read(loop)
        return reader.finish()
    except ContentError as error:
        error.segment = place
        raise


class _InquiryReader:
    def __init__(self, repetition: str) -> None:
        self.repetition = repetition
        self.bht: Segment = []
        self.payer = self.provider = Name()
        self.holder: Loop | None = None
        self.inquiries: list[Inquiry] = []

    def read(self, loop: Loop) -> None:
        if loop.kind != "23":
            self.end_subscriber()
        match loop.kind:
            case "BHT":
                self.bht = loop.need("BHT")
                return
            case "20":
                loop.need("HL")
                self.payer = loop.name()
            case "21":
                loop.need("HL")
                self.provider = loop.name()
            case "22":
                self.holder = loop
            case "23":
                self.read_dependent(loop)
            case _:
                raise ContentError("level_unknown", "A level of the inquiry is unknown", element="HL03")

    def read_dependent(self, loop: Loop) -> None:
        if self.holder is None:
            raise ContentError("subscriber_missing", "A dependent stands without subscriber", element="HL")
        holder = Loop(self.holder.kind, self.holder.at_segment, ["HL"])
        holder.segments = list(self.holder.segments)
        self.inquiries.append(self.inquiry(loop, holder))
        # A holder with dependents asks for them; it asks for itself only with an EQ of its own.
        if not any(segment[0] == "EQ" for segment in self.holder.segments):
            self.holder.kind = "answered"

    def end_subscriber(self) -> None:
        if self.holder is not None and self.holder.kind == "22":
            self.inquiries.append(self.inquiry(self.holder, None))
        self.holder = None

    def inquiry(self, asking: Loop, holder: Loop | None) -> Inquiry:
        asking.need("HL")
        subscriber = _person(holder or asking)
        dependent = _person(asking) if holder else None
        trace, asked_on = asking.take("TRN", most=3), asking.take("DTP", "291", 3)
        asked = asking.take_all("EQ", 1)
        places = [at(iii, 2) for iii in asking.take_all("III", 2)]
        return Inquiry(
            self.payer.last,
            self.payer.id,
            self.provider.last,
            self.provider.id,
            subscriber,
            at(trace, 2),
            read_date(at(asked_on, 3), "DTP03"),
            tuple(code for eq in asked for code in self.repeated(at(eq, 1))),
            dependent,
            places[0] if places else "",
            at(trace, 3),
            asking.left(),
        )

    def repeated(self, text: str) -> list[str]:
        return [code for code in (text.split(self.repetition) if self.repetition else [text]) if code]

    def finish(self) -> InquiryBatch:
        self.end_subscriber()
        if not self.bht:
            raise ContentError("header_missing", "The inquiry lacks its beginning", element="BHT")
        made_at = read_moment(at(self.bht, 4), at(self.bht, 5), "BHT04")
        return InquiryBatch(at(self.bht, 3), made_at, tuple(self.inquiries))


def _person(loop: Loop) -> InquiryPerson:
    name, born = loop.name(), loop.take("DMG", most=3)
    return InquiryPerson(name.last, name.first, name.id, find_date(at(born, 2)), at(born, 3))
