"""Details as people write them, and as they are stored."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stead.patients import rules
from stead.patients.terms import PatientDetails
from stead.platform.refusals import Refusal

TODAY = date(2026, 11, 24)
DETAILS = PatientDetails(first_name="Dee", last_name="Marsh")


@pytest.mark.parametrize("said", ["(502) 555-0143", "502.555.0143", "+1 502 555 0143", "1-502-555-0143"])
def test_phone_is_stored_in_one_form(said: str) -> None:
    assert rules.phone_number(said) == "+15025550143"


def test_phone_of_another_country_keeps_its_code() -> None:
    assert rules.phone_number("+44 20 7946 0958") == "+442079460958"
    assert rules.phone_words("+442079460958") == "+44 20 7946 0958"
    assert rules.phone_words("+15025550143") == "(502) 555-0143"


@pytest.mark.parametrize(
    ("changes", "refusal", "field"),
    [
        ({"phone": "12"}, rules.PhoneNotReadable, "phone"),
        ({"phone": "call my mother"}, rules.PhoneNotReadable, "phone"),
        ({"email": "dee@"}, rules.EmailNotReadable, "email"),
        ({"state": "Kentucky"}, rules.StateNotKnown, "state"),
        ({"state": "ZZ"}, rules.StateNotKnown, "state"),
        ({"zip_code": "4020"}, rules.ZipNotReadable, "zip_code"),
        ({"zip_code": "४०२०४"}, rules.ZipNotReadable, "zip_code"),
        ({"ssn": "12"}, rules.SsnNotReadable, "ssn"),
        ({"first_name": "  "}, rules.NameMissing, "first_name"),
        ({"last_name": "\t"}, rules.NameMissing, "last_name"),
        ({"birth_date": date(2026, 11, 25)}, rules.BirthDateImpossible, "birth_date"),
        ({"birth_date": date(1890, 1, 1)}, rules.BirthDateImpossible, "birth_date"),
    ],
)
def test_what_cannot_be_read_is_refused_at_its_field(
    changes: dict[str, object], refusal: type[Refusal], field: str
) -> None:
    with pytest.raises(refusal) as caught:
        rules.normal_details(replace(DETAILS, **changes), TODAY)  # type: ignore[arg-type]  # one wrong answer each
    assert caught.value.field == field


def test_details_are_normalised() -> None:
    said = replace(DETAILS, last_name=" Marsh \n", state="ky", zip_code="40204-1234", email=" Dee@Example.ORG ")
    clean = rules.normal_details(said, TODAY)
    assert (clean.last_name, clean.state, clean.zip_code, clean.email) == (
        "Marsh",
        "KY",
        "402041234",
        "dee@example.org",
    )
    assert rules.normal_details(clean, TODAY) == clean


@given(st.text(max_size=40))
def test_any_phone_is_read_or_refused(said: str) -> None:
    try:
        stored = rules.phone_number(said)
    except Refusal:
        return
    assert stored == "" or stored.startswith("+")
    assert rules.phone_number(stored) == stored


def test_age_turns_on_the_birthday() -> None:
    born = date(1991, 11, 25)
    assert (rules.age_years(born, TODAY), rules.age_years(born, date(2026, 11, 25))) == (34, 35)
