"""A person may be in danger: tell one colleague after another until one has it, and keep it first until it is settled.

The first is told in the transaction that takes the request in. A round every ten seconds looks for alarms whose time
is up, or whose message could not leave, and tells the next; the alarm's lock and its `next_ring_at` make a round that
comes twice tell nobody twice, and a round that is killed lose nothing. Nothing here asks a gate, and nothing but a
person ends it. Messages say that a safety request waits, never about whom or what.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.urls import reverse

from stead.intake import queries, rules, terms
from stead.intake.ladder import ladder
from stead.intake.models import IntakeRequest, SafetyAlarm, SafetyMinutes, SafetyRing
from stead.messaging.actions import queue_message
from stead.patients.models import Patient
from stead.platform import actors
from stead.platform.accounts.models import Practice
from stead.platform.actions import action
from stead.platform.actors import Actor
from stead.platform.identifiers import uuid7
from stead.platform.journal.write import write
from stead.platform.refusals import NotFound
from stead.practice.queries import calendar_of
from stead.processes.actions import complete_task, create_task, mark_case, take_task
from stead.processes.models import Case, Task


@action(
    "raise_safety_alarm", permission="intake.ring", words="tell that somebody may be in danger", may_change_nothing=True
)
def raise_safety_alarm(
    *, practice: UUID, by: Actor, at: datetime, request: IntakeRequest, case: Case, base_url: str = ""
) -> SafetyAlarm:
    """Put the case before all others, write the task, and tell the first person at once; once per request."""
    if known := SafetyAlarm.objects.filter(request_id=request.id).first():
        return known
    alarm = SafetyAlarm.objects.create(
        id=uuid7(at),
        request_id=request.id,
        patient_id=request.patient_id,
        case_id=case.id,
        location_id=request.preferred_location_id,
        site=base_url.rstrip("/")[:200],
        raised_at=at,
        next_ring_at=at,
    )
    write("safety.raised", by=by, at=at, subject=alarm, patient_id=alarm.patient_id, case_id=case.id)
    mark_case(practice=practice, by=by, at=at, case_id=case.id, alert="crisis", alert_by=at)
    patient = Patient.objects.get(id=request.patient_id)
    create_task(
        practice=practice,
        by=by,
        at=at,
        key=_task_key(alarm),
        title=f"Call {patient.shown_name} now: yes to the safety question",
        seat_key=_first_seat(alarm, at),
        case_id=case.id,
        patient_id=patient.id,
        url=reverse("intake_safety_alarm", args=[alarm.id]),
        due_at=at,
    )
    return ring_safety_alarm(practice=practice, by=by, at=at, alarm_id=alarm.id)


def _task_key(alarm: SafetyAlarm) -> str:
    return f"safety:{alarm.request_id}"


def _today(alarm: SafetyAlarm, at: datetime) -> list[terms.Rung]:
    return ladder(calendar_of(alarm.location_id).local(at).date(), alarm.location_id)


def _first_seat(alarm: SafetyAlarm, at: datetime) -> str:
    """Return the seat whose work it is: the first that leads to somebody, else the first there is."""
    rungs = [rung for rung in _today(alarm, at) if rung.seat_key]
    seats = [rung.seat_key for rung in rungs if rung.staff_id] or [rung.seat_key for rung in rungs]
    return next(iter(seats), terms.SAFETY_SEATS[0])


@action("ring_safety_alarm", permission="intake.ring", words="tell the next person", may_change_nothing=True)
def ring_safety_alarm(*, practice: UUID, by: Actor, at: datetime, alarm_id: UUID) -> SafetyAlarm:
    """Tell the next person of the ladder as it is today; after the last, everybody again. Does nothing before its time,
    unless the last message could not leave."""
    alarm = _locked(alarm_id)
    if alarm.state != "ringing" or (alarm.next_ring_at and alarm.next_ring_at > at and not _last_is_lost(alarm)):
        return alarm
    told = list(SafetyRing.objects.filter(alarm_id=alarm.id))
    today = _today(alarm, at)
    steps = rules.next_rungs(
        today, {r.staff_id for r in told if r.staff_id}, {r.seat_key for r in told if r.staff_id is None}
    )
    if not any(step.email for step in steps):
        alarm.rounds += 1
        again = {rung.staff_id: rung for rung in reversed(today) if rung.email}
        steps += list(reversed(again.values()))
    for n, step in enumerate(steps, start=len(told) + 1):
        _tell(alarm, n, step, by, at)
    if not any(step.email for step in steps):
        write("safety.nobody", by=by, at=at, subject=alarm, patient_id=alarm.patient_id, case_id=alarm.case_id)
    is_open = calendar_of(alarm.location_id).is_open(at)
    wait = rules.wait_minutes(queries.safety_minutes(), is_open=is_open, rounds=alarm.rounds)
    alarm.next_ring_at = at + timedelta(minutes=wait)
    alarm.save(update_fields=["rounds", "next_ring_at"])
    return alarm


def _locked(alarm_id: UUID) -> SafetyAlarm:
    alarm = SafetyAlarm.objects.select_for_update().filter(id=alarm_id).first()
    if alarm is None:
        raise NotFound()
    return alarm


def _last_is_lost(alarm: SafetyAlarm) -> bool:
    last = SafetyRing.objects.filter(alarm_id=alarm.id).exclude(message_id=None).order_by("-step").first()
    return last is not None and last.message_id is not None and queries.is_lost(last.message_id)


def _tell(alarm: SafetyAlarm, n: int, rung: terms.Rung, by: Actor, at: datetime) -> None:
    """Write one step down, and e-mail the person where there is one with an address."""
    message_id = None
    if rung.staff_id is not None and rung.email:
        path = reverse("intake_safety_alarm", args=[alarm.id])
        message_id = queue_message(
            practice=alarm.practice_id,
            by=actors.system(),
            at=at,
            key=f"safety:{alarm.id}:{n}",
            staff_id=rung.staff_id,
            channel="email",
            purpose="staff",
            template="safety_waits",
            context={
                "practice": Practice.objects.get(id=alarm.practice_id).name,
                "link": f"{alarm.site}{path}" if alarm.site else f"(your Stead){path}",
                "why": rung.why,
            },
        ).id
    SafetyRing.objects.create(
        id=uuid7(at),
        alarm_id=alarm.id,
        step=n,
        seat_key=rung.seat_key,
        seat_name=rung.seat_name,
        staff_id=rung.staff_id,
        staff_name=rung.name,
        why=rung.why,
        message_id=message_id,
        rung_at=at,
    )
    verb = "safety.rung" if message_id else "safety.unreachable" if rung.staff_id else "safety.seat_blank"
    write(
        verb, by=by, at=at, subject=alarm, patient_id=alarm.patient_id, case_id=alarm.case_id, step=n,
        seat=rung.seat_key, staff=str(rung.staff_id or ""),
    )  # fmt: skip


@action("take_safety_alarm", permission="intake.take_safety", words="take a safety request")
def take_safety_alarm(*, practice: UUID, by: Actor, at: datetime, alarm_id: UUID) -> SafetyAlarm:
    """Say "I have it": nobody else is told, and the task is this person's."""
    alarm = _locked(alarm_id)
    if alarm.state == "settled":
        raise rules.AlreadySettled()
    if alarm.state == "taken" and alarm.taken_by_id != by.id:
        raise rules.AlreadyTaken(alarm.taken_by_name)
    _take(alarm, by, at, by.id, by.name)
    task = Task.objects.filter(key=_task_key(alarm), state="open").first()
    if task is not None and task.staff_id != by.id:
        take_task(practice=practice, by=by, at=at, task_id=task.id)
    return alarm


