"""Timers fire exactly once, never after what they waited for has come, and a failing automation is visible."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection

from stead.platform.actors import Actor, system
from stead.platform.journal.models import JournalEntry
from stead.platform.tenancy.context import acting
from stead.practice.tests.cast import found
from stead.processes import actions, queries
from stead.processes.actions import timers
from stead.processes.models import Case, CaseItem, PlaybookVersion, Task, Timer
from stead.processes.tests import cast
from stead.processes.tests.cast import Stage, a_file

OPENED = datetime(2026, 11, 24, 15, 42, tzinfo=UTC)


def fire(stage: Stage, at: datetime) -> int:
    return actions.fire_timers(practice=stage.house.practice, by=system(), at=at)


def fired_lines() -> int:
    return JournalEntry.objects.filter(verb="timer.fired").count()


def test_a_reminder_asks_again_at_its_business_hour_and_once(stage: Stage) -> None:
    case = stage.case()
    assert fire(stage, OPENED + timedelta(minutes=119)) == 0
    assert fire(stage, OPENED + timedelta(hours=2)) == 1
    assert fire(stage, OPENED + timedelta(hours=3)) == 0
    item = CaseItem.objects.get(case_id=case.id, key="paper")
    assert (item.state, item.asked_times) == ("asked", 2)


def test_nothing_fires_after_the_paper_has_come(stage: Stage) -> None:
    case = stage.case()
    soon = stage.who | {"at": OPENED + timedelta(hours=1)}
    actions.receive_item(**soon, case_id=case.id, key="paper", file_id=a_file(stage.dee.id))
    assert fire(stage, OPENED + timedelta(hours=4)) == 0  # the waiting ones are cancelled, the limit is not reached
    assert set(Timer.objects.filter(key__contains=":waiting:").values_list("state", flat=True)) == {"cancelled"}


def test_a_late_case_goes_to_the_seat_above(stage: Stage) -> None:
    case = stage.case()
    actions.receive_item(**stage.who, case_id=case.id, key="paper", file_id=a_file(stage.dee.id))
    assert fire(stage, OPENED + timedelta(hours=4)) == 1
    case = queries.get_case(case.id)
    assert case.owner_seat_key == "practice_manager"
    assert case.due_at == OPENED + timedelta(hours=4)


def test_a_task_is_written_for_whoever_holds_the_seat_even_if_no_one(stage: Stage) -> None:
    stage.case()
    fire(stage, OPENED + timedelta(days=3))
    task = Task.objects.get()
    assert task.title == "Call: Dee Marsh, rehearsal"
    assert task.seat_key == "front_desk"
    assert task.staff_id is None


def test_a_failing_automation_becomes_a_task_and_the_others_still_fire(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    case = stage.case()

    def broken(*given: object) -> None:
        Case.objects.filter(id=case.id).update(title="half done")
        raise ZeroDivisionError

    monkeypatch.setitem(timers._ACTS, "remind", broken)
    assert fire(stage, OPENED + timedelta(days=3)) == 2
    titles = set(Task.objects.values_list("title", flat=True))
    assert titles == {"Do by hand, it did not work by itself: Ask again", "Call: Dee Marsh, rehearsal"}
    assert queries.get_case(case.id).title == "Dee Marsh, rehearsal"
    assert JournalEntry.objects.get(verb="case.automation_failed").data["fault"] == "ZeroDivisionError"
    assert fire(stage, OPENED + timedelta(days=4)) == 0


def test_a_case_whose_version_cannot_be_read_keeps_no_other_case_from_its_timers(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    case = stage.case()
    other = cast.a_patient(OPENED, 2)
    actions.open_case(**stage.who, playbook_key="rehearsal", subject=other, patient_id=other.id, title="Another")
    version = queries.get_case(case.id).version
    broken = PlaybookVersion.objects.create(
        playbook_id=version.playbook_id, number=version.number + 1, state="retired", source="", document={"stages": 7}
    )
    Case.objects.filter(id=case.id).update(version_id=broken.id)
    assert fire(stage, OPENED + timedelta(hours=2)) == 2
    assert Task.objects.get(case_id=case.id).title == "Do by hand, it did not work by itself: remind"
    assert CaseItem.objects.get(case__title="Another", key="paper").asked_times == 2
    assert fire(stage, OPENED + timedelta(hours=2)) == 0


def test_a_closed_case_does_nothing_by_itself(stage: Stage) -> None:
    case = stage.case()
    actions.close_case(**stage.who, case_id=case.id, code="no_answer")
    assert fire(stage, OPENED + timedelta(days=9)) == 0
    assert fired_lines() == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turns", [True, False])
def test_two_workers_at_once_fire_each_timer_once(
    linden: UUID, olu: Actor, monkeypatch: pytest.MonkeyPatch, turns: bool
) -> None:
    """They take turns; and even without, the case's lock and the one statement that turns a timer decide."""
    if not turns:
        monkeypatch.setattr(timers, "take_turns", lambda practice: None)
    cast.declare_rehearsal()
    with cast.told_anew() as told, acting(linden, olu):
        stage = cast.stage(found(linden, olu, OPENED), told)
        for number in range(2, 8):
            patient = cast.a_patient(OPENED, number)
            actions.open_case(
                **stage.who, playbook_key="rehearsal", subject=patient, patient_id=patient.id, title="A case"
            )
    later, both = OPENED + timedelta(days=2), threading.Barrier(2)

    def work() -> int:
        try:
            with acting(linden, system(), kind="worker"):
                both.wait(timeout=30)
                return int(actions.fire_timers(practice=linden, by=system(), at=later))
        finally:
            connection.close()

    with cast.told_anew(), ThreadPoolExecutor(2) as pool:
        fired = [task.result(timeout=60) for task in [pool.submit(work), pool.submit(work)]]
    with acting(linden, olu):
        assert sum(fired) == 12
        assert fired_lines() == 12
        assert not Timer.objects.filter(state="pending", due_at__lte=later).exists()
