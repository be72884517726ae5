"""Denials: cases of what is alike, and how each of them ends."""

from __future__ import annotations

from datetime import timedelta

import pytest

from stead.billing import actions, queries, rules
from stead.billing.actions.denials import LessIsOpen, bill_key
from stead.billing.models import Claim, Denial, LedgerTransaction
from stead.billing.tests.cast import House, answer, cover, payer
from stead.care.tests.cast import dee
from stead.platform import actors
from stead.platform.identifiers import new_id
from stead.platform.journal.models import JournalEntry
from stead.platform.money import Money
from stead.platform.refusals import NotFound
from stead.processes.actions import publish_library
from stead.processes.handlers import let_cases_look
from stead.processes.models import Case
from stead.processes.terms import ARRIVALS

pytestmark = pytest.mark.django_db
AUTHORIZATION = [("CO", "45", 4000), ("CO", "197", 11000)]
NOT_COVERED = [("CO", "45", 4000), ("PR", "204", 11000)]


def deny(house: House, claim: Claim, trios: list[tuple[str, str, int]], trace: str = "TRACE1") -> Denial:
    house.post(answer(claim, 0, trios), trace=trace)
    return Denial.objects.get(claim_id=claim.id)


def replaced(house: House, claim: Claim) -> Claim:
    """Send a denied claim again, as far as the payer."""
    made = actions.resubmit_claim(**house.door, claim_id=claim.id)
    actions.record_claim_sent(**house.door, claim_id=made.id)
    actions.record_acknowledged(**house.door, claim_id=made.id, kind="277CA", payer_claim_number="P2")
    return Claim.objects.get(id=made.id)


def state(denial: Denial) -> str:
    return Denial.objects.get(id=denial.id).state


def publish(house: House) -> None:
    publish_library(practice=house.practice, by=actors.system(), at=house.at)


def test_denials_alike_are_one_case_that_holds_all_their_money(house: House) -> None:
    publish(house)
    one, two, other = house.claim(1), house.claim(2), house.claim(3)
    house.post(answer(one, 0, AUTHORIZATION), answer(two, 0, AUTHORIZATION), answer(other, 0, [("CO", "29", 15000)]))
    grouped = {d.claim_id: d.case_id for d in Denial.objects.exclude(case_id=None)}
    assert grouped[one.id] == grouped[two.id]
    assert grouped[other.id] != grouped[one.id]
    case = Case.objects.get(id=str(grouped[one.id]))
    assert (case.held_up_cents, case.patient_id) == (22000, house.patient.id)
    assert "Two denials by Bluegrass Mutual" in case.title


def test_denials_of_two_payers_are_two_cases(house: House) -> None:
    publish(house)
    one, two = house.claim(1), house.claim(2)
    house.post(answer(one, 0, AUTHORIZATION))
    house.payer = payer(house.practice, house.by, house.at, "Tri", edi_id="TRI")
    Claim.objects.filter(id=two.id).update(payer_id=house.payer.id)
    house.post(answer(Claim.objects.get(id=two.id), 0, AUTHORIZATION), trace="T2")
    assert len(set(Denial.objects.values_list("case_id", flat=True))) == 2


def test_without_a_playbook_denials_wait_in_their_queue_and_money_is_posted(house: House) -> None:
    denial = deny(house, house.claim(), AUTHORIZATION)
    assert (denial.case_id, denial.state) == (None, "open")
    assert queries.claim_owed(denial.claim) == 11000


def test_payment_of_the_second_replacement_closes_what_was_refused_first(house: House) -> None:
    first = house.claim()
    refused = deny(house, first, AUTHORIZATION)
    second = replaced(house, first)
    again = deny(house, second, [("CO", "197", 15000)], "T2")
    third = replaced(house, second)
    house.post(answer(third, 11000, [], charge=11000), trace="T3")
    assert (state(refused), state(again)) == ("paid", "paid")


