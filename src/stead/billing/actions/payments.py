"""Payments of patients. The row and its key are committed before the card processor is called.

A card payment is four steps: `take_payment` writes the row "started" and enqueues a job; the job notes that it is about
to ask (`begin_settlement`), asks the processor under the row's key with no transaction open, so that a slow processor
holds no lock, and writes down the answer (`settle_payment`). A crash between any two is mended by the job's retry: a
payment that was asked for before is looked up by its key first. Cash and checks are posted at once.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from stead.billing import ledger, queries, rules
from stead.billing.days import book_day
from stead.billing.models import Payment, PaymentCard, Statement
from stead.billing.ports import CardRequest, ChargeOutcome
from stead.billing.terms import CardToken, PayMethod
from stead.messaging.actions import queue_message
from stead.messaging.queries import agreed_channel
from stead.messaging.rules import language_of
from stead.patients.models import Patient
from stead.platform import actors
from stead.platform.actions import action
from stead.platform.actors import Actor
from stead.platform.card_numbers import check_no_card_number
from stead.platform.identifiers import uuid7
from stead.platform.jobs.queue import enqueue
from stead.platform.journal.write import write
from stead.platform.money import Money
from stead.platform.refusals import Conflict, InvalidInput, NotFound
from stead.platform.ui import words
from stead.practice.models import PracticeProfile
from stead.scheduling.models import Appointment


class CardMissing(InvalidInput):
    words = "No card is kept for this patient. Add one, or take cash or a check."


class CardExpired(InvalidInput):
    words = "This card has expired. Ask for another one."


class CardKnown(Conflict):
    words = "This card is kept already."


class VisitOfAnother(InvalidInput):
    words = "This visit is not this patient's. Nothing was taken. Open the payment from the patient's own visit."


class CopayTaken(Conflict):
    words = "The copay of this visit is taken already, or on its way. Nothing was taken."


class StatementOfAnother(InvalidInput):
    words = "This statement is not this patient's. Nothing was taken. Open the payment from the patient's own account."


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
    """Keep a processor's token for a patient. The number itself never comes here; what looks like one is refused."""
    _patient(patient_id, by)
    row = keep_card(patient_id, card, at)
    write("card.vaulted", by=by, at=at, subject=row, patient_id=patient_id, brand=row.brand)
    return row


