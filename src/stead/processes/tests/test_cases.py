"""Cases move by themselves, only as far as their clauses let them; somebody owns each; the clock stands while others
are waited for."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from stead.patients.models import Patient
from stead.platform.actors import Actor, system
from stead.platform.identifiers import new_id
from stead.platform.journal.models import JournalEntry
from stead.platform.journal.write import write
from stead.platform.refusals import InvalidInput, NotFound
from stead.platform.tenancy.context import acting
from stead.practice.actions import record_absence
from stead.practice.tests.cast import found
from stead.processes import actions, queries
from stead.processes.actions import cases
from stead.processes.actions.cases import CaseAlreadyOpen, NoSuchPlaybook
from stead.processes.handlers import _place_of, find_owners_again, let_cases_look, open_cases_by_themselves
from stead.processes.models import Case, CaseItem, PlaybookVersion, Task, Timer
from stead.processes.rules import ItemCannot
from stead.processes.tests import cast
from stead.processes.tests.cast import PLAYBOOK, Stage, a_file, a_patient

OPENED = datetime(2026, 11, 24, 15, 42, tzinfo=UTC)  # Tuesday 10:42 in Louisville, open 8 to 5


def now(case: Case) -> Case:
    return queries.get_case(case.id)


def verbs(case: Case) -> list[str]:
    return list(JournalEntry.objects.filter(case_id=case.id).values_list("verb", flat=True))


def give_paper(stage: Stage, case: Case) -> None:
    actions.receive_item(**stage.who, case_id=case.id, key="paper", file_id=a_file(stage.dee.id))
    actions.accept_item(**stage.who, case_id=case.id, key="paper")


def test_an_opened_case_has_an_owner_items_timers_and_asks_the_patient(stage: Stage) -> None:
    case = now(stage.case())
    assert case.number == 1
    assert case.owner_staff and case.owner_staff.name == "Priya Nair"
    assert case.owner_reason == "Holds the seat"
    assert [item.key for item in queries.items_of(case.id)] == ["paper", "read", "extra", "booked"]
    assert case.waiting_on == "patient"
    assert case.due_at is None
    assert case.clock_left_seconds == 4 * 3600
    assert [timer.act for timer in queries.next_timers(case.id)] == ["remind", "task"]
    assert {"case.opened", "case.stage_entered", "case.items_asked", "case.turn_changed"} <= set(verbs(case))


def test_the_clock_stands_while_the_patient_is_waited_for_and_goes_on_where_it_stood(stage: Stage) -> None:
    case = stage.case()
    later = OPENED + timedelta(days=1, hours=1)
    who = stage.who | {"at": later}
    actions.receive_item(**who, case_id=case.id, key="paper", file_id=a_file(stage.dee.id))
    case = now(case)
    assert case.waiting_on == "us"
    assert case.due_at == later + timedelta(hours=4)
    assert {timer.act for timer in queries.next_timers(case.id)} == {"escalate"}
    actions.return_item(**who, case_id=case.id, key="paper", reason="unreadable")
    assert now(case).waiting_on == "patient"
    assert now(case).clock_left_seconds == 4 * 3600


def test_a_case_leaves_only_when_items_are_settled_and_clauses_are_met(stage: Stage) -> None:
    case = stage.case()
    give_paper(stage, case)
    actions.accept_item(**stage.who, case_id=case.id, key="read")
    assert now(case).stage_key == "papers"
    stage.told.signed = None
    actions.reconsider_case(**stage.who, case_id=case.id)
    assert now(case).stage_key == "papers"  # not known is not met
    stage.told.signed, stage.told.open = True, False
    actions.reconsider_case(**stage.who, case_id=case.id)
    assert now(case).stage_key == "papers"
    assert now(case).waiting_on == "payer"
    stage.told.open = True
    actions.reconsider_case(**stage.who, case_id=case.id)
    assert now(case).stage_key == "plan"
    assert now(case).waiting_on == "payer"
    assert now(case).owner_staff.name == "Mona Petrakis"


def test_a_stage_without_anybody_is_no_ones_and_says_why(stage: Stage) -> None:
    stage.told.signed = stage.told.answered = True
    case = stage.case()
    give_paper(stage, case)
    actions.accept_item(**stage.who, case_id=case.id, key="read")
    case = now(case)
    assert case.stage_key == "visit"
    assert case.owner_staff_id is None
    assert case.owner_reason == "The seat is blank and it has no backup"


def test_an_event_of_another_room_settles_the_item_and_ends_the_case(stage: Stage) -> None:
    stage.told.signed = stage.told.answered = True
    case = stage.case()
    give_paper(stage, case)
    actions.accept_item(**stage.who, case_id=case.id, key="read")
    entry = write("appointment.booked", by=system(), at=OPENED, patient_id=stage.dee.id)
    let_cases_look(entry)
    let_cases_look(entry)  # a follower bears repetition
    case = now(case)
    assert (case.state, case.close_code) == ("closed", "finished")
    assert not Timer.objects.filter(case_id=case.id, state="pending").exists()
    assert verbs(case).count("case.closed") == 1


def test_a_running_case_stays_on_its_version(stage: Stage) -> None:
    case = stage.case()
    changed = PLAYBOOK.replace("name: Papers", "name: Forms").replace("    due: 4", "    due: 6")
    version = actions.publish_playbook(**stage.who, source=changed)
    assert version.number == 2
    assert queries.document_of_case(now(case)).stage("papers").name == "Papers"
    other = a_patient(OPENED, 2)
    fresh = actions.open_case(
        **stage.who, playbook_key="rehearsal", subject=other, patient_id=other.id, title="Another"
    )
    assert queries.document_of_case(fresh).stage("papers").name == "Forms"
    assert set(PlaybookVersion.objects.values_list("number", "state")) == {(1, "retired"), (2, "published")}


def test_one_subject_has_one_open_case_and_a_closed_one_may_be_followed_by_another(stage: Stage) -> None:
    case = stage.case()
    with pytest.raises(CaseAlreadyOpen, match="Case 1 is open"):
        stage.case()
    actions.close_case(**stage.who, case_id=case.id, code="no_answer")
    assert stage.case().number == 2


def test_the_database_keeps_open_cases_and_codes_in_order(stage: Stage) -> None:
    case = now(stage.case())
    with pytest.raises(IntegrityError, match="case_closed_with_code"), transaction.atomic():
        Case.objects.filter(id=case.id).update(state="closed")
    with pytest.raises(IntegrityError, match="case_one_open"), transaction.atomic():
        case.id, case.number = new_id(), 99
        case.save(force_insert=True)


def test_what_cannot_be_done_is_refused_and_changes_nothing(stage: Stage) -> None:
    case = stage.case()
    who = stage.who
    with pytest.raises(NoSuchPlaybook):
        actions.open_case(**who, playbook_key="nothing", subject=stage.dee, title="x")
    with pytest.raises(InvalidInput, match=r"are about patients\.patient"):
        actions.open_case(**who, playbook_key="rehearsal", subject=stage.house.desk, title="x")
    with pytest.raises(InvalidInput, match="no document"):
        actions.accept_item(**who, case_id=case.id, key="paper")
    with pytest.raises(InvalidInput, match="one of the reasons"):
        actions.return_item(**who, case_id=case.id, key="paper", reason="because")
    with pytest.raises(InvalidInput, match="requires this"):
        actions.waive_item(**who, case_id=case.id, key="read", reason="no time")
    with pytest.raises(InvalidInput, match="end as finished, no_answer"):
        actions.close_case(**who, case_id=case.id, code="whatever")
    with pytest.raises(ItemCannot):
        actions.return_item(**who, case_id=case.id, key="paper", reason="expired")
    with pytest.raises(InvalidInput, match="nobody to ask"):
        actions.ask_item(**who, case_id=case.id, key="read")
    actions.close_case(**who, case_id=case.id, code="no_answer")
    with pytest.raises(actions.CaseClosed):
        actions.receive_item(**who, case_id=case.id, key="paper", file_id=a_file(stage.dee.id))


def test_a_patient_gives_only_to_their_own_case(stage: Stage) -> None:
    case = stage.case()
    dee = Actor(stage.dee.id, "patient", "Dee Marsh", frozenset({"patient"}))
    stranger = Actor(new_id(), "patient", "Somebody", frozenset({"patient"}))
    who = stage.who | {"by": stranger}
    with pytest.raises(NotFound):
        actions.receive_item(**who, case_id=case.id, key="paper", file_id=a_file(stage.dee.id))
    actions.receive_item(**(who | {"by": dee}), case_id=case.id, key="paper", file_id=a_file(stage.dee.id))
    assert CaseItem.objects.get(case_id=case.id, key="paper").state == "received"


def test_file_of_another_patient_is_not_taken(stage: Stage) -> None:
    case = stage.case()
    for file in (a_file(a_patient(OPENED, 2).id), a_file(None), new_id()):
        with pytest.raises(NotFound):
            actions.receive_item(**stage.who, case_id=case.id, key="paper", file_id=file)
        with pytest.raises(IntegrityError, match="case_item_file"), transaction.atomic():
            CaseItem.objects.filter(case_id=case.id, key="paper").update(file_id=file)


def test_an_absence_gives_open_cases_and_tasks_to_the_backup(stage: Stage) -> None:
    case = stage.case()
    actions.create_task(**stage.who, key="call", title="Call Dee", seat_key="intake_coordinator", case_id=case.id)
    record_absence(
        **stage.who, staff_id=stage.house.priya.id, first_date=date(2026, 11, 24), last_date=date(2126, 11, 24)
    )
    entry = JournalEntry.objects.get(verb="absence.recorded")
    find_owners_again(entry)
    assert now(case).owner_staff.name == "Ana Ruiz"
    assert now(case).owner_reason == "Priya Nair is away; backup 1"
    assert Task.objects.get(key="call").staff_id == stage.house.ana.id
    assert verbs(case).count("case.rerouted") == 1
    find_owners_again(entry)
    assert verbs(case).count("case.rerouted") == 1


def away(stage: Stage) -> None:
    record_absence(
        **stage.who, staff_id=stage.house.priya.id, first_date=date(2026, 11, 24), last_date=date(2126, 11, 24)
    )


def reroute(stage: Stage) -> int:
    return int(actions.reroute_cases(**stage.who | {"by": system()}))


def test_looking_again_costs_as_much_for_thirty_cases_as_for_one(stage: Stage) -> None:
    def another(number: int) -> None:
        patient = a_patient(OPENED, number)
        given: dict[str, Any] = {
            "playbook_key": "rehearsal",
            "subject": patient,
            "patient_id": patient.id,
            "title": f"Case {number}",
        }
        case = actions.open_case(**stage.who, **given, location_id=stage.house.green.id if number % 2 else None)
        actions.create_task(
            **stage.who, key=f"call {number}", title="Call", seat_key="intake_coordinator", case_id=case.id
        )

    def asked() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert reroute(stage) == 0
        return len(caught)

    another(2)
    another(3)
    few = asked()
    for number in range(4, 32):
        another(number)
    assert asked() == few <= 16
    away(stage)
    with CaptureQueriesContext(connection) as caught:
        assert reroute(stage) == 60
    locked = [query["sql"] for query in caught if "FOR UPDATE" in query["sql"]]
    assert len(locked) == 2
    assert len(caught) <= few + 2 + 60 * 4  # a row and its line; each line is one statement or two


@pytest.mark.django_db(transaction=True)
def test_task_that_somebody_takes_meanwhile_stays_theirs(
    linden: UUID, olu: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second connection takes it after rerouting has read it and before it is written."""
    cast.declare_rehearsal()
    with cast.told_anew() as told:
        with acting(linden, olu):
            stage = cast.stage(found(linden, olu, OPENED), told)
            keys = ("taken before", "being taken", "left")
            rows = [actions.create_task(**stage.who, key=key, title=key, seat_key="intake_coordinator") for key in keys]
            teo = Actor(stage.house.teo.id, "staff", "Teo Lindqvist", frozenset({"clinician"}))
            away(stage)
        whose, taking, go_on = cases._Whose.is_it, threading.Event(), threading.Event()

        def take() -> None:
            try:
                with acting(linden, teo):
                    actions.take_task(practice=linden, by=teo, at=OPENED, task_id=rows[0].id)
                with acting(linden, teo):
                    actions.take_task(practice=linden, by=teo, at=OPENED, task_id=rows[1].id)
                    taking.set()
                    assert go_on.wait(timeout=60)
            finally:
                taking.set()
                connection.close()

        other = threading.Thread(target=take)

        def while_others_take(*given: Any) -> Any:
            if not taking.is_set():  # the tasks were read, and none is locked yet
                other.start()
                assert taking.wait(timeout=60)
            return whose(*given)

        monkeypatch.setattr(cases._Whose, "is_it", while_others_take)
        try:
            with acting(linden, system(), kind="worker"):
                assert actions.reroute_cases(practice=linden, by=system(), at=OPENED) == 1
        finally:
            go_on.set()
            other.join(timeout=60)
        with acting(linden, olu):
            holders = dict(Task.objects.values_list("key", "staff_id"))
            moved = JournalEntry.objects.filter(verb="task.rerouted").values_list("subject_id", flat=True)
            assert holders == {keys[0]: teo.id, keys[1]: teo.id, keys[2]: stage.house.ana.id}
            assert list(moved) == [rows[2].id]


