"""Where the practice works: profile, locations with hours, rooms, closed days."""

from __future__ import annotations

from datetime import date, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms as django_forms
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from stead.patients.rules import zip_words
from stead.platform import permissions
from stead.platform.access import log
from stead.platform.refusals import NotFound
from stead.platform.ui import words
from stead.platform.web.days import read_day
from stead.platform.web.door import PageRequest, staff
from stead.platform.web.pages import staff_page
from stead.practice import actions as practice_actions
from stead.practice import queries as practice_queries
from stead.practice.models import Location, PracticeProfile, Room
from stead.practice.terms import DEFAULT_HOURS
from stead.setup import actions, forms, queries
from stead.setup.views.shared import done, receipts

DONE = {
    "profile": "The profile is kept. Claims name the practice so from now on.",
    "opened": "The location is there. Add its rooms, then people's hours can name it.",
    "changed": "The location is changed. Visits that are booked stay as they are.",
    "room": "The room is there and can be booked.",
    "renamed": "The room is changed.",
    "closed": "The day is closed: nothing more can be booked on it. Visits that stand in the book are listed here.",
    "reopened": "The day is open again.",
}


@staff("practice.configure")
@require_http_methods(["GET", "POST"])
def profile(request: PageRequest) -> HttpResponseBase:
    """Show and set how the practice names itself."""
    known = PracticeProfile.objects.get_or_none(id=request.practice.id)
    kept = {name: getattr(known, name) for name in forms.ProfileForm.base_fields if hasattr(known, name)}
    kept |= {"name": request.practice.name, "time_zone": request.practice.time_zone}
    form = forms.ProfileForm(request.POST if request.method == "POST" else None, initial=kept)
    if request.method == "POST" and form.is_valid() and done(request, form, actions.set_practice, **form.given()):
        return redirect(f"{reverse('setup_profile')}?done=profile")
    page = {
        "title": f"{known.legal_name} bills under NPI {known.npi}." if known else "Payers do not know us yet.",
        "form": form,
        "receipts": receipts(request, DONE),
    }  # fmt: skip
    status = 422 if form.errors else 200
    return staff_page(request, "setup/profile.html", page, room="seats", tab="setup", status=status)


@staff("practice.configure")
@require_http_methods(["GET", "POST"])
def places(request: PageRequest) -> HttpResponseBase:
    """List the locations with their rooms; on POST open one."""
    week = {f"{day}_{end}": time.fromisoformat(pair[i]) for day, pair in DEFAULT_HOURS.items()
            for i, end in enumerate(("opens", "closes"))}  # fmt: skip
    start = {"time_zone": request.practice.time_zone, **week}
    form = forms.LocationForm(request.POST if request.method == "POST" else None, initial=start)
    if request.method == "POST" and form.is_valid() and done(
        request, form, practice_actions.create_location, details=form.details()
    ):  # fmt: skip
        return redirect(f"{reverse('setup_places')}?done=opened")
    rows = list(Location.objects.get_queryset().prefetch_related("rooms").order_by("name"))
    page = {
        "title": f"{words.count(len(rows), 'place', start=True)} {'is' if len(rows) == 1 else 'are'} open to patients."
        if rows else "No place is open to patients.",
        "rows": [_place_row(row) for row in rows],
        "form": form,
        "receipts": receipts(request, DONE),
    }  # fmt: skip
    status = 422 if form.errors else 200
    return staff_page(request, "setup/places.html", page, room="seats", tab="setup", status=status)


def _place_row(row: Location) -> dict[str, Any]:
    address = ", ".join(
        part for part in (row.line1, row.city, f"{row.state} {zip_words(row.zip_code)}".strip()) if part
    )
    return {
        "id": row.id, "name": row.name, "address": address, "hours": _hours_words(row),
        "rooms": ", ".join(sorted(room.name for room in row.rooms.all())), "npi": row.npi,
    }  # fmt: skip


def _hours_words(row: Location) -> str:
    """Say the week in runs of days alike: "Monday to Friday 8:00 am to 5:00 pm"."""
    runs: list[tuple[str, str, tuple[str, ...]]] = []
    before = ""
    for day, name in forms.DAY_NAMES.items():
        pair = tuple(row.hours.get(day, ()))
        if pair and runs and runs[-1][2] == pair and runs[-1][1] == before:
            runs[-1] = (runs[-1][0], name, pair)
        elif pair:
            runs.append((name, name, pair))
        before = name
    return "; ".join(
        f"{first if first == last else f'{first} to {last}'} {_clock(pair[0])} to {_clock(pair[1])}"
        for first, last, pair in runs
    )


def _clock(text: str) -> str:
    return "midnight" if text == "24:00" else words.clock(time.fromisoformat(text))


@staff("practice.configure")
@require_http_methods(["GET", "POST"])
def place(request: PageRequest, location_id: UUID) -> HttpResponseBase:
    """Show one location; on POST change it."""
    form = forms.LocationForm(request.POST) if request.method == "POST" else None
    if form is not None and form.is_valid() and done(
        request, form, practice_actions.change_location, location_id=location_id, details=form.details()
    ):  # fmt: skip
        return _to_place(location_id, "changed")
    return _place_page(request, location_id, form=form)


