"""The card on file and paying with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse

from stead.billing import ledger
from stead.billing.models import Payment, PaymentCard
from stead.billing.terms import Account, Posting, Side
from stead.platform.actors import Actor
from stead.processes.models import CaseItem
from stead.testing.clients import SeatClient

pytestmark = pytest.mark.django_db
TOKEN = {
    "token": "tok_sandbox_0123456789ab", "brand": "Visa", "last4": "4242", "expires_month": "8", "expires_year": "2029"
}  # fmt: skip


@pytest.fixture
def client(patient_client: Callable[[Any], SeatClient], dee: Any, case: Any) -> SeatClient:
    return patient_client(dee)


@pytest.fixture
def owes(dee: Any, inside: UUID, ben: Actor, at: datetime) -> None:
    """Dee owes $45.50."""
    sides = (Side(Account("patient", patient_id=dee.id), 4550, dee.id), Side(Account("revenue"), -4550, dee.id))
    ledger.post(Posting("test:owes", "charge", date(2026, 11, 20), sides, patient_id=dee.id), by=ben, at=at)


def test_card_is_vaulted_by_its_token_and_the_case_knows(
    client: SeatClient, dee: Any, case: Any, told: Callable[[], None]
) -> None:
    home = client.post(reverse("portal_card"), TOKEN).content.decode()
    assert "Add your card" not in home
    told()
    card = PaymentCard.objects.get()
    assert (card.patient_id, card.last4) == (dee.id, "4242")
    assert CaseItem.objects.get(case_id=case.id, key="card_on_file").state == "accepted"
    page = client.get(reverse("portal_card")).content.decode()
    assert "Visa 4242" in page
    assert card.token not in page


@pytest.mark.parametrize(
    "changed",
    [{"token": "4242"}, {"token": ""}, {"last4": "42424242"}, {"expires_month": "13"}, {"expires_year": "2020"}],
)
def test_what_is_no_token_is_refused(client: SeatClient, changed: dict[str, str]) -> None:
    assert client.post(reverse("portal_card"), TOKEN | changed).status_code == 422
    assert not PaymentCard.objects.exists()


def test_fields_of_the_card_have_no_name_and_so_are_never_posted(client: SeatClient) -> None:
    page = client.get(reverse("portal_card")).content.decode()
    for field in ("card-number", "card-ends"):
        tag = page[page.index(f'id="{field}"') - 10 :].split(">")[0]
        assert "name=" not in tag


def test_bill_is_paid_with_the_card_on_file(client: SeatClient, owes: None, dee: Any) -> None:
    client.post(reverse("portal_card"), TOKEN)
    page = client.get(reverse("portal_bills")).content.decode()
    assert "You owe $45.50" in page
    assert "Pay $45.50 with Visa 4242" in page
    card = PaymentCard.objects.get()
    page = client.post(reverse("portal_pay"), {"amount": "45.50", "card": str(card.id)}).content.decode()
    payment = Payment.objects.get()
    assert (payment.patient_id, payment.amount_cents, payment.state) == (dee.id, 4550, "started")
    assert "Your payment is on its way" in page
    assert "Pay $" not in page


@pytest.mark.parametrize("amount", ["", "x", "0", "-5", "45.51", "1e3", "12.345"])
def test_amount_that_cannot_be_paid_is_refused(client: SeatClient, owes: None, amount: str) -> None:
    client.post(reverse("portal_card"), TOKEN)
    given = {"amount": amount, "card": str(PaymentCard.objects.get().id)}
    assert client.post(reverse("portal_pay"), given).status_code == 422
    assert not Payment.objects.exists()


def test_card_of_another_patient_pays_nothing(
    client: SeatClient, patient_client: Callable[[Any], SeatClient], owes: None, rosa: Any
) -> None:
    patient_client(rosa).post(reverse("portal_card"), TOKEN)
    given = {"amount": "10", "card": str(PaymentCard.objects.get().id)}
    assert client.post(reverse("portal_pay"), given).status_code == 422
    assert not Payment.objects.exists()


def test_declined_payment_is_said(client: SeatClient, owes: None) -> None:
    client.post(reverse("portal_card"), TOKEN)
    client.post(reverse("portal_pay"), {"amount": "20", "card": str(PaymentCard.objects.get().id)})
    Payment.objects.update(state="declined")
    page = client.get(reverse("portal_bills")).content.decode()
    assert "The card was not accepted." in page
    assert "You owe $45.50" in page
