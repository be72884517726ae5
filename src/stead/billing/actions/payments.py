"""Payments of patients. The row and its key are committed before the card processor is called.

A card payment is three steps: `take_payment` writes the row "started" and enqueues a job; the job, after the commit,
calls the processor with the row's key and writes down what it said (`settle_payment`). A crash anywhere between is
mended by the job's retry: the processor knows the key. Cash and checks are posted at once.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from stead.billing import ledger, ports, queries, rules
from stead.billing.days import book_day
from stead.billing.models import Payment, PaymentCard
from stead.billing.terms import CardToken, PayMethod
from stead.patients.models import Patient
from stead.platform.actions import action
from stead.platform.actors import Actor
from stead.platform.identifiers import uuid7
from stead.platform.jobs.queue import enqueue
from stead.platform.journal.write import write
from stead.platform.money import Money
from stead.platform.refusals import Conflict, InvalidInput, NotFound


class CardMissing(InvalidInput):
    words = "No card is kept for this patient. Add one, or take cash or a check."


class CardExpired(InvalidInput):
    words = "This card has expired. Ask for another one."


class CardKnown(Conflict):
    words = "This card is kept already."


class KeyUsedForAnother(Conflict):
    words = "This key was used for another payment. Nothing was taken. Open the page again."


def _patient(patient_id: UUID, by: Actor) -> Patient:
    """Find the patient; a patient finds nobody but themselves."""
    row = Patient.objects.filter(id=patient_id).first()
    if row is None or (by.kind == "patient" and by.id != patient_id):
        raise NotFound()
    return row


def _locked(patient_id: UUID, by: Actor) -> Patient:
    """Find the patient and let one payment of theirs in at a time: what is owed is read, then a row is written."""
    return Patient.objects.select_for_update().get(id=_patient(patient_id, by).id)


@action("vault_card", permission="billing.vault_card", words="keep a card on file")
def vault_card(*, practice: UUID, by: Actor, at: datetime, patient_id: UUID, card: CardToken) -> PaymentCard:
    """Keep a processor's token for a patient. The number itself never comes here."""
    _patient(patient_id, by)
    if (card.expires_year, card.expires_month) < (at.year, at.month):
        raise CardExpired(field="expires")
    try:
        with transaction.atomic():
            row = PaymentCard.objects.create(
                id=uuid7(at),
                patient_id=patient_id,
                token=card.token,
                brand=card.brand[:20],
                last4=card.last4,
                expires_month=card.expires_month,
                expires_year=card.expires_year,
                vaulted_at=at,
            )
    except IntegrityError as error:
        if "payment_card_token_once" in str(error):
            raise CardKnown() from None
        raise
    write("card.vaulted", by=by, at=at, subject=row, patient_id=patient_id, brand=row.brand)
    return row


@action("take_payment", permission="billing.take_payment", words="take a payment", may_change_nothing=True)
def take_payment(
    *,
    practice: UUID,
    by: Actor,
    at: datetime,
    patient_id: UUID,
    amount: Money,
    method: PayMethod,
    key: str,
    card_id: UUID | None = None,
    appointment_id: UUID | None = None,
    statement_id: UUID | None = None,
) -> Payment:
    """Take a patient's money. The same `key` again returns the first payment and takes nothing.

    A card payment comes back "started"; it is paid or declined a moment later, when the job has asked the processor.
    Patients pay by card, and no more than they owe: two presses at once must not both see the whole debt.
    """
    _locked(patient_id, by)
    if amount.cents <= 0:
        raise rules.NothingToPost(field="amount")
    if amount > rules.MOST_AT_ONCE:
        raise rules.TooMuchAtOnce(field="amount")
    if found := Payment.objects.filter(key=key).first():
        if (found.patient_id, found.amount_cents, found.method) != (patient_id, amount.cents, method):
            raise KeyUsedForAnother()
        return found
    if by.kind == "patient":
        rules.check_own_payment(amount, method, owed=queries.balance_of(patient_id) - queries.on_the_way(patient_id))
    card = _usable_card(patient_id, card_id, at) if method == "card" else None
    row = Payment.objects.create(
        id=uuid7(at),
        patient_id=patient_id,
        key=key,
        amount_cents=amount.cents,
        method=method,
        card_id=card.id if card else None,
        appointment_id=appointment_id,
        statement_id=statement_id,
        started_at=at,
    )
    write("payment.started", by=by, at=at, subject=row, patient_id=patient_id, amount_cents=amount.cents, method=method)
    if card:
        enqueue("billing.settle_payment", payment_id=row.id, lock=f"payment:{row.id}")
    else:
        _paid(row, by, at, reference="")
    return row


def _usable_card(patient_id: UUID, card_id: UUID | None, at: datetime) -> PaymentCard:
    rows = PaymentCard.objects.filter(patient_id=patient_id, removed_at=None)
    card = rows.filter(id=card_id).first() if card_id else rows.order_by("-vaulted_at").first()
    if card is None:
        raise CardMissing(field="card")
    if (card.expires_year, card.expires_month) < (at.year, at.month):
        raise CardExpired(field="card")
    return card


@action("settle_payment", permission="billing.settle", words="settle a payment", may_change_nothing=True)
def settle_payment(*, practice: UUID, by: Actor, at: datetime, payment_id: UUID) -> Payment:
    """Ask the processor for the money of a started card payment and write down its answer. Bears repetition."""
    row = Payment.objects.select_for_update().filter(id=payment_id).first()
    if row is None:
        raise NotFound()
    if row.state != "started":
        return row
    card = PaymentCard.objects.get(id=row.card_id) if row.card_id else None
    if card is None:
        raise CardMissing()
    outcome = ports.processor().charge(token=card.token, amount_cents=row.amount_cents, key=f"{practice}:{row.key}")
    if outcome.paid:
        return _paid(row, by, at, reference=outcome.reference)
    row.state, row.ended_at = "declined", at
    row.processor_reference, row.declined_because = outcome.reference[:100], outcome.declined_because[:200]
    row.save(update_fields=["state", "ended_at", "processor_reference", "declined_because"])
    write("payment.declined", by=by, at=at, subject=row, patient_id=row.patient_id, amount_cents=row.amount_cents)
    return row


def _paid(row: Payment, by: Actor, at: datetime, *, reference: str) -> Payment:
    method: PayMethod = row.method  # type: ignore[assignment]  # the column's choices are PayMethod
    posting = rules.patient_payment_posting(f"pay:{row.id}", row.patient_id, row.amount_cents, book_day(at), method)
    ledger.post(posting, by=by, at=at)
    row.state, row.ended_at, row.processor_reference = "paid", at, reference[:100]
    row.save(update_fields=["state", "ended_at", "processor_reference"])
    write(
        "payment.taken", by=by, at=at, subject=row, patient_id=row.patient_id, amount_cents=row.amount_cents,
        method=row.method, appointment_id=str(row.appointment_id or ""),
    )  # fmt: skip
    return row
