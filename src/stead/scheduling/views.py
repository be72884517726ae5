"""Pages of the book: the day, its list, booking, and one visit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from stead.patients import queries as patients
from stead.patients import slip
from stead.platform import permissions
from stead.platform.access import log
from stead.platform.refusals import NotFound, Refusal
from stead.platform.ui.pages import in_sheet
from stead.platform.web.door import PageRequest, staff
from stead.platform.web.exports import csv_response, exported
from stead.platform.web.pages import staff_page
from stead.practice.models import Location
from stead.practice.queries import home_of
from stead.scheduling import actions, board, daylist, desk, queries, receipts, refused, visitpage
from stead.scheduling.models import Appointment

STEPS = {
    "confirm": actions.confirm_appointment,
    "check-in": actions.check_in_patient,
    "start": actions.start_session,
    "finish": actions.finish_session,
    "no-show": actions.mark_no_show,
    "undo-check-in": actions.undo_check_in,
    "undo-start": actions.undo_start,
    "undo": actions.undo_booking,
    "release": actions.release_hold,
    "book": actions.book_held_slot,
}
GATED = {"check-in": "checked in", "book": "booked"}
"""Steps that ask gates, with the words for what then was not done."""


@staff("calendar.read")
@require_GET
def today(request: PageRequest) -> HttpResponseBase:
    """Go to today's page of the location, by the location's own calendar."""
    place = _place(request)
    if place is None:
        return staff_page(request, "scheduling/nowhere.html", {}, room="calendar", tab="day")
    day = request.at.astimezone(queries.zone_of(place)).date()
    return redirect(f"{reverse('calendar_day', args=[day])}?location={place.id}")


@staff("calendar.read")
@require_GET
def day_page(request: PageRequest, day: date) -> HttpResponse:
    place = _place(request)
    if place is None:
        raise NotFound()
    shown = board.board(place, day, request.at, request.by)
    log.reads_all(v.patient_id for v in shown["visits"])
    now = request.at.astimezone(queries.zone_of(place)).date()

    def address(to: date) -> str:
        return f"{reverse('calendar_day', args=[to])}?location={place.id}"

    context = shown | {
        "day": day,
        "place": place,
        "where": place.name,
        "places": [(p.name, f"{reverse('calendar_day', args=[day])}?location={p.id}", p.id == place.id)
                   for p in _places()],
        "earlier": address(day - timedelta(days=1)),
        "later": address(day + timedelta(days=1)),
        "today_url": address(now) if day != now else "",
        "here": address(day),
        "list_url": f"{reverse('calendar_list')}?day={day}&location={place.id}",
        "receipts": receipts.of_address(request),
        "legend": board_legend(),
        "may_book": permissions.holds(request.by, "appointments.book"),
    }  # fmt: skip
    return staff_page(request, "scheduling/day.html", context, room="calendar", tab="day", live=True)


def board_legend() -> list[tuple[str, str, str]]:
    from stead.scheduling.shown import look

    keys = ("confirmed", "booked", "arrived", "in_session", "done", "no_show", "late_cancel", "held")
    return [(look(k).state, look(k).mark, look(k).word) for k in keys]


@staff("calendar.read")
@require_GET
@exported("patients.export")
def visit_list(request: PageRequest) -> HttpResponse:
    wish = daylist.Wish.read(request.GET, request.at, _places())
    rows = daylist.rows(wish, request.at)
    if request.GET.get("format") == "csv":
        log.reads_all(row["patient_id"] for row in rows)
        return csv_response(request, f"visits-{wish.day}", daylist.CSV_HEADS, daylist.csv_rows(rows))
    log.reads_all(row["patient_id"] for row in rows)
    context = {
        "wish": wish,
        "rows": rows,
        "sentence": daylist.sentence(rows, wish),
        "bar": daylist.filter_bar(wish, len(rows)),
        "receipts": receipts.of_address(request),
        "here": request.get_full_path(),
    }
    return staff_page(request, "scheduling/list.html", context, room="calendar", tab="list")


@staff("appointments.book")
@require_http_methods(["GET", "POST"])
def book(request: PageRequest) -> HttpResponseBase:
    wish = desk.Wish.read(request.POST if request.method == "POST" else request.GET)
    patient = patients.get_patient(wish.patient) if wish.patient else None
    opened = desk.opened(wish, patient)
    if request.method == "GET":
        return _desk_page(request, opened, refusal=refused.standing(opened, request))
    wanted = opened.wish.request(refused.override_of(request, wish.starts_at))
    if wanted is None:
        return _desk_page(request, opened, problem="Choose a patient and one of the times.", status=422)
    try:
        row = actions.book_appointment(practice=request.practice.id, by=request.by, at=request.at, request=wanted)
    except NotFound:
        raise
    except Refusal as refusal:
        return _desk_page(request, opened, refusal=refusal, status=refusal.status)
    return redirect(_booked_url(request, row, "booked"))


@staff("appointments.book")
@require_POST
def hold(request: PageRequest) -> HttpResponseBase:
    """Hold a time until the second noon from now, at the location."""
    wish = desk.Wish.read(request.POST)
    opened = desk.opened(wish, patients.get_patient(wish.patient) if wish.patient else None)
    wanted = opened.wish.request()
    if wanted is None:
        return _desk_page(request, opened, problem="Choose a patient and one of the times.", status=422)
    until = refused.hold_until(request.at, opened.zone(wanted.location_id))
    try:
        row = actions.hold_slot(practice=request.practice.id, by=request.by, at=request.at, request=wanted, until=until)
    except NotFound:
        raise
    except Refusal as refusal:
        return _desk_page(request, opened, refusal=refusal, status=refusal.status)
    return redirect(_booked_url(request, row, "held"))


def _book_url(request: PageRequest) -> str:
    """Return the booking page's address; beside the day it stays beside it."""
    return reverse("calendar_book") + ("?beside=1" if _is_beside(request) else "")


