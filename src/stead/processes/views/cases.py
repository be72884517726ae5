"""One case, and the board of cases."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from stead.patients import slip
from stead.patients.models import Patient
from stead.platform import permissions
from stead.platform.access import log
from stead.platform.actions import undo_on_refusal
from stead.platform.files.store import Upload
from stead.platform.refusals import InvalidInput, NotFound, Refusal
from stead.platform.ui import words
from stead.platform.ui.parts import Receipt, Step
from stead.platform.web.door import PageRequest, staff
from stead.platform.web.exports import csv_response, exported
from stead.platform.web.pages import staff_page
from stead.platform.web.way_back import onward, way_back
from stead.practice import queries as practice
from stead.processes import actions, queries, wording
from stead.processes.document import Document
from stead.processes.forms import CloseForm, HandOverForm
from stead.processes.markdown import to_html
from stead.processes.models import Case, CaseItem
from stead.processes.moving import automation_of
from stead.processes.terms import ALERT_WORDS, RETURN_REASONS, SETTLED
from stead.processes.views import board as boards


@require_GET
@staff("cases.read")
@exported("cases.export")
def board(request: PageRequest) -> HttpResponse:
    """Show the cases asked for, or give them out as CSV."""
    wish = boards.Wish.read(request.GET)
    rows = boards.matching(wish, request.by, request.at)
    if request.GET.get("format") == "csv":
        log.reads_all(rows.values_list("patient_id", flat=True))
        return csv_response(request, "cases", boards.CSV_HEADS, boards.csv_rows(rows, request.at))
    page = boards.page(request, wish, rows)
    return staff_page(request, "processes/cases.html", page, room="playbooks", tab="cases")


@require_GET
@staff("cases.read")
def case(request: PageRequest, case_id: UUID) -> HttpResponse:
    return _case_page(request, case_id)


def _case_page(request: PageRequest, case_id: UUID, refused: str = "", status: int = 200, **bound: Any) -> HttpResponse:
    found = queries.get_case(case_id)
    standing = queries.standing_of(found, request.at)
    document, calendar = standing.document, standing.calendar
    items = queries.items_of(found.id, found.stage_key)
    unmet = [part.words for part in standing.unmet(standing.stage.leave_when)] if found.state == "open" else []
    lines = queries.lines_of(found)
    patient = Patient.objects.get_or_none(id=found.patient_id) if found.patient_id else None
    said = wording.limit(found, request.at, calendar)
    page = {
        "case": found,
        "alert": ALERT_WORDS[found.alert] if found.state == "open" else "",
        "title": wording.title(found, document, items, unmet),
        "stages": wording.rail(found, document, lines, request.at, calendar),
        "step": f"Step {document.index(found.stage_key) + 1} of {len(document.stages)}",
        "stage": standing.stage,
        "guide": to_html(standing.stage.guide),
        "limit": said,
        "blocked": _blocked(items, unmet),
        "by_itself": _by_itself(found, document, calendar),
        "items": [_shown_item(found, item, calendar, way_back(request)) for item in items if item.state != "waived"],
        "not_asked": [item.words for item in items if item.state == "waived"],
        "settled": sum(item.state in SETTLED for item in items if item.state != "waived" and item.required),
        "wanted": sum(1 for item in items if item.state != "waived" and item.required),
        "clauses": _clauses(standing) if found.state == "open" else [],
        "owner": wording.owner(found),
        "backups": _backups(found, request, calendar),
        "held": words.money(found.held_up_cents) if found.held_up_cents else "",
        "patient_reads": standing.stage.patient.en,
        "patient_name": patient.preferred_name or patient.first_name if patient else "",
        "opened": words.moment(calendar.local(found.opened_at)),
        "lines": wording.timeline(lines, document, calendar, queries.line_numbers(lines)),
        "hand": slip.of(patient) if patient else None,
        "refused": refused,
        "reasons": list(RETURN_REASONS.items()),
        "hand_over_form": bound.get("hand_over_form") or HandOverForm(),
        "close_form": bound.get("close_form") or CloseForm(document),
        "may_work": permissions.holds(request.by, "cases.work") and found.state == "open",
        "receipts": _receipts(request),
    }
    return staff_page(request, "processes/case.html", page, room="playbooks", tab="cases", status=status)


def _blocked(items: list[CaseItem], unmet: list[str]) -> str:
    waiting = [item for item in items if item.required and item.state not in SETTLED]
    if waiting:
        state = {"asked": "not received", "returned": "returned", "received": "not looked at", "open": "not done"}
        return f"{waiting[0].words}: {state.get(waiting[0].state, waiting[0].state)}"
    return unmet[0] if unmet else "Nothing"


def _by_itself(case: Case, document: Document, calendar: Any) -> list[str]:
    return [
        f"{automation_of(document, timer).words}, {words.moment(calendar.local(timer.due_at))}"
        for timer in queries.next_timers(case.id)[:3]
    ]


def _shown_item(case: Case, item: CaseItem, calendar: Any, back: str) -> dict[str, Any]:
    marks = {"accepted": "met", "received": "waiting", "returned": "unmet", "asked": "asked", "open": "booked"}
    kept = [("next", back)] if back else []
    alive = case.state == "open"
    can_accept = item.state == "received" or (item.kind in ("check", "signature") and item.state not in SETTLED)
    return {
        "words": item.words if item.required else f"{item.words} (optional)",
        "mark": "unmet" if item.required and item.state == "asked" and item.asked_times > 1 else marks[item.state],
        "note": wording.item_note(item, calendar),
        "value": str(item.value) if item.value is not None and item.kind == "field" else "",
        "open": alive and item.state not in SETTLED,
        "file": bool(item.file_id),
        "ask": Step(_ask_label(item), _item_url(item, "ask"), "post", kept)
        if alive and item.asked_of == "patient"
        else None,
        "accept": Step("Accept" if item.state == "received" else "Done", _item_url(item, "accept"), "post", kept)
        if can_accept and alive
        else None,
        "receive_url": _item_url(item, "receive"),
        "return_url": _item_url(item, "return") if alive and item.state in ("received", "accepted") else "",
        "kind": item.kind,
        "key": item.key,
    }


def _item_url(item: CaseItem, what: str) -> str:
    return reverse("processes_item", args=[item.case_id, item.key, what])


def _ask_label(item: CaseItem) -> str:
    return "Ask again" if item.asked_times else "Ask for it"


def _clauses(standing: queries.Standing) -> list[dict[str, str]]:
    results = standing.ask(standing.stage.leave_when)
    return [
        {
            "words": result.clause.words,
            "mark": result.outcome.value,
            "note": "; ".join(f"{reading.fact.meaning}: {reading.words}" for reading in result.readings),
        }
        for result in results
    ]


def _backups(case: Case, request: PageRequest, calendar: Any) -> str:
    seat = practice.find_seat(case.owner_seat_key, case.location_id)
    if seat is None:
        return ""
    rows = [row for row in practice.chart(calendar.local(request.at).date()) if row.seat.id == seat.id]
    return ", ".join(backup.staff.name for backup in rows[0].backups) if rows else ""


_DONE = {
    "accepted": "Accepted.",
    "received": "Kept. It waits for a look.",
    "returned": "Sent back. Only this one is open again.",
    "asked": "Asked. It stops by itself when it arrives.",
    "handed": "Handed over.",
    "closed": "Closed. Nothing more happens by itself.",
    "done": "Done.",
}


def _done_url(case_id: UUID, done: str) -> str:
    return f"{reverse('processes_case', args=[case_id])}?done={done}"


def _receipts(request: PageRequest) -> list[Receipt]:
    done = _DONE.get(request.GET.get("done", ""))
    return [Receipt(done)] if done else []


@require_POST
@staff("cases.work")
def item(request: PageRequest, case_id: UUID, key: str, what: str) -> HttpResponseBase:
    """Ask for, keep, accept or return one item."""
    who: dict[str, Any] = {"practice": request.practice.id, "by": request.by, "at": request.at, "case_id": case_id}
    try:
        if what == "ask":
            actions.ask_item(**who, key=key)
        elif what == "accept":
            actions.accept_item(**who, key=key)
        elif what == "return":
            actions.return_item(**who, key=key, reason=request.POST.get("reason", ""))
        elif what == "receive":
            _receive(request, who, key)
        else:
            raise NotFound()
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return _case_page(request, case_id, refused=refusal.words, status=refusal.status)
    past = {"ask": "asked", "accept": "accepted", "return": "returned", "receive": "received"}[what]
    return redirect(onward(request, _done_url(case_id, past)))


def _receive(request: PageRequest, who: dict[str, Any], key: str) -> None:
    """Keep an uploaded document or a typed answer; an answer that staff types is accepted at once."""
    sent = request.FILES.get("file")
    if sent is not None:
        actions.receive_item(**who, key=key, upload=Upload(sent.read(), sent.name or "file"))
        return
    value = request.POST.get("value", "").strip()
    if len(value) > 1000:
        raise InvalidInput("An answer has at most 1,000 characters.", field="value")
    with undo_on_refusal():
        actions.receive_item(**who, key=key, value=value)
        actions.accept_item(**who, key=key)


@require_POST
@staff("cases.work")
def hand_over(request: PageRequest, case_id: UUID) -> HttpResponseBase:
    form = HandOverForm(request.POST)
    if form.is_valid():
        try:
            actions.hand_over_case(
                practice=request.practice.id, by=request.by, at=request.at, case_id=case_id, **form.cleaned_data
            )
            return redirect(_done_url(case_id, "handed"))
        except Refusal as refusal:
            if refusal.status == 404:
                raise
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.words)
    return _case_page(request, case_id, status=422, hand_over_form=form)


@require_POST
@staff("cases.work")
def close(request: PageRequest, case_id: UUID) -> HttpResponseBase:
    document = queries.document_of_case(queries.get_case(case_id))
    form = CloseForm(document, request.POST)
    if form.is_valid():
        try:
            actions.close_case(
                practice=request.practice.id, by=request.by, at=request.at, case_id=case_id, **form.cleaned_data
            )
            return redirect(_done_url(case_id, "closed"))
        except Refusal as refusal:
            if refusal.status == 404:
                raise
            form.add_error(None, refusal.words)
    return _case_page(request, case_id, status=422, close_form=form)