def test_task_that_ended_is_not_given_to_anybody(stage: Stage) -> None:
    task = actions.create_task(**stage.who, key="call", title="Call Dee", seat_key="intake_coordinator")
    away(stage)
    actions.complete_task(**stage.who, task_id=task.id)
    assert reroute(stage) == 0
    assert not JournalEntry.objects.filter(verb="task.rerouted").exists()


def test_handing_over_gives_the_case_to_the_seats_holder_with_a_task(stage: Stage) -> None:
    case = stage.case()
    actions.hand_over_case(**stage.who, case_id=case.id, seat_key="practice_manager", reason="She knows the family")
    case = now(case)
    assert case.owner_staff.name == "Mona Petrakis"
    task = Task.objects.get(case_id=case.id)
    assert "She knows the family" in task.title
    assert "family" not in str(list(JournalEntry.objects.filter(case_id=case.id).values_list("data", flat=True)))
    actions.complete_task(**stage.who, task_id=task.id)
    with pytest.raises(Exception, match="ended this task already"):
        actions.complete_task(**stage.who, task_id=task.id)


def test_another_practices_case_is_not_there(stage: Stage, elsewhere: UUID, eve: Actor) -> None:
    from stead.platform.tenancy.context import acting
    from stead.testing.clients import outside

    case = stage.case()
    with outside(), acting(elsewhere, eve), pytest.raises(NotFound):
        actions.reconsider_case(practice=elsewhere, by=eve, at=OPENED, case_id=case.id)


