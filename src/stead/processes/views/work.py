"""My work: tasks and cases of the person who looks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from stead.platform.access import log
from stead.platform.journal.models import JournalEntry
from stead.platform.refusals import InvalidInput
from stead.platform.ui import words
from stead.platform.ui.lists import Listing
from stead.platform.ui.parts import Receipt
from stead.platform.web.door import PageRequest, staff
from stead.platform.web.exports import csv_response, exported
from stead.platform.web.pages import staff_page
from stead.platform.web.way_back import onward
from stead.practice import queries as practice
from stead.processes import actions, queries
from stead.processes.forms import AskToMendForm
from stead.processes.models import Task
from stead.processes.terms import ALERT_WORDS
from stead.processes.views import board


@require_GET
@staff("tasks.work")
@exported("cases.export")
def mine(request: PageRequest) -> HttpResponse:
    """Show what waits for this person, and what moved by itself since the day began."""
    calendar = practice.calendar_of(None)
    tasks = list(queries.tasks_of(request.by.id).select_related("case"))
    cases = list(queries.open_cases().filter(owner_staff_id=request.by.id)[:200])
    log.reads_all(task.patient_id for task in tasks)
    log.reads_all(case.patient_id for case in cases)
    names = dict(queries.playbooks().values_list("key", "name"))
    calendars = practice.Calendars()
    ours = [case for case in cases if case.waiting_on == "us"]
    others = [case for case in cases if case.waiting_on != "us"]
    nobodys = list(queries.nobodys_tasks()[:50])
    log.reads_all(task.patient_id for task in nobodys)
    dues = [*(task.due_at for task in tasks), *(case.due_at for case in ours)]
    late = sum(due is not None and due < request.at for due in dues)
    listing = Listing(
        request.GET, [_task(task, request, calendar) for task in tasks], noun="task", sorts=("title", "due", "since"),
        filters={"seat": "As", "state": "Limit"},
    )  # fmt: skip
    if listing.is_csv:
        columns = ("title", "seat", "due", "since")
        heads = ("Task", "As", "Limit", "Since")
        return csv_response(request, "my-tasks", heads, ([row[key] for key in columns] for row in listing.rows))
    page = {
        "title": _title(len(tasks) + len(ours), late),
        "tasks": listing.rows,
        "list": listing,
        "nobodys": [_task(task, request, calendar) for task in nobodys],
        "ours": [board.shown(case, request.at, calendars, names) for case in ours],
        "others": [board.shown(case, request.at, calendars, names) for case in others],
        "moved": _moved(request, calendar),
        "receipts": [Receipt("Done.")] if request.GET.get("done") else [],
    }
    return staff_page(request, "processes/work.html", page, room="playbooks", tab="work")


def _title(count: int, late: int) -> str:
    if not count:
        return "Nothing waits for you."
    said = f"{words.count(count, 'thing', start=True)} {'waits' if count == 1 else 'wait'} for you."
    return f"{said} {words.count(late, 'is', 'are', start=True)} over the limit." if late else said


def _task(task: Task, request: PageRequest, calendar: Any) -> dict[str, Any]:
    late = task.due_at is not None and task.due_at < request.at
    return {
        "id": task.id,
        "title": task.title,
        "alert": ALERT_WORDS[task.case.alert] if task.case_id else "",
        "url": task.url,
        "seat": task.seat_key.replace("_", " "),
        "state": "over" if late else "within",
        "due_order": task.due_at,
        "since_order": task.created_at,
        "mark": "over" if late else "booked",
        "due": f"due {words.moment(calendar.local(task.due_at))}" if task.due_at else "no limit",
        "since": words.moment(calendar.local(task.created_at)),
    }


def _moved(request: PageRequest, calendar: Any) -> str:
    """Say what no longer needs anybody: "Moved by itself since 8:00 am: 14 reminders, 3 hand-overs"."""
    local = calendar.local(request.at)
    opening = calendar.opening(local.date())
    start = opening[0] if opening and opening[0] < request.at else request.at - timedelta(hours=8)
    verbs = {
        "case.items_asked": ("reminder", "reminders"),
        "case.stage_entered": ("step", "steps"),
        "case.rerouted": ("hand-over", "hand-overs"),
        "case.escalated": ("escalation", "escalations"),
    }
    lines = JournalEntry.objects.filter(verb__in=verbs, at__gte=start, actor_kind="system")
    counts = dict.fromkeys(verbs, 0) | dict(lines.order_by().values_list("verb").annotate(n=Count("*")))
    said = [words.count(number, *verbs[verb]) for verb, number in counts.items() if number]
    since = words.clock(calendar.local(start))
    return (
        f"Moved by itself since {since}: {words.listed(said)}."
        if said
        else f"Nothing has moved by itself since {since}."
    )


@require_POST
@staff("tasks.work")
def done(request: PageRequest, task_id: UUID) -> HttpResponseBase:
    actions.complete_task(
        practice=request.practice.id, by=request.by, at=request.at, task_id=task_id, note=request.POST.get("note", "")
    )
    return redirect(f"{reverse('processes_work')}?done=1")


@require_POST
@staff("tasks.work")
def ask_to_mend(request: PageRequest) -> HttpResponseBase:
    """Ask the seat of a gate's clause to mend it, and go back to what was refused."""
    form = AskToMendForm(request.POST)
    if not form.is_valid():
        raise InvalidInput("This button is of an older page. Open the page again, and ask from there.")
    actions.ask_to_mend(practice=request.practice.id, by=request.by, at=request.at, **form.said())
    return redirect(onward(request, reverse("processes_work")))
