"""Visits: what is booked, and to confirm, cancel, move or book one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from stead.platform.refusals import InvalidInput, NotFound, Refusal
from stead.platform.ui import words
from stead.platform.web.answers import words_for_patient
from stead.platform.web.door import PageRequest
from stead.portal import queries
from stead.portal.door import patient_page, portal_page
from stead.portal.visit_words import MARKS, STANDING, service, state_words, when, where
from stead.practice.models import Location, StaffMember
from stead.scheduling import actions
from stead.scheduling.models import Service
from stead.scheduling.queries import find_slots
from stead.scheduling.rules import (
    MoveInsideNotice,
    MoveNotPossible,
    SlotTaken,
    VisitBegun,
    check_patients_move,
    is_late,
    may_patient_move,
)
from stead.scheduling.terms import PATIENT_NOTICE_HOURS, USUAL, BookingRequest, Slot

OFFERED = 12


@patient_page("GET")
def visits(request: PageRequest) -> HttpResponseBase:
    """Show the visits to come, then those that were."""
    rows = [_row(v, request.at) for v in queries.visits_of(request.patient_id)]
    coming = [r for r in reversed(rows) if r["coming"]]
    context = {
        "title": _title(coming),
        "coming": coming,
        "past": [r for r in rows if not r["coming"]],
        "phone": queries.phone_of(queries.get_me(request.patient_id).location_id),
        "services": _services(request.patient_id),
    }
    return portal_page(request, "portal/visits.html", context, here="calendar")


def _title(coming: list[dict[str, Any]]) -> str:
    if not coming:
        return _("No visit is booked")
    if len(coming) == 1:
        return _("Your next visit")
    return _("%(n)s visits are booked") % {"n": words.number_word(len(coming), start=True)}


def _row(visit: dict[str, Any], at: datetime) -> dict[str, Any]:
    coming = visit["starts_at"] > at and visit["status"] in STANDING
    return {
        "id": visit["id"],
        "when": when(visit),
        "who": visit["practitioner__name"],
        "where": where(visit),
        "service": service(visit),
        "mark": MARKS.get(visit["status"], "booked"),
        "state": state_words(visit["status"]),
        "coming": coming,
        "to_confirm": coming and visit["status"] == "booked",
        "may_move": may_patient_move(visit["status"], visit["starts_at"], at),
    }


def _services(patient_id: UUID) -> list[dict[str, Any]]:
    """Return what this patient may book alone: follow-up visits with the practitioner who knows them."""
    me = queries.get_me(patient_id)
    if me.status != "active" or me.practitioner_id is None:
        return []
    rows = Service.objects.filter(retired_at=None, is_first_visit=False).order_by("name")
    spanish = words.language() == "es"
    return [{"id": s.id, "name": (s.name_es if spanish else "") or s.name, "minutes": s.minutes} for s in rows]


@patient_page("POST")
def confirm(request: PageRequest, visit_id: UUID) -> HttpResponseBase:
    """Say that one will come."""
    actions.confirm_appointment(practice=request.practice.id, by=request.by, at=request.at, appointment_id=visit_id)
    return redirect("portal_visits")


@patient_page("GET", "POST")
def cancel(request: PageRequest, visit_id: UUID) -> HttpResponseBase:
    """Cancel a visit, after reading what a late cancellation means."""
    visit = queries.get_visit(request.patient_id, visit_id)
    if request.method == "POST":
        actions.cancel_appointment(
            practice=request.practice.id,
            by=request.by,
            at=request.at,
            appointment_id=visit_id,
            reason="patient_asked",
        )
        return redirect("portal_visits")
    late = is_late("patient_asked", visit["starts_at"], request.at)
    phone = queries.phone_of(queries.get_me(request.patient_id).location_id)
    context = {"visit": _row(visit, request.at), "late": late, "phone": phone}
    return portal_page(request, "portal/cancel.html", context, here="calendar")


@patient_page("POST")
def find(request: PageRequest) -> HttpResponseBase:
    """Offer times. A post, because free hours are the practice's rows and not the patient's."""
    service_id, replaces = _chosen_service(request), request.POST.get("replaces", "")
    if replaces:
        visit = queries.get_visit(request.patient_id, _uuid(replaces))
        try:
            check_patients_move(visit["status"], visit["starts_at"], request.at)
        except MoveInsideNotice as refusal:
            return _by_phone(request, refusal)
    return _offers(request, service_id, replaces=replaces)


@patient_page("POST")
def book(request: PageRequest) -> HttpResponseBase:
    """Book the chosen time, or move a visit to it. A time that was taken meanwhile offers the next ones."""
    wanted, replaces = _wanted(request), request.POST.get("replaces", "")
    try:
        _place(request, wanted, replaces)
    except SlotTaken as taken:
        told = words_for_patient(taken)
        return _offers(request, wanted.service_id, replaces=replaces, taken=told, status=409)
    except (MoveInsideNotice, MoveNotPossible, VisitBegun) as refusal:
        return _by_phone(request, refusal)
    except NotFound:
        raise
    except Refusal as refusal:
        told = words_for_patient(refusal)
        return _offers(request, wanted.service_id, replaces=replaces, taken=told, status=422)
    return redirect("portal_visits")


def _place(request: PageRequest, wanted: BookingRequest, replaces: str) -> None:
    door = {"practice": request.practice.id, "by": request.by, "at": request.at}
    if replaces:
        actions.reschedule_appointment(
            **door,
            appointment_id=_uuid(replaces),
            starts_at=wanted.starts_at,
            practitioner_id=wanted.practitioner_id,
            location_id=wanted.location_id,
        )
    else:
        actions.book_appointment(**door, request=wanted)


def _chosen_service(request: PageRequest) -> UUID:
    """Return the service asked for: of the visit to be moved, or one of those this patient may book."""
    if request.POST.get("replaces"):
        return UUID(str(queries.get_visit(request.patient_id, _uuid(request.POST["replaces"]))["service_id"]))
    wanted = _uuid(request.POST.get("service", ""))
    if wanted not in {s["id"] for s in _services(request.patient_id)}:
        raise NotFound()
    return wanted


def _wanted(request: PageRequest) -> BookingRequest:
    practitioner = _practitioner(request)
    try:
        starts_at = datetime.fromisoformat(request.POST.get("starts_at", ""))
    except ValueError:
        raise InvalidInput(_("Choose one of the times.")) from None
    if starts_at.tzinfo is None:
        raise InvalidInput(_("Choose one of the times."))
    return BookingRequest(
        patient_id=request.patient_id,
        service_id=_chosen_service(request),
        practitioner_id=practitioner,
        location_id=_uuid(request.POST.get("location", "")),
        starts_at=starts_at,
    )


def _practitioner(request: PageRequest) -> UUID:
    """Return whom this patient sees: of the visit to be moved, or the one on the record. Never another."""
    if request.POST.get("replaces"):
        return UUID(str(queries.get_visit(request.patient_id, _uuid(request.POST["replaces"]))["practitioner_id"]))
    known = queries.get_me(request.patient_id).practitioner_id
    if known is None:
        raise NotFound()
    return known


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound() from None


def _offers(
    request: PageRequest, service_id: UUID, *, replaces: str, taken: str = "", status: int = 200
) -> HttpResponse:
    slots = find_slots(
        service_id=service_id,
        practitioner_ids=[_practitioner(request)],
        earliest=request.at + timedelta(hours=PATIENT_NOTICE_HOURS),
        count=OFFERED,
        patient_id=request.patient_id,
        ignoring=_uuid(replaces) if replaces else None,
    )
    context = {
        "slots": [_slot(s) for s in slots],
        "service_id": service_id,
        "replaces": replaces,
        "taken": taken,
        "phone": queries.phone_of(queries.get_me(request.patient_id).location_id),
    }
    return portal_page(request, "portal/times.html", context, here="calendar", status=status)


def _by_phone(request: PageRequest, refusal: Refusal) -> HttpResponse:
    """Say that the front desk moves this visit, and how to reach it."""
    context = {
        "only_by_phone": True,
        "taken": words_for_patient(refusal),
        "phone": queries.phone_of(queries.get_me(request.patient_id).location_id),
    }
    return portal_page(request, "portal/times.html", context, here="calendar", status=refusal.status)


def _slot(slot: Slot) -> dict[str, Any]:
    place = Location.objects.get(id=slot.location_id)
    local = slot.starts_at.astimezone(ZoneInfo(place.time_zone))
    return {
        "starts_at": slot.starts_at.isoformat(),
        "location": slot.location_id,
        "when": f"{words.long_day(local.date())}, {words.clock(local)}",
        "where": f"{StaffMember.objects.get(id=slot.practitioner_id).name}, {place.name}",
        "why": _("where you usually come") if slot.preferred == USUAL else "",
    }
