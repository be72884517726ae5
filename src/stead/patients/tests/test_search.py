"""Search: what finds a patient, in which order, and what the definer function refuses."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pytest
from django.db import ProgrammingError, connection, transaction

from stead.patients import queries
from stead.patients.actions import register_patient
from stead.patients.models import Patient
from stead.patients.tests.conftest import DEE
from stead.platform.actors import Actor
from stead.platform.tenancy.context import acting

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "said",
    ["Marsh", "mars", "dee marsh", "Marsh, Dee", "Deirdre", "marhs dee", "502 555 0143", "+15025550143", "0143",
     "555-0143", "5550143", "(502) 555-0143", "3/14/1991", "03/14/1991", "03/14/91", "1991-03-14", "Mar 14 1991",
     "March 14, 1991", "#1001", "1001"],
)  # fmt: skip
def test_patient_is_found_by(dee: Patient, said: str) -> None:
    assert queries.search_patients(said) == [dee]


@pytest.mark.parametrize(
    "said",
    [
        "",
        "  ",
        "%",
        "_____",
        "\\",
        "zzzz",
        "x' or true --",
        "\0",
        "9999999999999999999",
        "143",
        "0144",
        "555",
        "5550",
        "0143 0143",
    ],
)
def test_nobody_is_found_by(dee: Patient, said: str) -> None:
    assert queries.search_patients(said) == []


def test_beginning_of_the_last_name_comes_first(inside: UUID, dee: Patient, ana: Actor, at: datetime) -> None:
    other = register_patient(practice=inside, by=ana, at=at, details=replace(DEE, first_name="Marsha", last_name="Abt"))
    assert queries.search_patients("marsh") == [dee, other]
    assert queries.search_patients("marsh", limit=1) == [dee]


def test_end_of_a_telephone_number_finds_all_who_share_it_and_a_record_number_comes_first(
    inside: UUID, dee: Patient, ana: Actor, at: datetime
) -> None:
    same = replace(DEE, first_name="Ada", last_name="Nwosu", phone="+18595550143", email="")
    other = register_patient(practice=inside, by=ana, at=at, details=same)
    assert queries.search_patients("0143") == [dee, other]
    Patient.objects.filter(id=other.id).update(number=143)
    assert queries.search_patients("0143") == [other, dee]


def call(practice: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select * from stead.search_patients(%s, 'marsh', '', null, 20)", [practice])


def test_another_practice_cannot_be_named(dee: Patient, elsewhere: UUID) -> None:
    with pytest.raises(ProgrammingError, match="another practice"), transaction.atomic():
        call(elsewhere)


def test_portal_may_not_search(linden: UUID, olu: Actor, db: None) -> None:
    denied = pytest.raises(ProgrammingError, match="permission denied")
    with acting(linden, olu, kind="portal"), denied, transaction.atomic():
        call(linden)


def test_context_signed_for_the_portal_finds_nothing_as_app(linden: UUID, olu: Actor, db: None) -> None:
    with acting(linden, olu, kind="portal"), connection.cursor() as cursor:
        cursor.execute("set local role stead_app")
        with pytest.raises(ProgrammingError, match="another practice"), transaction.atomic():
            call(linden)
