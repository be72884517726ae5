"""Write professional claims as one 837P transaction, in the loops and order of 005010X222A1.

Consecutive claims of one billing provider share its HL, and consecutive claims of one person under one policy share
the HL of the subscriber or patient. Nothing is judged here beyond what cannot be written at all: `scrub` judges.
"""

from itertools import batched, groupby

from stead.x12.adjustments import add_adjustments
from stead.x12.claim837p.records import (
    GUIDE,
    BillingProvider,
    Claim,
    ClaimBatch,
    Dependent,
    Facility,
    LineAdjudication,
    OtherCoverage,
    Person,
    Practitioner,
    ServiceLine,
    Subscriber,
)
from stead.x12.content import Address
from stead.x12.delimiters import STANDARD, Delimiters
from stead.x12.faults import UnwritableError
from stead.x12.writer import Body, SegmentWriter, format_date

MOST_LINES = 50
MOST_DIAGNOSES = 12
MOST_MODIFIERS = 4
MOST_POINTERS = 4
_CLAIMS_PER_PERSON = 100


def compose_claims(batch: ClaimBatch, *, control: str, delimiters: Delimiters = STANDARD) -> Body:
    """Write the batch as a transaction numbered `control`; refuses what the guide has no room for."""
    out = SegmentWriter("837", control, GUIDE, delimiters)
    _add_header(out, batch)
    for billing, claims in groupby(batch.claims, key=lambda claim: claim.billing):
        level = out.hl("20")
        _add_billing(out, billing)
        by_person = groupby(claims, key=lambda claim: (claim.subscriber, claim.payer, claim.dependent is None))
        for (subscriber, _, is_patient), own in by_person:
            _add_policy(out, level, list(own), subscriber, is_patient)
    return out.finish()


def _add_header(out: SegmentWriter, batch: ClaimBatch) -> None:
    if batch.other or any(claim.other or any(line.other for line in claim.lines) for claim in batch.claims):
        raise UnwritableError("The batch was read with segments that have no place of their own; it is not written.")
    made = batch.created_at
    kind = "RP" if batch.is_encounter else "CH"
    out.add("BHT", "0019", "00", batch.reference, format_date(made), f"{made:%H%M%S}", kind)
    out.add("NM1", "41", "2", batch.submitter.name, "", "", "", "", "46", batch.submitter.id)
    _add_contact(out, batch.contact.name, batch.contact.telephone, batch.contact.email)
    out.add("NM1", "40", "2", batch.receiver.name, "", "", "", "", "46", batch.receiver.id)


def _add_contact(out: SegmentWriter, name: str, telephone: str, email: str) -> None:
    ways = [*(("TE", telephone) if telephone else ()), *(("EM", email) if email else ())]
    out.add("PER", "IC", name, *ways)


def _add_billing(out: SegmentWriter, billing: BillingProvider) -> None:
    out.add("PRV", "BI", "PXC", billing.taxonomy)
    if billing.person is not None:
        _add_person(out, "85", billing.person, "XX", billing.npi)
    else:
        out.add("NM1", "85", "2", billing.organisation, "", "", "", "", "XX", billing.npi)
    _add_address(out, billing.address)
    out.add("REF", billing.tax_id_kind, billing.tax_id)
    if billing.contact is not None:
        _add_contact(out, billing.contact.name, billing.contact.telephone, billing.contact.email)
    if billing.pay_to is not None:
        out.add("NM1", "87", "1" if billing.person else "2")
        _add_address(out, billing.pay_to)


def _add_policy(
    out: SegmentWriter, billing_level: int, claims: list[Claim], subscriber: Subscriber, is_patient: bool
) -> None:
    level = out.hl("22", billing_level)
    relation = "18" if is_patient else ""
    out.add(
        "SBR", subscriber.priority, relation, subscriber.group_number, subscriber.group_name,
        subscriber.medicare_secondary, "", "", "", subscriber.filing_code,
    )  # fmt: skip
    _add_person(out, "IL", subscriber.name, "MI", subscriber.member_id)
    if subscriber.address is not None:
        _add_address(out, subscriber.address)
    if subscriber.birth_date is not None:
        out.add("DMG", "D8", format_date(subscriber.birth_date), subscriber.sex)
    payer = claims[0].payer
    out.add("NM1", "PR", "2", payer.name, "", "", "", "", payer.id_qualifier, payer.id)
    for dependent, own in groupby(claims, key=lambda claim: claim.dependent):
        people = list(batched(own, _CLAIMS_PER_PERSON, strict=False))
        if len(people) > 1:
            raise UnwritableError("One transaction holds at most 100 claims of one patient in a row.")
        if dependent is not None:
            out.hl("23", level)
            _add_dependent(out, dependent)
        for claim in people[0]:
            _add_claim(out, claim)


def _add_dependent(out: SegmentWriter, dependent: Dependent) -> None:
    out.add("PAT", dependent.relationship)
    _add_person(out, "QC", dependent.name)
    _add_address(out, dependent.address)
    out.add("DMG", "D8", format_date(dependent.birth_date), dependent.sex)