def _take(alarm: SafetyAlarm, by: Actor, at: datetime, staff_id: UUID, name: str) -> None:
    alarm.state, alarm.next_ring_at = "taken", None
    alarm.taken_at, alarm.taken_by_id, alarm.taken_by_name = at, staff_id, name
    alarm.save(update_fields=["state", "next_ring_at", "taken_at", "taken_by_id", "taken_by_name"])
    waited = round((at - alarm.raised_at).total_seconds())
    write(
        "safety.taken", by=by, at=at, subject=alarm, patient_id=alarm.patient_id, case_id=alarm.case_id,
        after_seconds=waited, staff=str(staff_id),
    )  # fmt: skip


@action("note_safety_task_done", permission="intake.ring", words="note who has it", may_change_nothing=True)
def note_safety_task_done(
    *, practice: UUID, by: Actor, at: datetime, request_id: UUID, staff_id: UUID, name: str
) -> SafetyAlarm | None:
    """Note that whoever ended the task without taking the alarm has it in hand all the same."""
    alarm = SafetyAlarm.objects.select_for_update().filter(request_id=request_id).first()
    if alarm is not None and alarm.state == "ringing":
        _take(alarm, by, at, staff_id, name)
    return alarm


@action("pass_safety_alarm_on", permission="intake.take_safety", words="ask the next person")
def pass_safety_alarm_on(*, practice: UUID, by: Actor, at: datetime, alarm_id: UUID) -> SafetyAlarm:
    """Say "I cannot": the next person is told at once, also when this one had taken it."""
    alarm = _locked(alarm_id)
    if alarm.state == "settled":
        raise rules.AlreadySettled()
    if alarm.state == "taken" and alarm.taken_by_id != by.id:
        raise rules.AlreadyTaken(alarm.taken_by_name)
    alarm.state, alarm.next_ring_at = "ringing", at
    alarm.taken_at, alarm.taken_by_id, alarm.taken_by_name = None, None, ""
    alarm.save(update_fields=["state", "next_ring_at", "taken_at", "taken_by_id", "taken_by_name"])
    write("safety.passed_on", by=by, at=at, subject=alarm, patient_id=alarm.patient_id, case_id=alarm.case_id)
    return ring_safety_alarm(practice=practice, by=actors.system(), at=at, alarm_id=alarm.id)


