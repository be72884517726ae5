"""The card on file and paying with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse

from stead.billing import ledger
from stead.billing.actions import settle_payment
from stead.billing.models import Payment, PaymentCard
from stead.billing.ports import ChargeOutcome
from stead.billing.terms import Account, Posting, Side
from stead.billing.tests.cast import profile
from stead.messaging.models import OutboxMessage
from stead.patients.actions import record_contact_consent
from stead.platform import actors
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


def bill(client: SeatClient, **more: str) -> str:
    given = {"amount": "45.50", "card": str(PaymentCard.objects.get().id)} | more
    page: str = client.post(reverse("portal_pay"), given).content.decode()
    return page


def test_bill_is_paid_in_two_steps_and_ends_with_a_receipt(client: SeatClient, owes: None, dee: Any) -> None:
    client.post(reverse("portal_card"), TOKEN)
    page = client.get(reverse("portal_bills")).content.decode()
    assert "You owe $45.50" in page
    assert 'method="post"' not in page.split("<main")[1].split("</main>")[0]
    page = client.get(reverse("portal_pay")).content.decode()
    assert 'name="amount" value="45.50"' in page
    assert "Visa 4242" in page
    assert "checked" in page
    page = bill(client)
    payment = Payment.objects.get()
    assert (payment.patient_id, payment.amount_cents, payment.state) == (dee.id, 4550, "started")
    assert "Your payment of $45.50 is on its way" in page
    assert "every 1s" in page


@pytest.fixture
def settled(inside: UUID, ben: Actor, at: datetime) -> Callable[..., None]:
    """Return a function that writes down what the processor answered to the only payment."""

    profile()

    def settle(*, paid: bool, why: str = "") -> None:
        outcome = ChargeOutcome(paid, "ch_1", why)
        row = Payment.objects.get()
        settle_payment(practice=inside, by=ben, at=at, payment_id=row.id, outcome=outcome)

    return settle


@pytest.fixture
def agreed(dee: Any, inside: UUID, at: datetime) -> None:
    """Dee agreed to e-mails about bills."""
    record_contact_consent(
        practice=inside, by=actors.system(), at=at, patient_id=dee.id, channel="email", purpose="billing", granted=True
    )


def test_receipt_is_not_promised_to_who_did_not_agree_to_messages_about_bills(
    client: SeatClient, owes: None, settled: Callable[..., None]
) -> None:
    client.post(reverse("portal_card"), TOKEN)
    bill(client)
    settled(paid=True)
    address = reverse("portal_payment", args=[Payment.objects.get().id])
    page = client.get(address).content.decode()
    assert "We sent a receipt" not in page
    assert "you have not agreed to messages about bills" in page
    client.cookies["django_language"] = "es"
    assert "usted no ha aceptado mensajes sobre facturas" in client.get(address).content.decode()
    assert not OutboxMessage.objects.filter(template="payment_receipt").exists()


def test_receipt_says_what_was_paid_and_what_is_left_and_is_mailed(
    client: SeatClient, owes: None, agreed: None, dee: Any, settled: Callable[..., None]
) -> None:
    client.post(reverse("portal_card"), TOKEN)
    assert "on its way" in bill(client, amount="20")
    settled(paid=True)
    payment = Payment.objects.get()
    page = client.get(reverse("portal_payment", args=[payment.id])).content.decode()
    assert "You paid $20.00" in page
    assert "$25.50" in page
    assert f"We sent a receipt to {dee.email}." in page
    assert "every 1s" not in page
    mail = OutboxMessage.objects.get(template="payment_receipt")
    assert (mail.patient_id, mail.channel) == (dee.id, "email")
    number = payment.id.hex[-8:].upper()
    assert "$20.00" in mail.body
    assert number in mail.body
    assert number in page


def test_receipt_speaks_spanish(client: SeatClient, owes: None, agreed: None, settled: Callable[..., None]) -> None:
    client.post(reverse("portal_card"), TOKEN)
    bill(client)
    settled(paid=True)
    client.cookies["django_language"] = "es"
    page = client.get(reverse("portal_payment", args=[Payment.objects.get().id])).content.decode()
    assert "Usted pagó $45.50" in page
    assert "Enviamos un recibo a" in page
    assert "Le queda por pagar" in page


def test_receipt_of_another_patient_is_not_there(
    client: SeatClient, patient_client: Callable[[Any], SeatClient], owes: None, rosa: Any
) -> None:
    client.post(reverse("portal_card"), TOKEN)
    bill(client)
    address = reverse("portal_payment", args=[Payment.objects.get().id])
    assert patient_client(rosa).get(address).status_code == 404


def test_second_press_of_the_same_form_pays_nothing_more(client: SeatClient, owes: None) -> None:
    client.post(reverse("portal_card"), TOKEN)
    for _ in range(2):
        page = bill(client, amount="10", _key="form-9")
        assert "Your payment of $10.00 is on its way" in page
    assert Payment.objects.get().amount_cents == 1000


def test_card_added_on_the_way_to_pay_leads_back_to_the_bill(client: SeatClient, owes: None) -> None:
    assert "Add a card to pay with" in client.get(reverse("portal_pay")).content.decode()
    done = client.post(f"{reverse('portal_card')}?for=bill", TOKEN)
    assert done.redirect_chain == [(reverse("portal_pay"), 302)]


def test_home_says_what_is_owed_and_leads_to_it(client: SeatClient, owes: None) -> None:
    page = client.get(reverse("portal_home")).content.decode()
    assert "You owe $45.50." in page
    assert reverse("portal_pay") in page


def test_who_owes_nothing_is_offered_no_payment(client: SeatClient) -> None:
    client.post(reverse("portal_card"), TOKEN)
    page = client.get(reverse("portal_pay")).content.decode()
    assert "You owe nothing" in page
    assert 'name="amount"' not in page


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


@pytest.mark.parametrize(
    ("said", "words", "spanish"),
    [
        ("Not enough money on the card.", "There was not enough money on the card.", "No había suficiente dinero"),
        ("The card has expired.", "The card has expired.", "La tarjeta está vencida."),
        ("The card was reported lost.", "The bank did not say yes.", "El banco no aceptó el pago."),
    ],
)
def test_declined_payment_says_why_and_what_to_do(
    client: SeatClient, owes: None, settled: Callable[..., None], said: str, words: str, spanish: str
) -> None:
    client.post(reverse("portal_card"), TOKEN)
    bill(client, amount="20")
    settled(paid=False, why=said)
    address = reverse("portal_payment", args=[Payment.objects.get().id])
    page = client.get(address).content.decode()
    assert "Nothing was paid" in page
    assert words in page
    assert "lost" not in page
    assert reverse("portal_pay") in page
    client.cookies["django_language"] = "es"
    assert spanish in client.get(address).content.decode()
    assert "Usted debe $45.50" in client.get(reverse("portal_bills")).content.decode()
    assert not OutboxMessage.objects.filter(template="payment_receipt").exists()
