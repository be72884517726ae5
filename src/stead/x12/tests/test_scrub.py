from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from stead.x12.claim837p import Address, Claim, Facility, Person, Practitioner
from stead.x12.scrub import RULES, is_npi, scrub_claim
from stead.x12.tests import samples


def lines(**changes: Any) -> dict[str, Any]:
    return {"lines": (samples.line(**changes), samples.line())}


def decided(**changes: Any) -> dict[str, Any]:
    one = msgspec.structs.replace(samples.secondary().lines[0].adjudications[0], **changes)
    return {"lines": (samples.line(adjudications=(one,)), samples.line())}


def street(text: str, **changes: Any) -> dict[str, Any]:
    return {"billing": samples.billing(address=Address(text, "Springfield", "IL", "627010001", **changes))}


def postcode(text: str, country: str = "") -> dict[str, Any]:
    return {"billing": samples.billing(address=Address("1 Main St", "Springfield", "IL", text, country=country))}


MUTATIONS: list[tuple[str, Callable[[], Claim], dict[str, Any], str]] = [
    ("account_length", samples.claim, {"account": ""}, "account"),
    ("account_length", samples.claim, {"account": "A" * 21}, "account"),
    ("frequency_unknown", samples.claim, {"frequency": "6"}, "frequency"),
    ("payer_number_missing", samples.replacement, {"payer_number": ""}, "payer_number"),
    ("payer_number_missing", samples.replacement, {"frequency": "8", "payer_number": ""}, "payer_number"),
    ("payer_number_unexpected", samples.replacement, {"frequency": "1"}, "payer_number"),
    ("npi_invalid", samples.claim, {"billing": samples.billing(npi="1234567890")}, "billing.npi"),
    ("npi_invalid", samples.claim, {"billing": samples.billing(npi="123456789")}, "billing.npi"),
    ("npi_invalid", samples.claim, {"supervising": Practitioner(Person("A"), "1")}, "supervising.npi"),
    ("npi_invalid", samples.claim, lines(rendering=Practitioner(Person("A"), "1")), "lines[1].rendering.npi"),
    ("npi_invalid", samples.claim, {"facility": Facility("N", samples.PLACE, "1")}, "facility.npi"),
    ("taxonomy_shape", samples.claim, {"billing": samples.billing(taxonomy="101YM080X")}, "billing.taxonomy"),
    (
        "taxonomy_shape", samples.claim,
        {"rendering": Practitioner(Person("A"), samples.NPI, "103T")}, "rendering.taxonomy",
    ),
    ("billing_po_box", samples.claim, street("P.O. Box 12"), "billing.address.street"),
    ("billing_po_box", samples.claim, street("po box 12"), "billing.address.street"),
    ("billing_po_box", samples.claim, street("1 Main St", street2="Post Office Box 7"), "billing.address.street"),
    ("billing_po_box", samples.claim, street("Box 44"), "billing.address.street"),
    ("zip_plus_four", samples.claim, postcode("62701"), "billing.address.postcode"),
    (
        "zip_plus_four", samples.claim,
        {"facility": Facility("N", Address("1 St", "C", "IL", "62701"), samples.NPI)}, "facility.address.postcode",
    ),
    ("tax_id_shape", samples.claim, {"billing": samples.billing(tax_id="12345678")}, "billing.tax_id"),
    ("member_id_missing", samples.claim, {"subscriber": samples.subscriber(member_id="")}, "subscriber.member_id"),
    (
        "patient_demographics", samples.claim,
        {"subscriber": samples.subscriber(birth_date=None)}, "subscriber.birth_date",
    ),
    ("patient_demographics", samples.claim, {"subscriber": samples.subscriber(sex="")}, "subscriber.birth_date"),
    ("patient_address", samples.claim, {"subscriber": samples.subscriber(address=None)}, "subscriber.address"),
    (
        "relationship_unknown", samples.replacement,
        {"dependent": samples.dependent(relationship="18")}, "dependent.relationship",
    ),
    ("diagnosis_count", samples.claim, {"diagnoses": tuple(f"F{n}" for n in range(10, 23))}, "diagnoses"),
    ("diagnosis_shape", samples.claim, {"diagnoses": ("411", "F331")}, "diagnoses[1]"),
    ("diagnosis_shape", samples.claim, {"diagnoses": ("F411", "U4112345")}, "diagnoses[2]"),
    ("diagnosis_repeated", samples.claim, {"diagnoses": ("F411", "F411")}, "diagnoses"),
    ("line_count", samples.claim, {"lines": (), "charge": Decimal(0)}, "lines"),
    ("charge_sum", samples.claim, {"charge": Decimal("151.01")}, "charge"),
    ("patient_paid_range", samples.claim, {"patient_paid": Decimal(152)}, "patient_paid"),
    ("units_positive", samples.claim, lines(units=Decimal(0)), "lines[1].units"),
    ("units_positive", samples.claim, lines(units=Decimal(-1)), "lines[1].units"),
    (
        "charge_shape", samples.claim,
        {**lines(charge=Decimal("75.505")), "charge": Decimal("151.005")}, "lines[1].charge",
    ),
    ("pointer_beyond", samples.claim, lines(pointers=(3,)), "lines[1].pointers"),
    ("pointer_beyond", samples.claim, lines(pointers=(0,)), "lines[1].pointers"),
    ("pointer_beyond", samples.claim, lines(pointers=()), "lines[1].pointers"),
    ("service_before_birth", samples.claim, lines(service_date=date(1990, 1, 1)), "lines[1].service_date"),
    ("service_end_before_start", samples.claim, lines(service_end=date(2026, 2, 16)), "lines[1].service_end"),
    ("modifier_shape", samples.claim, lines(modifiers=("HO", "9")), "lines[1].modifiers"),
    ("modifier_shape", samples.claim, lines(modifiers=("HO",) * 5), "lines[1].modifiers"),
    ("line_control_repeated", samples.claim, {"lines": (samples.line(control="1"),) * 2}, "lines"),
    ("cob_balance", samples.secondary, decided(paid=Decimal(45)), "lines[1].adjudications"),
    ("cob_payer_unknown", samples.secondary, decided(payer_id="OTHER"), "lines[1]"),
]  # fmt: skip


