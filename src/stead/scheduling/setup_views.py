"""Pages that set up what can be booked: services with their fees, who performs them, and when people work where."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from stead.platform import permissions
from stead.platform.money import Money
from stead.platform.refusals import NotFound, Refusal
from stead.platform.ui import words
from stead.platform.ui.lists import Listing
from stead.platform.ui.parts import Receipt
from stead.platform.web.door import PageRequest, staff
from stead.platform.web.exports import csv_response, exported
from stead.platform.web.pages import staff_page
from stead.practice.queries import practice_day
from stead.scheduling import queries, setup
from stead.scheduling.models import Service, WorkPattern
from stead.scheduling.setup_forms import WEEKDAYS, EndForm, HoursForm, PerformersForm, ServiceForm
from stead.scheduling.terms import WorkHours

_MODALITIES = dict(Service._meta.get_field("modality").choices or ())
_DONE = {
    "added": "The service can be booked.",
    "retired": "The service is offered no longer. Visits that are booked stay.",
    "offered": "It is performed by those who are ticked.",
    "hours": "The days are open for booking.",
    "ended": "The hours end on that day. Visits that are booked stay.",
}


def _given(request: PageRequest) -> dict[str, Any]:
    return {"practice": request.practice.id, "by": request.by, "at": request.at}


def _receipts(request: PageRequest) -> list[Receipt]:
    done = request.GET.get("done", "")
    return [Receipt(_DONE[done])] if done in _DONE else []


@staff("calendar.read")
@require_GET
@exported("practice.export")
def services(request: PageRequest) -> HttpResponse:
    return _services_page(request, ServiceForm())


def _services_page(request: PageRequest, form: ServiceForm, status: int = 200) -> HttpResponse:
    may_set_up = permissions.holds(request.by, "calendar.set_up")
    rows = [_service_line(row) for row in queries.services().prefetch_related("performed_by__staff")]
    listing = Listing(
        request.GET, rows, noun="service", sorts=("name", "minutes", "price"),
        filters={"modality": "Where", "kind": "Visit"},
    )  # fmt: skip
    if listing.is_csv:
        head = ["Service", "In Spanish", "Minutes", "Pause", "USD", "Where", "Visit", "Performed by"]
        columns = ("name", "name_es", "minutes", "pause", "dollars", "modality", "kind", "by")
        return csv_response(request, "services", head, ([row[key] for key in columns] for row in listing.rows))
    said = words.count(len(rows), "service", start=True)
    idle = [row["name"] for row in rows if not row["by"]]
    context = {
        "title": f"{said} can be booked." if rows else "No service can be booked yet.",
        "lead": f"Nobody performs {words.listed(idle)}." if idle else "",
        "rows": listing.rows,
        "list": listing,
        "form": form if may_set_up else None,
        "receipts": _receipts(request),
    }
    return staff_page(request, "scheduling/services.html", context, room="calendar", tab="services", status=status)


def _service_line(row: Service) -> dict[str, Any]:
    performers = [one.staff for one in row.performed_by.all()]
    names = sorted(person.name for person in performers)
    return {
        "id": row.id,
        "name": row.name,
        "name_es": row.name_es,
        "minutes": row.minutes,
        "pause": row.buffer_minutes,
        "price": str(Money(row.price_cents)),
        "price_order": row.price_cents,
        "dollars": Money(row.price_cents).dollars,
        "modality": str(_MODALITIES.get(row.modality, row.modality)),
        "kind": "first visit" if row.is_first_visit else "later visit",
        "by": words.listed(names),
        "performers": PerformersForm(
            initial={"practitioners": [str(person.id) for person in performers]}, auto_id=f"id_{row.id}_%s"
        ),
    }


@staff("calendar.set_up")
@require_POST
def add_service(request: PageRequest) -> HttpResponseBase:
    form = ServiceForm(request.POST)
    if not form.is_valid():
        return _services_page(request, form, 422)
    try:
        chosen = [UUID(one) for one in form.cleaned_data["practitioners"]]
        setup.create_service(**_given(request), details=form.details(), practitioner_ids=chosen)
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.words)
        return _services_page(request, form, refusal.status)
    return redirect(f"{reverse('calendar_services')}?done=added")


@staff("calendar.set_up")
@require_POST
def offer_service(request: PageRequest, service_id: UUID) -> HttpResponseBase:
    form = PerformersForm(request.POST)
    if not form.is_valid():
        return _services_page(request, ServiceForm(), 422)
    chosen = [UUID(one) for one in form.cleaned_data["practitioners"]]
    setup.offer_service(**_given(request), service_id=service_id, practitioner_ids=chosen)
    return redirect(f"{reverse('calendar_services')}?done=offered")


@staff("calendar.set_up")
@require_POST
def retire_service(request: PageRequest, service_id: UUID) -> HttpResponseBase:
    setup.retire_service(**_given(request), service_id=service_id)
    return redirect(f"{reverse('calendar_services')}?done=retired")


@staff("calendar.read")
@require_GET
@exported("practice.export")
def hours(request: PageRequest) -> HttpResponse:
    return _hours_page(request, HoursForm(initial={"from_date": practice_day(request.at)}))


def _hours_page(request: PageRequest, form: HoursForm, status: int = 200) -> HttpResponse:
    today = practice_day(request.at)
    rows = [_hours_line(row) for row in queries.work_hours(today)]
    listing = Listing(
        request.GET, rows, noun="block", sorts=("name", "place", "day", "from"),
        filters={"name": "Who", "place": "Where", "day": "On"},
    )  # fmt: skip
    if listing.is_csv:
        head = ["Who", "Where", "On", "From", "To", "Beginning", "Until"]
        columns = ("name", "place", "day", "opens", "closes", "begins", "until")
        return csv_response(request, "working-hours", head, ([row[key] for key in columns] for row in listing.rows))
    people = len({row["name"] for row in rows})
    said = words.count(people, "practitioner", start=True)
    context = {
        "title": f"{said} {'keeps' if people == 1 else 'keep'} working hours." if rows else "Nobody keeps hours yet.",
        "rows": listing.rows,
        "list": listing,
        "form": form if permissions.holds(request.by, "calendar.set_up") else None,
        "end_form": EndForm(initial={"until_date": today}),
        "receipts": _receipts(request),
    }
    return staff_page(request, "scheduling/hours.html", context, room="calendar", tab="hours", status=status)


def _hours_line(row: WorkPattern) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.staff.name,
        "place": row.location.name,
        "day": WEEKDAYS[row.weekday][1],
        "day_order": row.weekday,
        "hours": f"{words.clock(row.starts)} to {words.clock(row.ends)}",
        "from": row.starts,
        "opens": f"{row.starts:%H:%M}",
        "closes": f"{row.ends:%H:%M}",
        "since": words.day(row.from_date, year=True),
        "begins": row.from_date.isoformat(),
        "until": row.until_date.isoformat() if row.until_date else "",
        "until_words": words.day(row.until_date, year=True) if row.until_date else "",
    }


@staff("calendar.set_up")
@require_POST
def add_hours(request: PageRequest) -> HttpResponseBase:
    """Open the days ticked, all of them or none."""
    form = HoursForm(request.POST)
    if not form.is_valid():
        return _hours_page(request, form, 422)
    said = form.cleaned_data
    try:
        with transaction.atomic():
            for weekday in sorted(said["weekdays"]):
                block = WorkHours(
                    UUID(said["staff"]), UUID(said["location"]), int(weekday), said["starts"], said["ends"],
                    said["from_date"],
                )  # fmt: skip
                setup.set_work_hours(**_given(request), hours=block)
    except NotFound:
        raise
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.words)
        return _hours_page(request, form, refusal.status)
    return redirect(f"{reverse('calendar_hours')}?done=hours")


@staff("calendar.set_up")
@require_POST
def end_hours(request: PageRequest, pattern_id: UUID) -> HttpResponseBase:
    form = EndForm(request.POST)
    if not form.is_valid():
        return _hours_page(request, HoursForm(), 422)
    setup.end_work_hours(**_given(request), pattern_id=pattern_id, until_date=form.cleaned_data["until_date"])
    return redirect(f"{reverse('calendar_hours')}?done=ended")
