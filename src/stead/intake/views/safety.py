"""Safety requests: who was told, who has it, what came of it. Every member of staff may take one."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from stead.intake import actions, queries, rules, terms
from stead.intake.forms import MinutesForm, OutcomeForm
from stead.intake.ladder import ladder
from stead.intake.models import SafetyAlarm, SafetyRing
from stead.patients.queries import slip_of
from stead.platform import permissions
from stead.platform.access import log
from stead.platform.refusals import Conflict, InvalidInput, Refusal
from stead.platform.ui import words
from stead.platform.ui.parts import Receipt
from stead.platform.web.door import PageRequest, staff
from stead.platform.web.exports import csv_response, exported
from stead.platform.web.pages import staff_page
from stead.practice.queries import calendar_of
from stead.practice.rules import BusinessCalendar

SHOWN = 60
CSV_HEAD = ("patient", "raised", "state", "taken_by", "after_minutes", "people_told", "outcome")
LANGUAGES = {"en": "English", "es": "Spanish"}


@require_GET
@staff("intake.take_safety")
@exported("intake.export")
def alarms(request: PageRequest) -> HttpResponseBase:
    """List safety requests, those that nobody has first, and the minutes that each person has."""
    return _list_page(request, MinutesForm(initial=vars(queries.safety_minutes())))


def _list_page(request: PageRequest, form: MinutesForm) -> HttpResponseBase:
    found = list(queries.alarms()[:SHOWN])
    calendar = calendar_of(None)
    log.reads_all(alarm.patient_id for alarm in found)
    rows = [_row(alarm, request.at, calendar) for alarm in found]
    if request.GET.get("format") == "csv":
        return csv_response(request, "safety", CSV_HEAD, map(_csv_row, found))
    page = {
        "title": _title([alarm.state for alarm in found]),
        "rows": rows,
        "form": form,
        "ladder": _ladder(request, calendar),
        "may_set": permissions.holds(request.by, "intake.set_safety"),
        "receipts": [Receipt("The minutes were changed.")] if request.GET.get("done") == "minutes" else [],
    }
    status = 422 if form.is_bound else 200
    return staff_page(request, "intake/safety.html", page, room="intake", tab="safety", status=status, live=True)


def _title(states: list[str]) -> str:
    ringing, taken = states.count("ringing"), states.count("taken")
    if ringing:
        return f"{words.count(ringing, 'safety request', start=True)} {'has' if ringing == 1 else 'have'} no one yet."
    if taken:
        return f"{words.count(taken, 'safety request', start=True)} in hand. Nobody waits for an answer."
    return "Nobody waits for an answer."


def _row(alarm: SafetyAlarm, at: datetime, calendar: BusinessCalendar) -> dict[str, Any]:
    mark, state = _state(alarm, at)
    return {
        "url": reverse("intake_safety_alarm", args=[alarm.id]),
        "name": alarm.patient.shown_name,
        "raised": words.moment(calendar.local(alarm.raised_at)),
        "mark": mark,
        "state": state,
        "ringing": alarm.state == "ringing",
        "outcome": terms.OUTCOMES.get(alarm.outcome, ""),
    }


def _state(alarm: SafetyAlarm, at: datetime) -> tuple[str, str]:
    """Say where it stands: no one for so long, or who had it after so long."""
    until = alarm.taken_at or at
    minutes = (until - alarm.raised_at).total_seconds() / 60
    length = words.length(minutes)
    if alarm.state == "ringing":
        return "noone", f"No one, for {length}" if minutes >= 1 else "No one yet"
    had = f"{alarm.taken_by_name} after {length}"
    return ("waiting", f"{had}; not settled yet") if alarm.state == "taken" else ("met", had)


def _csv_row(alarm: SafetyAlarm) -> tuple[object, ...]:
    after = round((alarm.taken_at - alarm.raised_at).total_seconds() / 60, 1) if alarm.taken_at else ""
    told = sum(ring.message_id is not None for ring in queries.rings_of(alarm))
    return (alarm.patient.shown_name, alarm.raised_at.isoformat(), alarm.state, alarm.taken_by_name, after, told,
            alarm.outcome)  # fmt: skip


def _ladder(request: PageRequest, calendar: BusinessCalendar) -> list[dict[str, str]]:
    """One line for each person, where they are first told, and one for each seat that leads to nobody."""
    rungs = rules.once_each(ladder(calendar.local(request.at).date(), None))
    return [{"seat": r.seat_name, "name": r.name, "lacks": "" if r.email or not r.name else "no e-mail"} for r in rungs]


@require_GET
@staff("intake.take_safety")
def alarm(request: PageRequest, alarm_id: UUID) -> HttpResponseBase:
    """Show whom to call, who was told, and the one button: I have it."""
    return _alarm_page(request, queries.get_alarm(alarm_id), OutcomeForm())


def _alarm_page(
    request: PageRequest, found: SafetyAlarm, form: OutcomeForm, refused: str = "", status: int = 200
) -> HttpResponse:
    log.reads(found.patient_id)
    calendar = calendar_of(found.location_id)
    patient = found.patient
    mark, state = _state(found, request.at)
    mine = found.taken_by_id == request.by.id
    page = {
        "alarm": found,
        "title": _alarm_title(found, patient.shown_name),
        "mark": mark,
        "state": state,
        "phone": patient.phone,
        "email": patient.email,
        "language": LANGUAGES.get(patient.language[:2], patient.language),
        "in_state": patient.state or "not said",
        "raised": words.moment(calendar.local(found.raised_at)),
        "asker": found.request.asker_name,
        "relation": found.request.asker_relation,
        "rings": [_ring(ring, calendar) for ring in queries.rings_of(found)],
        "next": words.clock(calendar.local(found.next_ring_at)) if found.next_ring_at else "",
        "outcome": terms.OUTCOMES.get(found.outcome, ""),
        "form": form,
        "refused": refused,
        "is_ringing": found.state == "ringing",
        "may_take": found.state == "ringing",
        "may_pass": found.state == "ringing" or (found.state == "taken" and mine),
        "may_settle": found.state == "taken" and permissions.holds(request.by, "intake.settle_safety"),
        "may_read": permissions.holds(request.by, "intake.read"),
        "hand": slip_of(found.patient_id),
        "receipts": [Receipt(_DONE[request.GET["done"]])] if request.GET.get("done") in _DONE else [],
    }
    return staff_page(request, "intake/alarm.html", page, room="intake", tab="safety", status=status)


_DONE = {
    "taken": "You have it. Nobody else is told.",
    "passed": "The next person was told.",
    "settled": "It is recorded.",
}


def _alarm_title(found: SafetyAlarm, name: str) -> str:
    if found.state == "ringing":
        return f"Call {name} now. No one has it yet."
    if found.state == "taken":
        return f"{found.taken_by_name} has it."
    return f"Settled by {found.settled_by_name}."


def _ring(ring: SafetyRing, calendar: BusinessCalendar) -> dict[str, Any]:
    told = {
        True: "told by e-mail",
        False: "has no e-mail address: the next was told at once",
    }[ring.message_id is not None]
    return {
        "time": words.moment(calendar.local(ring.rung_at)),
        "seat": ring.seat_name,
        "name": ring.staff_name,
        "told": told if ring.staff_id else "nobody answers for it today: the next was told at once",
    }


@require_POST
@staff("intake.take_safety")
def take(request: PageRequest, alarm_id: UUID) -> HttpResponseBase:
    """Say "I have it"."""
    return _do(request, alarm_id, "taken", actions.take_safety_alarm)


@require_POST
@staff("intake.take_safety")
def pass_on(request: PageRequest, alarm_id: UUID) -> HttpResponseBase:
    """Say "I cannot": the next person is told at once."""
    return _do(request, alarm_id, "passed", actions.pass_safety_alarm_on)


@require_POST
@staff("intake.settle_safety")
def settle(request: PageRequest, alarm_id: UUID) -> HttpResponseBase:
    """Say what came of it."""
    form = OutcomeForm(request.POST)
    if not form.is_valid():
        return _alarm_page(request, queries.get_alarm(alarm_id), form, status=422)
    return _do(request, alarm_id, "settled", actions.settle_safety_alarm, outcome=form.cleaned_data["outcome"])


def _do(request: PageRequest, alarm_id: UUID, done: str, act: Any, **more: Any) -> HttpResponseBase:
    door: dict[str, Any] = {"practice": request.practice.id, "by": request.by, "at": request.at}
    try:
        act(**door, alarm_id=alarm_id, **more)
    except (Conflict, InvalidInput) as refusal:
        found = queries.get_alarm(alarm_id)
        return _alarm_page(request, found, OutcomeForm(), refused=refusal.words, status=refusal.status)
    return redirect(f"{reverse('intake_safety_alarm', args=[alarm_id])}?done={done}")


@require_POST
@staff("intake.set_safety")
def set_minutes(request: PageRequest) -> HttpResponseBase:
    """Change how long each person has."""
    form = MinutesForm(request.POST)
    if not form.is_valid():
        return _list_page(request, form)
    try:
        actions.set_safety_minutes(
            practice=request.practice.id, by=request.by, at=request.at, minutes=terms.Minutes(**form.cleaned_data)
        )
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.words)
        return _list_page(request, form)
    return redirect(f"{reverse('intake_safety')}?done=minutes")


@require_POST
@staff("intake.screen")
def urgent(request: PageRequest, request_id: UUID) -> HttpResponseBase:
    """Mark a request as urgent: seen within 48 hours by the clock."""
    row = queries.get_request(request_id)
    case = queries.find_case_of(row.id)
    if case is None:
        raise rules.CaseOver()
    actions.mark_urgent(practice=request.practice.id, by=request.by, at=request.at, case_id=case.id)
    return redirect("intake_request", request_id=row.id)
