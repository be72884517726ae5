"""Money given back: never more than was taken, by whom it may be given, and to a card once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from stead.billing import actions, ledger, ports, queries, rules
from stead.billing.actions.refunds import (
    KeyUsedForAnotherRefund,
    MoreThanPaid,
    NotByCard,
    NotPaid,
    NotVoidable,
)
from stead.billing.models import Payment, Refund
from stead.billing.terms import CardToken
from stead.billing.tests.cast import House
from stead.billing.tests.conftest import Processor
from stead.platform.journal.models import JournalEntry
from stead.platform.money import Money
from stead.testing.clients import ClientAs

pytestmark = pytest.mark.django_db


def paid(house: House, cents: int = 300_000, method: Any = "cash", key: str = "form") -> Payment:
    if method == "card":
        actions.vault_card(**house.door, patient_id=house.patient.id, card=CardToken("t", "Visa", "4242", 4, 2029))
    row = actions.take_payment(**house.door, patient_id=house.patient.id, amount=Money(cents), method=method, key=key)
    return house.settle(row.id) if method == "card" else row


def give(house: House, row: Payment, cents: int, method: Any = "cash", key: str = "back", **more: Any) -> Refund:
    given = house.door | more
    return actions.refund_payment(
        **given, payment_id=row.id, amount=Money(cents), method=method, reason="keyed too high", key=key
    )


def settle(house: House, refund: Refund) -> Refund:
    request = actions.begin_refund(**house.door, refund_id=refund.id)
    assert request is not None
    return actions.settle_refund(**house.door, refund_id=refund.id, outcome=ports.ask_back(request))


def balance(house: House) -> int:
    return queries.balance_of(house.patient.id).cents


def test_cash_is_given_back_once_and_the_account_says_so(house: House) -> None:
    house.seat("Owner", 300_000, house.by)
    row = paid(house)
    first = give(house, row, 297_000)
    assert give(house, row, 297_000).id == first.id
    assert (balance(house), ledger.balance(rules.CASH)) == (-3000, 3000)
    assert (first.state, first.by_name) == ("paid", house.by.name)
    assert "Refund by cash" in {line.words for line in queries.account_lines(house.patient.id)}
    assert JournalEntry.objects.get(verb="refund.given").data["amount_cents"] == 297_000
    with pytest.raises(KeyUsedForAnotherRefund):
        give(house, row, 1)
    with pytest.raises(MoreThanPaid, match=r"\$30.00 is left"):
        give(house, row, 3001, key="more")


def test_limit_of_the_seat_holds_the_refunds_of_a_payment_together_and_names_who_may(house: House) -> None:
    house.visit()
    house.seat("Desk", 5000, house.by)
    house.seat("Lead", 100_000, house.clinician)
    row = paid(house)
    give(house, row, 3000)
    with pytest.raises(rules.RefundAboveLimit, match="It may be given back by Dr Grace Cho"):
        give(house, row, 3000, key="second")
    assert balance(house) == -297_000


def test_seat_without_a_limit_gives_nothing_back(house: House) -> None:
    with pytest.raises(rules.RefundAboveLimit, match="may give back nothing"):
        give(house, paid(house), 100)


def test_card_refund_is_asked_outside_and_posted_when_answered(house: House, processor: Processor) -> None:
    house.seat("Owner", 300_000, house.by)
    row = paid(house, 3000, "card")
    refund = give(house, row, 2000, "card")
    assert (refund.state, balance(house)) == ("started", -3000)
    with pytest.raises(MoreThanPaid):
        give(house, row, 1001, "card", key="other")
    done = settle(house, refund)
    assert (done.state, done.processor_reference, balance(house)) == ("paid", "re_1", -1000)
    assert processor.given == [(row.processor_reference, 2000)]
    assert actions.begin_refund(**house.door, refund_id=refund.id) is None


def test_refund_whose_answer_was_lost_is_found_and_not_given_twice(house: House, processor: Processor) -> None:
    house.seat("Owner", 300_000, house.by)
    refund = give(house, paid(house, 3000, "card"), 3000, "card")
    request = actions.begin_refund(**house.door, refund_id=refund.id)
    assert request is not None
    ports.ask_back(request)
    assert queries.forgotten_refunds(house.at + timedelta(minutes=1)) == [refund.id]
    assert settle(house, refund).state == "paid"
    assert len(processor.given) == 1


def test_declined_refund_posts_nothing_and_leaves_the_money_to_be_given_another_way(
    house: House, processor: Processor
) -> None:
    house.seat("Owner", 300_000, house.by)
    row = paid(house, 3000, "card")
    processor.charges.clear()
    refused = settle(house, give(house, row, 3000, "card"))
    assert (refused.state, refused.declined_because) == ("declined", "The processor does not know this charge.")
    assert balance(house) == -3000
    give(house, row, 3000, "check", key="by check")
    assert balance(house) == 0


def test_cash_cannot_go_back_to_a_card_and_a_declined_payment_not_at_all(house: House, processor: Processor) -> None:
    house.seat("Owner", 300_000, house.by)
    with pytest.raises(NotByCard):
        give(house, paid(house), 100, "card")
    processor.declines = "Not enough money."
    with pytest.raises(NotPaid):
        give(house, paid(house, 3000, "card", key="second"), 100, "card")


def test_wrong_patients_cash_of_today_is_voided_and_leaves_no_trace_in_the_balance(house: House) -> None:
    house.seat("Owner", 300_000, house.by)
    row = paid(house)
    done = actions.void_payment(**house.door, payment_id=row.id, reason="wrong patient")
    assert (done.state, balance(house), ledger.balance(rules.CASH)) == ("void", 0, 0)
    with pytest.raises(NotVoidable):
        actions.void_payment(**house.door, payment_id=row.id, reason="again")
    with pytest.raises(NotPaid):
        give(house, row, 100)


def test_only_untouched_cash_of_today_is_voided_and_within_the_limit(house: House, processor: Processor) -> None:
    with pytest.raises(rules.RefundAboveLimit):
        actions.void_payment(**house.door, payment_id=paid(house).id, reason="wrong")
    house.seat("Owner", 300_000, house.by)
    touched = paid(house, key="touched")
    give(house, touched, 100)
    card = paid(house, 3000, "card", key="card")
    for row in (touched, card):
        with pytest.raises(NotVoidable):
            actions.void_payment(**house.door, payment_id=row.id, reason="wrong")
    later = house.door | {"at": house.at + timedelta(days=1)}
    with pytest.raises(NotVoidable):
        actions.void_payment(**later, payment_id=paid(house, key="old").id, reason="wrong")


@pytest.mark.parametrize(
    ("constraint", "changes"),
    [("refund_key_once", {}), ("refund_amount", {"key": "x", "amount_cents": 0})],
)
def test_the_database_refuses(house: House, constraint: str, changes: dict[str, Any]) -> None:
    house.seat("Owner", 300_000, house.by)
    row = give(house, paid(house), 100)
    names = ("patient_id", "payment_id", "key", "amount_cents", "method", "reason", "by_name", "started_at")
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Refund.objects.create(**{name: getattr(row, name) for name in names} | changes)


def test_biller_gives_back_and_voids_on_the_payments_page(client_as: ClientAs, house: House) -> None:
    house.seat("Desk", 300_000, house.by)
    row, second = paid(house), paid(house, 1000, key="second")
    client = client_as("biller")
    address = f"/billing/payments/{row.id}/refund/"
    assert address in client.get(f"/billing/payments/{row.id}/").content.decode()
    assert 'value="3000.00"' in client.get(address).content.decode()
    too_much = client.post(address, {"amount": "3000.01", "method": "cash", "reason": "Keyed too high"})
    assert too_much.status_code == 422
    given = {"amount": "2970", "method": "cash", "reason": "Keyed too high", "_key": "k1"}
    assert "given back" in client.post(address, given).content.decode()
    assert balance(house) == -4000
    client.post(f"/billing/payments/{second.id}/void/", {"reason": "Wrong patient"})
    assert "is void." in client.get(f"/billing/payments/{second.id}/").content.decode()


def test_write_off_is_taken_back_on_its_page(client_as: ClientAs, house: House) -> None:
    house.seat("Owner", 300_000, house.by)
    claim = house.claim()
    row = actions.write_off(**house.door, amount=Money(1000), reason="small", claim_id=claim.id)
    client = client_as("biller")
    address = f"/billing/postings/{row.id}/back/"
    assert address in client.get(f"/billing/accounts/{house.patient.id}/").content.decode()
    assert client.post(address, {"reason": ""}).status_code == 422
    client.post(address, {"reason": "A mistake"})
    assert queries.claim_owed(claim) == 15000
    assert client.post(address, {"reason": "Once more"}).status_code == 409
