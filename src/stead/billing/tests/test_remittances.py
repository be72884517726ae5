"""What payers paid: to the cent, once, on the right claim, and what they refused in somebody's queue."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from importlib import import_module
from typing import Any

import msgspec
import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from stead.billing import actions, ledger, queries, rules
from stead.billing.actions.denials import DenialClosed, NotThePatients
from stead.billing.actions.remittances import (
    AlreadyMatched,
    AlreadySettled,
    AnswerDoesNotFit,
    AnswerNotPostable,
    ReasonMissing,
    RemittanceAlreadyPosted,
    RemittanceDiffers,
    RemittanceUnbalanced,
)
from stead.billing.models import Claim, ClaimLine, Denial, LedgerEntry, LedgerTransaction, Remittance, RemittanceClaim
from stead.billing.tests.cast import House, answer, payer, remittance
from stead.coverage.models import Payer
from stead.platform.journal.models import JournalEntry
from stead.platform.money import Money
from stead.x12.remit835 import Organisation, ProviderAdjustment

pytestmark = pytest.mark.django_db
PAID = [("CO", "45", 4000), ("PR", "3", 3000)]
TURNED = [(group, reason, -cents) for group, reason, cents in PAID]


def payer_owes(house: House) -> int:
    return ledger.balance(rules.payer_account(house.payer.id))


def test_payment_with_adjustments_is_posted_by_who_owes(house: House) -> None:
    claim = house.claim()
    house.post(answer(claim, 8000, PAID))
    claim = Claim.objects.get()
    assert (claim.state, claim.paid_cents) == ("paid", 8000)
    assert payer_owes(house) == 0
    assert queries.balance_of(house.patient.id) == Money(3000)
    assert ledger.balance(rules.CASH) == 8000
    assert ledger.balance(rules.CONTRACTUAL) == 4000
    line = ClaimLine.objects.get()
    assert (line.paid_cents, line.adjusted_cents, line.patient_cents) == (8000, 4000, 3000)
    assert not Denial.objects.exists()
    told = JournalEntry.objects.get(verb="claim.paid").data
    assert (told["paid_cents"], told["first_answer"]) == (8000, True)


def test_remittance_of_many_claims_asks_no_more_than_one_of_few(house: House) -> None:
    """Half of them denied: a remittance of a thousand claims must not wait a thousand times for the database."""

    def posted(first: int, number: int) -> int:
        claims = [house.claim(days_ago=first + n) for n in range(number)]
        refused = [("CO", "45", 4000), ("CO", "197", 11000)]
        said = [answer(c, 0, refused) if n % 2 else answer(c, 8000, PAID) for n, c in enumerate(claims)]
        with CaptureQueriesContext(connection) as asked:
            house.post(*said, trace=f"T{first}")
        return len(asked)

    posted(0, 2)
    assert posted(10, 12) == posted(30, 2)


def test_refused_part_stays_with_the_payer_and_lands_in_its_queue(house: House) -> None:
    claim = house.claim()
    house.post(answer(claim, 0, [("CO", "45", 4000), ("CO", "197", 11000)]))
    denial = Denial.objects.get()
    assert Claim.objects.get().state == "denied"
    assert (denial.amount_cents, denial.queue, denial.state) == (11000, "authorization", "open")
    assert denial.deadline_date == date(2026, 11, 23) + timedelta(days=90)
    assert denial.claim_line_id == ClaimLine.objects.get().id
    assert payer_owes(house) == 11000
    assert queries.claim_owed(claim) == 11000
    assert queries.balance_of(house.patient.id) == Money(0)
    assert JournalEntry.objects.get(verb="denial.opened").data["queue"] == "authorization"


def test_same_payment_under_another_file_is_refused(house: House) -> None:
    claim = house.claim()
    house.post(answer(claim, 8000, PAID))
    with pytest.raises(RemittanceAlreadyPosted):
        house.post(answer(claim, 8000, PAID))
    assert ledger.balance(rules.CASH) == 8000
    assert RemittanceClaim.objects.count() == 1


def test_the_database_itself_refuses_the_second_copy(house: House) -> None:
    row = house.post(answer(house.claim(), 8000, PAID))
    same = {n: getattr(row, n) for n in ("trace", "originator", "amount_cents", "paid_date", "method", "posted_at")}
    with pytest.raises(IntegrityError, match="remittance_once"), transaction.atomic():
        Remittance.objects.create(**same)


def test_remittance_that_does_not_add_up_posts_nothing(house: House) -> None:
    claim = house.claim()
    before = LedgerTransaction.objects.count()
    wrong = remittance(answer(claim, 8000, PAID), amount=Decimal("80.01"))
    with pytest.raises(RemittanceUnbalanced, match=r"\$80.00 should stand and \$80.01 does"):
        actions.post_remittance(**house.door, remittance=wrong)
    with pytest.raises(RemittanceUnbalanced, match="claim 1, line 1"):
        house.post(answer(claim, 8000, [("CO", "45", 4000), ("PR", "3", 2999)]))
    assert LedgerTransaction.objects.count() == before
    assert not Remittance.objects.exists()


def test_reversal_is_the_contra_of_the_first_answer_and_the_next_one_counts(house: House) -> None:
    claim = house.claim()
    house.post(answer(claim, 8000, PAID))
    turned = [(group, reason, -cents) for group, reason, cents in PAID]
    back = answer(claim, -8000, turned, charge=-15000, status="22")
    house.post(back, answer(claim, 9000, [("CO", "45", 4000), ("PR", "3", 2000)]), trace="TRACE2")
    claim = Claim.objects.get()
    assert (claim.state, claim.paid_cents) == ("paid", 9000)
    assert queries.balance_of(house.patient.id) == Money(2000)
    assert ledger.balance(rules.CASH) == 9000
    assert payer_owes(house) == 0
    assert sorted(a.status for a in queries.claim_answers(claim.id)) == ["1", "1", "22"]
    assert LedgerTransaction.objects.filter(kind="insurer").count() == 3


def test_lone_reversal_puts_the_claim_back_with_the_payer(house: House) -> None:
    claim = house.claim()
    house.post(answer(claim, 8000, PAID))
    turned = [(group, reason, -cents) for group, reason, cents in PAID]
    house.post(answer(claim, -8000, turned, charge=-15000, status="22"), trace="TRACE2")
    assert Claim.objects.get().state == "accepted"
    assert payer_owes(house) == 15000
    assert queries.balance_of(house.patient.id) == Money(0)


def test_provider_adjustments_move_interest_and_recoveries(house: House) -> None:
    claim = house.claim()
    plb = [
        ProviderAdjustment("1487654323", "20261231", "L6", Decimal("-1.25")),
        ProviderAdjustment("1487654323", "20261231", "WO", Decimal("20.00")),
    ]
    row = house.post(answer(claim, 8000, PAID), plb=plb)
    assert row.amount_cents == 8000 + 125 - 2000
    assert ledger.balance(rules.CASH) == row.amount_cents
    assert ledger.balance(rules.INTEREST) == -125
    assert ledger.balance(rules.unapplied_account(house.payer.id)) == 2000


def test_answer_is_found_by_its_line_number_then_by_the_payers_number(house: House) -> None:
    first, second = house.claim(), house.claim(days_ago=1)
    Claim.objects.filter(id=second.id).update(payer_claim_number="ICN2")
    house.post(
        answer("OTHER", 8000, PAID, control=f"{first.number}-1", payer_number=""),
        answer("OTHER2", 8000, PAID, control="", payer_number="ICN2"),
    )
    assert set(Claim.objects.values_list("state", flat=True)) == {"paid"}


def test_number_of_another_payer_names_no_claim_of_this_one(house: House) -> None:
    claim = house.claim()
    Claim.objects.filter(id=claim.id).update(payer_claim_number="ICN2")
    stray = remittance(answer("OTHER", 8000, PAID, control="", payer_number="ICN2"), payer_id="ELSEWHERE")
    stray = msgspec.structs.replace(stray, payer=Organisation("Ohio Valley", "XV", "ELSEWHERE"))
    actions.post_remittance(**house.door, remittance=stray)
    assert Claim.objects.get().state == "accepted"
    assert queries.unmatched_answers().count() == 1


def test_payers_number_that_two_claims_carry_leaves_the_answer_to_a_person(house: House) -> None:
    house.claim()
    house.claim(days_ago=1)
    Claim.objects.update(payer_claim_number="ICN2")
    house.post(answer("OTHER", 8000, PAID, control="", payer_number="ICN2"))
    assert set(Claim.objects.values_list("state", flat=True)) == {"accepted"}
    assert queries.unmatched_answers().count() == 1


def test_unknown_claim_waits_with_its_money_until_it_is_matched(house: House) -> None:
    claim = house.claim()
    house.post(answer("NOBODY", 8000, PAID, control="", payer_number=""))
    (waiting,) = queries.unmatched_answers()
    unapplied = rules.unapplied_account(house.payer.id)
    assert ledger.balance(unapplied) == -8000
    assert queries.likely_claims([waiting]) == {waiting.id: [claim]}
    actions.match_remittance_claim(**house.door, remittance_claim_id=waiting.id, claim_id=claim.id)
    assert ledger.balance(unapplied) == 0
    assert ledger.balance(rules.CASH) == 8000
    assert Claim.objects.get().state == "paid"
    assert not queries.unmatched_answers().exists()
    with pytest.raises(AlreadyMatched):
        actions.match_remittance_claim(**house.door, remittance_claim_id=waiting.id, claim_id=claim.id)


def test_answer_to_a_closed_claim_is_posted_and_leaves_it_closed(house: House) -> None:
    claim = house.claim()
    actions.record_rejected(**house.door, claim_id=claim.id, kind="277CA")
    actions.resubmit_claim(**house.door, claim_id=claim.id)
    house.post(answer(claim, 8000, PAID))
    assert Claim.objects.get(id=claim.id).state == "closed"
    assert ledger.balance(rules.CASH) == 8000


def test_not_covered_may_be_billed_to_the_patient_once(house: House) -> None:
    claim = house.claim()
    house.post(answer(claim, 0, [("PR", "204", 15000)]))
    denial = Denial.objects.get()
    actions.bill_patient(**house.door, denial_id=denial.id)
    assert queries.balance_of(house.patient.id) == Money(15000)
    assert payer_owes(house) == 0
    with pytest.raises(DenialClosed):
        actions.bill_patient(**house.door, denial_id=denial.id)


@pytest.mark.parametrize("trio", [("CO", "29"), ("CO", "197"), ("PI", "B7"), ("CO", "204")])
def test_our_own_or_the_payers_fault_is_never_the_patients(house: House, trio: tuple[str, str]) -> None:
    house.post(answer(house.claim(), 0, [(*trio, 15000)]))
    with pytest.raises(NotThePatients):
        actions.bill_patient(**house.door, denial_id=Denial.objects.get().id)


def test_medicaid_patients_are_never_billed(house: House) -> None:
    type(house.payer).objects.filter(id=house.payer.id).update(is_medicaid=True)
    house.post(answer(house.claim(), 0, [("PR", "204", 15000)]))
    with pytest.raises(NotThePatients):
        actions.bill_patient(**house.door, denial_id=Denial.objects.get().id)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    answers=st.lists(
        st.tuples(st.integers(0, 15000), st.integers(0, 15000), st.sampled_from(["PR:3", "CO:45", "CO:197", "OA:Q1"])),
        min_size=1, max_size=4,
    )
)  # fmt: skip
def test_every_posted_remittance_keeps_the_books_to_the_cent(house: House, answers: list[tuple[int, int, str]]) -> None:
    with transaction.atomic():
        said = []
        for index, (paid, left, code) in enumerate(answers):
            claim = house.claim(days_ago=index)
            group, reason = code.split(":")
            paid = min(paid, 15000)
            left = min(left, 15000 - paid)
            trios = [(group, reason, left), ("CO", "45", 15000 - paid - left)]
            said.append(answer(claim, paid, [t for t in trios if t[2]]))
        row = house.post(*said)
        with connection.cursor() as cursor:
            cursor.execute("set constraints all immediate")
            cursor.execute("set constraints all deferred")
        assert sum(LedgerEntry.objects.values_list("amount_cents", flat=True)) == 0
        assert ledger.balance(rules.CASH) == row.amount_cents
        open_cents = sum(Denial.objects.values_list("amount_cents", flat=True))
        assert payer_owes(house) == open_cents
        assert sum(queries.claim_owed(c) for c in Claim.objects.get_queryset()) == open_cents
        ages = [r for r in queries.ageing(house.at.date(), "payer") if r.owner_id == house.payer.id]
        assert sum(r.total for r in ages) == open_cents
        transaction.set_rollback(True)


def test_other_payers_money_does_not_mix(house: House) -> None:
    other = payer(house.practice, house.by, house.at, "Tri-State Benefit", edi_id="TSB01")
    house.post(answer(house.claim(), 8000, PAID))
    assert ledger.balance(rules.payer_account(other.id)) == 0


def test_second_answer_without_a_reversal_is_not_posted_and_waits_for_a_person(house: House) -> None:
    claim = house.claim()
    house.post(answer(claim, 8000, PAID))
    house.post(answer(claim, 8000, PAID), trace="TRACE2")
    claim = Claim.objects.get()
    assert (claim.state, claim.paid_cents) == ("paid", 8000)
    assert queries.balance_of(house.patient.id) == Money(3000)
    assert payer_owes(house) == 0
    assert ledger.balance(rules.unapplied_account(house.payer.id)) == -8000
    waiting = queries.unmatched_answers().get()
    assert (waiting.waits_because, waiting.named_claim_id) == ("second_answer", claim.id)
    assert any("waits for a person" in event.words for event in queries.claim_history(claim.id))
    assert JournalEntry.objects.get(verb="remittance.waits").patient_id == house.patient.id
    with pytest.raises(AnswerNotPostable):
        actions.match_remittance_claim(
            **house.door, remittance_claim_id=waiting.id, claim_id=claim.id, reason="they say so"
        )
    with pytest.raises(ReasonMissing):
        actions.close_answer(**house.door, remittance_claim_id=waiting.id, reason=" ")
    actions.close_answer(**house.door, remittance_claim_id=waiting.id, reason="a copy; they take it back")
    assert not queries.unmatched_answers().exists()
    with pytest.raises(AlreadyMatched):
        actions.close_answer(**house.door, remittance_claim_id=waiting.id, reason="again")


def test_waiting_answer_is_posted_once_the_first_was_taken_back(house: House) -> None:
    claim = house.claim()
    house.post(answer(claim, 8000, PAID))
    house.post(answer(claim, 8000, PAID), trace="TRACE2")
    waiting = queries.unmatched_answers().get()
    house.post(answer(claim, -8000, TURNED, charge=-15000, status="22"), trace="TRACE3")
    actions.match_remittance_claim(**house.door, remittance_claim_id=waiting.id, claim_id=claim.id)
    assert (payer_owes(house), ledger.balance(rules.unapplied_account(house.payer.id))) == (0, 0)
    assert ledger.balance(rules.CASH) == 8000
    assert queries.balance_of(house.patient.id) == Money(3000)


def test_second_answer_in_the_same_file_waits_too(house: House) -> None:
    claim = house.claim()
    house.post(answer(claim, 8000, PAID), answer(claim, 7000, [("CO", "45", 4000), ("PR", "3", 4000)]))
    assert queries.balance_of(house.patient.id) == Money(3000)
    assert queries.unmatched_answers().get().paid_cents == 7000


def test_answer_to_the_replacement_waits_while_the_first_answer_still_stands(house: House) -> None:
    claim = house.claim()
    house.post(answer(claim, 8000, [("CO", "45", 4000), ("CO", "197", 3000)]))
    again = actions.resubmit_claim(**house.door, claim_id=claim.id)
    house.post(answer(again, 11000, [("CO", "45", 4000)]), trace="TRACE2")
    assert queries.unmatched_answers().get().waits_because == "above_owed"
    assert payer_owes(house) == 3000
    back = [("CO", "45", -4000), ("CO", "197", -3000)]
    house.post(answer(claim, -8000, back, charge=-15000, status="22"), trace="TRACE3")
    waiting = queries.unmatched_answers().get()
    actions.match_remittance_claim(**house.door, remittance_claim_id=waiting.id, claim_id=again.id)
    assert payer_owes(house) == 0
    assert ledger.balance(rules.CASH) == 11000


def test_reversal_of_nothing_waits(house: House) -> None:
    claim = house.claim()
    house.post(answer(claim, -8000, TURNED, charge=-15000, status="22"))
    assert queries.unmatched_answers().get().waits_because == "nothing_to_reverse"
    assert payer_owes(house) == 15000
    assert Claim.objects.get().state == "accepted"


def test_two_payments_of_zero_under_one_number_are_both_posted_and_a_copy_is_refused(house: House) -> None:
    first, second = house.claim(), house.claim(days_ago=1)
    house.post(answer(first, 0, [("CO", "29", 15000)]))
    house.post(answer(second, 0, [("CO", "29", 15000)]))
    assert Denial.objects.count() == 2
    with pytest.raises(RemittanceAlreadyPosted):
        house.post(answer(second, 0, [("CO", "29", 15000)]))
    assert Denial.objects.count() == 2


def test_other_claims_under_the_number_of_a_posted_payment_are_told_and_not_swallowed(house: House) -> None:
    first, second = house.claim(), house.claim(days_ago=1)
    house.post(answer(first, 8000, PAID))
    with pytest.raises(RemittanceDiffers):
        house.post(answer(second, 8000, PAID))
    assert RemittanceClaim.objects.count() == 1


def test_digests_of_remittances_posted_before_are_those_of_the_program(house: House) -> None:
    plb = [ProviderAdjustment("1487654323", "20261231", "WO", Decimal("80.00"), "P1")]
    row = house.post(answer(house.claim(), 8000, PAID), plb=plb)
    assert row.amount_cents == 0
    Remittance.objects.filter(id=row.id).update(digest="")
    step = import_module("stead.billing.migrations.0009_answers_that_wait")
    with connection.cursor() as cursor:
        cursor.execute(step.DIGESTS)
    assert Remittance.objects.get(id=row.id).digest == row.digest


def test_reversed_denial_is_closed_and_the_new_decision_stands_once(house: House) -> None:
    claim = house.claim()
    house.post(answer(claim, 0, [("CO", "45", 4000), ("CO", "197", 11000)]))
    back = answer(claim, 0, [("CO", "45", -4000), ("CO", "197", -11000)], charge=-15000, status="22")
    house.post(answer(claim, 0, [("CO", "45", 4000), ("CO", "29", 11000)]), back, trace="TRACE2")
    assert set(Denial.objects.values_list("reason_code", "state")) == {("197", "reversed"), ("29", "open")}
    assert queries.claim_owed(claim) == 11000
    assert JournalEntry.objects.get(verb="denial.reversed").data["amount_cents"] == 11000


def test_new_answer_to_a_denial_of_the_whole_stands_in_its_place(house: House) -> None:
    claim = house.claim()
    house.post(answer(claim, 0, [("CO", "197", 15000)]))
    house.post(answer(claim, 0, [("CO", "29", 15000)]), trace="TRACE2")
    assert set(Denial.objects.values_list("reason_code", "state")) == {("197", "answered"), ("29", "open")}
    house.post(answer(claim, 0, [("CO", "29", 15000)]), trace="TRACE3")
    assert queries.unmatched_answers().get().waits_because == "second_answer"
    house.post(answer(claim, 8000, PAID), trace="TRACE4")
    assert Claim.objects.get().state == "paid"
    assert not Denial.objects.filter(state="open").exists()


def second_plan(house: House) -> Payer:
    return payer(house.practice, house.by, house.at, "Tri-State Benefit", edi_id="TSB01")


def test_part_left_to_the_next_plan_waits_in_a_queue_until_that_plan_answers(house: House) -> None:
    claim = house.claim()
    house.post(answer(claim, 8000, PAID, status="19"))
    assert (Claim.objects.get().state, payer_owes(house)) == ("part_paid", 3000)
    assert queries.balance_of(house.patient.id) == Money(0)
    assert ClaimLine.objects.get().patient_cents == 0
    left = Denial.objects.get()
    assert (left.queue, left.amount_cents, left.case_id) == ("other_insurance", 3000, None)
    assert [c.id for c in queries.claims_queue()] == [claim.id]
    assert not JournalEntry.objects.filter(verb="denial.opened").exists()

    first, house.payer = house.payer, second_plan(house)
    house.post(answer(claim, 2000, [("OA", "23", 12000), ("PR", "3", 1000)], status="2"), trace="S1")
    after = Claim.objects.get()
    assert (after.state, after.paid_cents, after.payer_claim_number) == ("paid", 10000, "P1")
    assert Denial.objects.get().state == "answered"
    assert ledger.balance(rules.payer_account(first.id)) == 0
    assert ledger.balance(rules.payer_account(house.payer.id)) == 0
    assert ledger.balance(rules.CASH) == 10000
    assert queries.balance_of(house.patient.id) == Money(1000)
    assert queries.claim_owed(claim) == 0
    line = ClaimLine.objects.get()
    assert (line.paid_cents, line.adjusted_cents, line.patient_cents) == (10000, 4000, 1000)


def test_next_plans_own_refusal_is_worked_and_what_the_first_decided_is_not(house: House) -> None:
    claim = house.claim()
    house.post(answer(claim, 8000, PAID, status="19"))
    house.payer = second_plan(house)
    house.post(answer(claim, 0, [("OA", "23", 12000), ("CO", "29", 3000)], status="2"), trace="S1")
    waits = Denial.objects.get(state="open")
    assert (waits.reason_code, waits.amount_cents, waits.queue) == ("29", 3000, "other_insurance")
    assert queries.claim_owed(claim) == 3000


def test_other_payer_before_the_claims_own_has_answered_waits_and_needs_a_reason(house: House) -> None:
    claim = house.claim()
    first, house.payer = house.payer, second_plan(house)
    house.post(answer(claim, 8000, PAID), trace="S1")
    waiting = queries.unmatched_answers().get()
    assert waiting.waits_because == "other_payer"
    assert queries.likely_claims([waiting]) == {waiting.id: [claim]}
    match: dict[str, Any] = {"remittance_claim_id": waiting.id, "claim_id": claim.id}
    with pytest.raises(AnswerDoesNotFit, match="another payer"):
        actions.match_remittance_claim(**house.door, **match)
    actions.match_remittance_claim(**house.door, **match, reason="Bluegrass sold the plan to them")
    assert ledger.balance(rules.payer_account(first.id)) == 0
    assert ledger.balance(rules.payer_account(house.payer.id)) == 0
    assert ledger.balance(rules.CASH) == 8000


def test_answer_of_another_amount_or_for_a_closed_claim_needs_a_reason(house: House) -> None:
    claim = house.claim()
    house.post(answer("NOBODY", 3000, [("CO", "45", 1000)], charge=4000, control="", payer_number=""))
    waiting = queries.unmatched_answers().get()
    match: dict[str, Any] = {"remittance_claim_id": waiting.id, "claim_id": claim.id}
    with pytest.raises(AnswerDoesNotFit, match=r"it charges \$150.00 and the answer speaks of \$40.00"):
        actions.match_remittance_claim(**house.door, **match)
    actions.record_rejected(**house.door, claim_id=claim.id, kind="277CA")
    actions.resubmit_claim(**house.door, claim_id=claim.id)
    with pytest.raises(AnswerDoesNotFit, match="it is closed"):
        actions.match_remittance_claim(**house.door, **match)
    actions.match_remittance_claim(**house.door, **match, reason="they split the line")
    assert JournalEntry.objects.get(verb="remittance.matched").data["reason"] == "they split the line"


def test_what_a_payer_takes_back_is_a_row_of_work_and_interest_is_not(house: House) -> None:
    plb = [
        ProviderAdjustment("1487654323", "20261231", "L6", Decimal("-1.25")),
        ProviderAdjustment("1487654323", "20261231", "WO", Decimal("20.00"), "P77"),
        ProviderAdjustment("1487654323", "20261231", "LE", Decimal("3.00")),
    ]
    house.post(answer(house.claim(), 8000, PAID), plb=plb)
    levy, recovery = sorted(queries.open_provider_adjustments(), key=lambda row: row.reason)
    assert (recovery.reason, recovery.reference, recovery.queue) == ("WO", "P77", "recoupment")
    assert (levy.reason, levy.queue) == ("LE", "triage")
    assert queries.unapplied_balances() == [("Bluegrass Mutual", -2300)]
    actions.settle_provider_adjustment(**house.door, adjustment_id=recovery.id, reason="the reversal of March")
    assert list(queries.open_provider_adjustments()) == [levy]
    with pytest.raises(AlreadySettled):
        actions.settle_provider_adjustment(**house.door, adjustment_id=recovery.id, reason="once more")


def test_likely_claims_cost_the_same_for_many_answers(
    house: House, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(3):
        house.claim(days_ago=n)
        house.post(answer(f"NOBODY{n}", 8000, PAID, control="", payer_number=""), trace=f"T{n}")
    waiting = list(queries.unmatched_answers())
    with django_assert_num_queries(1):
        found = queries.likely_claims(waiting)
    assert [len(found[row.id]) for row in waiting] == [3, 3, 3]


def test_reversal_of_an_answer_that_was_sent_on_takes_nothing_from_the_patient(house: House) -> None:
    claim = house.claim()
    house.post(answer(claim, 8000, PAID, status="19"))
    house.post(
        answer(claim, -8000, TURNED, charge=-15000, status="22"),
        answer(claim, 7000, [("CO", "45", 4000), ("PR", "3", 4000)]),
        trace="TRACE2",
    )
    assert (queries.balance_of(house.patient.id), payer_owes(house)) == (Money(4000), 0)
    turned = [("CO", "45", -4000), ("PR", "3", -4000)]
    house.post(answer(claim, -7000, turned, charge=-15000, status="22"), trace="TRACE3")
    assert (queries.balance_of(house.patient.id), payer_owes(house)) == (Money(0), 15000)
