"""Turn a claim's rows into the record that `x12` writes and scrubs.

Everything is read anew each time a claim is looked at or leaves, so that a number mended in a practitioner's or a
patient's record mends every claim that waits. What is missing stays empty and the scrubber names it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from stead.billing.models import Charge, Claim, ClaimLine
from stead.coverage import queries as coverage_of_patients
from stead.coverage.models import Coverage, Payer
from stead.patients.models import Patient
from stead.platform.money import Money
from stead.practice.models import Location, PracticeProfile, StaffMember
from stead.x12 import claim837p as form
from stead.x12.content import Address
from stead.x12.scrub import Finding, scrub_claim

_SEX = {"female": "F", "male": "M"}
_RELATION = {"spouse": "01", "child": "19", "other": "G8"}


@dataclass(frozen=True)
class Records:
    """Everything the forms of some claims read, in one query per table however many claims there are."""

    patients: dict[UUID, Patient]
    coverages: dict[UUID, Coverage]
    payers: dict[UUID, Payer]
    staff: dict[UUID, StaffMember]
    places: dict[UUID, Location]
    lines: dict[UUID, list[ClaimLine]]
    profile: PracticeProfile | None


def records_of(claims: Sequence[Claim]) -> Records:
    lines: dict[UUID, list[ClaimLine]] = {claim.id: [] for claim in claims}
    for line in ClaimLine.objects.filter(claim_id__in=lines).select_related("charge").order_by("position"):
        lines[line.claim_id].append(line)
    return Records(
        patients={r.id: r for r in Patient.objects.filter(id__in={c.patient_id for c in claims})},
        coverages={r.id: r for r in Coverage.objects.filter(id__in={c.coverage_id for c in claims})},
        payers={r.id: r for r in Payer.objects.filter(id__in={c.payer_id for c in claims})},
        staff={r.id: r for r in StaffMember.objects.filter(id__in={c.practitioner_id for c in claims})},
        places={r.id: r for r in Location.objects.filter(id__in={c.location_id for c in claims if c.location_id})},
        lines=lines,
        profile=PracticeProfile.objects.first(),
    )


def claim_forms(claims: Sequence[Claim]) -> list[form.Claim]:
    """Return the 837P records of claims, in their order."""
    records = records_of(claims)
    return [_form(claim, records) for claim in claims]


def claim_form(claim: Claim) -> form.Claim:
    """Return the 837P record of one claim."""
    return claim_forms([claim])[0]


def _form(claim: Claim, records: Records) -> form.Claim:
    patient, coverage = records.patients[claim.patient_id], records.coverages[claim.coverage_id]
    payer, profile = records.payers[claim.payer_id], records.profile
    lines = records.lines[claim.id]
    charges = [line.charge for line in lines]
    diagnoses = tuple(dict.fromkeys(code for charge in charges for code in charge.diagnosis_codes))
    return form.Claim(
        account=claim.number,
        charge=Money(claim.total_cents).dollars,
        place=charges[0].place_of_service if charges else "",
        billing=_billing(profile),
        subscriber=_subscriber(patient, coverage, payer),
        dependent=_dependent(patient, coverage),
        payer=form.Payer(payer.name, payer.edi_id),
        diagnoses=tuple(code.replace(".", "") for code in diagnoses),
        lines=tuple(_line(line, diagnoses) for line in lines),
        frequency=claim.frequency,
        payer_number=claim.original_reference,
        prior_authorization=claim.authorization_number,
        rendering=_rendering(records.staff[claim.practitioner_id], profile),
        facility=_facility(records.places.get(claim.location_id) if claim.location_id else None, profile),
    )


def findings_of(claim: Claim) -> list[dict[str, str]]:
    """Return what would get the claim rejected, as {code, words, path}; empty means it may leave."""
    found = list(scrub_claim(record := claim_form(claim)))
    if any(not line.code for line in record.lines):
        found.append(Finding("procedure_missing", "The service has no procedure code of the practice's own.", "lines"))
    if record.rendering is not None and not record.rendering.taxonomy:
        words = "The practitioner's taxonomy code is missing from the staff record."
        found.append(Finding("taxonomy_missing", words, "rendering.taxonomy"))
    if claim.frequency != "8" and any(differs_from_note(line.charge) for line in _lines_of(claim)):
        found.append(Finding("diagnosis_not_in_note", DIAGNOSIS_DIFFERS, "diagnoses"))
    is_new = claim.frequency == "1" and not claim.authorization_number
    if is_new and coverage_of_patients.is_used_up(claim.coverage_id, claim.service_date):
        words = "The authorizations of this day have no visit left. Ask the payer for more and write it down."
        found.append(Finding("authorization_used_up", words, "prior_authorization"))
    return [{"code": f.code, "words": f.words, "path": f.path} for f in found]


DIAGNOSIS_DIFFERS = (
    "The diagnosis is not the one of the signed note. It leaves once the clinician has amended the note."
)


def differs_from_note(charge: Charge) -> bool:
    """Whether a charge claims another diagnosis than its visit was signed with, or amended to."""
    return list(charge.diagnosis_codes) != list(charge.encounter.diagnosis_codes)


def _lines_of(claim: Claim) -> list[ClaimLine]:
    return list(ClaimLine.objects.filter(claim_id=claim.id).select_related("charge__encounter"))


def _billing(profile: PracticeProfile | None) -> form.BillingProvider:
    if profile is None:
        return form.BillingProvider(npi="", taxonomy="", address=Address("", "", "", ""), tax_id="")
    return form.BillingProvider(
        npi=profile.npi,
        taxonomy=profile.taxonomy,
        address=Address(profile.line1, profile.city, profile.state, profile.zip_code),
        tax_id=profile.tax_id,
        organisation=profile.legal_name,
    )


def _home(patient: Patient) -> Address | None:
    if not (patient.line1 and patient.city and patient.state and patient.zip_code):
        return None
    return Address(patient.line1, patient.city, patient.state, patient.zip_code)


def _subscriber(patient: Patient, coverage: Coverage, payer: Payer) -> form.Subscriber:
    priority = {1: "P", 2: "S", 3: "T"}.get(coverage.rank, "P")
    if coverage.relation != "self":
        name = form.Person(coverage.subscriber_last_name, coverage.subscriber_first_name)
        return form.Subscriber(
            name,
            coverage.member_id,
            priority,
            payer.filing_code,
            coverage.group_number,
            birth_date=coverage.subscriber_birth_date,
        )
    return form.Subscriber(
        form.Person(patient.last_name, patient.first_name, patient.middle_name),
        coverage.member_id,
        priority,
        payer.filing_code,
        coverage.group_number,
        address=_home(patient),
        birth_date=patient.birth_date,
        sex=_SEX.get(patient.sex, "U"),
    )


def _dependent(patient: Patient, coverage: Coverage) -> form.Dependent | None:
    if coverage.relation == "self" or patient.birth_date is None:
        return None
    return form.Dependent(
        form.Person(patient.last_name, patient.first_name, patient.middle_name),
        _RELATION.get(coverage.relation, "G8"),
        _home(patient) or Address("", "", "", ""),
        patient.birth_date,
        _SEX.get(patient.sex, "U"),
    )


def _rendering(staff: StaffMember, profile: PracticeProfile | None) -> form.Practitioner | None:
    """Name who treated, unless it is the billing provider itself (a solo practice sends none)."""
    if profile is not None and staff.npi and staff.npi == profile.npi:
        return None
    given, _, family = staff.name.removeprefix("Dr ").rpartition(" ")
    return form.Practitioner(form.Person(family, given), staff.npi, staff.taxonomy)


def _facility(place: Location | None, profile: PracticeProfile | None) -> form.Facility | None:
    """Name the place only where it is not the billing address."""
    if place is None or not place.line1 or (profile is not None and place.line1 == profile.line1):
        return None
    return form.Facility(place.name, Address(place.line1, place.city, place.state, place.zip_code), place.npi)


def _line(line: ClaimLine, diagnoses: tuple[str, ...]) -> form.ServiceLine:
    charge: Charge = line.charge
    pointers = tuple(diagnoses.index(code) + 1 for code in charge.diagnosis_codes[:4])
    return form.ServiceLine(
        code=charge.procedure_code,
        charge=Money(line.amount_cents).dollars,
        units=Decimal(charge.units),
        pointers=pointers,
        service_date=charge.service_date,
        modifiers=tuple(charge.modifiers),
        control=line.line_control,
    )
