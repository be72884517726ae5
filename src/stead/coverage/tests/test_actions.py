"""What the actions of coverage do, and when they refuse."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from stead.coverage import actions, queries, rules
from stead.coverage.models import Authorization, Coverage, EligibilityCheck, Enrollment
from stead.coverage.terms import AuthorizationDetails, EligibilityAnswer, Subscriber
from stead.coverage.tests.cast import bluegrass, dee, dr_cho, linden_street, policy
from stead.patients.models import Patient
from stead.platform import clock
from stead.platform.actors import Actor
from stead.platform.files.store import store
from stead.platform.identifiers import new_id
from stead.platform.journal.models import JournalEntry
from stead.platform.policy.facts import SharedLoader, facts
from stead.platform.refusals import NotFound, NotPermitted
from stead.platform.tenancy.context import acting
from stead.practice.models import License
from stead.practice.queries import practice_day

pytestmark = pytest.mark.django_db


@dataclass
class Desk:
    """Ana at the desk of the practice, now."""

    practice: UUID
    by: Actor
    at: datetime

    @property
    def door(self) -> dict[str, Any]:
        return {"practice": self.practice, "by": self.by, "at": self.at}


@pytest.fixture
def desk(inside: UUID, olu: Actor, at: datetime) -> Desk:
    return Desk(inside, olu, at)


@pytest.fixture
def patient(desk: Desk) -> Patient:
    return dee(desk.at)


@pytest.fixture
def covered(desk: Desk, patient: Patient) -> Coverage:
    return policy(desk.practice, desk.by, desk.at, patient, bluegrass(desk.practice, desk.by, desk.at))


def fact(name: str, subject: Any) -> Any:
    load = facts.get(name).load
    assert load is not None
    return load.learn(subject)[name] if isinstance(load, SharedLoader) else load(subject)


def verbs() -> list[str]:
    return sorted(JournalEntry.objects.values_list("verb", flat=True))


def test_policy_is_written_down_as_payers_read_it(desk: Desk, covered: Coverage) -> None:
    assert covered.member_id == "W20014522"
    assert verbs() == ["coverage.added", "payer.added"]


def test_second_policy_of_the_same_rank_is_refused_until_the_first_is_retired(desk: Desk, covered: Coverage) -> None:
    with pytest.raises(rules.RankTaken):
        actions.add_coverage(**desk.door, patient_id=covered.patient_id, payer_id=covered.payer_id, member_id="X1")
    actions.retire_coverage(**desk.door, coverage_id=covered.id)
    again = actions.add_coverage(**desk.door, patient_id=covered.patient_id, payer_id=covered.payer_id, member_id="X1")
    assert queries.find_first_coverage(covered.patient_id) == again
    with pytest.raises(rules.AlreadyRetired):
        actions.retire_coverage(**desk.door, coverage_id=covered.id)


def test_retired_in_the_evening_covers_that_day_no_more_although_it_is_tomorrow_in_greenwich(
    desk: Desk, covered: Coverage
) -> None:
    day = datetime(2026, 11, 24, 20, tzinfo=ZoneInfo("America/Kentucky/Louisville"))
    actions.retire_coverage(**desk.door | {"at": day}, coverage_id=covered.id)
    Coverage.objects.filter(id=covered.id).update(ends_date=None)
    assert queries.find_first_coverage(covered.patient_id, day.date()) is None
    assert queries.find_first_coverage(covered.patient_id, day.date() - timedelta(days=1)) == covered


@pytest.mark.parametrize("written", [None, date(2026, 12, 31), date(2026, 3, 1)])
def test_policy_retired_without_a_last_day_covers_nothing_from_today(
    desk: Desk, covered: Coverage, written: date | None
) -> None:
    today = practice_day(desk.at)
    Coverage.objects.filter(id=covered.id).update(ends_date=written)
    actions.retire_coverage(**desk.door, coverage_id=covered.id)
    assert queries.find_first_coverage(covered.patient_id, today) is None
    before = queries.find_first_coverage(covered.patient_id, today - timedelta(days=1))
    assert (before is None) is (written == date(2026, 3, 1))


def test_policy_retired_for_a_day_to_come_covers_until_then(desk: Desk, covered: Coverage) -> None:
    until = practice_day(desk.at) + timedelta(days=7)
    actions.retire_coverage(**desk.door, coverage_id=covered.id, ends_date=until)
    assert queries.find_first_coverage(covered.patient_id, until) == covered
    assert queries.find_first_coverage(covered.patient_id, until + timedelta(days=1)) is None


def test_new_front_of_a_card_keeps_the_back(desk: Desk, covered: Coverage, patient: Patient) -> None:
    front, back, newer = (card_photo(desk, patient) for _ in range(3))
    actions.attach_card(**desk.door, coverage_id=covered.id, front_file_id=front, back_file_id=back)
    row = actions.attach_card(**desk.door, coverage_id=covered.id, front_file_id=newer)
    assert (row.card_front_file_id, row.card_back_file_id) == (newer, back)


def test_constraint_holds_one_policy_per_rank(desk: Desk, covered: Coverage) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Coverage.objects.create(patient_id=covered.patient_id, payer_id=covered.payer_id, member_id="X", rank=1)


def test_child_is_covered_by_a_parent_with_name_and_birth_date(desk: Desk, patient: Patient) -> None:
    payer = bluegrass(desk.practice, desk.by, desk.at)
    with pytest.raises(rules.SubscriberMissing):
        policy(
            desk.practice, desk.by, desk.at, patient, payer, relation="child", subscriber=Subscriber("Joan", "Marsh")
        )
    holder = Subscriber("Joan", "Marsh", date(1960, 1, 2))
    row = policy(desk.practice, desk.by, desk.at, patient, payer, relation="child", subscriber=holder)
    assert row.subscriber_last_name == "Marsh"


def test_row_of_another_practice_is_not_there(
    db: None, linden: UUID, elsewhere: UUID, olu: Actor, eve: Actor, at: datetime
) -> None:
    with acting(linden, olu):
        row = policy(linden, olu, at, dee(at), bluegrass(linden, olu, at))
    with acting(elsewhere, eve), pytest.raises(NotFound):
        actions.ask_eligibility(practice=elsewhere, by=eve, at=at, coverage_id=row.id, service_date=at.date())


def test_patient_writes_down_only_the_own_policy(desk: Desk, patient: Patient) -> None:
    payer = bluegrass(desk.practice, desk.by, desk.at)
    me = Actor(patient.id, "patient", "Dee Marsh", frozenset({"patient"}))
    other = Actor(new_id(), "patient", "Somebody", frozenset({"patient"}))
    with pytest.raises(NotFound):
        policy(desk.practice, other, desk.at, patient, payer)
    assert policy(desk.practice, me, desk.at, patient, payer).patient_id == patient.id


def test_clinician_may_not_change_a_policy(desk: Desk, covered: Coverage, cho: Actor) -> None:
    with pytest.raises(NotPermitted):
        actions.retire_coverage(practice=desk.practice, by=cho, at=desk.at, coverage_id=covered.id)


def card_photo(desk: Desk, patient: Patient | None) -> UUID:
    whose = patient.id if patient else None
    given: dict[str, Any] = {"name": "card.png", "purpose": "card", "trusted_type": "image/png", "patient_id": whose}
    return store(b"card", by=desk.by, at=desk.at, **given).id


def test_photo_of_another_record_is_not_kept_as_the_card(desk: Desk, covered: Coverage, patient: Patient) -> None:
    for file_id in (new_id(), card_photo(desk, None)):
        with pytest.raises(NotFound):
            actions.attach_card(**desk.door, coverage_id=covered.id, front_file_id=file_id)
    own = card_photo(desk, patient)
    with pytest.raises(NotFound):
        actions.attach_card(**desk.door, coverage_id=covered.id, front_file_id=own, back_file_id=new_id())
    assert actions.attach_card(**desk.door, coverage_id=covered.id, front_file_id=own).card_front_file_id == own


def test_card_is_compared_only_when_there_is_one(desk: Desk, covered: Coverage, patient: Patient) -> None:
    with pytest.raises(rules.CardMissing):
        actions.verify_card(**desk.door, coverage_id=covered.id)
    actions.attach_card(**desk.door, coverage_id=covered.id, front_file_id=card_photo(desk, patient))
    assert fact("coverage.card_verified", patient) is False
    actions.verify_card(**desk.door, coverage_id=covered.id)
    assert fact("coverage.card_verified", patient) is True
    actions.attach_card(**desk.door, coverage_id=covered.id, front_file_id=card_photo(desk, patient))
    assert fact("coverage.card_verified", patient) is False


def test_question_and_answer_move_the_facts_through_not_known(desk: Desk, covered: Coverage, patient: Patient) -> None:
    assert fact("coverage.verified", patient) is False
    check = actions.ask_eligibility(**desk.door, coverage_id=covered.id, service_date=desk.at.date())
    assert fact("coverage.verified", patient) is None
    answer = EligibilityAnswer("active", copay_cents=0, deductible_left_cents=None, authorization_required=True)
    actions.record_eligibility_answer(**desk.door, trace=check.trace, answer=answer)
    with clock.driven(desk.at + timedelta(days=4)):
        assert fact("coverage.verified", patient) is True
        assert fact("coverage.verified_age_days", patient) == 4
        assert fact("coverage.copay", patient) == 0
    assert {"eligibility.asked", "eligibility.answered"} <= set(verbs())


def test_same_answer_twice_changes_nothing_and_another_one_is_refused(desk: Desk, covered: Coverage) -> None:
    check = actions.ask_eligibility(**desk.door, coverage_id=covered.id, service_date=desk.at.date())
    answer = EligibilityAnswer("active", copay_cents=2000, rows=(("Copay", "$20"),))
    for _ in range(2):
        actions.record_eligibility_answer(**desk.door, trace=check.trace, answer=answer)
    assert verbs().count("eligibility.answered") == 1
    with pytest.raises(rules.AlreadyAnswered):
        actions.record_eligibility_answer(**desk.door, trace=check.trace, answer=EligibilityAnswer("inactive"))
    assert EligibilityCheck.objects.get(id=check.id).state == "active"


def test_answer_to_a_question_nobody_asked_is_refused(desk: Desk) -> None:
    with pytest.raises(NotFound):
        actions.record_eligibility_answer(**desk.door, trace="NONE", answer=EligibilityAnswer("active"))


def test_authorization_counts_down_once_per_visit_and_gives_back(desk: Desk, covered: Coverage) -> None:
    day = desk.at.date()
    details = AuthorizationDetails(covered.id, "AU-1", 2, day, day + timedelta(days=30))
    actions.add_authorization(**desk.door, details=details)
    visits = [new_id() for _ in range(3)]
    for visit, left in ((visits[0], 1), (visits[0], 1), (visits[1], 0)):
        row = actions.count_unit(**desk.door, coverage_id=covered.id, service_date=day, encounter_id=visit)
        assert row is not None
        assert row.units - row.units_used == left
    assert actions.count_unit(**desk.door, coverage_id=covered.id, service_date=day, encounter_id=visits[2]) is None
    assert queries.is_used_up(covered.id, day)
    for _ in range(2):
        actions.give_unit_back(**desk.door, encounter_id=visits[0])
    assert Authorization.objects.get().units_used == 1
    later = actions.count_unit(
        **desk.door, coverage_id=covered.id, service_date=day + timedelta(days=60), encounter_id=visits[2]
    )
    assert later is None


def test_database_refuses_more_units_than_the_payer_allowed(desk: Desk, covered: Coverage) -> None:
    day = desk.at.date()
    row = actions.add_authorization(**desk.door, details=AuthorizationDetails(covered.id, "AU-1", 1, day, day))
    with pytest.raises(IntegrityError), transaction.atomic():
        Authorization.objects.filter(id=row.id).update(units_used=2)


def draft(patient: Patient, at: datetime, **more: Any) -> Any:
    given = {"patient_id": patient.id, "starts_at": at, "modality": "room", "visit_state": ""}
    return SimpleNamespace(**(given | more))


def test_enrollment_holds_at_its_location_and_from_its_day(desk: Desk, covered: Coverage, patient: Patient) -> None:
    here, there, cho = linden_street(), linden_street(name="New Albany", state="IN"), dr_cho()
    day = desk.at.date()
    visit = draft(patient, desk.at, practitioner=cho, location=here)
    assert fact("practitioner.enrolled", visit) is False
    enroll: dict[str, Any] = {"staff_id": cho.id, "payer_id": covered.payer_id, "location_id": here.id}
    actions.enroll_practitioner(**desk.door, **enroll, effective_date=day + timedelta(days=1))
    assert fact("practitioner.enrolled", visit) is False
    actions.enroll_practitioner(**desk.door, **enroll, effective_date=day)
    assert Enrollment.objects.count() == 1
    assert fact("practitioner.enrolled", visit) is True
    assert fact("practitioner.enrolled", draft(patient, desk.at, practitioner=cho, location=there)) is False


def test_licence_is_asked_of_the_state_where_the_patient_is(desk: Desk, patient: Patient) -> None:
    here, cho = linden_street(), dr_cho()
    License.objects.create(staff_id=cho.id, state="KY", number="1", expires_date=desk.at.date())
    at_the_room = draft(patient, desk.at, practitioner=cho, location=here)
    by_video: dict[str, Any] = {"practitioner": cho, "location": here, "modality": "video"}
    assert fact("practitioner.licensed", at_the_room) is True
    assert fact("practitioner.licensed", draft(patient, desk.at, **by_video)) is None
    assert fact("practitioner.licensed", draft(patient, desk.at, **by_video, visit_state="IN")) is False
    assert (
        fact("practitioner.licensed", draft(patient, desk.at + timedelta(days=1), **by_video, visit_state="KY"))
        is False
    )


def test_authorization_is_not_known_until_the_payer_says_whether_it_wants_one(
    desk: Desk, covered: Coverage, patient: Patient
) -> None:
    visit = draft(patient, desk.at, location=linden_street())
    assert fact("authorization.ok", visit) is None
    check = actions.ask_eligibility(**desk.door, coverage_id=covered.id, service_date=desk.at.date())
    actions.record_eligibility_answer(
        **desk.door, trace=check.trace, answer=EligibilityAnswer("active", authorization_required=True)
    )
    assert fact("authorization.ok", visit) is False
    day = desk.at.date()
    actions.add_authorization(**desk.door, details=AuthorizationDetails(covered.id, "AU-1", 1, day, day))
    assert fact("authorization.ok", visit) is True
    actions.count_unit(**desk.door, coverage_id=covered.id, service_date=day, encounter_id=new_id())
    assert fact("authorization.ok", visit) is False
