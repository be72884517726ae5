"""A patient and what is said of her."""

from datetime import date, datetime
from uuid import UUID

import pytest

from stead.patients.actions import register_patient
from stead.patients.models import Patient
from stead.patients.terms import PatientDetails
from stead.platform.actors import Actor

DEE = PatientDetails(
    first_name="Deirdre", preferred_name="Dee", last_name="Marsh", birth_date=date(1991, 3, 14), pronouns="she/her",
    phone="(502) 555-0143", email="Dee@Example.org", line1="4 Elm Street", city="Jeffersonville", state="in",
    zip_code="47130-0042",
)  # fmt: skip


@pytest.fixture
def dee(inside: UUID, ana: Actor, at: datetime) -> Patient:
    return register_patient(practice=inside, by=ana, at=at, details=DEE)
