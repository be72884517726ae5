"""Judge a professional claim before it leaves, by the rules that no validator in the field was seen to check.

Needs no database: what depends on the practice's records (codes valid on the date, units left on an authorization,
duplicates, days left to file) is asked by the gates of the rooms above. Findings name the field, never the patient.
Source: the rules of 005010X222A1 in our words; 32 single-fault mutations measured against two public validators.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

import msgspec

from stead.x12.claim837p import Claim, Facility, Practitioner, ServiceLine
from stead.x12.content import ZERO, Address

_NPI_PREFIX = "80840"
_ICD_SHAPE = re.compile(r"[A-TV-Z]\d[0-9AB](\.?[0-9A-Z]{1,4})?", re.IGNORECASE)
_TAXONOMY_SHAPE = re.compile(r"[0-9A-Z]{9}X")
_PO_BOX = re.compile(
    r"\b(P\.?\s*O\.?\s*BOX|POST\s+OFFICE\s+BOX|POB|LOCK\s*BOX|PO\s+DRAWER)\b|^\s*BOX\s+\d", re.IGNORECASE
)
_FREQUENCIES = frozenset({"1", "7", "8"})
_MOST_ACCOUNT = 20
_MOST_LINES = 50
_MOST_DIAGNOSES = 12
_CENT = Decimal("0.01")


class Finding(msgspec.Struct, frozen=True, gc=False):
    """One thing to mend: `code` for machines, `words` for people, `path` to the field (lines count from 1)."""

    code: str
    words: str
    path: str


def scrub_claim(claim: Claim) -> tuple[Finding, ...]:
    """List everything that would get the claim rejected, in the order of the claim form; empty means it may go."""
    return tuple(finding for rule in RULES for finding in rule(claim))


def is_npi(text: str) -> bool:
    """Check ten digits with the Luhn check digit over 80840 + NPI. Source: 45 CFR 162.406; ISO/IEC 7812."""
    if not (len(text) == 10 and text.isascii() and text.isdigit() and text[0] in "12"):
        return False
    digits = [int(char) for char in reversed(_NPI_PREFIX + text)]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _account(claim: Claim) -> Iterator[Finding]:
    if not 0 < len(claim.account) <= _MOST_ACCOUNT:
        yield Finding("account_length", "The claim number must have 1 to 20 characters.", "account")


def _frequency(claim: Claim) -> Iterator[Finding]:
    if claim.frequency not in _FREQUENCIES:
        yield Finding("frequency_unknown", "Say whether the claim is new (1), replaces (7) or voids (8).", "frequency")
    corrects = claim.frequency in {"7", "8"}
    if corrects and not claim.payer_number:
        words = "A replacement or void needs the payer's claim number from the remittance."
        yield Finding("payer_number_missing", words, "payer_number")
    if claim.payer_number and claim.frequency == "1":
        words = "A new claim must not quote an earlier claim of the payer; choose replace or void."
        yield Finding("payer_number_unexpected", words, "payer_number")


def _npis(claim: Claim) -> Iterator[Finding]:
    for path, npi in _all_npis(claim):
        if not is_npi(npi):
            yield Finding("npi_invalid", "This NPI is not valid: ten digits whose last one checks the others.", path)


def _all_npis(claim: Claim) -> Iterator[tuple[str, str]]:
    yield "billing.npi", claim.billing.npi
    for path, who in _practitioners(claim):
        yield f"{path}.npi", who.npi
    if claim.facility is not None and claim.facility.npi:
        yield "facility.npi", claim.facility.npi


def _practitioners(claim: Claim) -> Iterator[tuple[str, Practitioner]]:
    roles = {"referring": claim.referring, "rendering": claim.rendering, "supervising": claim.supervising}
    for path, who in roles.items():
        if who is not None:
            yield path, who
    for number, line in enumerate(claim.lines, start=1):
        if line.rendering is not None:
            yield f"lines[{number}].rendering", line.rendering


def _taxonomies(claim: Claim) -> Iterator[Finding]:
    coded = [("billing.taxonomy", claim.billing.taxonomy)]
    coded += [(f"{path}.taxonomy", who.taxonomy) for path, who in _practitioners(claim) if who.taxonomy]
    for path, taxonomy in coded:
        if not _TAXONOMY_SHAPE.fullmatch(taxonomy):
            yield Finding("taxonomy_shape", "A taxonomy code has ten characters and ends in X.", path)


def _billing_address(claim: Claim) -> Iterator[Finding]:
    place = claim.billing.address
    if _PO_BOX.search(place.street) or _PO_BOX.search(place.street2):
        words = "The billing address must be a street; a PO box belongs in the pay-to address."
        yield Finding("billing_po_box", words, "billing.address.street")
    yield from _nine_digits(place, "billing.address.postcode")
    yield from _facility_address(claim.facility)


def _facility_address(facility: Facility | None) -> Iterator[Finding]:
    if facility is not None:
        yield from _nine_digits(facility.address, "facility.address.postcode")


def _nine_digits(place: Address, path: str) -> Iterator[Finding]:
    if place.country not in {"", "US"}:
        return
    if not re.fullmatch(r"[0-9]{5}-?[0-9]{4}", place.postcode):
        yield Finding("zip_plus_four", "The ZIP code needs all nine digits (ZIP+4).", path)


def _tax_id(claim: Claim) -> Iterator[Finding]:
    if not re.fullmatch(r"[0-9]{2}-?[0-9]{7}|[0-9]{3}-?[0-9]{2}-?[0-9]{4}", claim.billing.tax_id):
        yield Finding("tax_id_shape", "The tax number has nine digits.", "billing.tax_id")


def _subscriber(claim: Claim) -> Iterator[Finding]:
    who = claim.subscriber
    if not who.member_id:
        yield Finding("member_id_missing", "The member number of the policy is missing.", "subscriber.member_id")
    if claim.dependent is not None:
        return
    if who.birth_date is None or who.sex not in {"F", "M", "U"}:
        words = "The patient is the subscriber, so birth date and sex are needed."
        yield Finding("patient_demographics", words, "subscriber.birth_date")
    if who.address is None:
        words = "The patient is the subscriber, so the address is needed."
        yield Finding("patient_address", words, "subscriber.address")


def _relationship(claim: Claim) -> Iterator[Finding]:
    if claim.dependent is not None and claim.dependent.relationship not in {
        "01",
        "19",
        "20",
        "21",
        "39",
        "40",
        "53",
        "G8",
    }:
        yield Finding(
            "relationship_unknown", "Say how the patient is related to the subscriber.", "dependent.relationship"
        )


def _diagnoses(claim: Claim) -> Iterator[Finding]:
    if not 0 < len(claim.diagnoses) <= _MOST_DIAGNOSES:
        yield Finding("diagnosis_count", "A claim names 1 to 12 diagnoses.", "diagnoses")
    for number, code in enumerate(claim.diagnoses, start=1):
        if not _ICD_SHAPE.fullmatch(code):
            yield Finding("diagnosis_shape", "This does not look like an ICD-10-CM code.", f"diagnoses[{number}]")
    if len(set(claim.diagnoses)) != len(claim.diagnoses):
        yield Finding("diagnosis_repeated", "A diagnosis is named twice.", "diagnoses")


def _line_count(claim: Claim) -> Iterator[Finding]:
    if not 0 < len(claim.lines) <= _MOST_LINES:
        yield Finding("line_count", "A claim has 1 to 50 service lines.", "lines")


def _sums(claim: Claim) -> Iterator[Finding]:
    if sum((line.charge for line in claim.lines), ZERO) != claim.charge:
        yield Finding("charge_sum", "The lines do not add up to the claim's charge.", "charge")
    if claim.patient_paid is not None and not ZERO <= claim.patient_paid <= claim.charge:
        yield Finding("patient_paid_range", "The patient cannot have paid more than the charge.", "patient_paid")


def _lines(claim: Claim) -> Iterator[Finding]:
    for number, line in enumerate(claim.lines, start=1):
        path = f"lines[{number}]"
        if line.units <= ZERO:
            yield Finding("units_positive", "Units must be more than zero.", f"{path}.units")
        if line.charge < ZERO or line.charge % _CENT:
            yield Finding("charge_shape", "A charge is a sum of whole cents, not below zero.", f"{path}.charge")
        yield from _pointers(claim, line, path)
        yield from _dates(claim, line, path)
        if len(line.modifiers) > 4 or any(not re.fullmatch(r"[0-9A-Z]{2}", code) for code in line.modifiers):
            yield Finding("modifier_shape", "A line has at most four modifiers of two characters.", f"{path}.modifiers")


def _pointers(claim: Claim, line: ServiceLine, path: str) -> Iterator[Finding]:
    known = range(1, len(claim.diagnoses) + 1)
    if not 0 < len(line.pointers) <= 4 or any(pointer not in known for pointer in line.pointers):
        words = "Each line points to 1 to 4 diagnoses of this claim."
        yield Finding("pointer_beyond", words, f"{path}.pointers")


def _dates(claim: Claim, line: ServiceLine, path: str) -> Iterator[Finding]:
    born: date | None = claim.patient_birth_date
    if born is not None and line.service_date < born:
        yield Finding("service_before_birth", "The service lies before the patient's birth.", f"{path}.service_date")
    if line.service_end is not None and line.service_end < line.service_date:
        yield Finding("service_end_before_start", "The service ends before it begins.", f"{path}.service_end")


def _line_controls(claim: Claim) -> Iterator[Finding]:
    controls = [line.control for line in claim.lines if line.control]
    if len(set(controls)) != len(controls):
        yield Finding("line_control_repeated", "Two lines carry the same line number.", "lines")


def _other_payers(claim: Claim) -> Iterator[Finding]:
    """Hold that each line's charge is what an earlier payer paid plus what it adjusted there."""
    known = {coverage.payer.id for coverage in claim.other_coverages}
    for number, line in enumerate(claim.lines, start=1):
        for decided in line.adjudications:
            adjusted = sum((moved.amount for moved in decided.adjustments), ZERO)
            if decided.payer_id not in known:
                yield Finding(
                    "cob_payer_unknown", "A line names an earlier payer the claim does not.", f"lines[{number}]"
                )
            if decided.paid + adjusted != line.charge:
                words = "What the earlier payer paid and adjusted does not add up to the line's charge."
                yield Finding("cob_balance", words, f"lines[{number}].adjudications")


RULES: tuple[Callable[[Claim], Iterator[Finding]], ...] = (
    _account,
    _frequency,
    _npis,
    _taxonomies,
    _billing_address,
    _tax_id,
    _subscriber,
    _relationship,
    _diagnoses,
    _line_count,
    _sums,
    _lines,
    _line_controls,
    _other_payers,
)
