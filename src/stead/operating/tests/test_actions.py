"""Issues, meetings, to-dos and targets: effect, journal line, refusal, the other practice's row."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from stead.operating import actions, refusals
from stead.operating.models import Decision, Issue, Meeting, Todo
from stead.operating.people import SeatName, answering
from stead.operating.terms import NewIssue, NewTodo, Settlement
from stead.operating.tests.conftest import Hand
from stead.platform.actors import Actor
from stead.platform.identifiers import new_id
from stead.platform.journal.models import JournalEntry
from stead.platform.refusals import InvalidInput, NotFound, NotPermitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def call(hand: Hand, inside: UUID, mona: Actor) -> Callable[..., Any]:
    def run(action: Callable[..., Any], by: Actor = mona, **given: Any) -> Any:
        return action(practice=inside, by=by, at=hand.at, **given)

    return run


def verbs() -> list[str]:
    return sorted(JournalEntry.objects.values_list("verb", flat=True))


def issue(call: Callable[..., Any], title: str = "Reminders stopped", key: str = "") -> Issue:
    found: Issue = call(actions.raise_issue, issue=NewIssue(title, "measure" if key else "word", key))
    return found


def test_number_is_raised_with_its_weeks_and_rows(hand: Hand, call: Callable[..., Any]) -> None:
    patient = hand.patient()
    for hour, status in enumerate(["done"] * 3 + ["no_show"], start=9):
        visit = hand.visit(patient, hand.local(18, hour), status)
    raised = call(actions.raise_measure, measure_key="no_show_rate", week=hand.week.start_date)
    assert raised.title == "No-show rate: 25%, at most 6%"
    assert (raised.evidence["value"], raised.evidence["target"], raised.evidence["row_count"]) == ("25", "6", 4)
    assert str(visit.id) in raised.evidence["rows"]
    assert len(raised.evidence["weeks"]) == 13
    assert verbs() == ["issue.raised"]


def test_raising_twice_raises_once(call: Callable[..., Any]) -> None:
    first, second = issue(call, key="no_show_rate"), issue(call, key="no_show_rate")
    assert first.id == second.id
    assert verbs() == ["issue.raised"]


def test_constraint_keeps_one_open_issue_of_a_source(call: Callable[..., Any], hand: Hand) -> None:
    issue(call, key="no_show_rate")
    with pytest.raises(IntegrityError, match="issue_open_once"), transaction.atomic():
        Issue.objects.create(
            title="again", source_kind="measure", source_key="no_show_rate", raised_at=hand.at, raised_by_name="x"
        )


def test_settled_source_may_be_raised_again(call: Callable[..., Any]) -> None:
    first = issue(call, key="no_show_rate")
    call(actions.settle_issue, issue_id=first.id, settlement=Settlement("Call the day before"))
    assert issue(call, key="no_show_rate").id != first.id


def test_week_that_is_running_cannot_be_raised(hand: Hand, call: Callable[..., Any]) -> None:
    with pytest.raises(NotFound):
        call(actions.raise_measure, measure_key="no_show_rate", week=hand.local(23).date())
    with pytest.raises(NotFound):
        call(actions.raise_measure, measure_key="nothing", week=hand.week.start_date)


def test_issue_without_words_is_refused(call: Callable[..., Any]) -> None:
    with pytest.raises(refusals.WordsMissing):
        issue(call, "  ")


def test_issue_joins_the_open_meeting_and_what_is_left_is_carried(hand: Hand, call: Callable[..., Any]) -> None:
    before = issue(call)
    starts = hand.local(24, 13)
    meeting = call(actions.open_meeting, starts_at=starts, chair_seat_key="practice_manager")
    during = issue(call, "Phones at noon")
    assert set(Issue.objects.values_list("meeting_id", flat=True)) == {meeting.id}
    call(actions.settle_issue, issue_id=during.id, settlement=Settlement("Forward to New Albany"))
    call(actions.hold_meeting, meeting_id=meeting.id, notes="held")
    assert Issue.objects.get(id=before.id).meeting_id is None
    assert Issue.objects.get(id=during.id).meeting_id == meeting.id
    assert Meeting.objects.get(id=meeting.id).held_at == hand.at
    with pytest.raises(refusals.AlreadyHeld):
        call(actions.hold_meeting, meeting_id=meeting.id)


def test_meeting_at_the_same_time_is_refused(hand: Hand, call: Callable[..., Any]) -> None:
    given = {"starts_at": hand.local(25, 13), "chair_seat_key": "practice_manager"}
    call(actions.open_meeting, **given)
    with pytest.raises(refusals.MeetingExists):
        call(actions.open_meeting, **given)
    with pytest.raises(InvalidInput, match="past"):
        call(actions.open_meeting, starts_at=hand.local(2, 13), chair_seat_key="practice_manager")


def test_issue_is_settled_by_a_decision_and_a_todo_with_one_owner(hand: Hand, call: Callable[..., Any]) -> None:
    raised = issue(call)
    todo = NewTodo("Turn the second reminder on", hand.priya.id, hand.local(30).date())
    call(actions.settle_issue, issue_id=raised.id, settlement=Settlement("Two reminders", "One is not enough", todo))
    assert Issue.objects.get().state == "solved"
    assert Decision.objects.get().what == "Two reminders"
    made = Todo.objects.get()
    assert (made.owner_id, made.issue_id, made.done_at) == (hand.priya.id, raised.id, None)
    assert verbs() == ["issue.raised", "issue.settled", "todo.made"]
    with pytest.raises(refusals.AlreadySettled):
        call(actions.settle_issue, issue_id=raised.id, settlement=Settlement("Again"))


def test_refused_todo_takes_the_decision_back(hand: Hand, call: Callable[..., Any]) -> None:
    raised = issue(call)
    nobody = NewTodo("Do it", new_id(), hand.local(30).date())
    with pytest.raises(refusals.OwnerUnknown):
        call(actions.settle_issue, issue_id=raised.id, settlement=Settlement("Decided", "", nobody))
    assert not Decision.objects.exists()
    assert Issue.objects.get().state == "open"


def test_issue_cannot_end_with_nothing(call: Callable[..., Any]) -> None:
    with pytest.raises(refusals.NothingDecided):
        call(actions.settle_issue, issue_id=issue(call).id, settlement=Settlement(" "))


def test_todo_needs_words_a_day_ahead_and_somebody_who_works_here(hand: Hand, call: Callable[..., Any]) -> None:
    day = hand.local(30).date()
    with pytest.raises(refusals.WordsMissing):
        call(actions.make_todo, todo=NewTodo(" ", hand.priya.id, day))
    with pytest.raises(InvalidInput, match="past"):
        call(actions.make_todo, todo=NewTodo("Call", hand.priya.id, day - timedelta(days=10)))
    hand.priya.ended_date = hand.local(28).date()
    hand.priya.save()
    with pytest.raises(refusals.OwnerUnknown):
        call(actions.make_todo, todo=NewTodo("Call", hand.priya.id, day))


def test_todo_of_today_is_not_past_in_the_evening(hand: Hand, inside: UUID, mona: Actor) -> None:
    evening = hand.local(24, 21)
    door: dict[str, Any] = {"practice": inside, "by": mona, "at": evening.astimezone(UTC)}  # there it is the 25th
    todo = actions.make_todo(**door, todo=NewTodo("Lock up", hand.priya.id, evening.date()))
    actions.finish_todo(**door, todo_id=todo.id)
    assert JournalEntry.objects.get(verb="todo.finished").data["late"] is False


def test_only_the_owner_or_a_leader_finishes_a_todo(
    hand: Hand, call: Callable[..., Any], priya: Actor, ana: Actor
) -> None:
    todo = call(actions.make_todo, todo=NewTodo("Call the payer", hand.priya.id, hand.local(30).date()))
    with pytest.raises(NotFound):
        call(actions.finish_todo, by=ana, todo_id=todo.id)
    assert call(actions.finish_todo, by=priya, todo_id=todo.id).done_at == hand.at
    with pytest.raises(refusals.TodoFinished):
        call(actions.finish_todo, by=priya, todo_id=todo.id)


def test_measure_is_set_for_the_practice(hand: Hand, call: Callable[..., Any]) -> None:
    hand.seat("front_desk_lead", "Front desk lead", hand.priya)
    call(actions.set_measure, key="no_show_rate", target=Decimal("4.5"), owner_seat_key="front_desk_lead")
    setting = call(actions.set_measure, key="no_show_rate", target=Decimal(5), owner_seat_key="front_desk_lead")
    assert (setting.target, setting.owner_seat_key) == (5, "front_desk_lead")
    for wrong in ({"target": Decimal(-1)}, {"target": None, "owner_seat_key": "nobody_made_it"}):
        with pytest.raises(InvalidInput):
            call(actions.set_measure, key="no_show_rate", **wrong)


def test_what_the_seat_does_not_hold_is_refused(hand: Hand, call: Callable[..., Any], ana: Actor) -> None:
    with pytest.raises(NotPermitted):
        call(actions.set_measure, by=ana, key="no_show_rate", target=None)
    with pytest.raises(NotPermitted):
        call(actions.open_meeting, by=ana, starts_at=hand.at, chair_seat_key="owner")


def test_another_practices_rows_are_not_there(
    hand: Hand, call: Callable[..., Any], in_practice: Callable[..., Any], eve: Actor, elsewhere: UUID
) -> None:
    raised = issue(call)
    meeting = call(actions.open_meeting, starts_at=hand.local(25, 13), chair_seat_key="owner")
    todo = call(actions.make_todo, todo=NewTodo("Call", hand.priya.id, hand.local(30).date()))
    given: dict[str, Any] = {"practice": elsewhere, "by": eve, "at": hand.at}
    with in_practice(eve, elsewhere):
        for attempt in (
            lambda: actions.settle_issue(**given, issue_id=raised.id, settlement=Settlement("Mine now")),
            lambda: actions.hold_meeting(**given, meeting_id=meeting.id),
            lambda: actions.finish_todo(**given, todo_id=todo.id),
        ):
            with pytest.raises(NotFound):
                attempt()


DESKS = [
    SeatName("front_desk.a", "Desk A"),
    SeatName("front_desk.b", "Desk B", "Ana Ruiz", UUID(int=1)),
    SeatName("front_desk.c", "Desk C", "Bo Lund", UUID(int=2)),
]


@pytest.mark.parametrize(
    ("seats", "answers"),
    [
        (DESKS, "front_desk.b"),  # the first that somebody holds, in the order of the chart
        (DESKS[::-1], "front_desk.c"),
        (DESKS[:1], "front_desk.a"),  # nobody holds any: the blank one says so
        ([*DESKS, SeatName("front_desk", "Front desk")], "front_desk"),  # the very seat, blank or not
        ([SeatName("front_desks.x", "Other")], "front_desk"),
        ([], "front_desk"),
    ],
)
def test_key_of_several_desks_is_answered_for_by_one_that_is_held(seats: list[SeatName], answers: str) -> None:
    assert answering("front_desk", seats).key == answers


def test_minutes_hold_what_was_settled_in_the_meeting_and_carry_the_rest(hand: Hand, call: Callable[..., Any]) -> None:
    meeting = call(actions.open_meeting, starts_at=hand.local(25, 13), chair_seat_key="owner")
    settled, left = issue(call), call(actions.raise_issue, issue=NewIssue("The door sticks"))
    call(actions.settle_issue, issue_id=settled.id, settlement=Settlement("Two answer from nine"))
    held = call(actions.hold_meeting, meeting_id=meeting.id, notes=" Short ", present=["Olu"])
    assert (held.minutes["notes"], held.minutes["present"]) == ("Short", ["Olu"])
    assert left.title in held.minutes["carried"] and settled.title not in held.minutes["carried"]
    assert settled.title in held.minutes["settled"]
