"""Give money back, and void what was keyed wrong.

A refund names the payment it gives back and never exceeds it. One to a card is asked of the processor like a charge:
the row is committed first, the processor is asked with no transaction open under the row's key, its answer is written
down, and a job that dies is asked again without giving the money back twice.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from stead.billing import ledger, queries, rules
from stead.billing.actions.remittances import ReasonMissing
from stead.billing.days import book_day
from stead.billing.models import LedgerTransaction, Payment, Refund
from stead.billing.ports import ChargeOutcome, RefundRequest
from stead.billing.terms import PayMethod
from stead.platform.actions import action
from stead.platform.actors import Actor
from stead.platform.identifiers import uuid7
from stead.platform.jobs.queue import enqueue
from stead.platform.journal.write import write
from stead.platform.money import Money
from stead.platform.refusals import Conflict, InvalidInput, NotFound


class NotPaid(Conflict):
    words = "This payment brought no money, so there is none to give back."


class MoreThanPaid(InvalidInput):
    words = "This is more than is left of the payment. Nothing was given back."


class NotByCard(InvalidInput):
    words = "This was not paid by card, so it cannot go back to a card. Give cash or a check."


class KeyUsedForAnotherRefund(Conflict):
    words = "This key was used for another refund. Nothing was given back. Open the page again."


class NotVoidable(Conflict):
    words = "Only cash or a check of today, of which nothing was given back, can be voided. Refund it instead."


@action("refund_payment", permission="billing.refund", words="give money back", may_change_nothing=True)
def refund_payment(
    *,
    practice: UUID,
    by: Actor,
    at: datetime,
    payment_id: UUID,
    amount: Money,
    method: PayMethod,
    reason: str,
    key: str,
) -> Refund:
    """Give a patient's money back, all of a payment or part. The same `key` again returns the first refund.

    Refuses more than is left of the payment, and more than the person's seats may give back of it; that refusal names
    who may. One to a card comes back "started"; it is paid or declined when the processor has answered.
    """
    payment = _locked(payment_id)
    if not reason.strip():
        raise ReasonMissing(field="reason")
    if found := Refund.objects.filter(key=key).first():
        if (found.payment_id, found.amount_cents, found.method) != (payment_id, amount.cents, method):
            raise KeyUsedForAnotherRefund()
        return found
    if payment.state != "paid":
        raise NotPaid()
    if method == "card" and payment.method != "card":
        raise NotByCard(field="method")
    before = queries.given_back(payment_id)
    if before + amount > Money(payment.amount_cents):
        left = Money(payment.amount_cents) - before
        raise MoreThanPaid(f"{left} is left of this payment; {amount} cannot be given back.", field="amount")
    _check_limit(amount, before, by, at)
    row = Refund.objects.create(
        id=uuid7(at),
        patient_id=payment.patient_id,
        payment_id=payment.id,
        key=key,
        amount_cents=amount.cents,
        method=method,
        reason=reason.strip()[:200],
        by_name=by.name,
        started_at=at,
    )
    write(
        "refund.started", by=by, at=at, subject=row, patient_id=row.patient_id, amount_cents=amount.cents, method=method
    )
    if method == "card":
        enqueue("billing.settle_refund", refund_id=row.id, lock=f"refund:{row.id}")
    else:
        _given(row, by, at, reference="")
    return row


def _locked(payment_id: UUID) -> Payment:
    row = Payment.objects.select_for_update(of=("self",)).filter(id=payment_id).first()
    if row is None:
        raise NotFound()
    return row


def _check_limit(amount: Money, before: Money, by: Actor, at: datetime) -> None:
    today = book_day(at)
    limit = queries.refund_limit(by.id, today)
    rules.check_refund(amount, limit, queries.who_may_refund(amount + before, today), before=before)


def _given(row: Refund, by: Actor, at: datetime, *, reference: str) -> Refund:
    ledger.post(
        rules.refund_posting(f"refund:{row.id}", row.patient_id, row.amount_cents, book_day(at), row.method),
        by=by,
        at=at,
    )
    row.state, row.ended_at, row.processor_reference = "paid", at, reference[:100]
    row.save(update_fields=["state", "ended_at", "processor_reference"])
    write("refund.given", by=by, at=at, subject=row, patient_id=row.patient_id, amount_cents=row.amount_cents)
    return row


def _started(refund_id: UUID) -> Refund | None:
    row = Refund.objects.select_for_update(of=("self",)).filter(id=refund_id).first()
    if row is None:
        raise NotFound()
    return row if row.state == "started" else None


@action("begin_refund", permission="billing.settle", words="ask the processor for a refund", may_change_nothing=True)
def begin_refund(*, practice: UUID, by: Actor, at: datetime, refund_id: UUID) -> RefundRequest | None:
    """Write down that the processor is about to be asked, and return what to ask. None when nothing is left to ask."""
    row = _started(refund_id)
    if row is None:
        return None
    asked_before = row.asked_at is not None
    row.asked_at = at
    row.save(update_fields=["asked_at"])
    payment = Payment.objects.get(id=row.payment_id)
    write("refund.asked", by=by, at=at, subject=row, patient_id=row.patient_id, again=asked_before)
    return RefundRequest(f"{practice}:refund:{row.id}", payment.processor_reference, row.amount_cents, asked_before)


@action("settle_refund", permission="billing.settle", words="settle a refund", may_change_nothing=True)
def settle_refund(*, practice: UUID, by: Actor, at: datetime, refund_id: UUID, outcome: ChargeOutcome) -> Refund:
    """Write down what the processor answered: post the refund, or keep why it was declined. Bears repetition."""
    row = _started(refund_id)
    if row is None:
        return Refund.objects.get(id=refund_id)
    if outcome.paid:
        return _given(row, by, at, reference=outcome.reference)
    row.state, row.ended_at = "declined", at
    row.processor_reference, row.declined_because = outcome.reference[:100], outcome.declined_because[:200]
    row.save(update_fields=["state", "ended_at", "processor_reference", "declined_because"])
    write("refund.declined", by=by, at=at, subject=row, patient_id=row.patient_id, amount_cents=row.amount_cents)
    return row


@action("void_payment", permission="billing.refund", words="void a payment that was keyed wrong")
def void_payment(*, practice: UUID, by: Actor, at: datetime, payment_id: UUID, reason: str) -> Payment:
    """Void cash or a check of today that was never taken, or not from this patient: its posting is taken back. Held by
    the limit for refunds, because the drawer holds that much less afterwards."""
    row = _locked(payment_id)
    if not reason.strip():
        raise ReasonMissing(field="reason")
    taken_today = row.ended_at is not None and book_day(row.ended_at) == book_day(at)
    if row.state != "paid" or row.method == "card" or not taken_today or queries.given_back(row.id).cents:
        raise NotVoidable()
    _check_limit(Money(row.amount_cents), Money(0), by, at)
    posted = LedgerTransaction.objects.get(key=f"pay:{row.id}")
    words = f"Voided: {reason.strip()}"
    ledger.post(rules.reversal_posting(posted.id, ledger.posting_of(posted), book_day(at), words), by=by, at=at)
    row.state = "void"
    row.save(update_fields=["state"])
    write("payment.voided", by=by, at=at, subject=row, patient_id=row.patient_id, amount_cents=row.amount_cents)
    return row
