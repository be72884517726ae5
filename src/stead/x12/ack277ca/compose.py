"""Write the 277CA, as the sandbox clearinghouse and payer do."""

from stead.x12.ack277ca.records import GUIDE, ClaimAck, ClaimStatus, Status
from stead.x12.content import Coded, Name, Sum
from stead.x12.delimiters import STANDARD, Delimiters
from stead.x12.writer import Body, SegmentWriter, format_date


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
