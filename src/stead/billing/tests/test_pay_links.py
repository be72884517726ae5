"""Paying a statement by its link: what is due, who may, once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from stead.billing import actions, queries, rules
from stead.billing.actions.pay_links import LinkWayUnknown, open_link
from stead.billing.actions.payments import CardExpired, CardMissing
from stead.billing.models import PayLink, Payment, PaymentCard, Statement
from stead.billing.terms import LINK_DAYS, LINK_DECLINES, CardToken, LinkState, LinkWay
from stead.billing.tests.cast import House, answer
from stead.billing.tests.conftest import Processor
from stead.platform import actors
from stead.platform.journal.models import JournalEntry
from stead.platform.money import Money
from stead.platform.refusals import NotFound, NotPermitted

pytestmark = pytest.mark.django_db
CARD = CardToken("tok_1", "Visa", "4242", 4, 2029)
TYPED = CardToken("tok_typed", "Mastercard", "4444", 5, 2030)


@pytest.mark.parametrize(
    ("total", "paid", "left", "due"),
    [(3000, 0, 3000, 3000), (3000, 1000, 2000, 2000), (3000, 1000, 8000, 2000), (3000, 0, 500, 500),
     (3000, 3000, 900, 0), (3000, 0, -200, 0), (3000, 4000, 100, 0)],
)  # fmt: skip
def test_due_is_the_statements_own_rest_and_never_more_than_is_owed(total: int, paid: int, left: int, due: int) -> None:
    assert rules.due_by_link(total_cents=total, paid_since_cents=paid, left_cents=left) == due


@pytest.mark.parametrize(
    ("changed", "state"),
    [
        ({}, "open"),
        ({"way": "new_card"}, "open"),
        ({"way": "sign_in"}, "sign_in"),
        ({"declines": LINK_DECLINES - 1}, "open"),
        ({"declines": LINK_DECLINES}, "locked"),
        ({"over": True}, "expired"),
        ({"newer": True, "over": True}, "replaced"),
        ({"due_cents": 0, "over": True, "newer": True}, "paid"),
        ({"started": True, "due_cents": 0}, "on_the_way"),
    ],
)
def test_state_of_a_link(changed: dict[str, Any], state: LinkState) -> None:
    given: dict[str, Any] = {
        "way": "kept_card", "over": False, "newer": False, "started": False, "due_cents": 3000, "declines": 0
    }  # fmt: skip
    assert rules.link_state(**(given | changed)) == state


@pytest.fixture
def owing(house: House) -> House:
    """Dee owes $30.00 after her payer's answer."""
    house.post(answer(house.claim(), 8000, [("CO", "45", 4000), ("PR", "3", 3000)]))
    return house


@pytest.fixture
def link(owing: House) -> PayLink:
    actions.make_statement(**owing.door, patient_id=owing.patient.id)
    open_link(Statement.objects.get(), owing.at, "https://x.test/")
    return PayLink.objects.get()


@pytest.fixture
def card(owing: House) -> PaymentCard:
    return actions.vault_card(**owing.door, patient_id=owing.patient.id, card=CARD)


def pay(house: House, link: PayLink, cents: int = 3000, **more: Any) -> Payment:
    door: dict[str, Any] = house.door | {"by": actors.public()}
    given: dict[str, Any] = {"last4": "4242"} | more
    return actions.pay_by_link(
        **(door | {"at": given.pop("at", house.at)}), link_id=link.id, amount=Money(cents), **given
    )


def test_token_is_kept_as_a_hash_and_opens_its_link_alone(owing: House, link: PayLink) -> None:
    address = open_link(Statement.objects.get(), owing.at, "https://x.test/")
    token = address.rstrip("/").split("/")[-1]
    newest = queries.find_pay_link(token)
    assert newest is not None
    assert token not in str(newest.__dict__)
    assert queries.find_pay_link("x") is None
    assert PayLink.objects.get(id=link.id).ended_at == owing.at


def test_one_link_of_a_statement_is_open(owing: House, link: PayLink) -> None:
    with pytest.raises(IntegrityError, match="pay_link_one_open"), transaction.atomic():
        PayLink.objects.create(
            patient_id=link.patient_id, statement_id=link.statement_id, token_sha256="x", sent_at=owing.at,
            expires_at=owing.at,
        )  # fmt: skip