@staff("practice.configure")
@require_POST
def add_room(request: PageRequest, location_id: UUID) -> HttpResponseBase:
    form = forms.RoomForm(request.POST, auto_id="room_%s")
    if form.is_valid() and done(
        request, form, practice_actions.create_room, location_id=location_id, **form.cleaned_data
    ):
        return _to_place(location_id, "room")
    return _place_page(request, location_id, room=form)


@staff("practice.configure")
@require_http_methods(["GET", "POST"])
def room(request: PageRequest, room_id: UUID) -> HttpResponseBase:
    """Show one room; on POST give it another name or number of chairs."""
    row = Room.objects.get_queryset().select_related("location").get_or_none(id=room_id)
    if row is None:
        raise NotFound()
    posted = request.POST if request.method == "POST" else None
    form = forms.RoomForm(posted, initial={"name": row.name, "capacity": row.capacity})
    if posted and form.is_valid() and done(
        request, form, practice_actions.change_room, room_id=room_id, **form.cleaned_data
    ):  # fmt: skip
        return _to_place(row.location_id, "renamed")
    page = {"title": f"{row.name}, {row.location.name}", "row": row, "form": form}
    status = 422 if form.errors else 200
    return staff_page(request, "setup/room.html", page, room="seats", tab="setup", status=status)


def _to_place(location_id: UUID, said: str) -> HttpResponse:
    return redirect(f"{reverse('setup_place', args=[location_id])}?done={said}")


def _place_page(
    request: PageRequest, location_id: UUID, *, form: django_forms.Form | None = None,
    room: django_forms.Form | None = None,
) -> HttpResponse:  # fmt: skip
    row = Location.objects.get_or_none(id=location_id)
    if row is None:
        raise NotFound()
    bound = form or room
    page = {
        "place": _place_row(row),
        "title": f"{row.name}: {_hours_words(row) or 'no hours'}.",
        "rooms": Room.objects.filter(location_id=row.id).order_by("name"),
        "form": form or forms.LocationForm(initial=_kept(row)),
        "room": room or forms.RoomForm(auto_id="room_%s"),
        "receipts": receipts(request, DONE),
    }
    status = 422 if bound is not None and bound.errors else 200
    return staff_page(request, "setup/place.html", page, room="seats", tab="setup", status=status)


def _kept(row: Location) -> dict[str, Any]:
    plain = {name: getattr(row, name) for name in forms.LocationForm.base_fields}
    for day, (opens, closes) in row.hours.items():
        # A place that is open until midnight is shown to the last minute a clock can say.
        last = "23:59" if closes == "24:00" else closes
        plain |= {f"{day}_opens": time.fromisoformat(opens), f"{day}_closes": time.fromisoformat(last)}
    return plain


@staff("practice.configure")
@require_http_methods(["GET", "POST"])
def closed_days(request: PageRequest) -> HttpResponseBase:
    """List closed days; show which visits a day would hit, before it is closed and after; on POST close it."""
    today = practice_queries.practice_day(request.at)
    asked = _asked(request)
    posted = request.POST if request.method == "POST" else None
    form = forms.ClosedDayForm(posted, initial=asked, auto_id="close_%s")
    if posted and form.is_valid() and done(request, form, practice_actions.close_day, **form.cleaned_data):
        said = form.cleaned_data
        place = f"&location_id={said['location_id']}" if said["location_id"] else ""
        return redirect(f"{reverse('setup_closed_days')}?done=closed&day={said['day']}{place}")
    page = {
        "title": _closed_title(rows := list(queries.closures(today))),
        "rows": rows,
        "asked": words.long_day(asked["day"]) if asked else "",
        "hit": _hit(request, asked["day"], asked.get("location_id")) if asked else [],
        "form": form,
        "receipts": receipts(request, DONE),
    }
    status = 422 if form.errors else 200
    return staff_page(request, "setup/closed_days.html", page, room="seats", tab="setup", status=status)


def _asked(request: PageRequest) -> dict[str, Any]:
    """Return the day and place that the address asks about; what is no day asks nothing."""
    try:
        day = read_day(request.GET.get("day", ""))
    except ValueError:
        return {}
    try:
        return {"day": day, "location_id": UUID(request.GET.get("location_id", ""))}
    except ValueError:
        return {"day": day}


def _closed_title(rows: list[Any]) -> str:
    if not rows:
        return "No day ahead is closed."
    return f"{words.count(len(rows), 'day', start=True)} ahead {'is' if len(rows) == 1 else 'are'} closed."


def _hit(request: PageRequest, day: date, location_id: UUID | None) -> list[dict[str, Any]]:
    """Return the visits in the book on that day, by the clock of their place. Reading them is logged."""
    if not permissions.holds(request.by, "calendar.read"):
        return []
    visits = queries.visits_on(day, location_id)
    log.reads_all(visit.patient_id for visit in visits)
    return [
        {
            "url": reverse("calendar_visit", args=[visit.id]), "patient": visit.patient.shown_name,
            "when": words.clock(visit.starts_at.astimezone(ZoneInfo(visit.location.time_zone))),
            "who": visit.practitioner.name, "place": visit.location.name,
        }
        for visit in visits
    ]  # fmt: skip


@staff("practice.configure")
@require_POST
def reopen(request: PageRequest, closure_id: UUID) -> HttpResponseBase:
    practice_actions.reopen_day(practice=request.practice.id, by=request.by, at=request.at, closure_id=closure_id)
    return redirect(f"{reverse('setup_closed_days')}?done=reopened")
