"""The mailbox page: what came, what left, and the files that could not be read."""

from __future__ import annotations

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from stead.exchange import actions, queries
from stead.exchange.models import Interchange, MailboxFault
from stead.exchange.terms import KINDS, STATES
from stead.platform import permissions
from stead.platform.jobs.queue import enqueue
from stead.platform.ui import words
from stead.platform.ui.parts import Choice, Filter, FilterBar, Receipt
from stead.platform.web.door import PageRequest, staff
from stead.platform.web.exports import csv_response, exported
from stead.platform.web.pages import staff_page
from stead.practice.queries import practice_zone

PAGE_ROWS = 50
MARKS = {"built": "waiting", "sent": "asked", "answered": "met", "read": "met", "refused": "refused"}
DIRECTIONS = {"out": "to payers", "in": "from payers"}
CSV_HEADS = ("At", "Direction", "Kind", "Number", "State", "File", "Faults")
_DONE = {
    "fetch": "The mailbox is being looked through; reload in a moment.",
    "send": "The claims that are ready are on their way.",
    "settled": "Dealt with. The file stays kept.",
    "again": "The file was read again.",
}


@staff("mailbox.read")
@require_GET
@exported("mailbox.export")
def mailbox(request: PageRequest) -> HttpResponse:
    direction, state = request.GET.get("direction", ""), request.GET.get("state", "")
    direction, state = direction if direction in DIRECTIONS else "", state if state in STATES else ""
    sort = request.GET.get("sort", "")
    rows = queries.files(direction, state, sort)
    zone = practice_zone()
    if request.GET.get("format") == "csv":
        return csv_response(request, "mailbox", CSV_HEADS, (_csv_row(row) for row in rows))
    page = Paginator(rows, PAGE_ROWS).get_page(request.GET.get("page", "1"))
    faults = list(queries.open_faults())
    context = {
        "sentence": _sentence(faults, queries.counts()),
        "trays": _trays(),
        "faults": [_fault_row(row, zone) for row in faults],
        "rows": [_file_row(row, zone) for row in page.object_list],
        "page": page,
        "bar": _filter_bar(direction, state, page.paginator.count, sort),
        "may_settle": permissions.holds(request.by, "mailbox.settle"),
        "may_send": permissions.holds(request.by, "mailbox.send"),
        "may_take": permissions.holds(request.by, "mailbox.take"),
        "receipts": [Receipt(_DONE[d])] if (d := request.GET.get("done", "")) in _DONE else [],
    }
    return staff_page(request, "exchange/mailbox.html", context, room="billing", tab="mailbox")


@staff("mailbox.take")
@require_POST
def fetch(request: PageRequest) -> HttpResponse:
    enqueue("exchange.poll_mailbox", once="exchange.poll_mailbox")
    return _back("fetch")


@staff("mailbox.send")
@require_POST
def send(request: PageRequest) -> HttpResponse:
    """Queue the round that writes ready claims into files, which also comes by itself."""
    enqueue("exchange.send_claims", once="exchange.send_claims")
    return _back("send")


@staff("mailbox.settle")
@require_POST
def settle(request: PageRequest, fault_id: UUID) -> HttpResponse:
    actions.settle_fault(practice=request.practice.id, by=request.by, at=request.at, fault_id=fault_id)
    return _back("settled")


@staff("mailbox.settle")
@require_POST
def read_again(request: PageRequest, fault_id: UUID) -> HttpResponse:
    actions.read_again(practice=request.practice.id, by=request.by, at=request.at, fault_id=fault_id)
    return _back("again")


def _back(done: str) -> HttpResponse:
    return redirect(f"{reverse('exchange_mailbox')}?done={done}")


def _sentence(faults: list[MailboxFault], counts: dict[tuple[str, str], int]) -> str:
    if faults:
        return f"{words.count(len(faults), 'fault waits', 'faults wait', start=True)} for somebody."
    waiting = counts.get(("out", "built"), 0)
    if waiting:
        return f"{words.count(waiting, 'file waits', 'files wait', start=True)} to leave."
    return "Every file was read or has left."


def _trays() -> list[dict[str, Any]]:
    said = {
        "outbound": "laid out, not fetched yet",
        "inbound": "come, not read yet",
        "archive": "read and kept",
        "refused": "refused and kept",
    }
    urls = {"outbound": "?direction=out", "inbound": "", "archive": "?direction=in&state=read",
            "refused": "?direction=in&state=refused"}  # fmt: skip
    counts = queries.tray_counts()
    return [{"word": word, "count": words.grouped(counts[tray]), "url": urls[tray]} for tray, word in said.items()]


def _fault_row(row: MailboxFault, zone: ZoneInfo) -> dict[str, Any]:
    return {"id": row.id, "file": row.file_name, "reason": row.reason, "when": words.moment(row.at.astimezone(zone))}


def _file_row(row: Interchange, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": KINDS.get(row.kind, row.kind),
        "code": row.kind,
        "direction": DIRECTIONS[row.direction],
        "number": row.control_number,
        "file": row.file_name,
        "when": words.moment(row.at.astimezone(zone)),
        "mark": MARKS[row.state],
        "word": STATES[row.state],
        "tone": "" if row.state == "refused" else "ink",
        "faults": row.faults,
    }


def _csv_row(row: Interchange) -> tuple[Any, ...]:
    kind = KINDS.get(row.kind, row.kind)
    at = row.at.isoformat(timespec="minutes")
    return (at, DIRECTIONS[row.direction], kind, row.control_number, STATES[row.state], row.file_name,
            " ".join(row.faults))  # fmt: skip


def _filter_bar(direction: str, state: str, count: int, sort: str) -> FilterBar:
    ways, states = [("", "both ways"), *DIRECTIONS.items()], [("", "all"), *STATES.items()]
    return FilterBar(
        (
            Filter("direction", "Files", dict(ways)[direction], [Choice(v, la, v == direction) for v, la in ways]),
            Filter("state", "State", dict(states)[state], [Choice(v, la, v == state) for v, la in states]),
        ),
        count=words.tally(count, "file"),
        clear_url="?" if direction or state else "",
        kept=[("sort", sort)] if sort else [],
    )
