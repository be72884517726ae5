"""Write the 271, as the sandbox payer does."""

from datetime import date

from stead.x12.content import Address, Coded, Name
from stead.x12.delimiters import STANDARD, Delimiters
from stead.x12.eligibility.records import GUIDE, Benefit, Reply, ReplyBatch
from stead.x12.faults import UnwritableError
from stead.x12.writer import Body, Repeated, SegmentWriter, format_date


def compose_replies(batch: ReplyBatch, *, control: str, delimiters: Delimiters = STANDARD) -> Body:
    """Write the answers as one transaction numbered `control`, as the sandbox payer does."""
    out = SegmentWriter("271", control, GUIDE, delimiters)
    made = batch.created_at
    out.add("BHT", "0022", "11", batch.reference, format_date(made), f"{made:%H%M%S}")
    for reply in batch.replies:
        _add_reply(out, reply)
    return out.finish()


def _add_reply(out: SegmentWriter, reply: Reply) -> None:
    source = out.hl("20")
    _add_rejections(out, reply, "source")
    _add_name(out, reply.payer)
    receiver = out.hl("21", source)
    _add_name(out, reply.provider)
    _add_rejections(out, reply, "receiver")
    if not reply.subscriber.entity:
        return
    level = out.hl("22", receiver)
    if reply.dependent is None:
        _add_trace(out, reply)
    _add_name(out, reply.subscriber)
    _add_address(out, reply.subscriber_address)
    if reply.dependent is not None:
        _add_birth(out, reply.subscriber_birth_date, reply.subscriber_sex)
    _add_rejections(out, reply, "subscriber")
    if reply.dependent is not None:
        out.hl("23", level)
        _add_trace(out, reply)
        _add_name(out, reply.dependent)
        _add_address(out, reply.dependent_address)
        _add_rejections(out, reply, "dependent")
    for ref in reply.refs:
        out.add("REF", ref.qualifier, ref.value)
    _add_birth(out, reply.birth_date, reply.sex)
    for moment in reply.dates:
        _add_date(out, moment)
    out.add_raw(reply.other)
    for benefit in reply.benefits:
        _add_benefit(out, benefit)


def _add_benefit(out: SegmentWriter, row: Benefit) -> None:
    if row.further:
        raise UnwritableError("A benefit was read with elements that have no field; it is not written.")
    out.add(
        "EB", row.info, row.coverage_level, Repeated(row.service_types), row.plan_kind, row.plan_name, row.period,
        row.amount, row.fraction, row.quantity_kind, row.quantity, row.authorization, row.in_network,
        row.procedure,
    )  # fmt: skip
    for ref in row.refs:
        out.add("REF", ref.qualifier, ref.value)
    for moment in row.dates:
        _add_date(out, moment)
    for said in row.rejections:
        out.add("AAA", said.valid, "", said.reason, said.follow_up)
    for message in row.messages:
        out.add("MSG", message)
    for place in row.places:
        out.add("III", "ZZ", place)
    out.add_raw(row.other)
    if row.entities:
        out.add("LS", "2120")
        for name in row.entities:
            _add_name(out, name)
        out.add("LE", "2120")


def _add_birth(out: SegmentWriter, born: date | None, sex: str) -> None:
    out.add_if("DMG", "D8" if born else "", format_date(born), sex, given=born or sex)


def _add_trace(out: SegmentWriter, reply: Reply) -> None:
    out.add_if("TRN", "2", reply.trace, reply.trace_origin, given=reply.trace)


def _add_rejections(out: SegmentWriter, reply: Reply, level: str) -> None:
    for said in reply.rejections:
        if said.level == level:
            out.add("AAA", said.valid, "", said.reason, said.follow_up)


def _add_date(out: SegmentWriter, moment: Coded) -> None:
    out.add("DTP", moment.qualifier, "RD8" if "-" in moment.value else "D8", moment.value)


def _add_name(out: SegmentWriter, name: Name) -> None:
    out.add(
        "NM1", name.entity, name.kind, name.last, name.first, name.middle, "", name.suffix, name.id_qualifier, name.id
    )


def _add_address(out: SegmentWriter, place: Address | None) -> None:
    if place is not None:
        out.add("N3", place.street, place.street2)
        out.add("N4", place.city, place.state, place.postcode, place.country)