def test_the_library_is_published_once_and_a_changed_playbook_stays_the_practices(stage: Stage) -> None:
    published = actions.publish_library(**stage.who)
    assert {version.playbook.key for version in published} == {"new_patient_intake", "denial_management"}
    assert actions.publish_library(**stage.who) == []


def test_the_shipped_intake_opens_and_asks_in_order(stage: Stage) -> None:
    actions.publish_library(**stage.who)
    case = actions.open_case(
        **stage.who, playbook_key="new_patient_intake", subject=stage.dee, patient_id=stage.dee.id, title="Dee Marsh"
    )
    assert (case.stage_key, case.waiting_on) == ("received", "us")
    for key in ("request_read", "safety_asked", "duplicate_checked"):
        actions.accept_item(**stage.who, case_id=case.id, key=key)
    case = now(case)
    assert (case.stage_key, case.waiting_on) == ("agreement", "patient")
    assert CaseItem.objects.get(case_id=case.id, key="card_on_file").state == "asked"


def test_a_card_is_not_asked_for_where_the_law_forbids_to_require_it(stage: Stage) -> None:
    actions.publish_library(**stage.who)
    yorker = a_patient(OPENED, 7, state="NY")
    case = actions.open_case(
        **stage.who, playbook_key="new_patient_intake", subject=yorker, patient_id=yorker.id, title="A patient"
    )
    for key in ("request_read", "safety_asked", "duplicate_checked"):
        actions.accept_item(**stage.who, case_id=case.id, key=key)
    assert CaseItem.objects.get(case_id=case.id, key="card_on_file").state == "waived"
    assert CaseItem.objects.get(case_id=case.id, key="financial_agreement").state == "asked"


