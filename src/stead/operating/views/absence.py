"""The page What would stall: pick somebody and days, see what nobody would do."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from stead.operating import absence
from stead.operating.forms import AwayForm
from stead.operating.times import Local
from stead.platform.money import Money
from stead.platform.ui import words
from stead.platform.web.door import PageRequest, staff
from stead.platform.web.exports import csv_response, exported
from stead.platform.web.pages import staff_page


@staff("absence.preview")
@require_GET
@exported("numbers.export")
def preview(request: PageRequest) -> HttpResponse:
    local = Local.of(request)
    asked = any(name in request.GET for name in ("person", "first", "last"))
    form = AwayForm(request.GET if asked else None, today=local.today, initial=_next_week(local))
    found = None
    if asked and form.is_valid():
        said = form.cleaned_data
        found = absence.absence_preview(UUID(said["person"]), said["first"], said["last"], at=request.at)
    if found is not None and request.GET.get("format") == "csv":
        head = ["What stalls", "Why", "First misses", "Patients", "Dollars", "Fix"]
        rows = ([s.what, s.why, s.misses, s.patients, Money(s.cents).dollars, s.fix] for s in found.stalls)
        return csv_response(request, "what-would-stall", head, rows)
    context = {
        "title": absence.sentence(found) if found else "Who is away, and when?",
        "lead": _lead(found),
        "found": found,
        "groups": _groups(found) if found else [],
        "money": words.money(found.cents, cents=False) if found else "",
        "from": words.day_with_weekday(found.first) if found else "",
        "to": words.day_with_weekday(found.last) if found else "",
        "form": form,
    }
    status = 422 if form.errors else 200
    return staff_page(request, "operating/absence.html", context, room="seats", tab="absence", status=status)


def _next_week(local: Local) -> dict[str, str]:
    monday = local.today + timedelta(days=7 - local.today.weekday())
    return {"first": monday.isoformat(), "last": (monday + timedelta(days=4)).isoformat()}


def _lead(found: absence.Preview | None) -> str:
    if found is None:
        return "The answer comes from the chart, the cases, the book, the limits and the meetings as they stand now."
    days = f"From {words.day_with_weekday(found.first)} to {words.day_with_weekday(found.last)}."
    if not found.stalls:
        return f"{days} Every seat has somebody who is here."
    if not found.covered:
        return f"{days} No seat is covered by anybody."
    names = sorted({c.by for c in found.covered})
    return f"{days} {words.count(len(found.covered), 'seat', start=True)} would go on with {words.listed(names)}."


def _groups(found: absence.Preview) -> list[tuple[str, list[absence.Stall]]]:
    order = ("Care", "Work", "Decisions", "Seats")
    return [(g, rows) for g in order if (rows := [s for s in found.stalls if s.group == g])]
