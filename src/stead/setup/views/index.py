"""Set up: what the practice still lacks before its first booking and its first claim; seats to begin with."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from stead.platform.ui import words
from stead.platform.web.door import PageRequest, staff
from stead.platform.web.pages import staff_page
from stead.practice import actions as practice_actions
from stead.practice import queries as practice_queries
from stead.setup import forms, queries, rules
from stead.setup.terms import Step
from stead.setup.views.shared import done, receipts

PAGES = {
    "profile": "setup_profile", "locations": "setup_places", "people": "setup_people",
    "practitioners": "setup_people", "hours": "calendar_hours", "npi": "setup_people", "licenses": "setup_people",
    "services": "calendar_services", "codes": "calendar_services", "payers": "coverage_payers",
    "seats": "setup_seats", "agreements": "forms_agreements", "playbooks": "processes_playbooks",
}  # fmt: skip
"""Where each step is taken. A page that no room has yet leaves the step's words unlinked."""
MARKS = {"done": "met", "missing": "unmet", "look": "close"}
SAID = {"done": "done", "missing": "missing", "look": "look at it"}
DONE = {"seats": "The seats of the preset are there. Name who holds them.", "seat": "The seat is there, and blank."}


@staff("setup.read")
@require_GET
def index(request: PageRequest) -> HttpResponse:
    """List every step with what is so, first what the first booking waits for."""
    found = rules.steps(queries.facts(practice_queries.practice_day(request.at)))
    booking, claim = rules.missing(found, "booking"), rules.missing(found, "claim")
    later = [step for step in claim if step not in booking]
    rest = [step for step in found if step not in claim]
    groups = [
        ("Before the first booking", "Nobody can be booked until these are there.", booking),
        ("Before the first claim", "Payers send a claim back without these.", later),
        ("The rest", "There, or good to have.", rest),
    ]
    page = {
        "title": _title(len(booking), len(claim)),
        "groups": [(head, note, [_row(step) for step in steps]) for head, note, steps in groups if steps],
        "receipts": receipts(request, DONE),
    }
    return staff_page(request, "setup/index.html", page, room="seats", tab="setup")


def _title(booking: int, claim: int) -> str:
    if not claim:
        return "Nothing is missing: visits can be booked and claims can leave."
    verb = "is" if (booking or claim) == 1 else "are"
    if not booking:
        return f"Visits can be booked. {words.count(claim, 'thing', start=True)} {verb} missing before the first claim."
    said = f"{words.count(booking, 'thing', start=True)} {verb} missing before the first booking"
    return f"{said}, {words.count(claim, 'thing')} before the first claim."


def _row(step: Step) -> dict[str, Any]:
    return {
        "key": step.key, "name": step.name, "words": step.words, "mark": MARKS[step.state], "said": SAID[step.state],
        "main": step.state == "missing", "url": _address(PAGES.get(step.key, "")),
    }  # fmt: skip


def _address(name: str) -> str:
    try:
        return reverse(name) if name else ""
    except NoReverseMatch:
        return ""


@staff("practice.configure")
@require_http_methods(["GET", "POST"])
def seats(request: PageRequest) -> HttpResponseBase:
    """Show which seats there are, and make one beyond the preset."""
    form = forms.SeatForm(request.POST if request.method == "POST" else None, auto_id="seat_%s")
    if request.method == "POST" and form.is_valid() and done(
        request, form, practice_actions.create_seat, details=form.details()
    ):  # fmt: skip
        return redirect(f"{reverse('setup_seats')}?done=seat")
    return _seats_page(request, 422 if form.errors else 200, form=form)


@staff("practice.configure")
@require_POST
def preset(request: PageRequest) -> HttpResponseBase:
    """Make the seats of a preset that are not there yet; those that are stay as they are."""
    form = forms.PresetForm(request.POST, auto_id="preset_%s")
    if form.is_valid() and done(request, form, practice_actions.install_seats, **form.cleaned_data):
        return redirect(f"{reverse('setup_seats')}?done=seats")
    return _seats_page(request, 422, preset=form)


def _seats_page(request: PageRequest, status: int, **bound: django_forms.Form) -> HttpResponse:
    rows = practice_queries.chart(practice_queries.practice_day(request.at))
    count = len(rows)
    page = {
        "title": f"{words.count(count, 'seat', start=True)} {'is' if count == 1 else 'are'} set up."
        if count else "No seat is set up.",
        "rows": rows,
        "form": bound.get("form") or forms.SeatForm(auto_id="seat_%s"),
        "preset": bound.get("preset") or forms.PresetForm(auto_id="preset_%s"),
        "receipts": receipts(request, DONE),
    }  # fmt: skip
    return staff_page(request, "setup/seats.html", page, room="seats", tab="setup", status=status)
