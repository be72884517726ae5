"""Pages of one practitioner's licences: what the booking gate reads, and where it is written down."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from stead.platform import permissions
from stead.platform.refusals import NotFound, Refusal
from stead.platform.ui import words
from stead.platform.ui.parts import Receipt
from stead.platform.web.door import PageRequest, staff
from stead.platform.web.pages import staff_page
from stead.platform.web.way_back import onward
from stead.practice import actions, queries
from stead.practice.forms import LicenceForm
from stead.practice.models import License, StaffMember


@require_GET
@staff("practice.read")
def licences(request: PageRequest, staff_id: UUID) -> HttpResponse:
    """Show where somebody may treat patients, and until when."""
    return _page(request, queries.get_staff(staff_id), LicenceForm(initial={"state": request.GET.get("state", "")[:2]}))


@require_POST
@staff("practice.configure")
def add(request: PageRequest, staff_id: UUID) -> HttpResponseBase:
    """Add or renew a licence, and go back to what asked for it."""
    person, form = queries.get_staff(staff_id), LicenceForm(request.POST)
    if form.is_valid():
        try:
            actions.add_license(
                practice=request.practice.id, by=request.by, at=request.at, staff_id=staff_id, **form.cleaned_data
            )
            return redirect(onward(request, f"{reverse('practice_licences', args=[staff_id])}?done=added"))
        except NotFound:
            raise
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.words)
    return _page(request, person, form, 422)


def _page(request: PageRequest, person: StaffMember, form: LicenceForm, status: int = 200) -> HttpResponse:
    today = queries.calendar_of(None).local(request.at).date()
    rows = list(queries.licences_of(person.id))
    page = {
        "title": _title(person.name, rows, today),
        "practitioner": person,
        "rows": [_row(row, today) for row in rows],
        "form": form,
        "may_add": permissions.holds(request.by, "practice.configure"),
        "receipts": [Receipt("The license is on record.")] if request.GET.get("done") == "added" else [],
    }
    return staff_page(request, "practice/licences.html", page, room="seats", tab="chart", status=status)


def _title(name: str, rows: list[License], today: date) -> str:
    holding = [row.state for row in rows if row.expires_date >= today]
    return f"{name} is licensed in {words.listed(holding)}." if holding else f"{name} holds no license here."


def _row(row: License, today: date) -> dict[str, object]:
    left = (row.expires_date - today).days
    mark, said = ("unmet", "ran out") if left < 0 else ("close", "runs out soon") if left <= 60 else ("met", "holds")
    return {
        "state": row.state, "number": row.number, "until": words.day(row.expires_date, year=True), "mark": mark,
        "said": said,
    }  # fmt: skip
