"""REST of coverage: a patient's policies, questions to payers and their answers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from ninja import Router, Schema, Status

from stead.coverage import actions, queries
from stead.coverage.models import EligibilityCheck
from stead.patients.queries import get_patient
from stead.platform.access import log
from stead.platform.web.door import PageRequest
from stead.platform.web.tokens import token

router = Router(tags=["coverage"])


class PolicyOut(Schema):
    id: UUID
    payer_id: UUID
    payer: str
    rank: int
    member_id: str
    group_number: str
    relation: str
    starts_date: date | None
    ends_date: date | None
    card_verified_at: datetime | None


class CheckOut(Schema):
    """An amount of null is "the payer did not say", never zero."""

    id: UUID
    coverage_id: UUID
    patient_id: UUID
    state: str
    service_date: date
    asked_at: datetime
    answered_at: datetime | None
    copay_cents: int | None
    deductible_left_cents: int | None
    coinsurance_percent: int | None
    authorization_required: bool | None
    carve_out: str
    reject_code: str


class AskIn(Schema):
    coverage_id: UUID
    service_date: date


@router.get("/patients/{uuid:patient_id}/coverages", response=list[PolicyOut])
@token("coverage.read")
def coverages(request: PageRequest, patient_id: UUID) -> list[dict[str, Any]]:
    """List the policies in force, first billed first."""
    patient = get_patient(patient_id)
    log.reads(patient.id)
    names = ("id", "payer_id", "rank", "member_id", "group_number", "relation", "starts_date", "ends_date")
    return [
        {name: getattr(row, name) for name in (*names, "card_verified_at")} | {"payer": row.payer.name}
        for row in queries.coverages_of(patient.id)
    ]


@router.get("/eligibility-checks/{uuid:check_id}", response=CheckOut)
@token("coverage.read")
def eligibility_check(request: PageRequest, check_id: UUID) -> EligibilityCheck:
    """Read one question and its answer."""
    row = queries.get_check(check_id)
    log.reads(row.patient_id)
    return row


@router.post("/eligibility-checks", response={201: CheckOut})
@token("coverage.ask")
def ask(request: PageRequest, body: AskIn) -> Status[EligibilityCheck]:
    """Ask the payer; the answer comes later to the check's own address."""
    row = actions.ask_eligibility(
        practice=request.practice.id,
        by=request.by,
        at=request.at,
        coverage_id=body.coverage_id,
        service_date=body.service_date,
    )
    return Status(201, row)
