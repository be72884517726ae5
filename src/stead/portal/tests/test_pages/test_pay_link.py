"""The page of a statement's link: the amount, one press, and nothing of the person."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse

from stead.billing import ledger
from stead.billing.actions import make_statement, set_pay_link, settle_payment, vault_card
from stead.billing.models import Payment, PaymentCard
from stead.billing.ports import ChargeOutcome
from stead.billing.terms import Account, CardToken, Posting, Side
from stead.billing.tests.cast import profile
from stead.messaging.models import OutboxMessage
from stead.messaging.queries import as_it_leaves
from stead.patients.actions import record_contact_consent
from stead.platform import actors, clock
from stead.platform.access.models import PatientAccess
from stead.platform.actors import Actor
from stead.testing.clients import SeatClient, outside

pytestmark = pytest.mark.django_db
TYPED = {
    "token": "tok_ok_0123456789ab",
    "brand": "Mastercard",
    "last4": "4444",
    "expires_month": 8,
    "expires_year": 2029,
}
OF_DEE = ("Dee", "Marsh", "1991", "dee.marsh", "555", "cannot sleep", "Dr ", "visit of")
Owe = Callable[..., str]


@pytest.fixture
def owe(dee: Any, case: Any, inside: UUID, ben: Actor, at: datetime) -> Owe:
    """Return a function that lets Dee owe and sends her a statement; it returns the path of the link."""
    profile()
    door: dict[str, Any] = {"practice": inside, "by": actors.system(), "at": at}
    record_contact_consent(**door, patient_id=dee.id, channel="email", purpose="billing", granted=True)

    def make(cents: int = 4550) -> str:
        sides = (Side(Account("patient", patient_id=dee.id), cents, dee.id), Side(Account("revenue"), -cents, dee.id))
        key = f"test:{uuid4()}"
        ledger.post(Posting(key, "charge", date(2026, 11, 20), sides, patient_id=dee.id), by=ben, at=at)
        made = make_statement(**(door | {"by": ben}), patient_id=dee.id, base_url="https://linden.example.test/")
        body = as_it_leaves(OutboxMessage.objects.get(key=f"statement:{made.id}")).body
        return "/p/" + body.split("/p/")[1].split()[0]

    return make


@pytest.fixture
def kept(dee: Any, case: Any, inside: UUID, ben: Actor, at: datetime) -> PaymentCard:
    card = CardToken("tok_ok_kept", "Visa", "4242", 8, 2029)
    return vault_card(practice=inside, by=ben, at=at, patient_id=dee.id, card=card)


@pytest.fixture
def somebody() -> Client:
    return Client(headers={"accept-language": "en"})


def read(client: Client, link: str, **headers: str) -> str:
    with outside():
        answer = client.get(link, headers=headers)
    assert answer.status_code == 200
    return str(answer.content.decode())


def press(client: Client, link: str, form: dict[str, Any] | None = None, *, headers: Any = None) -> Any:
    given = {"amount_cents": 4550, "last4": "4242", "_key": str(uuid4())} | (form or {})
    with outside():
        return client.post(link, given, headers=headers)


def settle(inside: UUID, ben: Actor, at: datetime, *, paid: bool, why: str = "") -> None:
    row = Payment.objects.get(state="started")
    settle_payment(practice=inside, by=ben, at=at, payment_id=row.id, outcome=ChargeOutcome(paid, "ch_1", why))


def test_link_shows_the_amount_the_practice_and_four_digits(owe: Owe, kept: PaymentCard, somebody: Client) -> None:
    page = read(somebody, owe())
    main = page.split("<main")[1].split("</main>")[0]
    assert "Pay $45.50 with Visa 4242" in main
    assert "Linden Street Counseling" in main
    assert not [word for word in OF_DEE if word in re.sub(r"<a href=.tel.*?</a>", "", main)]
    assert kept.token not in page
    assert 'class="under"' not in page


def test_reading_changes_nothing_and_is_logged(owe: Owe, kept: PaymentCard, somebody: Client, dee: Any) -> None:
    link = owe()
    for _ in range(3):
        read(somebody, link)
    with outside():
        assert somebody.head(link).status_code == 405
    assert not Payment.objects.exists()
    reads = PatientAccess.objects.filter(page="portal_pay_link")
    assert {tuple(row.patient_ids) for row in reads} == {(dee.id,)}


def test_one_press_pays_and_the_answer_comes_into_its_place(
    owe: Owe, kept: PaymentCard, somebody: Client, inside: UUID, ben: Actor, at: datetime
) -> None:
    link, part = owe(), {"HX-Request": "true", "HX-Target": "div#due"}
    assert press(somebody, link, headers=part)["Location"] == link
    page = read(somebody, link, **part)
    assert page.lstrip().startswith('<div id="due"')
    assert "Your payment of $45.50 is on its way" in page
    settle(inside, ben, at, paid=True)
    page = read(somebody, link, **part)
    assert "You paid $45.50" in page
    assert "hx-get" not in page
    assert Payment.objects.get().id.hex[-8:].upper() in page


def test_two_browsers_and_a_double_press_pay_once(owe: Owe, kept: PaymentCard, somebody: Client) -> None:
    link, key = owe(), str(uuid4())
    answers = [press(c, link, {"_key": k}) for c, k in ((somebody, key), (somebody, key), (Client(), str(uuid4())))]
    assert [a.status_code for a in answers] == [302, 302, 302]
    assert Payment.objects.count() == 1


def test_card_is_typed_where_none_is_kept(owe: Owe, somebody: Client, dee: Any) -> None:
    link = owe()
    page = read(somebody, link)
    assert "Pay $45.50 with this card" in page
    assert press(somebody, link, TYPED).status_code == 302
    payment = Payment.objects.get()
    assert (payment.amount_cents, payment.state, payment.patient_id) == (4550, "started", dee.id)
    assert not PaymentCard.objects.filter(removed_at=None).exists()


def test_declined_card_says_why_and_may_be_tried_again(
    owe: Owe, kept: PaymentCard, somebody: Client, inside: UUID, ben: Actor, at: datetime
) -> None:
    link = owe()
    press(somebody, link)
    settle(inside, ben, at, paid=False, why="The card has expired.")
    page = read(somebody, link)
    assert "The card has expired." in page
    assert "Your card was not charged." in page
    assert press(somebody, link, TYPED).status_code == 302
    assert Payment.objects.count() == 2


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"amount_cents": 1}, "What is owed has changed"),
        ({"last4": "1111"}, "The card on file has changed"),
        ({"last4": "4242424242424242"}, "look"),
        ({"amount_cents": "all"}, "look"),
        (TYPED | {"token": "4242424242424242"}, "payment card"),
        (TYPED | {"expires_year": 2020}, "has expired"),
    ],
)
def test_bad_input_pays_nothing(
    owe: Owe, kept: PaymentCard, somebody: Client, form: dict[str, Any], words: str
) -> None:
    answer = press(somebody, owe(), form)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Payment.objects.exists()


def test_replaced_expired_and_paid_links_say_so_kindly(
    owe: Owe, kept: PaymentCard, somebody: Client, inside: UUID, ben: Actor, at: datetime
) -> None:
    first, second = owe(), owe(1000)
    assert "There is a newer statement." in read(somebody, first)
    assert press(somebody, first).status_code == 422
    with clock.driven(clock.now() + timedelta(days=45)):
        assert "This link is too old to pay with." in read(somebody, second)
    press(somebody, second, {"amount_cents": 5550})
    settle(inside, ben, at, paid=True)
    assert "You paid $55.50" in read(somebody, second)
    assert "This bill is paid" in read(somebody, first)


def test_practice_may_ask_for_a_sign_in_or_a_card(
    owe: Owe, kept: PaymentCard, somebody: Client, inside: UUID, olu: Actor, at: datetime
) -> None:
    link = owe()
    set_pay_link(practice=inside, by=olu, at=at, way="new_card")
    page = read(somebody, link)
    assert "4242" not in page
    assert "Pay $45.50 with this card" in page
    set_pay_link(practice=inside, by=olu, at=at, way="sign_in")
    page = read(somebody, link)
    assert "Please sign in to see your bill and pay it." in page
    assert "45.50" not in page


def test_link_opens_nothing_else(owe: Owe, kept: PaymentCard, somebody: Client, settings: Any) -> None:
    settings.SESSION_COOKIE_SECURE = False
    link = owe()
    read(somebody, link)
    press(somebody, link)
    with outside():
        for name in ("portal_home", "portal_bills", "portal_pay", "portal_messages", "portal_card"):
            assert somebody.get(reverse(name))["Location"].startswith("/sign-in/")


def test_unknown_link_and_another_practice_are_not_there(
    owe: Owe, kept: PaymentCard, somebody: Client, eve_client: SeatClient
) -> None:
    link = owe()
    with outside():
        assert somebody.get(reverse("portal_pay_link", args=["linden-street", "made-up"])).status_code == 404
        assert somebody.get(link.replace("linden-street", "elsewhere")).status_code == 404
        assert somebody.post(link.replace("linden-street", "elsewhere"), {"_key": "x"}).status_code == 404
    assert not Payment.objects.exists()


def test_page_speaks_the_patients_spanish(owe: Owe, kept: PaymentCard, dee: Any) -> None:
    type(dee).objects.filter(id=dee.id).update(language="es")
    page = read(Client(), owe())
    assert "Su factura" in page
    assert "Pagar $45.50 con Visa 4242" in page


def test_messages_show_no_hole_where_the_link_was(
    owe: Owe, patient_client: Callable[[Any], SeatClient], dee: Any, case: Any
) -> None:
    owe()
    OutboxMessage.objects.filter(template="statement_ready").update(state="sent", sent_at=clock.now())
    page = patient_client(dee).get(reverse("portal_messages")).content.decode()
    assert "[…]" not in page
    assert "(see Bills)" in page