def test_write_off_of_the_replacement_closes_what_was_refused_before_it(house: House) -> None:
    house.seat("Owner", 100000, house.by)
    first = house.claim()
    refused = deny(house, first, AUTHORIZATION)
    second = replaced(house, first)
    owed = queries.claim_owed(second)
    actions.write_off(**house.door, amount=Money(owed), reason="too late", claim_id=second.id)
    assert state(refused) == "written_off"


def test_patient_is_never_billed_what_was_written_off(house: House) -> None:
    house.seat("Owner", 100000, house.by)
    denial = deny(house, house.claim(), NOT_COVERED)
    actions.write_off(**house.door, amount=Money(5000), reason="half of it", claim_id=denial.claim_id)
    with pytest.raises(LessIsOpen):
        actions.bill_patient(**house.door, denial_id=denial.id)
    assert queries.balance_of(house.patient.id).cents == 0
    assert queries.claim_owed(denial.claim) == 6000


def test_write_off_taken_back_puts_the_denial_into_its_queue_again(house: House) -> None:
    house.seat("Owner", 100000, house.by)
    denial = deny(house, house.claim(), AUTHORIZATION)
    row = actions.write_off(**house.door, amount=Money(11000), reason="too late", claim_id=denial.claim_id)
    assert state(denial) == "written_off"
    actions.reverse_transaction(**house.door, transaction_id=row.id, reason="appeal after all")
    assert state(denial) == "open"


def test_bill_to_the_patient_taken_back_puts_the_denial_into_its_queue_again(house: House) -> None:
    denial = deny(house, house.claim(), NOT_COVERED)
    actions.bill_patient(**house.door, denial_id=denial.id)
    assert state(denial) == "to_patient"
    row = LedgerTransaction.objects.get(kind="to_patient")
    actions.reverse_transaction(**house.door, transaction_id=row.id, reason="the plan pays")
    assert state(denial) == "open"
    assert queries.balance_of(house.patient.id).cents == 0


def test_write_off_of_a_patient_of_nobody_is_not_found(house: House) -> None:
    with pytest.raises(NotFound):
        actions.write_off(**house.door, amount=Money(100), reason="why", patient_id=new_id())


def test_claim_asks_nobody_any_more_once_its_refusal_is_settled(house: House) -> None:
    house.seat("Owner", 100000, house.by)
    denial = deny(house, house.claim(), AUTHORIZATION)
    assert [c.id for c in queries.claims_queue()] == [denial.claim_id]
    actions.write_off(**house.door, amount=Money(11000), reason="too late", claim_id=denial.claim_id)
    assert list(queries.claims_queue()) == []
    assert [c.id for c in queries.claims_queue(states=("denied",))] == [denial.claim_id]


def test_bill_that_was_taken_back_can_be_made_again(house: House) -> None:
    denial = deny(house, house.claim(), NOT_COVERED)
    for n in range(2):
        actions.bill_patient(**house.door, denial_id=denial.id)
        assert queries.balance_of(house.patient.id).cents == 11000
        back = LedgerTransaction.objects.filter(kind="reversal").values("reverses_id")
        row = LedgerTransaction.objects.filter(kind="to_patient").exclude(id__in=back).get()
        actions.reverse_transaction(**house.door, transaction_id=row.id, reason=f"the plan pays {n}")
    assert state(denial) == "open"


def test_bill_taken_back_opens_all_that_it_settled_and_nothing_that_another_bill_covers(house: House) -> None:
    house.post(answer(house.claim(), 0, [("PR", "204", 5000), ("PR", "96", 6000), ("CO", "197", 4000)]))
    own, other, third = (Denial.objects.get(reason_code=code) for code in ("204", "96", "197"))
    house.seat("Owner", 100000, house.by)
    actions.bill_patient(**house.door, denial_id=own.id)
    actions.write_off(**house.door, amount=Money(4000), reason="too late", claim_id=own.claim_id)
    actions.bill_patient(**house.door, denial_id=other.id)
    assert (state(own), state(other), state(third)) == ("to_patient", "to_patient", "to_patient")
    last = LedgerTransaction.objects.get(key__startswith=bill_key(other.id))
    actions.reverse_transaction(**house.door, transaction_id=last.id, reason="the plan pays")
    assert (state(own), state(other), state(third)) == ("to_patient", "open", "open")
    assert JournalEntry.objects.filter(verb="denial.reopened").count() == 2


