"""The weekly meeting, issues and to-dos."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from stead.operating import actions, queries, sentences
from stead.operating.agenda import agenda, title, todos
from stead.operating.forms import HoldForm, IssueForm, MeetingForm, SettleForm, TodoForm
from stead.operating.links import address
from stead.operating.measures import find
from stead.operating.models import Decision, Issue, Meeting, Todo
from stead.operating.people import Chart
from stead.operating.terms import NewIssue, NewTodo, Settlement
from stead.operating.times import Local
from stead.platform import permissions
from stead.platform.refusals import Refusal
from stead.platform.ui import words
from stead.platform.ui.lists import Listing
from stead.platform.ui.parts import Choice, Filter
from stead.platform.web.door import PageRequest, staff
from stead.platform.web.exports import csv_response, exported
from stead.platform.web.pages import staff_page

DECISIONS_SHOWN = 100


def _given(request: PageRequest) -> dict[str, Any]:
    return {"practice": request.practice.id, "by": request.by, "at": request.at}


@staff("rhythm.read")
@require_GET
def meeting(request: PageRequest) -> HttpResponse:
    """The meeting that is open, or the form that opens the next one."""
    return _meeting_page(request)


def _meeting_page(request: PageRequest, form: MeetingForm | HoldForm | None = None) -> HttpResponse:
    local = Local.of(request)
    chart = Chart(local.today)
    card = queries.scorecard(at=request.at, chart=chart, zone=local.zone)
    found = agenda(at=request.at, today=local.today, card=card, chart=chart)
    row = queries.next_meeting()
    runs = permissions.holds(request.by, "rhythm.run")
    held = Meeting.objects.filter(held_at__isnull=False).order_by("-held_at")[:8]
    if runs and (form is None or isinstance(form, MeetingForm) == bool(row)):  # or opened, or held, in the meantime
        form = HoldForm(chart=chart) if row else MeetingForm(chart=chart, initial={"chair": "practice_manager"})
    context = {
        "title": title(found.items, local.when(row.starts_at) if row else ""),
        "chair": chart.find(row.chair_seat_key) if row else None,
        "meeting": row,
        "when": words.moment(row.starts_at.astimezone(local.zone)) if row else "",
        "off": [
            {
                "key": r.measure.key,
                "week": r.last.week.start_date.isoformat(),
                "name": r.measure.name,
                "owner": r.judged.owner.holder,
                "value": sentences.shown(r.last.value, r.measure.unit),
                "target": queries.said(r)[1],
                "run": r.run.words,
                "raised": r.measure.key in found.raised,
            }
            for r in found.off
        ],
        "issues": [_issue_line(i, local) for i in found.issues],
        "todos": found.todos,
        "blank": found.blank,
        "blank_url": address("practice_seats"),
        "stalled": [(c, address("processes_case", c.id)) for c in found.stalled],
        "stalled_more": found.stalled_more,
        "runs": runs,
        "form": form,
        "held": [(m.id, words.long_day(m.starts_at.astimezone(local.zone).date())) for m in held],
    }
    status = 422 if form is not None and form.errors else 200
    return staff_page(request, "operating/meeting.html", context, room="rhythm", tab="meeting", status=status)


def _state_filter(state: str, states: dict[str, str]) -> Filter:
    return Filter("state", "State", states[state], [Choice(k, v, k == state) for k, v in states.items()])


def _issue_line(issue: Issue, local: Local) -> dict[str, Any]:
    return {
        "id": issue.id,
        "title": issue.title,
        "by": issue.raised_by_name,
        "when": words.day(issue.raised_at.astimezone(local.zone).date()),
        "when_order": issue.raised_at,
        "kind": {"measure": "a number", "word": "said by somebody"}.get(issue.source_kind, issue.source_kind),
        "state": issue.state,
        "days": (local.now - issue.raised_at).days,
    }


@staff("rhythm.run")
@require_POST
def open_meeting(request: PageRequest) -> HttpResponse:
    local = Local.of(request)
    form = MeetingForm(request.POST, chart=Chart(local.today))
    if form.is_valid():
        said = form.cleaned_data
        starts = datetime.combine(said["day"], said["time"], local.zone)
        try:
            actions.open_meeting(**_given(request), starts_at=starts, chair_seat_key=said["chair"])
            return redirect("rhythm_meeting")
        except Refusal as refusal:
            form.add_error("day", refusal.words)
    return _meeting_page(request, form)


@staff("rhythm.run")
@require_POST
def hold_meeting(request: PageRequest, meeting_id: UUID) -> HttpResponse:
    form = HoldForm(request.POST, chart=Chart(Local.of(request).today))
    if not form.is_valid():
        return _meeting_page(request, form)
    actions.hold_meeting(
        **_given(request), meeting_id=meeting_id, notes=form.cleaned_data["notes"], present=form.cleaned_data["present"]
    )
    return redirect("rhythm_minutes", meeting_id=meeting_id)


@staff("rhythm.read")
@require_GET
def minutes(request: PageRequest, meeting_id: UUID) -> HttpResponse:
    row = queries.get_meeting(meeting_id)
    local = Local.of(request)
    day = words.long_day(row.starts_at.astimezone(local.zone).date())
    kept = row.minutes
    settled = len(kept.get("settled", []))
    context = {
        "title": f"{words.count(settled, 'issue', start=True)} settled on {day}"
        if row.held_at
        else f"Not held yet: {day}",
        "minutes": kept,
        "present": words.listed(kept.get("present", [])),
        "day": day,
    }
    return staff_page(request, "operating/minutes.html", context, room="rhythm", tab="meeting")


@staff("rhythm.read")
@require_GET
@exported("numbers.export")
def issues(request: PageRequest) -> HttpResponse:
    return _issues_page(request, IssueForm())


def _issues_page(request: PageRequest, form: IssueForm) -> HttpResponse:
    local = Local.of(request)
    state = "settled" if request.GET.get("state") == "settled" else "open"
    rows = Issue.objects.filter(state="open") if state == "open" else Issue.objects.exclude(state="open")
    order = "rank" if state == "open" else "-settled_at"
    lines = [_issue_line(i, local) for i in rows.order_by(order, "raised_at")[:200]]
    state_filter = _state_filter(state, {"open": "open", "settled": "settled"})
    listing = Listing(
        request.GET, lines, noun="issue", sorts=("title", "kind", "by", "when"),
        filters={"kind": "From", "by": "Raised by"}, first=[state_filter],
    )  # fmt: skip
    if listing.is_csv:
        head = ["Issue", "From", "Raised by", "Raised", "State"]
        columns = ("title", "kind", "by", "when", "state")
        return csv_response(request, "issues", head, ([r[k] for k in columns] for r in listing.rows))
    number = words.count(len(lines), "issue", start=True)
    context = {
        "title": f"{number} {'is' if len(lines) == 1 else 'are'} {state}." if lines else "No issue is open.",
        "rows": listing.rows,
        "list": listing,
        "state": state,
        "form": form,
        "runs": permissions.holds(request.by, "rhythm.run"),
    }
    status = 422 if form.errors else 200
    return staff_page(request, "operating/issues.html", context, room="rhythm", tab="issues", status=status)


@staff("issues.raise")
@require_POST
def raise_issue(request: PageRequest) -> HttpResponse:
    form = IssueForm(request.POST)
    if not form.is_valid():
        return _issues_page(request, form)
    actions.raise_issue(**_given(request), issue=NewIssue(form.cleaned_data["title"]))
    return redirect("rhythm_issues")


@staff("rhythm.read")
@require_http_methods(["GET"])
def issue(request: PageRequest, issue_id: UUID) -> HttpResponse:
    return _issue_page(request, queries.get_issue(issue_id), SettleForm(today=Local.of(request).today))


def _issue_page(request: PageRequest, row: Issue, form: SettleForm) -> HttpResponse:
    local = Local.of(request)
    evidence = row.evidence
    weeks = [float(v) if v is not None else None for v in evidence.get("weeks", [])]
    known = [(v, off) for v, off in zip(weeks, evidence.get("off", []), strict=False) if v is not None]
    measure = find(row.source_key) if row.source_kind == "measure" else None
    context = {
        "issue": row,
        "line": _issue_line(row, local),
        "measure": measure,
        "evidence": evidence,
        "values": [v for v, _ in known],
        "off": [o for _, o in known],
        "target": float(evidence["target"]) if evidence.get("target") else None,
        "spark_label": f"{row.title}, {len(known)} weeks",
        "decisions": Decision.objects.filter(issue_id=row.id).order_by("decided_at"),
        "todos": Todo.objects.filter(issue_id=row.id).select_related("owner").order_by("made_at"),
        "form": form,
        "runs": permissions.holds(request.by, "rhythm.run") and row.state == "open",
    }
    status = 422 if form.errors else 200
    return staff_page(request, "operating/issue.html", context, room="rhythm", tab="issues", status=status)


@staff("rhythm.run")
@require_POST
def settle(request: PageRequest, issue_id: UUID) -> HttpResponse:
    row = queries.get_issue(issue_id)
    form = SettleForm(request.POST, today=Local.of(request).today)
    if form.is_valid():
        said = form.cleaned_data
        todo = NewTodo(said["todo"], UUID(said["owner"]), said["due_date"]) if said["todo"] else None
        settlement = Settlement(said["decision"], said["why"], todo, drop=request.POST.get("end") == "drop")
        try:
            actions.settle_issue(**_given(request), issue_id=issue_id, settlement=settlement)
            return redirect("rhythm_meeting")
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.words)
    return _issue_page(request, row, form)


@staff("rhythm.read")
@require_GET
@exported("numbers.export")
def decisions(request: PageRequest) -> HttpResponse:
    """What was decided, why and by whom, newest first; each leads to the issue it settled."""
    local = Local.of(request)
    rows = [_decision_line(row, local) for row in queries.decisions()]
    listing = Listing(
        request.GET,
        rows,
        noun="decision",
        sorts=("what", "issue", "by", "when"),
        filters={"by": "Decided by", "month": "In"},
    )
    if listing.is_csv:
        head, columns = ["Decided", "Why", "Issue", "By", "On"], ("what", "why", "issue", "by", "day")
        return csv_response(request, "decisions", head, ([r[k] for k in columns] for r in listing.rows))
    page = Paginator(listing.rows, DECISIONS_SHOWN).get_page(request.GET.get("page"))
    said = words.count(len(rows), "decision", start=True)
    context = {
        "title": f"{said} {'stands' if len(rows) == 1 else 'stand'}." if rows else "Nothing was decided yet.",
        "rows": page.object_list,
        "page": page,
        "list": listing,
    }
    return staff_page(request, "operating/decisions.html", context, room="rhythm", tab="decisions")


def _decision_line(row: Decision, local: Local) -> dict[str, Any]:
    day = row.decided_at.astimezone(local.zone).date()
    return {
        "what": row.what,
        "why": row.why,
        "issue": row.issue.title if row.issue else "",
        "issue_id": row.issue_id,
        "by": row.by_name,
        "when": words.day(day, year=True),
        "when_order": row.decided_at,
        "day": day.isoformat(),
        "month": words.month_and_year(day),
    }


@staff("rhythm.read")
@require_GET
@exported("numbers.export")
def todo_list(request: PageRequest) -> HttpResponse:
    return _todo_page(request, None)


def _todo_page(request: PageRequest, form: TodoForm | None) -> HttpResponse:
    local = Local.of(request)
    done = request.GET.get("state") == "done"
    rows = todos(local.today, mine=request.by.id, done=done)
    listing = Listing(
        request.GET, [asdict(row) for row in rows], noun="to-do", sorts=("words", "owner", "due"),
        filters={"owner": "Owner"},
        first=[_state_filter("done" if done else "open", {"open": "open", "done": "done"})],
    )  # fmt: skip
    makes = permissions.holds(request.by, "todos.make")
    if listing.is_csv:
        columns = ("words", "owner", "due", "days_late")
        head = ["To-do", "Owner", "Due", "Days late"]
        return csv_response(request, "to-dos", head, ([t[k] for k in columns] for t in listing.rows))
    late = sum(t.late for t in rows)
    said = f"{words.count(len(rows), 'to-do', start=True)} {'is' if len(rows) == 1 else 'are'} open"
    context = {
        "title": (
            "To-dos that are done" if done else f"{said}; {words.number_word(late)} late." if late else f"{said}."
        )
        if rows
        else "No to-do is open.",
        "rows": listing.rows,
        "list": listing,
        "done": done,
        "form": form or (TodoForm(today=local.today) if makes else None),
        "finishes_all": permissions.holds(request.by, "todos.finish_all"),
    }
    status = 422 if form is not None and form.errors else 200
    return staff_page(request, "operating/todos.html", context, room="rhythm", tab="todos", status=status)


@staff("todos.make")
@require_POST
def make_todo(request: PageRequest) -> HttpResponse:
    form = TodoForm(request.POST, today=Local.of(request).today)
    if form.is_valid():
        said = form.cleaned_data
        try:
            actions.make_todo(**_given(request), todo=NewTodo(said["words"], UUID(said["owner"]), said["due_date"]))
            return redirect("rhythm_todos")
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.words)
    return _todo_page(request, form)


@staff("todos.finish")
@require_POST
def finish_todo(request: PageRequest, todo_id: UUID) -> HttpResponse:
    actions.finish_todo(**_given(request), todo_id=todo_id)
    return redirect("rhythm_todos")