def keep_card(patient_id: UUID, card: CardToken, at: datetime) -> PaymentCard:
    """Write the processor's token down. Refuses a card that is over, a token that is kept already, and a number."""
    check_no_card_number([card.token, card.brand])
    if _is_over(card, at):
        raise CardExpired(field="expires")
    try:
        with transaction.atomic():
            return PaymentCard.objects.create(
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
    Patients pay by card, and no more than they owe: two presses at once must not both see the whole debt. The visit or
    statement that is paid must be the same patient's; the row's keys hold that too.
    """
    _locked(patient_id, by)
    if amount.cents <= 0:
        raise rules.NothingToPost(field="amount")
    if amount > rules.MOST_AT_ONCE:
        raise rules.TooMuchAtOnce(field="amount")
    if found := Payment.objects.filter(key=key).first():
        same = (found.patient_id, found.amount_cents, found.method, found.appointment_id, found.statement_id)
        if same != (patient_id, amount.cents, method, appointment_id, statement_id):
            raise KeyUsedForAnother()
        return found
    _check_same_patient(patient_id, appointment_id, statement_id)
    _check_copay_open(appointment_id)
    if by.kind == "patient":
        rules.check_own_payment(amount, method, owed=queries.balance_of(patient_id) - queries.on_the_way(patient_id))
    card = usable_card(patient_id, card_id, at) if method == "card" else None
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


def _check_copay_open(appointment_id: UUID | None) -> None:
    """Refuse a second payment for one visit. The patient's row is locked, so two at once come one after the other"""
    if appointment_id is None:
        return
    if Payment.objects.filter(appointment_id=appointment_id, state__in=("started", "paid")).exists():
        raise CopayTaken()


def usable_card(patient_id: UUID, card_id: UUID | None, at: datetime) -> PaymentCard:
    rows = PaymentCard.objects.filter(patient_id=patient_id, removed_at=None)
    card = rows.filter(id=card_id).first() if card_id else rows.order_by("-vaulted_at").first()
    if card is None:
        raise CardMissing(field="card")
    if _is_over(card, at):
        raise CardExpired(field="card")
    return card


def _is_over(card: PaymentCard | CardToken, at: datetime) -> bool:
    """Whether the card's last month has ended at the practice; UTC is a day further every evening."""
    today = book_day(at)
    return (card.expires_year, card.expires_month) < (today.year, today.month)


def _check_same_patient(patient_id: UUID, appointment_id: UUID | None, statement_id: UUID | None) -> None:
    """Refuse what belongs to another patient; what is of another practice is not there."""
    named = (
        (Appointment.objects.get_queryset(), appointment_id, VisitOfAnother("", field="appointment")),
        (Statement.objects.get_queryset(), statement_id, StatementOfAnother("", field="statement")),
    )
    for rows, row_id, refusal in named:
        if row_id is None:
            continue
        owner = rows.filter(id=row_id).values_list("patient_id", flat=True).first()
        if owner is None:
            raise NotFound()
        if owner != patient_id:
            raise refusal


def _started(payment_id: UUID) -> Payment | None:
    """Lock a payment that still waits for its answer. None when it has one."""
    row = Payment.objects.select_for_update(of=("self",)).filter(id=payment_id).first()
    if row is None:
        raise NotFound()
    return row if row.state == "started" else None


@action("begin_settlement", permission="billing.settle", words="ask the card processor", may_change_nothing=True)
def begin_settlement(*, practice: UUID, by: Actor, at: datetime, payment_id: UUID) -> CardRequest | None:
    """Write down that the processor is about to be asked, and return what to ask. None when nothing is left to ask."""
    row = _started(payment_id)
    if row is None:
        return None
    if row.card_id is None:
        raise CardMissing()
    asked_before = row.asked_at is not None
    row.asked_at = at
    row.save(update_fields=["asked_at"])
    token = PaymentCard.objects.get(id=row.card_id).token
    write("payment.asked", by=by, at=at, subject=row, patient_id=row.patient_id, again=asked_before)
    return CardRequest(f"{practice}:{row.key}", token, row.amount_cents, asked_before)


@action("settle_payment", permission="billing.settle", words="settle a payment", may_change_nothing=True)
def settle_payment(*, practice: UUID, by: Actor, at: datetime, payment_id: UUID, outcome: ChargeOutcome) -> Payment:
    """Write down what the processor answered: post the money, or keep why the card was declined. Bears repetition."""
    row = _started(payment_id)
    if row is None:
        return queries.get_payment(payment_id)
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
    _send_receipt(row, at)
    return row


def _send_receipt(row: Payment, at: datetime) -> None:
    """Queue the patient's receipt, if they agreed to be written to about bills; it names no visit and no service."""
    patient, profile = Patient.objects.get(id=row.patient_id), PracticeProfile.objects.first()
    channel = agreed_channel(patient, "billing")
    if profile is None or not channel:
        return
    language = language_of(patient.language)
    queue_message(
        practice=row.practice_id,
        by=actors.system(),
        at=at,
        key=f"receipt:{row.id}",
        channel=channel,
        purpose="billing",
        template="payment_receipt",
        context={
            "first_name": patient.preferred_name or patient.first_name,
            "practice": profile.legal_name,
            "amount": words.money(row.amount_cents, cents=True),
            "day": words.day(book_day(at), language, year=True),
            "number": rules.receipt_number(row.id),
        },
        patient_id=patient.id,
    )
