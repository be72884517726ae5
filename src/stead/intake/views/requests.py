"""Pages of the intake room for staff: the queue, one request, documents to look at, the invitation."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from stead.intake import actions, queries, queue, rules, terms
from stead.intake.forms import ReturnForm
from stead.patients.queries import get_patient, slip_of
from stead.platform import permissions
from stead.platform.access import log
from stead.platform.files import store
from stead.platform.ui import words
from stead.platform.ui.lists import Listing
from stead.platform.web.door import PageRequest, staff
from stead.platform.web.exports import csv_response, exported
from stead.platform.web.pages import staff_page
from stead.platform.web.proxy import site_address
from stead.platform.web.way_back import onward
from stead.practice.queries import practice_zone
from stead.practice.terms import NO_ONE
from stead.processes.actions import accept_item, return_item
from stead.processes.models import CaseItem


@require_GET
@staff("intake.read")
@exported("intake.export")
def queue_page(request: PageRequest) -> HttpResponseBase:
    """Show the intake cases: stage, clock, what is missing, whose."""
    cases = list(queries.open_cases())
    found = queue.rows(cases, queries.requests_of([case.subject_id for case in cases]), request.at)
    chosen = queue.Chosen.read(request.GET)
    kept = queue.choose(found, chosen, request.by.id)
    if request.GET.get("format") == "csv":
        log.reads(*(row.patient_id for row in kept))
        return csv_response(request, "intake", queue.CSV_HEAD, map(queue.csv_row, kept))
    page = Paginator(kept, 60).get_page(request.GET.get("page"))
    log.reads(*(row.patient_id for row in page))
    context = {
        "title": queue.sentence(found, request.by.id),
        "rows": page.object_list,
        "page": page,
        "bar": queue.bar(found, len(kept), chosen),
        "documents": queries.received_documents().count(),
        "any": bool(found),
    }
    return staff_page(request, "intake/queue.html", context, room="intake", tab="queue", live=True)


def _query(request: PageRequest) -> str:
    query = request.GET.copy()
    query.pop("format", None)
    return f"{query.urlencode()}&" if query else ""


@require_GET
@staff("intake.read")
def request_page(request: PageRequest, request_id: UUID) -> HttpResponseBase:
    """Show one request as it was sent, in the person's own words."""
    row = queries.get_request(request_id)
    log.reads(row.patient_id, row.possible_duplicate_of_id)
    twin = get_patient(row.possible_duplicate_of_id) if row.possible_duplicate_of_id else None
    case = queries.find_case_of(row.id)
    context = {
        "asked": row,
        "need": queries.need_of(row),
        "twin": twin,
        "crisis": rules.is_crisis(row.safety_answer),
        "alarm": queries.find_alarm_of(row.id),
        "case": case,
        "alert": case.alert if case else "",
        "limit": f"a first visit by {_told(case.alert_by)}" if case and case.alert_by else "",
        "may_screen": permissions.holds(request.by, "intake.screen"),
        "source": terms.SOURCES.get(row.source, row.source or "not said"),
        "received": _told(row.received_at),
        "hand": slip_of(row.patient_id),
        "invitation": queries.find_open_invitation(row.patient_id),
        "last_link": _last_link(row.patient_id),
        "may_invite": permissions.holds(request.by, "intake.invite"),
    }
    return staff_page(request, "intake/request.html", context, room="intake", tab="queue")


def _told(at: datetime) -> str:
    return words.moment(at.astimezone(practice_zone()), "en")


def _last_link(patient_id: UUID) -> str:
    """Say what became of the newest link that is no longer open."""
    row = queries.find_newest_invitation(patient_id)
    if row is None:
        return ""
    if rules.is_locked(row.tries):
        return "Five wrong birth dates locked the last link. Call the person before you send a new one."
    if row.used_at is not None:
        return f"The last link was used on {_told(row.used_at)}."
    return "The last link expired unused."


@require_POST
@staff("intake.invite")
def invite(request: PageRequest, patient_id: UUID) -> HttpResponseBase:
    """Send the link to the patient's own page."""
    site = site_address(request)
    actions.invite_patient(
        practice=request.practice.id, by=request.by, at=request.at, patient_id=patient_id, base_url=site
    )
    newest = queries.find_newest_request(patient_id)
    page = reverse("intake_request", args=[newest.id]) if newest else reverse("intake_queue")
    return redirect(onward(request, page))