def test_a_step_of_a_case_costs_few_statements(stage: Stage) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    stage.told.signed = True
    case = stage.case()
    give_paper(stage, case)
    with CaptureQueriesContext(connection) as asked:
        actions.accept_item(**stage.who, case_id=case.id, key="read")
    assert now(case).stage_key == "plan"
    assert len(asked) <= 24, [query["sql"][:90] for query in asked]


def test_a_playbook_may_open_cases_by_itself_once_per_subject(stage: Stage) -> None:
    source = PLAYBOOK.replace("done: finished", "opens_on: denial.opened\ndone: finished")
    actions.publish_playbook(**stage.who, source=source)
    entry = write("denial.opened", by=system(), at=OPENED, subject=stage.dee, patient_id=stage.dee.id)
    open_cases_by_themselves(entry)
    case = Case.objects.get()
    assert case.title == "Rehearsal: Dee Marsh"
    actions.close_case(**stage.who, case_id=case.id, code="no_answer")
    open_cases_by_themselves(entry)
    assert Case.objects.count() == 1


def test_what_is_settled_elsewhere_ends_the_case_and_only_that_one(stage: Stage) -> None:
    source = PLAYBOOK.replace("done: finished", "closes_on: {claim.paid: no_answer}\ndone: finished")
    actions.publish_playbook(**stage.who, source=source)
    case = stage.case()
    let_cases_look(write("claim.paid", by=system(), at=OPENED, subject=stage.house.desk, patient_id=stage.dee.id))
    assert now(case).state == "open"
    let_cases_look(write("claim.paid", by=system(), at=OPENED, subject=stage.dee, patient_id=stage.dee.id))
    assert now(case).close_code == "no_answer"


