"""Give up money that is owed, within the limit of the person's seats; take postings back."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from stead.billing import ledger, queries, rules
from stead.billing.actions.claims import the_claim
from stead.billing.actions.denials import reopen_denials, settle_denials
from stead.billing.days import book_day
from stead.billing.matching import locked_lines
from stead.billing.models import ClaimEvent, LedgerTransaction
from stead.billing.queries import claim_owed, who_may_write_off, write_off_limit
from stead.patients.models import Patient
from stead.platform.actions import action
from stead.platform.actors import Actor
from stead.platform.identifiers import new_id, uuid7
from stead.platform.journal.write import write
from stead.platform.money import Money
from stead.platform.refusals import Conflict, InvalidInput, NotFound
from stead.processes import gates


class ReasonMissing(InvalidInput):
    words = "Write why, in a few words."


class AlreadyReversed(Conflict):
    words = "This was taken back before."


class ChargeNotReversible(Conflict):
    words = "A charge is not taken back alone: void it, so that its claim ends too and the visit may be charged again."


class PaymentNotReversible(Conflict):
    words = "Money that came in is not taken back here: refund it, and post the refund."


@action("write_off", permission="billing.write_off", words="write off what is owed", gated=True, hands=("patient",))
def write_off(
    *,
    practice: UUID,
    by: Actor,
    at: datetime,
    amount: Money,
    reason: str,
    claim_id: UUID | None = None,
    patient_id: UUID | None = None,
) -> LedgerTransaction:
    """Write off what a payer still owes on a claim, or what a patient owes. Refuses more than is owed, and more than
    the person's seats may, counted with what was written off there in the last month; that refusal names who may."""
    if not reason.strip():
        raise ReasonMissing(field="reason")
    if claim_id:
        claim = the_claim(claim_id)
        locked_lines([claim.id])
        account, owner, owed = rules.payer_account(claim.payer_id), claim.patient_id, claim_owed(claim)
    elif patient_id:
        account, owner = rules.patient_account(patient_id), _locked(patient_id)
        owed = ledger.balance(account)
    else:
        raise NotFound()
    today = book_day(at)
    before = queries.written_off_since(today - rules.WRITE_OFF_WINDOW, patient_id=owner, claim_id=claim_id)
    _check(amount, owed, before, by, today)
    gates.ask("write_off", {"patient": Patient.objects.get(id=owner)}, by=by, at=at)
    row = ledger.post(
        rules.write_off_posting(
            f"write_off:{new_id()}", account, owner, amount.cents, today, claim_id=claim_id, words=reason.strip()
        ),
        by=by,
        at=at,
    )
    if claim_id:
        _settle(claim_id, amount, by, at)
    write(
        "write_off.made", by=by, at=at, subject=row, patient_id=owner, amount_cents=amount.cents,
        claim_id=str(claim_id or ""),
    )  # fmt: skip
    return row


def _locked(patient_id: UUID) -> UUID:
    """Let one write-off of a patient in at a time: two must not both see the whole debt."""
    row = Patient.objects.select_for_update().filter(id=patient_id).first()
    if row is None:
        raise NotFound()
    return row.id


def _check(amount: Money, owed: int, before: Money, by: Actor, today: date) -> None:
    may = who_may_write_off(amount + before, today)
    rules.check_write_off(amount, write_off_limit(by.id, today), Money(owed), may, before=before)


def _settle(claim_id: UUID, amount: Money, by: Actor, at: datetime) -> None:
    """Write it into the claim's history, and close its denials once nothing is owed any more."""
    ClaimEvent.objects.create(
        id=uuid7(at), claim_id=claim_id, at=at, kind="write_off", words=f"{by.name} wrote off {amount}"
    )
    if claim_owed(the_claim(claim_id)) <= 0:
        settle_denials([claim_id], "written_off", by=by, at=at)


@action("reverse_transaction", permission="billing.reverse", words="take a posting back")
def reverse_transaction(
    *, practice: UUID, by: Actor, at: datetime, transaction_id: UUID, reason: str
) -> LedgerTransaction:
    """Take a write-off or move to the patient back with its mirror image. Money received is not reversed, and a
    charge is voided with its claim. A denial that was decided by it waits again: the payer's part is open once more."""
    row = LedgerTransaction.objects.filter(id=transaction_id).first()
    if row is None:
        raise NotFound()
    if not reason.strip():
        raise ReasonMissing(field="reason")
    if row.kind in ("patient_payment", "insurer", "unmatched", "provider", "refund"):
        raise PaymentNotReversible()
    if row.kind == "charge":
        raise ChargeNotReversible()
    if row.kind == "reversal":
        raise AlreadyReversed()
    try:
        undo = ledger.post(
            rules.reversal_posting(row.id, ledger.posting_of(row), book_day(at), f"Taken back: {reason.strip()}"),
            by=by,
            at=at,
        )
    except rules.AlreadyPosted:
        raise AlreadyReversed() from None
    reopen_denials(row, by=by, at=at)
    write("ledger.reversed", by=by, at=at, subject=undo, patient_id=row.patient_id, reverses_id=str(row.id))
    return undo
