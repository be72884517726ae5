"""Patients over REST: the same queries and actions as the pages."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from ninja import Router, Schema, Status

from stead.patients import actions, queries
from stead.patients.models import Patient
from stead.patients.terms import PatientDetails
from stead.platform.access import log
from stead.platform.web.door import PageRequest
from stead.platform.web.tokens import token

router = Router(tags=["patients"])
MOST = 100


class PatientOut(Schema):
    id: UUID
    number: int
    status: str
    first_name: str
    middle_name: str
    last_name: str
    preferred_name: str
    birth_date: date | None
    sex: str
    pronouns: str
    language: str
    email: str
    phone: str
    line1: str
    city: str
    state: str
    zip_code: str
    home_location_id: UUID | None
    practitioner_id: UUID | None
    time_zone: str
    pays_self: bool | None
    created_at: datetime
    version: str

    @staticmethod
    def resolve_version(row: Patient) -> str:
        return queries.version_of(row)


class PatientIn(Schema):
    """What is said of the patient. In an update a field that is left out stays as it is. `version` is that of the
    answer the change is based on; with it, a record that somebody changed since refuses with 409."""

    first_name: str
    last_name: str
    birth_date: date | None = None
    middle_name: str = ""
    preferred_name: str = ""
    sex: str = "unknown"
    pronouns: str = ""
    language: str = "en"
    email: str = ""
    phone: str = ""
    line1: str = ""
    city: str = ""
    state: str = ""
    zip_code: str = ""
    time_zone: str = ""
    source: str = ""
    status: str = "prospect"
    pays_self: bool | None = None
    ssn: str | None = None
    home_location_id: UUID | None = None
    practitioner_id: UUID | None = None

    version: str | None = None

    def details(self) -> PatientDetails:
        return PatientDetails(**self.dict(exclude={"version"}))


@router.get("/patients", response=list[PatientOut])
@token("patients.read")
def find_patients(request: PageRequest, q: str = "", limit: int = 20) -> list[Patient]:
    """Search by name, telephone, birth date or number; without `q` the first patients by name."""
    most = min(max(limit, 1), MOST)
    found = queries.search_patients(q, most) if q.strip() else list(queries.patients()[:most])
    log.reads_all(row.id for row in found)
    return found


@router.post("/patients", response={201: PatientOut})
@token("patients.register")
def register(request: PageRequest, body: PatientIn) -> Status[Patient]:
    details = body.details()
    row = actions.register_patient(practice=request.practice.id, by=request.by, at=request.at, details=details)
    return Status(201, row)


@router.get("/patients/{uuid:patient_id}", response=PatientOut)
@token("patients.read")
def patient(request: PageRequest, patient_id: UUID) -> Patient:
    log.reads(patient_id)
    return queries.get_patient(patient_id)


@router.put("/patients/{uuid:patient_id}", response=PatientOut)
@token("patients.edit")
def update(request: PageRequest, patient_id: UUID, body: PatientIn) -> Patient:
    return actions.update_patient(
        practice=request.practice.id, by=request.by, at=request.at, patient_id=patient_id, details=body.details(),
        given=body.dict(exclude_unset=True).keys() - {"version"}, version=body.version,
    )  # fmt: skip