@pytest.mark.parametrize("make", [samples.claim, samples.replacement, samples.secondary])
def test_sound_claim_has_no_findings(make: Any) -> None:
    assert scrub_claim(make()) == ()


@pytest.mark.parametrize(("code", "make", "changes", "path"), MUTATIONS)
def test_one_fault_gives_exactly_its_finding(code: str, make: Any, changes: Any, path: str) -> None:
    found = scrub_claim(msgspec.structs.replace(make(), **changes))
    assert [(finding.code, finding.path) for finding in found] == [(code, path)]


def test_every_rule_has_a_mutation_that_wakes_it() -> None:
    awake = {
        rule for rule in RULES for _, make, changes, _ in MUTATIONS
        if any(rule(msgspec.structs.replace(make(), **changes)))
    }  # fmt: skip
    assert awake == set(RULES)


@pytest.mark.parametrize("text", ["P.O. Boxwood Lane", "12 Box Elder Road", "Poboy Street 3", "4 Postoffice Square"])
def test_street_that_only_sounds_like_a_box_passes(text: str) -> None:
    assert scrub_claim(samples.claim(**street(text))) == ()


def test_foreign_postcode_is_not_judged() -> None:
    assert scrub_claim(samples.claim(**postcode("K1A 0B1", "CA"))) == ()


def test_findings_name_no_patient() -> None:
    broken = samples.claim(account="", charge=Decimal(1), subscriber=samples.subscriber(birth_date=None, address=None))
    spoken = " ".join(str(finding) for finding in scrub_claim(broken))
    assert "Example" not in spoken and "M123" not in spoken


@pytest.mark.parametrize(
    ("npi", "valid"),
    [("1234567893", True), ("1679576722", True), ("1234567892", False), ("1679576727", False), ("3234567893", False),
     ("123456789", False), ("12345678933", False), ("12345\uff167893", False), ("", False)],
)  # fmt: skip
def test_npi_check_digit(npi: str, valid: bool) -> None:
    assert is_npi(npi) is valid
