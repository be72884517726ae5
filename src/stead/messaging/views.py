"""The outbox: what was written to patients, what waits, what failed and why."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from stead.messaging import actions, lists, queries
from stead.platform import permissions
from stead.platform.access import log
from stead.platform.ui.parts import Receipt
from stead.platform.web.door import PageRequest, staff
from stead.platform.web.exports import csv_response, exported
from stead.platform.web.pages import staff_page
from stead.practice.queries import practice_zone

_DONE = {"again": "The message is in the queue again.", "stopped": "The message was taken back."}


@staff("messages.read")
@require_GET
@exported("messages.export")
def outbox(request: PageRequest) -> HttpResponse:
    wish = lists.Wish.read(request.GET)
    rows = lists.matching(wish)
    if request.GET.get("format") == "csv":
        log.reads_all(key for key in rows.values_list("patient_id", flat=True) if key)
        return csv_response(request, "messages", lists.CSV_HEADS, lists.csv_rows(rows))
    page = lists.page_of(rows, request.GET.get("page", "1"))
    shown = lists.shown(list(page.object_list), practice_zone())
    log.reads_all(row["patient_id"] for row in shown if row["patient_id"])
    counts = queries.counts()
    context = {
        "sentence": lists.sentence(counts),
        "tallies": lists.tallies(counts),
        "bar": lists.filter_bar(wish, page.paginator.count),
        "rows": shown,
        "page": page,
        "may_send": permissions.holds(request.by, "messages.send"),
        "receipts": _receipts(request),
    }
    return staff_page(request, "messaging/outbox.html", context, room="messages", tab="outbox")


@staff("messages.read")
@require_GET
def message(request: PageRequest, message_id: UUID) -> HttpResponse:
    row = queries.get_message(message_id)
    shown = lists.row_of(row, queries.names_of([row]), practice_zone())
    if row.state == "queued":
        shown["to"] = queries.recipient_of(row).address
    if row.patient_id:
        log.reads(row.patient_id)
    context = {
        "m": shown,
        "may_send": permissions.holds(request.by, "messages.send"),
        "receipts": _receipts(request),
    }
    return staff_page(request, "messaging/message.html", context, room="messages", tab="outbox")


@staff("messages.send")
@require_POST
def send_again(request: PageRequest, message_id: UUID) -> HttpResponse:
    row = actions.send_again(practice=request.practice.id, by=request.by, at=request.at, message_id=message_id)
    return redirect(f"{reverse('messaging_message', args=[row.id])}?done=again")


@staff("messages.send")
@require_POST
def stop(request: PageRequest, message_id: UUID) -> HttpResponse:
    row = actions.stop_message(practice=request.practice.id, by=request.by, at=request.at, message_id=message_id)
    return redirect(f"{reverse('messaging_message', args=[row.id])}?done=stopped")


def _receipts(request: PageRequest) -> list[Receipt]:
    done = request.GET.get("done", "")
    return [Receipt(_DONE[done])] if done in _DONE else []