@require_GET
@staff("intake.read")
@exported("intake.export")
def documents(request: PageRequest) -> HttpResponseBase:
    """List what was sent and nobody has looked at, the longest waiting first."""
    found = sorted(queries.received_documents(), key=lambda item: (item.received_at is None, item.received_at))
    log.reads(*(item.patient_id for item in found))
    every = [_document_row(item, request) for item in found]
    listing = Listing(
        request.GET, every, noun="document", sorts=("name", "words", "received"),
        filters={"words": "Document", "owner": "Whose"},
    )  # fmt: skip
    rows = listing.rows
    if request.GET.get("format") == "csv":
        head = ("document", "patient", "received", "waited")
        lines = ((r["words"], r["name"], r["received"], r["waited"]) for r in rows)
        return csv_response(request, "documents", head, lines)
    said = words.count(len(every), "document", start=True)
    title = f"{said} to look at." if every else "Every document was looked at."
    context = {"title": title, "rows": rows, "list": listing}
    return staff_page(request, "intake/documents.html", context, room="intake", tab="documents")


def _document_row(item: CaseItem, request: PageRequest) -> dict[str, Any]:
    waited = (request.at - item.received_at).total_seconds() / 60 if item.received_at else 0
    return {
        "words": item.words,
        "name": item.case.patient.shown_name,
        "name_order": item.case.patient.name_key,
        "received_order": item.received_at,
        "owner": item.case.owner_staff.name if item.case.owner_staff else NO_ONE,
        "case": item.case.number,
        "received": _told(item.received_at) if item.received_at else "",
        "waited": words.length(waited, "en"),
        "whose": item.case.owner_staff.name if item.case.owner_staff else "",
        "url": reverse("intake_document", args=[item.id]),
    }


@require_http_methods(["GET"])
@staff("intake.read")
def document(request: PageRequest, item_id: UUID) -> HttpResponseBase:
    """Show the photo beside what can be said about it."""
    return _document_page(request, queries.get_document(item_id), ReturnForm())


def _document_page(request: PageRequest, item: CaseItem, form: ReturnForm) -> HttpResponse:
    file = queries.get_file(item.file_id) if item.file_id else None
    log.reads(item.patient_id)
    context = {
        "item": item,
        "file": file,
        "is_image": file is not None and file.content_type.startswith("image/"),
        "form": form,
        "waits": item.state == "received",
        "may_verify": permissions.holds(request.by, "intake.verify"),
        "hand": slip_of(item.patient_id) if item.patient_id else None,
    }
    status = 422 if form.is_bound else 200
    return staff_page(request, "intake/document.html", context, room="intake", tab="documents", status=status)


@require_POST
@staff("intake.verify")
def accept(request: PageRequest, item_id: UUID) -> HttpResponseBase:
    """The document is what was asked for."""
    item = queries.get_document(item_id)
    accept_item(practice=request.practice.id, by=request.by, at=request.at, case_id=item.case_id, key=item.key)
    return _next_document()


@require_POST
@staff("intake.verify")
def send_back(request: PageRequest, item_id: UUID) -> HttpResponseBase:
    """The document goes back with one reason; only this item opens again."""
    item, form = queries.get_document(item_id), ReturnForm(request.POST)
    if not form.is_valid():
        return _document_page(request, item, form)
    return_item(
        practice=request.practice.id,
        by=request.by,
        at=request.at,
        case_id=item.case_id,
        key=item.key,
        reason=form.cleaned_data["reason"],
    )
    return _next_document()


def _next_document() -> HttpResponse:
    """Go on to the document that waits longest, or to the list when none is left."""
    waiting = queries.received_documents().first()
    return redirect("intake_document", item_id=waiting.id) if waiting else redirect("intake_documents")


@require_GET
@staff("intake.read")
def file(request: PageRequest, file_id: UUID) -> HttpResponseBase:
    """Serve a patient's photo or scan, so that nothing in it can run."""
    found = queries.get_file(file_id)
    log.reads(found.patient_id)
    return store.response(found, inline=found.content_type.startswith("image/"))


@require_GET
@staff("intake.read")
def message(request: PageRequest, message_id: UUID) -> HttpResponseBase:
    """Show what a patient wrote to the practice."""
    row = queries.get_message(message_id)
    log.reads(row.patient_id)
    context = {
        "hand": slip_of(row.patient_id),
        "about": terms.ABOUT[row.about],
        "text": queries.text_of(row),
        "written": _told(row.written_at),
    }
    return staff_page(request, "intake/message.html", context, room="intake", tab="queue")