def _is_beside(request: PageRequest) -> bool:
    """Say whether the booking stands in the sheet beside the day: opened there, or come back to it from a mending."""
    return "beside" in request.GET or in_sheet(request)


def _booked_url(request: PageRequest, row: Appointment, done: str) -> str:
    joint = "&" if _is_beside(request) else "?"
    return f"{_book_url(request)}{joint}patient={row.patient_id}&done={done}&visit={row.id}"


def _desk_page(
    request: PageRequest, opened: desk.Desk, *, refusal: Refusal | None = None, problem: str = "", status: int = 200
) -> HttpResponse:
    taken = getattr(refusal, "alternatives", None)
    offered = taken if taken else desk.slots(opened, request.at, request.by)
    is_back = request.method == "GET" and opened.wish.starts_at is not None and refusal is None
    if is_back:  # from mending what a gate lacked: the time asked for comes first
        offered = refused.with_asked(opened, offered)[: desk.SHOWN_SLOTS]
    week = desk.week(opened, offered, request.at, refused=refusal is not None)
    log.reads_all(week["patients"] if week else [])
    text = request.GET.get("q", "").strip()
    found = patients.search_patients(text, 8) if text else []
    log.reads_all(row.id for row in found)
    base = {"put_down_url": reverse("calendar_book")}
    context = {
        "hand": slip.of(opened.patient) | base if opened.patient else None,
        "desk": opened,
        "beside": _is_beside(request),
        "book_url": _book_url(request),
        "week": week,
        "rows": [desk.slot_row(opened, s, desk.LETTERS[n]) for n, s in enumerate(offered)],
        "choices": refused.choices(opened),
        "since": opened.wish.since.isoformat() if opened.wish.since else "",
        "said": refused.said(refusal, opened, offered, request) if refusal else None,
        "problem": problem,
        "ready": is_back and bool(offered) and offered[0].starts_at == opened.wish.starts_at,
        "q": text,
        "found": found,
        "receipts": receipts.of_address(request),
        "may_register": permissions.holds(request.by, "patients.register"),
    }
    return staff_page(request, "scheduling/book.html", context, room="calendar", tab="book", status=status)


@staff("calendar.read")
@require_GET
def visit(request: PageRequest, appointment_id: UUID) -> HttpResponse:
    return _visit_page(request, appointment_id)


@staff("calendar.read")
@require_POST
def step(request: PageRequest, appointment_id: UUID, step: str) -> HttpResponseBase:
    """Take one step with a visit; each action asks for its own permission."""
    take = STEPS.get(step)
    if take is None:
        raise NotFound()
    given: dict[str, Any] = {"appointment_id": appointment_id}
    if step in GATED and "reason" in request.POST:
        given["override"] = refused.override_of(request, queries.get_appointment(appointment_id).starts_at)
    try:
        take(practice=request.practice.id, by=request.by, at=request.at, **given)
    except NotFound:
        raise
    except Refusal as refusal:
        again = refused.Again(GATED[step], request.path) if step in GATED else None
        return _visit_page(request, appointment_id, refusal=refusal, again=again)
    return _back(request, appointment_id, step)


