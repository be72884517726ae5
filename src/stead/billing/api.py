"""Claims and the ledger over REST: the same queries and actions as the pages. Amounts are cents."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Field, Router, Schema

from stead.billing import actions, queries
from stead.billing.models import Claim, Denial, Payment
from stead.patients.queries import get_patient
from stead.platform.access import log
from stead.platform.money import Money
from stead.platform.web.door import PageRequest
from stead.platform.web.tokens import token
from stead.x12.queues import Queue

router = Router(tags=["billing"])
PAGE = 100
type ClaimState = Literal["held", "ready", "sent", "accepted", "rejected", "paid", "part_paid", "denied", "closed"]
type DenialState = Literal["open", "resent", "paid", "written_off", "to_patient"]


class ClaimOut(Schema):
    id: UUID
    number: str
    patient_id: UUID
    payer_id: UUID
    practitioner_id: UUID
    state: str
    frequency: str
    total_cents: int
    paid_cents: int
    service_date: date
    state_at: datetime
    file_before_date: date
    payer_claim_number: str


class ClaimDetail(ClaimOut):
    owed_cents: int
    held_because: list[dict[str, str]]


class DenialOut(Schema):
    id: UUID
    claim_id: UUID
    patient_id: UUID
    queue: str
    group_code: str
    reason_code: str
    remark_codes: list[str]
    amount_cents: int
    deadline_date: date
    state: str
    case_id: UUID | None


class LedgerLineOut(Schema):
    transaction_id: UUID
    on: date
    kind: str
    words: str
    claim_id: UUID | None
    change_cents: int
    payer_change_cents: int
    balance_cents: int


class LedgerOut(Schema):
    patient_id: UUID
    balance_cents: int
    lines: list[LedgerLineOut]


class PaymentIn(Schema):
    """`key` makes the payment happen once, whatever is sent twice."""

    amount_cents: int
    method: Literal["card", "cash", "check"]
    key: Annotated[str, Field(min_length=1, max_length=100)]
    card_id: UUID | None = None


class PaymentOut(Schema):
    id: UUID
    state: str
    amount_cents: int
    method: str
    declined_because: str


def _who(request: PageRequest) -> dict[str, Any]:
    return {"practice": request.practice.id, "by": request.by, "at": request.at}


def _slice(page: int) -> slice:
    first = (max(page, 1) - 1) * PAGE
    return slice(first, first + PAGE)


@router.get("/claims", response=list[ClaimOut])
@token("billing.read")
def claims(
    request: PageRequest, state: ClaimState | None = None, payer_id: UUID | None = None, page: int = 1
) -> list[Claim]:
    """List claims, by default those that still need somebody; 100 on a page."""
    rows = queries.claims_queue(states=[state] if state else [], payer_id=payer_id)
    found = list(rows[_slice(page)])
    log.reads_all(claim.patient_id for claim in found)
    return found


@router.get("/claims/{uuid:claim_id}", response=ClaimDetail)
@token("billing.read")
def claim(request: PageRequest, claim_id: UUID) -> dict[str, Any]:
    row = queries.get_claim(claim_id)
    log.reads(row.patient_id)
    more = {"owed_cents": queries.claim_owed(row), "held_because": row.held_because}
    return {**ClaimOut.from_orm(row).dict(), **more}


@router.post("/claims/{uuid:claim_id}/resubmit", response=ClaimOut)
@token("billing.claim")
def resubmit(request: PageRequest, claim_id: UUID) -> Claim:
    return actions.resubmit_claim(**_who(request), claim_id=claim_id)


@router.get("/denials", response=list[DenialOut])
@token("billing.read")
def denials(
    request: PageRequest, queue: Queue | None = None, state: DenialState = "open", page: int = 1
) -> list[Denial]:
    """List denials, the nearest deadline first; 100 on a page."""
    found = list(queries.denials_queue(queue=str(queue or ""), state=state)[_slice(page)])
    log.reads_all(denial.patient_id for denial in found)
    return found


@router.get("/patients/{uuid:patient_id}/ledger", response=LedgerOut)
@token("billing.read_account")
def ledger(request: PageRequest, patient_id: UUID) -> dict[str, Any]:
    """Give a patient's account, oldest line first; the changes add up to the balance."""
    patient = get_patient(patient_id)
    log.reads(patient.id)
    lines = [asdict(line) for line in queries.account_lines(patient.id)]
    return {"patient_id": patient.id, "balance_cents": queries.balance_of(patient.id).cents, "lines": lines}


@router.post("/patients/{uuid:patient_id}/payments", response=PaymentOut)
@token("billing.take_payment")
def take_payment(request: PageRequest, patient_id: UUID, body: PaymentIn) -> Payment:
    return actions.take_payment(
        **_who(request),
        patient_id=patient_id,
        amount=Money(body.amount_cents),
        method=body.method,
        key=f"api:{body.key}",
        card_id=body.card_id,
    )