@action("settle_safety_alarm", permission="intake.settle_safety", words="say what came of a safety request")
def settle_safety_alarm(*, practice: UUID, by: Actor, at: datetime, alarm_id: UUID, outcome: str) -> SafetyAlarm:
    """Record a clinician's answer, coded; the case is no crisis any more, and urgent unless there is no danger."""
    alarm = _locked(alarm_id)
    if alarm.state != "taken":
        raise rules.AlreadySettled() if alarm.state == "settled" else rules.NotTaken()
    if outcome not in terms.OUTCOMES:
        raise rules.OutcomeUnknown(field="outcome")
    alarm.state, alarm.outcome, alarm.settled_at, alarm.settled_by_name = "settled", outcome, at, by.name
    alarm.save(update_fields=["state", "outcome", "settled_at", "settled_by_name"])
    write(
        "safety.settled", by=by, at=at, subject=alarm, patient_id=alarm.patient_id, case_id=alarm.case_id,
        outcome=outcome,
    )  # fmt: skip
    task = Task.objects.filter(key=_task_key(alarm), state="open").first()
    if task is not None:
        complete_task(practice=practice, by=by, at=at, task_id=task.id)
    calm = outcome == "no_danger"
    mark_case(
        practice=practice,
        by=actors.system(),
        at=at,
        case_id=alarm.case_id,
        alert="" if calm else "urgent",
        alert_by=None if calm else at + timedelta(hours=terms.URGENT_HOURS),
    )
    return alarm


@action("set_safety_minutes", permission="intake.set_safety", words="set how long each person has to answer")
def set_safety_minutes(*, practice: UUID, by: Actor, at: datetime, minutes: terms.Minutes) -> SafetyMinutes:
    """Say after how many minutes by the clock the next person is told. Alarms that ring keep the time they have."""
    rules.check_minutes(minutes)
    said: dict[str, Any] = asdict(minutes)
    row, _ = SafetyMinutes.objects.update_or_create(practice_id=practice, id=practice, defaults=said)
    write("safety.minutes_set", by=by, at=at, subject=row, **said)
    return row