def _add_claim(out: SegmentWriter, claim: Claim) -> None:
    if not 0 < len(claim.lines) <= MOST_LINES:
        raise UnwritableError("A claim has 1 to 50 service lines.")
    if not 0 < len(claim.diagnoses) <= MOST_DIAGNOSES:
        raise UnwritableError("A claim has 1 to 12 diagnoses.")
    out.add(
        "CLM", claim.account, claim.charge, "", "", (claim.place, "B", claim.frequency), claim.signature_on_file,
        claim.assignment, claim.benefits_assigned, claim.release, *([""] * 10), claim.delay_reason,
    )  # fmt: skip
    for paper in claim.attachments:
        qualifier = "AC" if paper.control else ""
        out.add("PWK", paper.report, paper.transmission, "", "", qualifier, paper.control)
    if claim.patient_paid is not None:
        out.add("AMT", "F5", claim.patient_paid)
    out.add_if("REF", "9F", claim.referral, given=claim.referral)
    out.add_if("REF", "G1", claim.prior_authorization, given=claim.prior_authorization)
    out.add_if("REF", "F8", claim.payer_number, given=claim.payer_number)
    out.add_if("NTE", "ADD", claim.note, given=claim.note)
    codes = [code.replace(".", "") for code in claim.diagnoses]
    out.add("HI", ("ABK", codes[0]), *(("ABF", code) for code in codes[1:]))
    _add_practitioner(out, "DN", claim.referring)
    _add_practitioner(out, "82", claim.rendering)
    _add_facility(out, claim.facility)
    _add_practitioner(out, "DQ", claim.supervising)
    for coverage in claim.other_coverages:
        _add_other_coverage(out, coverage)
    out.restart_lines()
    for line in claim.lines:
        _add_line(out, line)


def _add_line(out: SegmentWriter, line: ServiceLine) -> None:
    if len(line.modifiers) > MOST_MODIFIERS or not 0 < len(line.pointers) <= MOST_POINTERS:
        raise UnwritableError("A service line has at most 4 modifiers and 1 to 4 diagnosis pointers.")
    out.lx()
    procedure = (line.qualifier, line.code, *[*line.modifiers, "", "", "", ""][:4], line.description)
    out.add("SV1", procedure, line.charge, line.unit, line.units, line.place, "", tuple(line.pointers))
    if line.service_end is not None:
        span = f"{line.service_date:%Y%m%d}-{line.service_end:%Y%m%d}"
        out.add("DTP", "472", "RD8", span)
    else:
        out.add("DTP", "472", "D8", format_date(line.service_date))
    out.add_if("REF", "G1", line.prior_authorization, given=line.prior_authorization)
    out.add_if("REF", "6R", line.control, given=line.control)
    out.add_if("NTE", "ADD", line.note, given=line.note)
    _add_practitioner(out, "82", line.rendering)
    for decided in line.adjudications:
        _add_adjudication(out, decided)


def _add_other_coverage(out: SegmentWriter, coverage: OtherCoverage) -> None:
    out.add("SBR", coverage.priority, coverage.relationship, coverage.group_number, *([""] * 5), coverage.filing_code)
    add_adjustments(out, coverage.adjustments)
    if coverage.paid is not None:
        out.add("AMT", "D", coverage.paid)
    out.add("OI", "", "", coverage.benefits_assigned, "", "", coverage.release)
    _add_person(out, "IL", coverage.subscriber, "MI", coverage.member_id)
    payer = coverage.payer
    out.add("NM1", "PR", "2", payer.name, "", "", "", "", payer.id_qualifier, payer.id)
    out.add_if("REF", "F8", coverage.payer_number, given=coverage.payer_number)


def _add_adjudication(out: SegmentWriter, decided: LineAdjudication) -> None:
    if len(decided.modifiers) > MOST_MODIFIERS:
        raise UnwritableError("An adjudicated line has at most 4 modifiers.")
    procedure = (decided.qualifier, decided.code, *decided.modifiers)
    out.add("SVD", decided.payer_id, decided.paid, procedure, "", decided.units)
    add_adjustments(out, decided.adjustments)
    out.add("DTP", "573", "D8", format_date(decided.paid_date))
    if decided.patient_owes is not None:
        out.add("AMT", "EAF", decided.patient_owes)


def _add_practitioner(out: SegmentWriter, entity: str, who: Practitioner | None) -> None:
    if who is None:
        return
    _add_person(out, entity, who.name, "XX", who.npi)
    # Only the rendering practitioner carries a taxonomy (PRV*PE) in this guide.
    out.add_if("PRV", "PE", "PXC", who.taxonomy, given=who.taxonomy and entity == "82")


def _add_facility(out: SegmentWriter, place: Facility | None) -> None:
    if place is None:
        return
    out.add("NM1", "77", "2", place.name, "", "", "", "", "XX" if place.npi else "", place.npi)
    _add_address(out, place.address)


def _add_person(out: SegmentWriter, entity: str, who: Person, qualifier: str = "", number: str = "") -> None:
    out.add("NM1", entity, "1", who.last, who.first, who.middle, "", who.suffix, qualifier if number else "", number)


def _add_address(out: SegmentWriter, place: Address) -> None:
    out.add("N3", place.street, place.street2)
    out.add("N4", place.city, place.state, place.postcode.replace("-", ""), place.country)
