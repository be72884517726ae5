"""Whatever happens to a case, in whatever order: somebody or a reason owns it, no stage is entered against its clauses,
no timer fires twice or never."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stead.platform.actors import system
from stead.platform.journal.models import JournalEntry
from stead.platform.refusals import Refusal
from stead.practice.actions import record_absence
from stead.processes import actions, queries
from stead.processes.models import Case, CaseItem, Task, Timer
from stead.processes.rules import unsettled
from stead.processes.tests.cast import Stage, a_file, a_patient

STEPS = (
    "receive", "accept", "return", "ask", "read", "booked", "sign", "unsign", "open", "shut", "answer", "forget",
    "reconsider", "fire", "away", "reroute",
)  # fmt: skip
moves = st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 30)), max_size=25)
_numbers = iter(range(100, 1_000_000))


def _do(stage: Stage, case: Case, step: str, who: dict[str, Any]) -> None:
    told = stage.told
    given_case: dict[str, Any] = {"case_id": case.id}
    match step:
        case "receive":
            actions.receive_item(**who, **given_case, key="paper", file_id=a_file(case.patient_id))
        case "accept":
            actions.accept_item(**who, **given_case, key="paper")
        case "return":
            actions.return_item(**who, **given_case, key="paper", reason="unreadable")
        case "ask":
            actions.ask_item(**who, **given_case, key="paper")
        case "read":
            actions.accept_item(**who, **given_case, key="read")
        case "booked":
            actions.note_arrival(**who, **given_case, verb="appointment.booked", codes={})
        case "sign" | "unsign":
            told.signed = step == "sign"
        case "open" | "shut":
            told.open = step == "open"
        case "answer" | "forget":
            told.answered = True if step == "answer" else None
        case "reconsider":
            actions.reconsider_case(**who, **given_case)
        case "fire":
            actions.fire_timers(**who)
        case "away":
            day = who["at"].date()
            record_absence(**who, staff_id=stage.house.priya.id, first_date=day, last_date=day)
        case "reroute":
            actions.reroute_cases(**who)


def _check(stage: Stage, case: Case, stage_before: str) -> None:
    case.refresh_from_db()
    assert case.owner_reason, "a case without a reason for its owner"
    assert case.owner_seat_key
    if case.stage_key != stage_before:
        _check_entered(stage, case, stage_before)
    if case.state == "open":
        assert (case.due_at is None) == (case.clock_left_seconds is not None)
    else:
        assert not Timer.objects.filter(case_id=case.id, state="pending").exists()
        assert not Task.objects.filter(case_id=case.id, state="open").exists()
    lines = JournalEntry.objects.filter(case_id=case.id, verb="timer.fired").values_list("subject_id", flat=True)
    fired = list(lines)
    assert len(fired) == len(set(fired)), "a timer fired twice"
    ended = Timer.objects.filter(case_id=case.id, state="fired").values_list("id", flat=True)
    assert set(ended) == set(fired), "a timer is marked fired and did nothing"


def _check_entered(stage: Stage, case: Case, came_from: str) -> None:
    """What was left had its items; what was entered had its clauses, by the facts as they are now."""
    keys = [part.key for part in queries.document_of_case(case).stages]
    assert keys.index(case.stage_key) > keys.index(came_from)
    items = queries.as_standings(queries.items_of(case.id, came_from))
    assert not unsettled(items)
    if came_from == "papers":
        assert stage.told.signed is True
        assert stage.told.open is True
    if case.stage_key == "visit":
        assert stage.told.answered is True


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.booleans(), st.tuples(*[st.sampled_from([True, False, None])] * 3), moves)
def test_a_case_stays_true_to_its_playbook(
    stage: Stage, begun: bool, told: tuple[bool | None, ...], moves: list[tuple[str, int]]
) -> None:
    """`begun` starts with the paper in hand, so that the later stages are reached as often as the first."""
    stage.told.signed, stage.told.open, stage.told.answered = told
    patient = a_patient(stage.house.at, next(_numbers))
    at = stage.house.at
    case = actions.open_case(
        **stage.who, playbook_key="rehearsal", subject=patient, patient_id=patient.id, title="A rehearsal"
    )
    for step, hours in [*([("receive", 0), ("accept", 0), ("read", 0)] if begun else []), *moves]:
        at += timedelta(hours=hours)
        before = case.stage_key
        try:
            _do(stage, case, step, {"practice": stage.house.practice, "by": system(), "at": at})
        except Refusal:
            if step == "fire":
                raise
        _check(stage, case, before)
        if step == "fire":
            late = Timer.objects.filter(case_id=case.id, state="pending", due_at__lte=at)
            assert not late.exists(), "a timer that is due did not fire"
    assert CaseItem.objects.filter(case_id=case.id).count() == 4
