"""Pages of the people and places of the practice: who works here, who of them treats patients, and where."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from stead.platform import permissions
from stead.platform.refusals import Refusal
from stead.platform.ui import words
from stead.platform.ui.lists import Listing
from stead.platform.ui.parts import Receipt
from stead.platform.web.door import PageRequest, staff
from stead.platform.web.exports import csv_response, exported
from stead.platform.web.pages import staff_page
from stead.practice import actions, queries
from stead.practice.forms import PersonForm
from stead.practice.models import Location, StaffMember
from stead.practice.terms import StaffDetails


@require_GET
@staff("practice.read")
@exported("practice.export")
def people(request: PageRequest) -> HttpResponse:
    """List who works here, with what each needs before patients can be booked with them."""
    return _page(request, PersonForm())


def _page(request: PageRequest, form: PersonForm, status: int = 200) -> HttpResponse:
    today = queries.practice_day(request.at)
    rows = [_line(row) for row in queries.staff(today).select_related("home_location")]
    listing = Listing(
        request.GET, rows, noun="person", sorts=("name", "place", "roles"),
        filters={"kind": "Shown", "place": "Location"},
    )  # fmt: skip
    if listing.is_csv:
        head, columns = ["Name", "Treats", "Location", "Roles", "NPI"], ("name", "kind", "place", "roles", "npi")
        return csv_response(request, "people", head, ([row[key] for key in columns] for row in listing.rows))
    treating = sum(row["treats"] for row in rows)
    said = words.count(len(rows), "person works", "people work", start=True)
    page = {
        "title": f"{said} here, {words.number_word(treating)} of them with patients.",
        "rows": listing.rows,
        "list": listing,
        "form": form if permissions.holds(request.by, "practice.configure") else None,
        "receipts": [Receipt("They can be given services and hours.")] if request.GET.get("done") == "added" else [],
    }
    return staff_page(request, "practice/people.html", page, room="seats", tab="people", status=status)


def _line(row: StaffMember) -> dict[str, Any]:
    return {
        "name": row.name,
        "credentials": row.credentials,
        "treats": row.is_practitioner,
        "kind": "treats patients" if row.is_practitioner else "other work",
        "place": row.home_location.name if row.home_location else "",
        "roles": words.listed(sorted(role.replace("_", " ") for role in row.roles)),
        "npi": row.npi,
        "url": reverse("practice_licences", args=[row.id]) if row.is_practitioner else "",
    }


@require_POST
@staff("practice.configure")
def add_person(request: PageRequest) -> HttpResponseBase:
    form = PersonForm(request.POST)
    if not form.is_valid():
        return _page(request, form, 422)
    said = dict(form.cleaned_data)
    place = said.pop("location")
    details = StaffDetails(
        **said, home_location_id=UUID(place) if place else None, started_date=queries.practice_day(request.at)
    )
    try:
        actions.create_staff_member(practice=request.practice.id, by=request.by, at=request.at, details=details)
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.words)
        return _page(request, form, refusal.status)
    return redirect(f"{reverse('practice_people')}?done=added")


@require_GET
@staff("practice.read")
@exported("practice.export")
def locations(request: PageRequest) -> HttpResponse:
    """List the places where people are seen."""
    rows = [_place(row) for row in Location.objects.order_by("name")]
    listing = Listing(
        request.GET, rows, noun="location", sorts=("name", "city", "zone"), filters={"state": "State", "is": "Shown"}
    )
    if listing.is_csv:
        head, columns = ["Location", "Address", "City", "State", "Telephone", "Time zone", "Is"], (
            "name", "line1", "city", "state", "phone", "zone", "is",
        )  # fmt: skip
        return csv_response(request, "locations", head, ([row[key] for key in columns] for row in listing.rows))
    number = sum(row["is"] == "open" for row in rows)
    page = {
        "title": f"{words.count(number, 'location', start=True)} {'is' if number == 1 else 'are'} open.",
        "rows": listing.rows,
        "list": listing,
    }
    return staff_page(request, "practice/locations.html", page, room="seats", tab="locations")


def _place(row: Location) -> dict[str, Any]:
    return {
        "name": row.name, "line1": row.line1, "city": row.city, "state": row.state, "phone": row.phone,
        "zone": row.time_zone, "is": "closed" if row.closed_date else "open",
    }  # fmt: skip
