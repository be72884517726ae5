"""What payers paid: to the cent, once, on the right claim, and what they refused in somebody's queue."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import msgspec
import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stead.billing import actions, ledger, queries, rules
from stead.billing.actions.denials import DenialClosed, NotThePatients
from stead.billing.actions.remittances import (
    AlreadyMatched,
    RemittanceAlreadyPosted,
    RemittanceDiffers,
    RemittanceUnbalanced,
)
from stead.billing.models import Claim, ClaimLine, Denial, LedgerEntry, LedgerTransaction, Remittance, RemittanceClaim
from stead.billing.tests.cast import House, answer, payer, remittance
from stead.platform.journal.models import JournalEntry
from stead.platform.money import Money
from stead.x12.remit835 import Organisation, ProviderAdjustment

pytestmark = pytest.mark.django_db
PAID = [("CO", "45", 4000), ("PR", "3", 3000)]


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


def test_other_claims_under_the_key_of_a_posted_payment_are_told_and_not_swallowed(house: House) -> None:
    first, second = house.claim(), house.claim(days_ago=1)
    house.post(answer(first, 0, [("CO", "29", 15000)]))
    with pytest.raises(RemittanceDiffers):
        house.post(answer(second, 0, [("CO", "29", 15000)]))
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
    assert queries.likely_claims(waiting) == [claim]
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
