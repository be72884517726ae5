"""A claim that was wrong from the start: another policy, another code, no visit at all."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection

from stead.billing import actions, ledger, queries, rules
from stead.billing.actions.write_offs import ChargeNotReversible
from stead.billing.models import Charge, Claim, Denial, LedgerTransaction
from stead.billing.terms import Correction
from stead.billing.tests.cast import House, answer, payer
from stead.care import actions as care
from stead.care.models import Note, NoteAmendment
from stead.care.tests.cast import dee
from stead.care.text import amendment_text
from stead.coverage import actions as coverage
from stead.coverage.models import Coverage
from stead.coverage.terms import AuthorizationDetails
from stead.platform.journal.models import JournalEntry
from stead.platform.money import Money
from stead.platform.refusals import NotFound
from stead.processes.models import Task
from stead.scheduling.models import Service

pytestmark = pytest.mark.django_db
PAID = [("CO", "45", 4000), ("PR", "3", 3000)]
NOT_OURS = [("CO", "31", 15000)]
DENIED = [("CO", "45", 4000), ("CO", "197", 11000)]


def other_policy(house: House, name: str = "Tri-State Benefit", edi_id: str = "TSB01") -> Coverage:
    """End the policy on file as wrong and write down the right one."""
    old = Coverage.objects.get(retired_at=None)
    coverage.retire_coverage(**house.door, coverage_id=old.id)
    found = payer(house.practice, house.by, house.at, name, edi_id=edi_id)
    return coverage.add_coverage(**house.door, patient_id=house.patient.id, payer_id=found.id, member_id="NEW77")


def owes(payer_id: object) -> int:
    return ledger.balance(rules.payer_account(payer_id))  # type: ignore[arg-type]  # an id


def test_wrong_member_number_is_mended_by_the_right_policy_of_the_same_payer(house: House) -> None:
    claim = house.claim()
    house.post(answer(claim, 0, NOT_OURS))
    right = other_policy(house, "Bluegrass Mutual", "BGM01")
    again = actions.resubmit_claim(**house.door, claim_id=claim.id, correction=Correction(coverage_id=right.id))
    assert (again.frequency, again.original_reference, again.coverage_id) == ("1", "", right.id)
    assert queries.claim_form(again).subscriber.member_id == "NEW77"
    assert owes(house.payer.id) == 15000
    house.post(answer(again, 8000, PAID), trace="T2")
    assert (owes(house.payer.id), queries.balance_of(house.patient.id)) == (0, Money(3000))
    assert Denial.objects.get().state == "paid"


def test_claim_goes_to_another_payer_and_takes_the_debt_with_it(house: House) -> None:
    claim = house.claim()
    house.post(answer(claim, 0, [("CO", "45", 4000), ("CO", "22", 11000)]))
    right = other_policy(house)
    coverage.add_authorization(
        **house.door, details=AuthorizationDetails(right.id, "A-9", 8, date(2026, 1, 1), date(2026, 12, 31))
    )
    again = actions.resubmit_claim(**house.door, claim_id=claim.id, correction=Correction(coverage_id=right.id))
    assert (again.payer_id, again.frequency, again.authorization_number) == (right.payer_id, "1", "A-9")
    assert (owes(house.payer.id), owes(right.payer_id)) == (0, 15000)
    assert ledger.balance(rules.CONTRACTUAL) == 0
    assert queries.claim_owed(again) == 15000
    first, house.payer = house.payer, right.payer
    house.post(answer(again, 8000, PAID), trace="T2")
    assert (owes(first.id), owes(right.payer_id)) == (0, 0)
    told = JournalEntry.objects.get(verb="claim.resubmitted").data
    assert (told["from_payer_id"], told["to_payer_id"]) == (str(first.id), str(right.payer_id))


def test_first_plan_that_paid_must_take_its_payment_back_first(house: House) -> None:
    claim = house.claim()
    house.post(answer(claim, 8000, [("CO", "45", 4000), ("CO", "197", 3000)]))
    right = other_policy(house)
    with pytest.raises(rules.PaidByFirstPlan):
        actions.resubmit_claim(**house.door, claim_id=claim.id, correction=Correction(coverage_id=right.id))
    assert Claim.objects.get().state == "part_paid"


def test_policy_of_another_patient_is_not_there(house: House) -> None:
    claim = house.claim(sent=False)
    stranger = dee(house.at, number=2, email="kim@example.test")
    theirs = coverage.add_coverage(**house.door, patient_id=stranger.id, payer_id=house.payer.id, member_id="K1")
    with pytest.raises(NotFound):
        actions.resubmit_claim(**house.door, claim_id=claim.id, correction=Correction(coverage_id=theirs.id))


def test_claim_held_for_its_code_leaves_once_the_code_is_written(house: House) -> None:
    encounter = house.visit()
    assert encounter.service_id is not None
    Service.objects.filter(id=encounter.service_id).update(procedure_code="")
    house.sign(encounter)
    held = Claim.objects.get()
    assert (held.state, [f["code"] for f in held.held_because]) == ("held", ["procedure_missing"])
    again = actions.resubmit_claim(
        **house.door, claim_id=held.id, correction=Correction(procedure_code="h0004", modifiers=("HJ",))
    )
    assert (again.state, again.frequency) == ("ready", "1")
    changed = JournalEntry.objects.get(verb="claim.resubmitted").data["changed"]
    assert list(changed.values()) == [{"modifiers": [[], ["HJ"]], "procedure_code": ["", "H0004"]}]


def test_payers_number_is_written_with_the_correction(house: House) -> None:
    claim = house.claim(sent=False)
    actions.record_claim_sent(**house.door, claim_id=claim.id)
    house.post(answer(claim, 0, DENIED, payer_number=""))
    with pytest.raises(rules.PayerNumberMissing):
        actions.resubmit_claim(**house.door, claim_id=claim.id)
    again = actions.resubmit_claim(**house.door, claim_id=claim.id, correction=Correction(payer_claim_number=" ICN5 "))
    assert (again.frequency, again.original_reference) == ("7", "ICN5")


def test_charge_alone_is_not_taken_back(house: House) -> None:
    house.claim(sent=False)
    row = LedgerTransaction.objects.get(kind="charge")
    with pytest.raises(ChargeNotReversible):
        actions.reverse_transaction(**house.door, transaction_id=row.id, reason="wrong")


def test_void_before_it_left_ends_claim_and_debt_and_the_visit_may_be_charged_again(house: House) -> None:
    claim = house.claim(sent=False)
    line = claim.lines.get()
    actions.void_charge(**house.door, charge_id=line.charge_id, reason="wrong price")
    claim = Claim.objects.get()
    assert (claim.state, owes(house.payer.id), ledger.balance(rules.REVENUE)) == ("closed", 0, 0)
    assert Charge.objects.get().voided_at == house.at
    with pytest.raises(rules.AlreadyVoided):
        actions.void_charge(**house.door, charge_id=line.charge_id, reason="again")
    encounter = line.charge.encounter_id
    (again,) = actions.make_charges(**house.door, encounter_id=encounter)
    made = actions.make_claim(**house.door, encounter_id=encounter)
    assert made is not None
    assert (made.id != claim.id, made.state, again.voided_at) == (True, "ready", None)
    assert (owes(house.payer.id), queries.claim_owed(made)) == (15000, 15000)


def test_void_of_a_paid_claim_tells_the_payer_and_its_reversal_evens_the_books(house: House) -> None:
    claim = house.claim()
    house.post(answer(claim, 8000, PAID, payer_number="ICN7"))
    actions.void_charge(**house.door, charge_id=claim.lines.get().charge_id, reason="never happened")
    void = Claim.objects.get(replaces_id=claim.id)
    assert (void.frequency, void.original_reference, void.state) == ("8", "ICN7", "ready")
    assert owes(house.payer.id) == -15000
    actions.record_claim_sent(**house.door, claim_id=void.id)
    actions.record_acknowledged(**house.door, claim_id=void.id, kind="277CA")
    assert Claim.objects.get(id=void.id).state == "closed"
    turned = [(group, reason, -cents) for group, reason, cents in PAID]
    house.post(answer(claim, -8000, turned, charge=-15000, status="22"), trace="T2")
    assert (owes(house.payer.id), ledger.balance(rules.CASH), queries.balance_of(house.patient.id).cents) == (0, 0, 0)


def test_void_takes_write_offs_and_bills_of_the_visit_back_and_settles_its_denials(house: House) -> None:
    house.seat("Owner", 100000, house.by)
    claim = house.claim()
    house.post(answer(claim, 0, [("PR", "204", 5000), ("CO", "197", 10000)]))
    actions.bill_patient(**house.door, denial_id=Denial.objects.get(reason_code="204").id)
    actions.write_off(**house.door, amount=Money(2000), reason="small", claim_id=claim.id)
    actions.void_charge(**house.door, charge_id=claim.lines.get().charge_id, reason="never happened")
    assert (owes(house.payer.id), queries.balance_of(house.patient.id).cents) == (0, 0)
    assert (ledger.balance(rules.WRITE_OFF), ledger.balance(rules.REVENUE)) == (0, 0)
    assert Denial.objects.get(reason_code="197").state == "voided"


def test_claim_on_its_way_is_not_voided(house: House) -> None:
    claim = house.claim(sent=False)
    actions.record_claim_sent(**house.door, claim_id=claim.id)
    with pytest.raises(rules.ClaimStateRefuses):
        actions.void_charge(**house.door, charge_id=claim.lines.get().charge_id, reason="wrong")
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
    assert Claim.objects.get().state == "sent"


def test_diagnosis_that_the_note_does_not_say_is_held_until_its_author_amends_it(house: House) -> None:
    claim = house.claim()
    house.post(answer(claim, 0, [("CO", "11", 15000)]))
    change = Correction(diagnosis_codes=("F32.0",))
    again = actions.resubmit_claim(**house.door, claim_id=claim.id, correction=change)
    assert (again.state, [f["code"] for f in again.held_because]) == ("held", ["diagnosis_not_in_note"])
    changed = JournalEntry.objects.get(verb="claim.resubmitted").data["changed"]
    assert list(changed.values()) == [{"diagnosis_codes": [["F41.1"], ["F32.0"]]}]
    task = Task.objects.get()
    assert (task.staff_id, "F32.0" in task.title) == (house.clinician.id, True)
    note = Note.objects.get()
    door = house.door | {"by": house.clinician}
    care.amend_note(**door, note_id=note.id, text="On reading it again.", diagnosis_codes=["F32.1"])
    assert Claim.objects.get(id=again.id).state == "held"
    care.amend_note(**door, note_id=note.id, text="Meant the milder one.", diagnosis_codes=["f32.0"])
    assert Claim.objects.get(id=again.id).state == "ready"
    told = JournalEntry.objects.filter(verb="note.amended").order_by("-at", "-id")
    assert {"diagnosis_from": ["F32.1"], "diagnosis_to": ["F32.0"]} in [entry.data["changed"] for entry in told]
    texts = [amendment_text(row) for row in NoteAmendment.objects.get_queryset()]
    assert any(text.startswith("Diagnosis: F32.0 instead of F32.1.") for text in texts)