def test_a_crisis_that_an_event_would_end_is_put_to_a_person_and_the_patients_other_cases_move(stage: Stage) -> None:
    source = PLAYBOOK.replace("done: finished", "closes_on: {claim.paid: no_answer}\ndone: finished")
    actions.publish_playbook(**stage.who, source=source)
    crisis = stage.case()
    actions.mark_case(**stage.who, case_id=crisis.id, alert="crisis")
    actions.publish_playbook(
        **stage.who, source=source.replace("playbook: rehearsal", "playbook: another").split("gates:")[0]
    )
    given: dict[str, Any] = {"subject": stage.dee, "patient_id": stage.dee.id, "title": "Another"}
    other = actions.open_case(**stage.who, playbook_key="another", **given)
    entry = write("claim.paid", by=system(), at=OPENED, subject=stage.dee, patient_id=stage.dee.id)
    for _ in range(2):
        let_cases_look(entry)
    assert (now(crisis).state, now(other).close_code) == ("open", "no_answer")
    task = Task.objects.get(case_id=crisis.id)
    assert task.title == "Settle the crisis and close what has ended: Dee Marsh, rehearsal"


def test_a_case_that_opens_by_itself_is_of_its_subjects_place(stage: Stage) -> None:
    source = PLAYBOOK.replace("done: finished", "opens_on: denial.opened\ndone: finished")
    actions.publish_playbook(**stage.who, source=source)
    Patient.objects.filter(id=stage.dee.id).update(home_location_id=stage.house.green.id)
    open_cases_by_themselves(write("denial.opened", by=system(), at=OPENED, subject=stage.dee, patient_id=stage.dee.id))
    assert Case.objects.get().location_id == stage.house.green.id
    claim = SimpleNamespace(location_id=stage.house.street.id)
    dee = Patient.objects.get(id=stage.dee.id)
    assert _place_of(SimpleNamespace(claim=claim), dee) == stage.house.street.id
    assert _place_of(SimpleNamespace(claim=SimpleNamespace(location_id=None)), dee) == stage.house.green.id
    assert _place_of(SimpleNamespace(location_id=stage.house.street.id, claim=None), None) == stage.house.street.id


def test_a_task_for_nobody_known_is_refused(stage: Stage) -> None:
    with pytest.raises(NotFound):
        actions.create_task(**stage.who, key="x", title="Call", staff_id=new_id())
    with pytest.raises(InvalidInput, match="somebody's"):
        actions.create_task(**stage.who, key="x", title="Call")
