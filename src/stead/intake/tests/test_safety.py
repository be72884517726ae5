"""Somebody may be in danger: one person after another is told, day and night, until one has it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction

from stead.intake import actions, queries, rules, terms
from stead.intake.jobs import look_for_late_urgent, ring_on
from stead.intake.ladder import ladder
from stead.intake.models import IntakeRequest, SafetyAlarm, SafetyRing
from stead.intake.terms import Minutes, Rung
from stead.messaging.models import OutboxMessage
from stead.platform import actors, clock
from stead.platform.actors import Actor, Role
from stead.platform.journal.models import JournalEntry
from stead.platform.refusals import NotFound, NotPermitted
from stead.platform.tenancy.context import acting
from stead.practice.actions import assign_seat, create_seat, record_absence, vacate_seat
from stead.practice.models import StaffMember
from stead.practice.terms import SeatDetails
from stead.processes.actions import close_case, complete_task
from stead.processes.models import Case, Task
from stead.processes.queries import alerts, tasks_of
from stead.processes.rules import CrisisOpen
from stead.testing.clients import outside

pytestmark = pytest.mark.django_db
SITE = "https://linden.example.test/"


@pytest.fixture
def ask(house: Any, inside: UUID, asked: Callable[..., Any]) -> Callable[..., SafetyAlarm]:
    """Return a function that answers yes to the safety question at a moment."""

    def make(at: datetime, **said: Any) -> SafetyAlarm:
        request = asked(safety="yes", **said)
        row = actions.receive_request(practice=inside, by=actors.public(), at=at, request=request, base_url=SITE)
        return SafetyAlarm.objects.get(request_id=row.id)

    return make


def round_at(at: datetime) -> None:
    with clock.driven(at):
        ring_on()


def told() -> list[str]:
    """Return who was e-mailed, in order."""
    rings = (
        SafetyRing.objects.exclude(message_id=None).order_by("alarm_id", "step").values_list("staff_name", flat=True)
    )
    assert OutboxMessage.objects.filter(template="safety_waits").count() == len(rings)
    return [name.split()[0] for name in rings]


def staff_actor(person: StaffMember, *roles: Any) -> Actor:
    return Actor(person.id, "staff", person.name, frozenset(cast("list[Role]", [*roles] or person.roles)))


def verbs(alarm: SafetyAlarm) -> list[str]:
    """Return what was journalled; lines of one instant have no order."""
    lines = JournalEntry.objects.filter(subject_id=alarm.id).values_list("verb", flat=True)
    return sorted(verb.removeprefix("safety.") for verb in lines)


def test_first_person_is_told_in_the_very_transaction_of_the_request(
    on_call: Any, ask: Callable[..., SafetyAlarm], at: datetime
) -> None:
    alarm = ask(at)
    assert told() == ["Cho"]
    assert verbs(alarm) == ["raised", "rung"]
    assert (alarm.state, alarm.next_ring_at) == ("ringing", at + timedelta(minutes=5))
    message = OutboxMessage.objects.get(template="safety_waits")
    assert (message.to, message.purpose, message.patient_id) == ("cho@linden.example.test", "staff", None)
    assert f"https://linden.example.test/intake/safety/{alarm.id}/" in message.body


def test_message_to_a_colleague_names_no_patient_and_nothing_clinical(
    on_call: Any, ask: Callable[..., SafetyAlarm], at: datetime
) -> None:
    ask(at)
    message = OutboxMessage.objects.get(template="safety_waits")
    for word in ("Dee", "Marsh", "sleep", "suicid", "danger", "life", "555"):
        assert word not in message.subject + message.body


def test_ladder_is_the_seat_its_backups_the_seat_above_and_the_owner(
    on_call: Any, ask: Callable[..., SafetyAlarm], at: datetime
) -> None:
    ask(at)
    for minute in range(0, 20):
        round_at(at + timedelta(minutes=minute))
    assert told() == ["Cho", "Kim", "Lee", "Olu"]
    assert [ring.seat_key for ring in SafetyRing.objects.order_by("step")] == [
        "on_call", "on_call", "clinical_director", "owner",
    ]  # fmt: skip


@pytest.mark.parametrize(("minutes", "names"), [(4, 1), (5, 2), (9, 2), (10, 3), (14, 3), (15, 4)])
def test_each_person_has_five_minutes_while_open(
    on_call: Any, ask: Callable[..., SafetyAlarm], at: datetime, minutes: int, names: int
) -> None:
    ask(at)
    for minute in range(minutes + 1):
        round_at(at + timedelta(minutes=minute))
    assert len(told()) == names


def test_nights_and_weekends_count_by_the_clock_and_quiet_hours_stop_nothing(
    on_call: Any, ask: Callable[..., SafetyAlarm], at: datetime
) -> None:
    from stead.messaging.queries import recipient_of
    from stead.messaging.rules import may_send

    night = at.replace(day=29, hour=7)  # Sunday, 2 in the morning in Louisville
    ask(night)
    assert told() == ["Cho"]
    message = OutboxMessage.objects.get(template="safety_waits")
    assert may_send(channel="email", purpose="staff", recipient=recipient_of(message), now=night).when == "now"
    round_at(night + timedelta(minutes=14))
    assert told() == ["Cho"]
    round_at(night + timedelta(minutes=15))
    assert told() == ["Cho", "Kim"]


def test_practice_sets_its_own_minutes(
    on_call: Any, ask: Callable[..., SafetyAlarm], inside: UUID, at: datetime, mona: Actor, ana: Actor
) -> None:
    door: dict[str, Any] = {"practice": inside, "at": at, "minutes": Minutes(2, 3, 7)}
    with pytest.raises(NotPermitted):
        actions.set_safety_minutes(**door, by=ana)
    actions.set_safety_minutes(**door, by=mona)
    assert queries.safety_minutes() == Minutes(2, 3, 7)
    ask(at)
    round_at(at + timedelta(minutes=2))
    assert told() == ["Cho", "Kim"]


def test_round_that_comes_twice_tells_nobody_twice(on_call: Any, ask: Callable[..., SafetyAlarm], at: datetime) -> None:
    ask(at)
    for _ in range(3):
        round_at(at + timedelta(minutes=5))
    assert told() == ["Cho", "Kim"]


def test_round_killed_in_the_middle_loses_nobody_and_doubles_nobody(
    on_call: Any, ask: Callable[..., SafetyAlarm], at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    alarm = ask(at)
    later = at + timedelta(minutes=5)

    class Killed(BaseException):
        pass

    def die(*given: Any, **more: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("stead.intake.actions.safety.SafetyRing.objects.create", die)
        with pytest.raises(Killed), transaction.atomic():
            round_at(later)
    assert told() == ["Cho"]
    alarm.refresh_from_db()
    assert alarm.next_ring_at == later
    round_at(later)
    assert told() == ["Cho", "Kim"]


def test_request_killed_before_its_commit_leaves_no_alarm_and_one_sent_again_has_one(
    on_call: Any, ask: Callable[..., SafetyAlarm], at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("stead.intake.actions.requests._confirm", lambda *given: 1 / 0)
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            ask(at)
    assert not SafetyAlarm.objects.exists()
    assert told() == []
    ask(at)
    assert told() == ["Cho"]


def test_blank_seat_goes_up_at_once_and_loudly(on_call: Any, ask: Callable[..., SafetyAlarm], at: datetime) -> None:
    vacate_seat(**on_call.door, seat_id=on_call.call.id, until_date=at.date())
    record_absence(**on_call.door, staff_id=on_call.kim.id, first_date=at.date(), last_date=at.date())
    alarm = ask(at)
    assert told() == ["Lee"]
    assert verbs(alarm) == ["raised", "rung", "seat_blank"]
    blank = SafetyRing.objects.get(step=1)
    assert (blank.seat_key, blank.staff_id, blank.message_id) == ("on_call", None, None)
    assert Task.objects.get(key__startswith="safety:").seat_key == "clinical_director"


def test_person_without_an_address_is_passed_over_at_once_and_noted(
    on_call: Any, ask: Callable[..., SafetyAlarm], at: datetime
) -> None:
    StaffMember.objects.filter(id=on_call.cho.id).update(email="")
    alarm = ask(at)
    assert told() == ["Kim"]
    assert verbs(alarm) == ["raised", "rung", "unreachable"]


def test_message_that_cannot_leave_sends_it_on_at_once(
    on_call: Any, ask: Callable[..., SafetyAlarm], at: datetime
) -> None:
    ask(at)
    OutboxMessage.objects.filter(template="safety_waits").update(state="failed")
    round_at(at + timedelta(seconds=10))
    assert told() == ["Cho", "Kim"]


def test_where_no_seat_leads_to_anybody_whoever_owns_manages_or_treats_is_told(
    house: Any, ask: Callable[..., SafetyAlarm], inside: UUID, olu: Actor, at: datetime
) -> None:
    for person in (house.priya, house.ana):
        record_absence(practice=inside, by=olu, at=at, staff_id=person.id, first_date=at.date(), last_date=at.date())
    vacate_seat(practice=inside, by=olu, at=at, seat_id=house.manager.id, until_date=at.date())
    StaffMember.objects.filter(id=house.mona.id).update(email="mona@linden.example.test")
    alarm = ask(at)
    assert told() == ["Mona"]
    assert verbs(alarm) == ["raised", "rung", "seat_blank", "seat_blank"]


def test_nobody_at_all_is_said_aloud_and_looked_for_again(
    house: Any, ask: Callable[..., SafetyAlarm], inside: UUID, olu: Actor, at: datetime
) -> None:
    alarm = ask(at)  # the people of this house have no e-mail address
    assert told() == []
    assert "nobody" in verbs(alarm)
    StaffMember.objects.filter(id=house.mona.id).update(email="mona@linden.example.test")
    round_at(at + timedelta(minutes=15))
    assert told() == ["Mona"]


def test_after_the_last_everybody_is_told_again_and_never_without_end_is_it_dropped(
    on_call: Any, ask: Callable[..., SafetyAlarm], at: datetime
) -> None:
    ask(at)
    for minute in range(0, 60):
        round_at(at + timedelta(minutes=minute))
    first = ["Cho", "Kim", "Lee", "Olu"]
    assert told() == [*first, *first, *first]  # at 0, 5, 10, 15; all at 20; all at 35; then after 30
    round_at(at + timedelta(minutes=65))
    assert len(told()) == 16


def test_taking_it_stops_the_ladder_and_makes_the_task_ones_own(
    on_call: Any, ask: Callable[..., SafetyAlarm], inside: UUID, at: datetime
) -> None:
    alarm = ask(at)
    soon = at + timedelta(minutes=2)
    actions.take_safety_alarm(practice=inside, by=staff_actor(on_call.kim), at=soon, alarm_id=alarm.id)
    round_at(at + timedelta(hours=3))
    assert told() == ["Cho"]
    alarm.refresh_from_db()
    assert (alarm.state, alarm.taken_by_name, alarm.taken_at) == ("taken", "Kim Day", soon)
    assert JournalEntry.objects.get(verb="safety.taken").data["after_seconds"] == 120
    task = Task.objects.get(key__startswith="safety:")
    assert (task.staff_id, task.seat_key) == (on_call.kim.id, "")


def test_second_who_takes_it_learns_who_has_it(
    on_call: Any, ask: Callable[..., SafetyAlarm], inside: UUID, at: datetime
) -> None:
    alarm = ask(at)
    door: dict[str, Any] = {"practice": inside, "at": at, "alarm_id": alarm.id}
    actions.take_safety_alarm(**door, by=staff_actor(on_call.kim))
    with pytest.raises(rules.AlreadyTaken, match="Kim Day"):
        actions.take_safety_alarm(**door, by=staff_actor(on_call.cho))


def test_ending_the_task_says_that_a_person_has_it(
    on_call: Any, ask: Callable[..., SafetyAlarm], inside: UUID, at: datetime
) -> None:
    alarm = ask(at)
    task = Task.objects.get(key__startswith="safety:")
    complete_task(practice=inside, by=staff_actor(on_call.lee), at=at, task_id=task.id)
    alarm.refresh_from_db()
    assert (alarm.state, alarm.taken_by_name) == ("taken", "Lee Hart")


def test_who_cannot_passes_it_on_at_once(
    on_call: Any, ask: Callable[..., SafetyAlarm], inside: UUID, at: datetime
) -> None:
    alarm = ask(at)
    door: dict[str, Any] = {"practice": inside, "at": at + timedelta(minutes=1), "alarm_id": alarm.id}
    actions.pass_safety_alarm_on(**door, by=staff_actor(on_call.cho))
    assert told() == ["Cho", "Kim"]
    actions.take_safety_alarm(**door, by=staff_actor(on_call.kim))
    with pytest.raises(rules.AlreadyTaken):
        actions.pass_safety_alarm_on(**door, by=staff_actor(on_call.lee))
    actions.pass_safety_alarm_on(**door, by=staff_actor(on_call.kim))
    assert told() == ["Cho", "Kim", "Lee"]


def test_crisis_stands_first_in_every_queue_until_a_clinician_says_what_came_of_it(
    on_call: Any, ask: Callable[..., SafetyAlarm], inside: UUID, at: datetime, asked: Callable[..., Any], ana: Actor
) -> None:
    for name in ("Sol", "Lou"):
        earlier = asked(first_name=name, safety="soon" if name == "Lou" else "no")
        actions.receive_request(practice=inside, by=actors.public(), at=at - timedelta(days=9), request=earlier)
    alarm = ask(at)
    case = Case.objects.get(id=alarm.case_id)
    assert (case.alert, case.title) == ("crisis", "Crisis: Dee Marsh, new patient")
    assert [c.alert for c in alerts()] == ["crisis", "urgent"]
    lee = staff_actor(on_call.lee)
    door: dict[str, Any] = {"practice": inside, "at": at, "alarm_id": alarm.id}
    with pytest.raises(rules.NotTaken):
        actions.settle_safety_alarm(**door, by=lee, outcome="seen")
    actions.take_safety_alarm(**door, by=lee)
    with pytest.raises(NotPermitted):
        actions.settle_safety_alarm(**door, by=ana, outcome="seen")
    with pytest.raises(rules.OutcomeUnknown):
        actions.settle_safety_alarm(**door, by=lee, outcome="fine")
    with pytest.raises(CrisisOpen):
        close_case(practice=inside, by=lee, at=at, case_id=case.id, code="no_answer")
    actions.settle_safety_alarm(**door, by=lee, outcome="seen")
    case.refresh_from_db()
    assert (case.alert, case.alert_by) == ("urgent", at + timedelta(hours=48))
    assert Task.objects.get(key__startswith="safety:").state == "done"
    with pytest.raises(rules.AlreadySettled):
        actions.take_safety_alarm(**door, by=lee)
    close_case(practice=inside, by=lee, at=at, case_id=case.id, code="no_answer")


def test_no_danger_takes_the_mark_away(
    on_call: Any, ask: Callable[..., SafetyAlarm], inside: UUID, at: datetime
) -> None:
    alarm, lee = ask(at), staff_actor(on_call.lee)
    door: dict[str, Any] = {"practice": inside, "at": at, "alarm_id": alarm.id, "by": lee}
    actions.take_safety_alarm(**door)
    actions.settle_safety_alarm(**door, outcome="no_danger")
    assert Case.objects.get(id=alarm.case_id).alert == ""


def test_task_of_a_crisis_stands_before_older_ones(
    on_call: Any, ask: Callable[..., SafetyAlarm], inside: UUID, at: datetime, olu: Actor
) -> None:
    from stead.processes.actions import create_task

    create_task(
        practice=inside, by=olu, at=at, key="old", title="Old", staff_id=on_call.cho.id, due_at=at - timedelta(days=3)
    )
    ask(at)
    assert [task.title for task in tasks_of(on_call.cho.id)] == [
        "Call Dee Marsh now: yes to the safety question",
        "Old",
    ]


def test_another_practice_neither_sees_nor_takes_it(
    on_call: Any, ask: Callable[..., SafetyAlarm], at: datetime, elsewhere: UUID, eve: Actor
) -> None:
    alarm = ask(at)
    with outside(), acting(elsewhere, eve), pytest.raises(NotFound):
        actions.take_safety_alarm(practice=elsewhere, by=eve, at=at, alarm_id=alarm.id)


def test_calm_request_rings_nobody(on_call: Any, received: IntakeRequest) -> None:
    assert not SafetyAlarm.objects.exists()
    assert told() == []


@pytest.mark.parametrize(
    ("changed", "constraint"),
    [
        ({"next_ring_at": None}, "safety_alarm_rings_on"),
        ({"state": "taken", "next_ring_at": None}, "safety_alarm_taken_by_somebody"),
        ({"state": "settled", "next_ring_at": None}, "safety_alarm_settled_with_outcome"),
        ({"outcome": "seen"}, "safety_alarm_settled_with_outcome"),
    ],
)
def test_alarm_cannot_contradict_itself(
    on_call: Any, ask: Callable[..., SafetyAlarm], at: datetime, changed: dict[str, Any], constraint: str
) -> None:
    alarm = ask(at)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        SafetyAlarm.objects.filter(id=alarm.id).update(**changed)


def test_request_has_one_alarm_and_each_step_one_person(
    on_call: Any, ask: Callable[..., SafetyAlarm], inside: UUID, at: datetime
) -> None:
    alarm = ask(at)
    same = {"request_id": alarm.request_id, "patient_id": alarm.patient_id, "case_id": alarm.case_id}
    with pytest.raises(IntegrityError, match="safety_alarm_once"), transaction.atomic():
        SafetyAlarm.objects.create(**same, raised_at=at, next_ring_at=at)
    step = {"alarm_id": alarm.id, "seat_key": "x", "seat_name": "X", "rung_at": at}
    with pytest.raises(IntegrityError, match="safety_ring_step_once"), transaction.atomic():
        SafetyRing.objects.create(**step, step=1)
    with pytest.raises(IntegrityError, match="safety_ring_to_somebody"), transaction.atomic():
        SafetyRing.objects.create(**step, step=9, message_id=uuid4())
    request = queries.get_request(alarm.request_id)
    case = Case.objects.get(id=alarm.case_id)
    again = actions.raise_safety_alarm(practice=inside, by=actors.system(), at=at, request=request, case=case)
    assert again.id == alarm.id
    assert told() == ["Cho"]


def test_minutes_outside_an_hour_are_refused_twice(inside: UUID, at: datetime, mona: Actor) -> None:
    from stead.intake.models import SafetyMinutes

    with pytest.raises(rules.MinutesNotPossible):
        actions.set_safety_minutes(practice=inside, by=mona, at=at, minutes=Minutes(0, 5, 5))
    with pytest.raises(IntegrityError, match="safety_minutes_at_most_an_hour"), transaction.atomic():
        SafetyMinutes.objects.create(id=inside, while_open=0, while_closed=5, again=5)


def test_seat_of_a_location_answers_for_its_own_requests(on_call: Any, house: Any, at: datetime) -> None:
    details = SeatDetails("on_call.green", "On-call, Bowling Green", ("Risk",), "owner", house.green.id)
    seat = create_seat(**on_call.door, details=details)
    assign_seat(**on_call.door, seat_id=seat.id, staff_id=on_call.lee.id, from_date=date(2026, 1, 5))
    assert [r.name.split()[0] for r in ladder(at.date(), house.green.id)][:2] == ["Lee", "Olu"]
    assert [r.name.split()[0] for r in ladder(at.date(), house.street.id)][:2] == ["Cho", "Kim"]


def rung(name: str, email: str = "x@y.test", seat: str = "s") -> Rung:
    return Rung(seat, seat, UUID(int=ord(name)) if name else None, name, email if name else "", "")


@pytest.mark.parametrize(
    ("steps", "already", "expected"),
    [
        ([rung("A"), rung("B")], "", ["A"]),
        ([rung("A"), rung("B")], "A", ["B"]),
        ([rung("A"), rung("B")], "AB", []),
        ([rung(""), rung("A", seat="t"), rung("B")], "", ["", "A"]),
        ([rung("A", ""), rung("B"), rung("C")], "", ["A", "B"]),
        ([rung("A"), rung("A"), rung("B")], "A", ["B"]),
        ([rung("A", ""), rung("A", ""), rung("B")], "", ["A", "B"]),
        ([], "", []),
    ],
)
def test_next_rungs(steps: Sequence[Rung], already: str, expected: list[str]) -> None:
    known = {UUID(int=ord(name)) for name in already}
    assert [r.name for r in rules.next_rungs(steps, known, set())] == expected


def test_a_person_of_several_seats_stands_once_on_the_ladder_and_each_blank_seat_is_said() -> None:
    steps = [rung("A", seat="s"), rung("B", seat="t"), rung("", seat="u"), rung("A", seat="v"), rung("", seat="w")]
    assert [r.seat_key for r in rules.once_each(steps)] == ["s", "t", "u", "w"]


@pytest.mark.parametrize(("rounds", "minutes"), [(0, 5), (1, 15), (2, 30), (3, 60), (50, 60)])
def test_everybody_is_told_ever_more_rarely_up_to_an_hour(rounds: int, minutes: int) -> None:
    assert rules.wait_minutes(Minutes(), is_open=True, rounds=rounds) == minutes


def test_urgent_request_has_48_hours_by_the_clock_that_stand_for_nobody(
    house: Any, inside: UUID, at: datetime, asked: Callable[..., Any]
) -> None:
    row = actions.receive_request(practice=inside, by=actors.public(), at=at, request=asked(safety="soon"))
    case = queries.find_case_of(row.id)
    assert case is not None
    assert (case.alert, case.alert_by, case.title) == (
        "urgent", at + timedelta(hours=48), "Urgent: Dee Marsh, new patient",
    )  # fmt: skip
    assert case.due_at is not None
    assert case.due_at < at + timedelta(hours=48)
    assert not SafetyAlarm.objects.exists()
    Case.objects.filter(id=case.id).update(due_at=None, clock_left_seconds=9_000, waiting_on="patient")
    actions.mark_urgent(practice=inside, by=actors.system(), at=at + timedelta(hours=1), case_id=case.id)
    case.refresh_from_db()
    assert (case.due_at, case.clock_left_seconds) == (case.alert_by, None)
    assert case.alert_by == at + timedelta(hours=48)


def test_late_urgent_request_is_the_managers_once(
    house: Any, inside: UUID, at: datetime, priya: Actor, received: IntakeRequest
) -> None:
    case = queries.find_case_of(received.id)
    assert case is not None
    actions.mark_urgent(practice=inside, by=priya, at=at, case_id=case.id)

    def look(hours: float) -> int:
        with clock.driven(at + timedelta(hours=hours)):
            look_for_late_urgent()
        return Task.objects.filter(key=f"urgent_late:{case.id}").count()

    assert [look(47.9), look(48), look(49)] == [0, 1, 1]
    task = Task.objects.get(key=f"urgent_late:{case.id}")
    assert task.staff_id == house.mona.id
    complete_task(practice=inside, by=staff_actor(house.mona), at=at, task_id=task.id)
    assert look(50) == 1


def test_biller_does_not_mark_urgent_and_a_crisis_stays_one(
    on_call: Any, ask: Callable[..., SafetyAlarm], inside: UUID, at: datetime, ben: Actor, priya: Actor
) -> None:
    alarm = ask(at)
    with pytest.raises(NotPermitted):
        actions.mark_urgent(practice=inside, by=ben, at=at, case_id=alarm.case_id)
    assert actions.mark_urgent(practice=inside, by=priya, at=at, case_id=alarm.case_id).alert == "crisis"


def test_answers_of_the_safety_question() -> None:
    assert [rules.alert_of(answer) for answer in terms.SAFETY] == ["", "urgent", "crisis"]