@staff("appointments.run_session")
@require_POST
def record_late(request: PageRequest, appointment_id: UUID) -> HttpResponseBase:
    """Write down a visit that took place, with the times typed."""
    held = visitpage.typed_session(request.POST, queries.get_appointment(appointment_id))
    if held is None:
        return _visit_page(request, appointment_id, problem="Write when the session began and ended.", status=422)
    try:
        actions.record_late_session(
            practice=request.practice.id, by=request.by, at=request.at, appointment_id=appointment_id,
            began_at=held[0], ended_at=held[1], reason=request.POST.get("reason", ""),
        )  # fmt: skip
    except NotFound:
        raise
    except Refusal as refusal:
        return _visit_page(request, appointment_id, refusal=refusal)
    return _back(request, appointment_id, "late")


@staff("appointments.book")
@require_POST
def move(request: PageRequest, appointment_id: UUID) -> HttpResponseBase:
    wish = desk.Wish.read(request.POST)
    starts_at = wish.starts_at or visitpage.typed_moment(request.POST, queries.get_appointment(appointment_id))
    if starts_at is None:
        return _visit_page(request, appointment_id, problem="Write the day and the time it moves to.", status=422)
    try:
        actions.reschedule_appointment(
            practice=request.practice.id, by=request.by, at=request.at, appointment_id=appointment_id,
            starts_at=starts_at, practitioner_id=wish.practitioner, location_id=wish.location,
            override=refused.override_of(request, starts_at), reason=request.POST.get("because", "patient_asked"),
        )  # fmt: skip
    except NotFound:
        raise
    except Refusal as refusal:
        again = refused.Again("moved", request.path, refused.fields_of(replace(wish, starts_at=starts_at)))
        return _visit_page(request, appointment_id, refusal=refusal, again=again)
    return _back(request, appointment_id, "moved")


@staff("appointments.cancel")
@require_POST
def cancel(request: PageRequest, appointment_id: UUID) -> HttpResponseBase:
    try:
        actions.cancel_appointment(
            practice=request.practice.id, by=request.by, at=request.at, appointment_id=appointment_id,
            reason=request.POST.get("reason", ""),
        )  # fmt: skip
    except NotFound:
        raise
    except Refusal as refusal:
        return _visit_page(request, appointment_id, refusal=refusal)
    return _back(request, appointment_id, "cancelled")


def _visit_page(
    request: PageRequest, appointment_id: UUID, *, refusal: Refusal | None = None, problem: str = "", status: int = 0,
    again: refused.Again | None = None,
) -> HttpResponse:  # fmt: skip
    row = queries.get_appointment(appointment_id)
    context = visitpage.shown(row, request.by, request.at) | {
        "hand": slip.of(row.patient) | {"put_down_url": reverse("calendar_today")},
        "problem": refusal.words if refusal else problem,
        "gate": refused.gate_of(refusal, again, reverse("calendar_visit", args=[appointment_id])) if again else None,
        "receipts": receipts.of_address(request),
    }
    code = status or (refusal.status if refusal else 200)
    return staff_page(request, "scheduling/visit.html", context, room="calendar", status=code)


def _back(request: PageRequest, appointment_id: UUID, done: str) -> HttpResponseBase:
    """Return to the page the step was taken from, if it is one of ours, with a receipt."""
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        target = reverse("calendar_visit", args=[appointment_id])
    joint = "&" if "?" in target else "?"
    return redirect(f"{target}{joint}done={done}&visit={appointment_id}")


def _places() -> list[Location]:
    return list(Location.objects.filter(closed_date=None).order_by("name"))


def _place(request: PageRequest) -> Location | None:
    """Return the location of the address, else where the person works, else the first."""
    places = _places()
    wanted = request.GET.get("location", "")
    found = next((p for p in places if str(p.id) == wanted), None)
    if found is not None or not places:
        return found
    home = home_of(request.by.id)
    return next((p for p in places if p.id == home), places[0])