def test_two_presses_pay_once(owing: House, link: PayLink, card: PaymentCard, processor: Processor) -> None:
    first, second = pay(owing, link), pay(owing, link)
    assert first.id == second.id
    assert (first.statement_id, first.card_id, first.patient_id) == (link.statement_id, card.id, owing.patient.id)
    owing.settle(first.id)
    assert list(processor.charges.values()) == [3000]
    assert queries.standing_of_link(link, owing.at).state == "paid"
    with pytest.raises(rules.LinkOver):
        pay(owing, link)
    lines = JournalEntry.objects.filter(verb__in=("payment.started", "pay_link.used")).order_by("verb")
    assert [line.actor_name for line in lines] == ["Website visitor", "Holder of a pay link"]


def test_typed_card_pays_and_is_not_kept(owing: House, link: PayLink, card: PaymentCard, processor: Processor) -> None:
    row = pay(owing, link, card=TYPED, last4="4444")
    assert owing.settle(row.id).state == "paid"
    assert [c.id for c in queries.cards_of(owing.patient.id)] == [card.id]
    assert not JournalEntry.objects.filter(verb="card.vaulted").exclude(subject_id=card.id).exists()


def test_declined_card_may_be_tried_anew_and_three_end_the_link(
    owing: House, link: PayLink, card: PaymentCard, processor: Processor
) -> None:
    processor.declines = "Not enough money on the card."
    for n in range(LINK_DECLINES):
        row = pay(owing, link, card=CardToken(f"tok_try_{n}", "Visa", "4242", 5, 2030))
        assert owing.settle(row.id).state == "declined"
        assert queries.standing_of_link(link, owing.at).declines == n + 1
    assert queries.standing_of_link(link, owing.at).state == "locked"
    with pytest.raises(rules.LinkOver):
        pay(owing, link)
    assert Payment.objects.count() == LINK_DECLINES


def test_amount_or_card_that_was_not_shown_is_refused(owing: House, link: PayLink, card: PaymentCard) -> None:
    with pytest.raises(rules.LinkAmountChanged):
        pay(owing, link, 2999)
    with pytest.raises(rules.LinkCardChanged):
        pay(owing, link, last4="1111")
    assert not Payment.objects.exists()


def test_what_was_paid_elsewhere_is_not_asked_again(
    owing: House, link: PayLink, card: PaymentCard, processor: Processor
) -> None:
    actions.take_payment(
        **owing.door, patient_id=owing.patient.id, amount=Money(1000), method="cash", key="desk:1"
    )  # fmt: skip
    assert queries.standing_of_link(link, owing.at).due_cents == 2000
    actions.take_payment(
        **owing.door, patient_id=owing.patient.id, amount=Money(2000), method="cash", key="desk:2"
    )  # fmt: skip
    assert queries.standing_of_link(link, owing.at).state == "paid"


def test_expired_and_replaced_links_take_nothing(owing: House, link: PayLink, card: PaymentCard) -> None:
    with pytest.raises(rules.LinkOver):
        pay(owing, link, at=owing.at + timedelta(days=LINK_DAYS))
    owing.post(answer(owing.claim(days_ago=1), 8000, [("CO", "45", 4000), ("PR", "3", 3000)]), trace="TRACE2")
    actions.make_statement(**owing.door, patient_id=owing.patient.id)
    assert queries.standing_of_link(link, owing.at).state == "replaced"
    with pytest.raises(rules.LinkOver):
        pay(owing, link)


@pytest.mark.parametrize("way", ["new_card", "sign_in"])
def test_practice_decides_what_a_link_does_for_sent_ones_too(
    owing: House, link: PayLink, card: PaymentCard, way: LinkWay, olu: Any
) -> None:
    actions.set_pay_link(**(owing.door | {"by": olu}), way=way)
    with pytest.raises((rules.LinkTakesNoKeptCard, rules.LinkOver)):
        pay(owing, link)
    if way == "new_card":
        assert pay(owing, link, card=TYPED).state == "started"
    assert JournalEntry.objects.get(verb="pay_link.set").data["before"] == "kept_card"


def test_choice_is_one_of_three_and_not_the_billers(owing: House, olu: Any) -> None:
    with pytest.raises(LinkWayUnknown):
        actions.set_pay_link(**(owing.door | {"by": olu}), way="anything")  # type: ignore[arg-type]
    with pytest.raises(NotPermitted):
        actions.set_pay_link(**owing.door, way="sign_in")


def test_no_card_an_old_card_or_another_practice_pay_nothing(owing: House, link: PayLink) -> None:
    with pytest.raises(CardMissing):
        pay(owing, link)
    with pytest.raises(CardExpired):
        pay(owing, link, card=CardToken("tok_old", "Visa", "4242", 1, 2020))
    with pytest.raises(NotFound):
        pay(owing, PayLink(id=owing.patient.id))
    assert not PaymentCard.objects.exists()
