"""Write an 835 from its record, as the sandbox payer does; what was read can be written and read again, equal."""

from collections.abc import Sequence
from itertools import batched, groupby

from stead.x12.adjustments import add_adjustments
from stead.x12.content import Coded, Name, Sum
from stead.x12.delimiters import STANDARD, Delimiters
from stead.x12.remit835.records import (
    GUIDE,
    Account,
    Organisation,
    Payment,
    Procedure,
    RemitClaim,
    RemitLine,
    Remittance,
)
from stead.x12.writer import Body, SegmentWriter, format_date

_PAIRS_PER_PLB = 6


def compose_remittance(remittance: Remittance, *, control: str, delimiters: Delimiters = STANDARD) -> Body:
    """Write one remittance as a transaction numbered `control`."""
    out = SegmentWriter("835", control, GUIDE, delimiters)
    _add_payment(out, remittance.payment)
    _add_coded(out, "REF", remittance.refs)
    _add_coded(out, "DTM", remittance.dates)
    out.add_raw(remittance.other)
    _add_organisation(out, "PR", remittance.payer)
    _add_organisation(out, "PE", remittance.payee)
    for group in remittance.groups:
        out.add_if("LX", group.number, given=group.number)
        out.add_raw(group.other)
        for claim in group.claims:
            _add_claim(out, claim)
    _add_provider_adjustments(out, remittance)
    return out.finish()


def _add_payment(out: SegmentWriter, pay: Payment) -> None:
    out.add(
        "BPR", pay.handling, pay.amount, pay.flag, pay.method, pay.format, *_account(pay.payer_account),
        pay.origin, pay.origin_supplement, *_account(pay.payee_account), format_date(pay.paid_date),
    )  # fmt: skip
    out.add_if("TRN", "1", pay.trace, pay.payer_trace_id, pay.trace_supplement, given=pay.trace)


def _account(account: Account) -> tuple[str, str, str, str]:
    return (account.bank_qualifier, account.bank, account.account_qualifier, account.account)


def _add_organisation(out: SegmentWriter, entity: str, party: Organisation) -> None:
    out.add("N1", entity, party.name, party.id_qualifier, party.id)
    place = party.address
    if place is not None:
        out.add_if("N3", place.street, place.street2, given=place.street or place.street2)
        out.add("N4", place.city, place.state, place.postcode, place.country)
    _add_coded(out, "REF", party.refs)
    out.add_raw(party.other)


def _add_claim(out: SegmentWriter, claim: RemitClaim) -> None:
    out.add(
        "CLP", claim.account, claim.status, claim.charge, claim.paid, claim.patient_owes, claim.filing_code,
        claim.payer_number, claim.place, claim.frequency, *claim.drg,
    )  # fmt: skip
    add_adjustments(out, claim.adjustments)
    for name in claim.names:
        _add_name(out, name)
    out.add_raw([raw for raw in (claim.inpatient, claim.outpatient) if raw])
    _add_coded(out, "REF", claim.refs)
    _add_coded(out, "DTM", claim.dates)
    out.add_raw(claim.other)
    _add_sums(out, "AMT", claim.amounts)
    _add_sums(out, "QTY", claim.quantities)
    for line in claim.lines:
        _add_line(out, line)


def _add_line(out: SegmentWriter, line: RemitLine) -> None:
    submitted = None if line.submitted is None else _procedure(line.submitted)
    out.add(
        "SVC", _procedure(line.procedure), line.charge, line.paid, line.revenue_code, line.units_paid, submitted,
        line.units_submitted,
    )  # fmt: skip
    _add_coded(out, "DTM", line.dates)
    add_adjustments(out, line.adjustments)
    _add_coded(out, "REF", line.refs)
    _add_sums(out, "AMT", line.amounts)
    _add_sums(out, "QTY", line.quantities)
    _add_coded(out, "LQ", line.remarks)
    out.add_raw(line.other)


def _procedure(procedure: Procedure) -> tuple[str, ...]:
    four = [*procedure.modifiers, "", "", "", ""][:4]
    return (procedure.qualifier, procedure.code, *four, procedure.description)


def _add_provider_adjustments(out: SegmentWriter, remittance: Remittance) -> None:
    by_key = groupby(remittance.provider_adjustments, key=lambda one: (one.provider_id, one.fiscal_date))
    for (provider, fiscal_date), run in by_key:
        for six in batched(run, _PAIRS_PER_PLB, strict=False):
            flat = (part for one in six for part in ((one.reason, one.reference), one.amount))
            out.add("PLB", provider, fiscal_date, *flat)


def _add_name(out: SegmentWriter, name: Name) -> None:
    out.add(
        "NM1", name.entity, name.kind, name.last, name.first, name.middle, "", name.suffix, name.id_qualifier, name.id
    )


def _add_coded(out: SegmentWriter, tag: str, values: Sequence[Coded]) -> None:
    for value in values:
        out.add(tag, value.qualifier, value.value)


def _add_sums(out: SegmentWriter, tag: str, values: Sequence[Sum]) -> None:
    for value in values:
        out.add(tag, value.qualifier, value.value)
