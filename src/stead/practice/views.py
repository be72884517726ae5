"""Pages of the room Seats: the chart, one seat, absences."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from stead.platform import permissions
from stead.platform.refusals import NotFound, Refusal
from stead.platform.ui import words
from stead.platform.ui.lists import Listing
from stead.platform.ui.parts import Receipt
from stead.platform.web.door import PageRequest, staff
from stead.platform.web.exports import csv_response, exported
from stead.platform.web.pages import staff_page
from stead.practice import actions, forms, queries
from stead.practice.models import Absence


def _today(request: PageRequest) -> date:
    return queries.calendar_of(None).local(request.at).date()


@require_GET
@staff("practice.read")
@exported("practice.export")
def seats(request: PageRequest) -> HttpResponse:
    """Show who answers for what, blank seats as loudly as held ones."""
    today = _today(request)
    rows = queries.chart(today)
    blank = [row for row in rows if row.holding is None]
    away = list(queries.absent_on(today).select_related("staff").order_by("staff__name"))
    listing = Listing(
        request.GET, [_shown(row, today) for row in rows], noun="seat", sorts=("name", "holder", "backups", "today"),
        filters={"state": "Held", "place": "Location", "holder": "By"},
    )  # fmt: skip
    if listing.is_csv:
        columns = ("name", "place", "holder", "since", "blank", "backups", "today")
        heads = ("Seat", "Location", "Held by", "Since", "Blank", "Stands in", "Today it is")
        return csv_response(request, "seats", heads, ([row[key] for key in columns] for row in listing.rows))
    page = {
        "today": today,
        "list": listing,
        "is_sorted": bool(request.GET.get("sort")),
        "day_words": words.month_and_year(today),
        "weekday": words.weekday(today, short=False),
        "title": _chart_title(len(rows), len(blank)),
        "lead": _chart_lead(rows, [absence.staff.name for absence in away]),
        "rows": listing.rows,
        "may_assign": permissions.holds(request.by, "practice.assign_seat"),
    }
    return staff_page(request, "practice/seats.html", page, room="seats", tab="chart")


def _chart_title(count: int, blank: int) -> str:
    if not count:
        return "No seat has been created yet."
    if not blank:
        return f"Every one of the {words.count(count, 'seat')} has a name."
    return f"{words.count(blank, 'seat', start=True)} of {count} {'is' if blank == 1 else 'are'} blank."


def _chart_lead(rows: list[queries.ChartRow], away: list[str]) -> str:
    uncovered = [row.seat.name for row in rows if not row.covered]
    said = f"Away today: {words.listed(away)}." if away else "Nobody is away today."
    if uncovered:
        named = uncovered if len(uncovered) <= 4 else [*uncovered[:3], f"{len(uncovered) - 3} more"]
        said += f" {words.count(len(uncovered), 'seat', start=True)} no one answers for: {words.listed(named)}."
    return said


def _shown(row: queries.ChartRow, today: date) -> dict[str, Any]:
    blank_days = (today - row.blank_since).days if row.blank_since else None
    late = row.holding is None and blank_days is not None and blank_days > row.seat.fill_within_days
    return {
        "id": row.seat.id,
        "name": row.seat.name,
        "depth": min(row.depth, 4),
        "duties": " · ".join(row.seat.duties),
        "place": row.seat.location.name if row.seat.location else "",
        "holder": row.holding.staff.name if row.holding else "",
        "since": words.day(row.holding.from_date, year=True) if row.holding else "",
        "state": "held" if row.holding else "blank",
        "blank": "" if row.holding else _blank_words(blank_days, row.seat.fill_within_days),
        "late": late,
        "backups": ", ".join(backup.staff.name for backup in row.backups),
        "today": row.today.name if row.covered else "",
        "why": row.today.reason,
        "stands_in": row.covered and (row.holding is None or row.today.staff_id != row.holding.staff_id),
    }


def _blank_words(days: int | None, within: int) -> str:
    if days is None:
        return "never held"
    return f"blank for {words.count(days, 'day')}, to be filled within {within}" if days else "blank since today"


@require_GET
@staff("practice.read")
def seat(request: PageRequest, seat_id: UUID) -> HttpResponse:
    return _seat_page(request, seat_id)


def _seat_page(request: PageRequest, seat_id: UUID, status: int = 200, **bound: django_forms.Form) -> HttpResponse:
    today = _today(request)
    row = next((row for row in queries.chart(today) if row.seat.id == seat_id), None)
    if row is None:
        raise NotFound()
    holder = row.holding.staff if row.holding else None
    conflicts = queries.duty_conflicts(holder.id, row.seat.key, today) if holder else []
    page = {
        "seat": _shown(row, today),
        "key": row.seat.key,
        "duties": row.seat.duties,
        "backups": row.backups,
        "title": f"{row.seat.name}: {holder.name}" if holder else f"{row.seat.name}: no one holds it",
        "conflicts": [f"{holder.name} {pair.words}" for pair in conflicts] if holder else [],
        "limits": [
            (label, words.money(cents))
            for label, cents in (
                ("Write-off", row.seat.write_off_limit_cents),
                ("Refund", row.seat.refund_limit_cents),
                ("Spend", row.seat.spend_limit_cents),
            )
            if cents is not None
        ],
        "assign": bound.get("assign") or forms.AssignForm(initial={"from_date": today}, auto_id="assign_%s"),
        "vacate": bound.get("vacate") or forms.VacateForm(auto_id="vacate_%s"),
        "backup": bound.get("backup") or forms.BackupForm(auto_id="backup_%s"),
        "may_assign": permissions.holds(request.by, "practice.assign_seat"),
        "receipts": _receipts(request),
    }
    return staff_page(request, "practice/seat.html", page, room="seats", tab="chart", status=status)


_DONE = {
    "assigned": "The seat has a name.",
    "vacated": "The holding ends on that day. Open cases look for their next owner by themselves.",
    "backup": "The order of backups is changed.",
    "recorded": "The absence is written down. Open cases move to the backups by themselves.",
    "cancelled": "The absence is cancelled. Open cases come back by themselves.",
}


def _receipts(request: PageRequest) -> list[Receipt]:
    done = _DONE.get(request.GET.get("done", ""))
    return [Receipt(done)] if done else []


def _change_seat(
    request: PageRequest, seat_id: UUID, name: str, form: django_forms.Form, done: str, change: Callable[..., object]
) -> HttpResponseBase:
    if form.is_valid():
        try:
            change(practice=request.practice.id, by=request.by, at=request.at, seat_id=seat_id, **form.cleaned_data)
            return redirect(f"/seats/{seat_id}/?done={done}")
        except Refusal as refusal:
            if refusal.status == 404:
                raise
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.words)
    return _seat_page(request, seat_id, 422, **{name: form})


@require_POST
@staff("practice.assign_seat")
def assign(request: PageRequest, seat_id: UUID) -> HttpResponseBase:
    form = forms.AssignForm(request.POST, auto_id="assign_%s")
    return _change_seat(request, seat_id, "assign", form, "assigned", actions.assign_seat)


@require_POST
@staff("practice.assign_seat")
def vacate(request: PageRequest, seat_id: UUID) -> HttpResponseBase:
    form = forms.VacateForm(request.POST, auto_id="vacate_%s")
    return _change_seat(request, seat_id, "vacate", form, "vacated", actions.vacate_seat)


@require_POST
@staff("practice.assign_seat")
def backup(request: PageRequest, seat_id: UUID) -> HttpResponseBase:
    form = forms.BackupForm(request.POST, auto_id="backup_%s")
    return _change_seat(request, seat_id, "backup", form, "backup", actions.name_backup)


@require_GET
@staff("practice.read")
@exported("practice.export")
def absences(request: PageRequest) -> HttpResponse:
    return _absences_page(request, forms.AbsenceForm(initial={"first_date": _today(request)}))


def _absences_page(request: PageRequest, form: django_forms.Form, status: int = 200) -> HttpResponse:
    today = _today(request)
    rows = list(queries.absences(since=today))
    now = [row for row in rows if row.first_date <= today]
    listing = Listing(
        request.GET, [_absence_shown(row, today) for row in rows], noun="absence",
        sorts=("name", "first", "last", "days"),
        filters={"state": "When", "kind": "Known", "name": "Who"},
    )  # fmt: skip
    if listing.is_csv:
        columns = ("name", "seats", "first_order", "last_order", "days", "state", "kind", "words")
        heads = ("Who", "Seats", "From", "To", "Days", "When", "Known", "Words")
        return csv_response(request, "absences", heads, ([row[key] for key in columns] for row in listing.rows))
    page = {
        "title": _absence_title(len(now), len(rows) - len(now)),
        "list": listing,
        "rows": listing.rows,
        "form": form,
        "may_record": permissions.holds(request.by, "practice.record_absence"),
        "receipts": _receipts(request),
    }
    return staff_page(request, "practice/absences.html", page, room="seats", tab="absences", status=status)


def _absence_shown(row: Absence, today: date) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.staff.name,
        "first": words.day_with_weekday(row.first_date),
        "first_order": row.first_date.isoformat(),
        "last": words.day_with_weekday(row.last_date),
        "last_order": row.last_date.isoformat(),
        "days": (row.last_date - row.first_date).days + 1,
        "state": "away now" if row.first_date <= today else "ahead",
        "now": row.first_date <= today,
        "kind": "planned" if row.planned else "sudden",
        "planned": row.planned,
        "words": row.words,
        "seats": ", ".join(seat.name for seat in queries.seats_of(row.staff_id)),
    }


def _absence_title(now: int, ahead: int) -> str:
    said = f"{words.count(now, 'person', 'people', start=True)} {'is' if now == 1 else 'are'} away today."
    said = said if now else "Everybody is here today."
    return f"{said} {words.count(ahead, 'absence', start=True)} lies ahead." if ahead == 1 else (
        f"{said} {words.count(ahead, 'absence', start=True)} lie ahead." if ahead else said
    )  # fmt: skip


@require_POST
@staff("practice.record_absence")
def record(request: PageRequest) -> HttpResponseBase:
    form = forms.AbsenceForm(request.POST)
    if form.is_valid():
        said = dict(form.cleaned_data)
        planned = not said.pop("sudden")
        try:
            actions.record_absence(practice=request.practice.id, by=request.by, at=request.at, planned=planned, **said)
            return redirect("/seats/absences/?done=recorded")
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.words)
    return _absences_page(request, form, 422)


@require_POST
@staff("practice.record_absence")
def cancel(request: PageRequest, absence_id: UUID) -> HttpResponseBase:
    actions.cancel_absence(practice=request.practice.id, by=request.by, at=request.at, absence_id=absence_id)
    return redirect("/seats/absences/?done=cancelled")
