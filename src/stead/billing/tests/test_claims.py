"""From the signed note to the claim that leaves, and back when it is rejected."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from stead.billing import actions, ledger, queries, rules
from stead.billing.actions.charges import FeeThere, NoteNotSigned
from stead.billing.claim_form import claim_form
from stead.billing.models import BillingNumber, Charge, Claim, ClaimEvent, ClaimLine, Fee
from stead.billing.terms import Correction
from stead.billing.tests.cast import House, answer, dee
from stead.care.models import Note
from stead.care.tests.cast import draft_of
from stead.coverage import actions as coverage
from stead.coverage.models import Authorization, Coverage
from stead.coverage.terms import AuthorizationDetails
from stead.patients.models import Patient
from stead.platform.actors import Actor
from stead.platform.identifiers import new_id
from stead.platform.journal.models import JournalEntry
from stead.platform.money import Money
from stead.platform.policy.facts import SharedLoader, facts
from stead.platform.refusals import NotFound, NotPermitted
from stead.platform.tenancy.context import acting
from stead.practice.models import StaffMember
from stead.testing.clients import outside
from stead.x12.scrub import scrub_claim

pytestmark = pytest.mark.django_db


def test_signature_makes_charge_and_claim_and_the_payer_owes(house: House) -> None:
    encounter = house.visit()
    assert not Charge.objects.exists()
    house.sign(encounter)
    charge, claim = Charge.objects.get(), Claim.objects.get()
    assert (charge.amount_cents, charge.place_of_service, charge.diagnosis_codes) == (15000, "11", ["F41.1"])
    assert (claim.total_cents, claim.state, claim.number) == (15000, "ready", "CL-20001")
    assert claim.file_before_date == encounter.service_date + timedelta(days=90)
    assert ledger.balance(rules.payer_account(house.payer.id)) == 15000
    assert queries.balance_of(house.patient.id) == Money(0)
    assert queries.claim_owed(claim) == 15000


def test_authorization_is_counted_with_the_claim_and_a_claim_beyond_it_is_held(house: House) -> None:
    policy = Coverage.objects.get()
    year = (date(2026, 1, 1), date(2026, 12, 31))
    door = house.door
    coverage.add_authorization(**door, details=AuthorizationDetails(policy.id, "A1", 1, *year))
    first, second = house.claim(sent=False), house.claim(1, sent=False)
    assert (first.authorization_number, first.state) == ("A1", "ready")
    assert (second.authorization_number, second.state) == ("", "held")
    assert [f["code"] for f in second.held_because] == ["authorization_used_up"]
    coverage.add_authorization(**door, details=AuthorizationDetails(policy.id, "A2", 8, *year))
    for _ in range(2):
        second = actions.scrub_claim(**door, claim_id=second.id)
    assert (second.authorization_number, second.state) == ("A2", "ready")
    assert dict(Authorization.objects.values_list("number", "units_used")) == {"A1": 1, "A2": 1}
    actions.void_charge(**door, charge_id=second.lines.get().charge_id, reason="Made in error")
    assert dict(Authorization.objects.values_list("number", "units_used")) == {"A1": 1, "A2": 0}


def test_no_charge_before_the_signature(house: House) -> None:
    encounter = house.visit()
    draft_of(house.practice, house.clinician, house.at, encounter)
    with pytest.raises(NoteNotSigned):
        actions.make_charges(**house.door, encounter_id=encounter.id)
    assert not Charge.objects.exists()


def test_a_failing_charge_takes_the_signature_back(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from stead.billing.actions import charges

    def broken(*_: object) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(charges, "fee_of", broken)
    encounter = house.visit()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        house.sign(encounter)
    assert not Note.objects.filter(state="signed").exists()


def test_charging_again_changes_nothing(house: House) -> None:
    encounter = house.visit()
    house.sign(encounter)
    actions.make_charges(**house.door, encounter_id=encounter.id)
    actions.make_claim(**house.door, encounter_id=encounter.id)
    assert (Charge.objects.count(), Claim.objects.count()) == (1, 1)


def test_without_a_policy_the_patient_owes_and_nobody_is_billed(house: House) -> None:
    patient = dee(house.at, number=2, first_name="Sam")
    house.sign(house.visit(patient=patient))
    assert not Claim.objects.exists()
    assert queries.balance_of(patient.id) == Money(15000)


def test_video_visit_is_billed_at_the_patients_home(house: House) -> None:
    house.sign(house.visit(modality="video"))
    charge = Charge.objects.get()
    assert (charge.place_of_service, charge.modifiers) == ("10", ["95"])


def test_newest_fee_of_the_day_is_charged(house: House) -> None:
    for amount, day in ((14000, date(2026, 1, 1)), (16000, date(2026, 11, 1)), (20000, date(2027, 1, 1))):
        actions.add_fee(**house.door, procedure_code="H0004", amount=Money(amount), from_date=day)
    house.sign(house.visit())
    assert Charge.objects.get().amount_cents == 16000
    with pytest.raises(FeeThere):
        actions.add_fee(**house.door, procedure_code="H0004", amount=Money(1), from_date=date(2026, 1, 1))


def test_claim_form_passes_the_scrubber_and_carries_our_numbers(house: House) -> None:
    claim = house.claim(sent=False)
    record = claim_form(claim)
    assert scrub_claim(record) == ()
    assert (record.account, record.lines[0].control, record.diagnoses) == (claim.number, f"{claim.number}-1", ("F411",))


def test_claim_is_held_with_its_reason_and_released_when_the_record_is_mended(house: House) -> None:
    claim = house.claim(sent=False)
    StaffMember.objects.filter(id=house.clinician.id).update(taxonomy="")
    held = actions.scrub_claim(**house.door, claim_id=claim.id)
    assert held.state == "held"
    assert [f["code"] for f in held.held_because] == ["taxonomy_missing"]
    with pytest.raises(rules.ClaimStateRefuses):
        actions.record_claim_sent(**house.door, claim_id=claim.id)
    StaffMember.objects.filter(id=house.clinician.id).update(taxonomy="103TC0700X")
    assert actions.scrub_claim(**house.door, claim_id=claim.id).state == "ready"


def test_claim_walks_from_sent_to_accepted_and_keeps_the_payers_number(house: House) -> None:
    claim = house.claim()
    assert (claim.state, claim.payer_claim_number) == ("accepted", "P1")
    assert {e.kind for e in queries.claim_history(claim.id)} == {"made", "sent", "277CA"}
    with pytest.raises(rules.ClaimStateRefuses):
        actions.record_claim_sent(**house.door, claim_id=claim.id)


def test_rejected_claim_is_sent_again_as_new(house: House) -> None:
    claim = house.claim()
    actions.record_rejected(**house.door, claim_id=claim.id, kind="277CA", code="A7")
    again = actions.resubmit_claim(**house.door, claim_id=claim.id)
    assert (again.frequency, again.original_reference, again.state) == ("1", "", "ready")
    assert Claim.objects.get(id=claim.id).state == "closed"
    assert again.number != claim.number


def test_denied_claim_is_replaced_quoting_the_payers_number_and_corrected(house: House) -> None:
    claim = house.claim()
    house.post(answer(claim, 0, [("CO", "197", 15000)], payer_number="ICN77"))
    change = Correction(modifiers=("hj",), authorization_number="AUTH9")
    again = actions.resubmit_claim(**house.door, claim_id=claim.id, correction=change)
    assert (again.frequency, again.original_reference, again.authorization_number) == ("7", "ICN77", "AUTH9")
    assert Charge.objects.get().modifiers == ["HJ"]
    assert claim.denials.get().state == "resent"
    assert queries.claim_owed(again) == 15000
    house.post(answer(again, 15000, []), trace="TRACE2")
    assert claim.denials.get().state == "paid"
    assert queries.claim_owed(again) == 0


def test_replacement_without_the_payers_number_is_refused(house: House) -> None:
    claim = house.claim(sent=False)
    Claim.objects.filter(id=claim.id).update(state="denied")
    with pytest.raises(rules.PayerNumberMissing):
        actions.resubmit_claim(**house.door, claim_id=claim.id)


def test_silent_claims_are_those_nobody_answered_in_time(house: House) -> None:
    claim = house.claim()
    assert not queries.silent_claims(house.at + timedelta(days=20)).exists()
    assert queries.silent_claims(house.at + timedelta(days=22)).get().id == claim.id
    house.post(answer(claim, 15000, []))
    assert not queries.silent_claims(house.at + timedelta(days=22)).exists()


def test_claim_without_any_acknowledgement_is_silent_after_five_days(house: House) -> None:
    claim = house.claim(sent=False)
    actions.record_claim_sent(**house.door, claim_id=claim.id)
    assert queries.silent_claims(house.at + timedelta(days=6)).get().id == claim.id


@pytest.mark.parametrize(
    ("constraint", "make"),
    [
        ("claim_number_once", lambda c: Claim.objects.create(**_like(c), number=c.number, total_cents=1)),
        ("claim_total", lambda c: Claim.objects.create(**_like(c), number="CL-X", total_cents=0)),
        ("claim_line_control_once", lambda c: _line(c, c.lines.get().line_control)),
        ("charge_once", lambda c: _charge(c, amount_cents=1)),
        ("charge_amount", lambda c: _charge(c, procedure_code="X", amount_cents=-1)),
        ("fee_once", lambda c: [_fee(1), _fee(2)]),
        ("fee_not_negative", lambda c: _fee(-1)),
        ("billing_number_series_once", lambda c: BillingNumber.objects.create(series="claim")),
    ],
)
def test_the_database_refuses(house: House, constraint: str, make: Callable[[Claim], Any]) -> None:
    claim = house.claim(sent=False)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        make(claim)


def _like(c: Claim) -> dict[str, Any]:
    names = ("patient_id", "coverage_id", "payer_id", "practitioner_id", "service_date", "made_at", "state_at")
    return {name: getattr(c, name) for name in (*names, "file_before_date")}


def _line(c: Claim, control: str) -> ClaimLine:
    line = c.lines.get()
    return ClaimLine.objects.create(
        claim_id=c.id, charge_id=line.charge_id, position=2, line_control=control, amount_cents=1
    )


def _charge(c: Claim, **more: Any) -> Charge:
    there = c.lines.get().charge
    names = ("encounter_id", "patient_id", "practitioner_id", "procedure_code", "place_of_service", "service_date")
    return Charge.objects.create(**({name: getattr(there, name) for name in (*names, "made_at")} | more))


def _fee(cents: int) -> Fee:
    return Fee.objects.create(procedure_code="Z1", amount_cents=cents, from_date=date(2026, 1, 1))


def test_history_of_a_claim_is_never_changed(house: House) -> None:
    house.claim()
    with pytest.raises(Exception, match="permission denied"), transaction.atomic():
        ClaimEvent.objects.update(words="x")


@pytest.mark.parametrize("who", ["ana", "priya", "cho"])
def test_other_seats_make_no_claims(house: House, who: str, request: pytest.FixtureRequest) -> None:
    claim = house.claim()
    door = house.door | {"by": request.getfixturevalue(who)}
    with pytest.raises(NotPermitted):
        actions.record_rejected(**door, claim_id=claim.id, kind="999")
    with pytest.raises(NotPermitted):
        actions.resubmit_claim(**door, claim_id=claim.id)


def test_another_practice_finds_nothing(house: House, elsewhere: UUID, eve: Actor) -> None:
    claim = house.claim()
    encounter = claim.lines.get().charge.encounter_id
    door: dict[str, Any] = {"practice": elsewhere, "by": eve, "at": house.at}
    attempts: list[Callable[[], object]] = [
        lambda: actions.make_charges(**door, encounter_id=encounter),
        lambda: actions.make_claim(**door, encounter_id=encounter),
        lambda: actions.record_claim_sent(**door, claim_id=claim.id),
        lambda: actions.record_acknowledged(**door, claim_id=claim.id, kind="999"),
        lambda: actions.record_rejected(**door, claim_id=claim.id, kind="999"),
        lambda: actions.resubmit_claim(**door, claim_id=claim.id),
        lambda: actions.scrub_claim(**door, claim_id=claim.id),
        lambda: actions.write_off(**door, claim_id=claim.id, amount=Money(1), reason="x"),
        lambda: actions.bill_patient(**door, denial_id=new_id()),
        lambda: actions.make_statement(**door, patient_id=claim.patient_id),
        lambda: actions.take_payment(**door, patient_id=claim.patient_id, amount=Money(1), method="cash", key="k"),
        lambda: queries.get_claim(claim.id),
    ]
    with outside(), acting(elsewhere, eve):
        for attempt in attempts:
            with pytest.raises(NotFound):
                attempt()


def test_what_happened_is_in_the_journal_without_names(house: House) -> None:
    house.claim()
    lines = JournalEntry.objects.filter(verb__startswith="claim.")
    assert {line.verb for line in lines} == {"claim.made", "claim.sent", "claim.acknowledged"}
    assert not any("Marsh" in str(line.data) or "F41" in str(line.data) for line in lines)


def fact(name: str, subject: Any) -> Any:
    load = facts.get(name).load
    assert load is not None
    return load.learn(subject)[name] if isinstance(load, SharedLoader) else load(subject)


def test_facts_of_a_claim(house: House) -> None:
    claim = house.claim()
    assert fact("claim.notes_signed", claim) is True
    assert fact("claim.owed_cents", claim) == 15000
    assert fact("claim.has_payer_number", claim) is True
    assert fact("claim.days_left_to_file", claim) == 90
    patient = Patient.objects.get(id=house.patient.id)
    assert fact("patient.card_on_file", patient) is False
    assert fact("patient.balance_cents", patient) == 0
