"""The list of places where people are seen, for everybody who works here; they are changed under Set up."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from stead.platform.ui import words
from stead.platform.ui.lists import Listing
from stead.platform.web.door import PageRequest, staff
from stead.platform.web.exports import csv_response, exported
from stead.platform.web.pages import staff_page
from stead.practice.models import Location


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
        "url": reverse("setup_place", args=[row.id]),
    }  # fmt: skip