def test_limit_of_a_seat_counts_what_was_written_off_of_the_same_claim_before(house: House) -> None:
    house.seat("Biller", 5000, house.by)
    denial = deny(house, house.claim(), AUTHORIZATION)
    row = actions.write_off(**house.door, amount=Money(3000), reason="small", claim_id=denial.claim_id)
    with pytest.raises(rules.WriteOffAboveLimit, match=r"with \$30.00 of the last month it is \$60.00"):
        actions.write_off(**house.door, amount=Money(3000), reason="small", claim_id=denial.claim_id)
    actions.reverse_transaction(**house.door, transaction_id=row.id, reason="mistake")
    actions.write_off(**house.door, amount=Money(5000), reason="small", claim_id=denial.claim_id)
    assert queries.claim_owed(denial.claim) == 6000


def test_limit_of_a_seat_counts_what_was_written_off_of_the_same_account_before(house: House) -> None:
    house.seat("Biller", 5000, house.by)
    house.post(answer(house.claim(), 0, [("PR", "1", 15000)]))
    given = house.door | {"patient_id": house.patient.id, "reason": "small"}
    actions.write_off(**given, amount=Money(5000))
    with pytest.raises(rules.WriteOffAboveLimit):
        actions.write_off(**given, amount=Money(1))
    later = given | {"at": house.at + timedelta(days=31)}
    actions.write_off(**later, amount=Money(5000))


def settle(house: House) -> None:
    """Let the cases look at every line that was written."""
    for entry in JournalEntry.objects.order_by("at", "id"):
        if entry.verb in ARRIVALS:
            let_cases_look(entry)


def test_case_of_two_denials_ends_with_the_last_of_them_and_by_no_dollar(house: House) -> None:
    publish(house)
    house.seat("Owner", 100000, house.by)
    one, two = house.claim(1), house.claim(2)
    house.post(answer(one, 0, AUTHORIZATION), answer(two, 0, AUTHORIZATION))
    first, second = Denial.objects.get(claim_id=one.id), Denial.objects.get(claim_id=two.id)
    actions.write_off(**house.door, amount=Money(100), reason="one dollar", claim_id=one.id)
    settle(house)
    assert Case.objects.get().state == "open"
    actions.write_off(**house.door, amount=Money(10900), reason="the rest", claim_id=one.id)
    settle(house)
    assert (Case.objects.get().state, state(first), state(second)) == ("open", "written_off", "open")
    actions.write_off(**house.door, amount=Money(11000), reason="too late", claim_id=two.id)
    settle(house)
    assert (Case.objects.get().state, Case.objects.get().close_code) == ("closed", "written_off")


def test_case_of_several_patients_ends_when_all_was_paid(house: House) -> None:
    publish(house)
    other = dee(house.at, number=2, first_name="Kim", email="kim@example.test")
    cover(house, other)
    one = house.claim(1)
    encounter = house.visit(2, patient=other)
    house.sign(encounter)
    two = Claim.objects.get(patient_id=other.id)
    actions.record_claim_sent(**house.door, claim_id=two.id)
    house.post(answer(one, 0, AUTHORIZATION), answer(two, 0, AUTHORIZATION, payer_number="P9"))
    assert Case.objects.get().patient_id is None
    back = [(group, reason, -cents) for group, reason, cents in AUTHORIZATION]
    for claim, number in ((one, "P1"), (two, "P9")):
        house.post(
            answer(claim, 0, back, charge=-15000, status="22", payer_number=number),
            answer(claim, 15000, [], payer_number=number),
            trace=f"T{number}",
        )
    settle(house)
    assert Case.objects.get().state == "closed"
