"""Who works here: invite, change roles, end; and what somebody leaves."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms as django_forms
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from stead.platform import permissions
from stead.platform.access import log
from stead.platform.refusals import NotFound
from stead.platform.ui import words
from stead.platform.ui.lists import Listing
from stead.platform.web.door import PageRequest, staff
from stead.platform.web.exports import csv_response, exported
from stead.platform.web.pages import staff_page
from stead.platform.web.proxy import site_address
from stead.practice import actions as practice_actions
from stead.practice import queries as practice_queries
from stead.practice.models import StaffMember
from stead.scheduling.models import Appointment
from stead.setup import actions, forms, queries
from stead.setup.queries import Person
from stead.setup.views.shared import done, receipts

STATES = {
    "in": ("met", "signs in"), "invited": ("waiting", "invited"), "expired": ("over", "invitation expired"),
    "none": ("noone", "cannot sign in"), "leaves": ("close", "leaves"), "gone": ("cancelled", "gone"),
}  # fmt: skip
DONE = {
    "invited": "The invitation is on its way. The link works once, for seven days.",
    "again": "A new link is on its way; the earlier one opens nothing any more.",
    "withdrawn": "The invitation is withdrawn. Its link opens nothing any more.",
    "roles": "The roles are changed, from the next page they open. They are told by e-mail.",
    "changed": "The record is changed.",
    "ended": "The end of their work is on record. They are told by e-mail.",
}


@require_GET
@staff("practice.read")
@exported("practice.export")
def people(request: PageRequest) -> HttpResponse:
    """List everybody who works here, or did; how they sign in is told to whoever may change it."""
    return _people_page(request, _invite_form(request))


@staff("staff.invite")
@require_POST
def invite(request: PageRequest) -> HttpResponseBase:
    form = _invite_form(request)
    if form.is_valid() and done(request, form, actions.invite_staff_member, site=site_address(request), **form.given()):
        return redirect(f"{reverse('setup_people')}?done=invited")
    return _people_page(request, form, 422)


def _people_page(request: PageRequest, form: forms.InviteForm, status: int = 200) -> HttpResponse:
    today = practice_queries.practice_day(request.at)
    knows = permissions.holds(request.by, "staff.read")
    rows = [_row(one, today, request.at) for one in queries.people(today)]
    listing = Listing(
        request.GET, rows if knows else [row for row in rows if row["key"] != "gone"], noun="name",
        sorts=("name", "roles", "seats"), filters={"kind": "Shown", "place": "Location"} | (
            {"state": "State"} if knows else {}
        ),
    )  # fmt: skip
    if listing.is_csv:
        columns = ("name", "email", "kind", "npi", "roles", "seats", "place", "state", "first_day", "last_day")
        heads = ("Name", "E-mail", "Treats", "NPI", "Roles", "Seats", "Location", "State", "First day", "Gone from")
        lines = ([row[key] for key in columns] for row in listing.rows)
        return csv_response(request, "people", heads, lines)
    page = {
        "title": _title(listing.rows, knows),
        "list": listing,
        "rows": listing.rows,
        "form": form,
        "knows": knows,
        "may_invite": permissions.holds(request.by, "staff.invite"),
        "receipts": receipts(request, DONE),
    }
    return staff_page(request, "setup/people.html", page, room="seats", tab="people", status=status)


def _invite_form(request: PageRequest) -> forms.InviteForm:
    today = practice_queries.practice_day(request.at)
    posted = request.POST if request.method == "POST" else None
    return forms.InviteForm(
        posted, may_give_owner=_is_owner(request), today=today, initial={"started_date": today}, auto_id="invite_%s"
    )


def _is_owner(request: PageRequest) -> bool:
    return request.by.has_role("owner")


def _title(rows: list[dict[str, Any]], knows: bool) -> str:
    here = sum(row["key"] != "gone" for row in rows)
    waiting = sum(row["key"] in ("invited", "expired") for row in rows)
    said = f"{words.count(here, 'person', 'people', start=True)} {'works' if here == 1 else 'work'} here."
    if not waiting or not knows:
        return said
    return f"{said} {words.count(waiting, 'invitation', start=True)} {'is' if waiting == 1 else 'are'} open."


def _row(one: Person, today: date, at: datetime) -> dict[str, Any]:
    key = one.state(today, at)
    mark, said = STATES[key]
    ended = one.staff.ended_date
    return {
        "id": one.staff.id,
        "name": one.staff.name,
        "credentials": one.staff.credentials,
        "kind": "treats patients" if one.staff.is_practitioner else "other work",
        "npi": one.staff.npi,
        "email": one.account or one.staff.email,
        "roles": words.listed([forms.role_name(role) for role in one.staff.roles]),
        "seats": ", ".join(seat.name for seat in one.seats),
        "place": one.staff.home_location.name if one.staff.home_location else "",
        "key": key,
        "mark": mark,
        "state": said,
        "says": _says(one, key),
        "first_day": one.staff.started_date.isoformat() if one.staff.started_date else "",
        "last_day": ended.isoformat() if ended else "",
    }


def _says(one: Person, key: str) -> str:
    if key in ("gone", "leaves") and one.staff.ended_date:
        return f"from {words.day(one.staff.ended_date, year=True)}"
    if key == "invited" and one.invitation:
        return f"until {words.day(practice_queries.practice_day(one.invitation.expires_at))}"
    return "" if one.account or one.staff.email else "no e-mail on record"


@staff("staff.read")
@require_http_methods(["GET", "POST"])
def person(request: PageRequest, staff_id: UUID) -> HttpResponseBase:
    """Show one person; on POST change their record."""
    if request.method == "GET":
        return _page(request, staff_id)
    permissions.check(request.by, "practice.configure")
    form = forms.PersonForm(request.POST, auto_id="record_%s")
    if form.is_valid() and done(
        request, form, practice_actions.change_staff_member, staff_id=staff_id, details=form.details()
    ):
        return _to(staff_id, "changed")
    return _page(request, staff_id, 422, record=form)


@staff("staff.set_roles")
@require_POST
def roles(request: PageRequest, staff_id: UUID) -> HttpResponseBase:
    form = forms.RolesForm(request.POST, may_give_owner=True, auto_id="roles_%s")
    if form.is_valid() and done(request, form, practice_actions.set_roles, staff_id=staff_id, **form.cleaned_data):
        return _to(staff_id, "roles")
    return _page(request, staff_id, 422, roles=form)


@staff("staff.end")
@require_POST
def end(request: PageRequest, staff_id: UUID) -> HttpResponseBase:
    form = forms.EndForm(request.POST, auto_id="end_%s")
    if form.is_valid() and done(
        request, form, practice_actions.end_staff_member, staff_id=staff_id, **form.cleaned_data
    ):
        return _to(staff_id, "ended")
    return _page(request, staff_id, 422, end=form)


@staff("staff.invite")
@require_POST
def invite_again(request: PageRequest, staff_id: UUID) -> HttpResponseBase:
    actions.send_staff_invitation(
        practice=request.practice.id, by=request.by, at=request.at, staff_id=staff_id, site=site_address(request)
    )
    return _to(staff_id, "again")


@staff("staff.invite")
@require_POST
def withdraw(request: PageRequest, staff_id: UUID) -> HttpResponseBase:
    actions.withdraw_staff_invitation(practice=request.practice.id, by=request.by, at=request.at, staff_id=staff_id)
    return _to(staff_id, "withdrawn")


def _to(staff_id: UUID, said: str) -> HttpResponse:
    return redirect(f"{reverse('setup_person', args=[staff_id])}?done={said}")


def _page(request: PageRequest, staff_id: UUID, status: int = 200, **bound: django_forms.Form) -> HttpResponse:
    today = practice_queries.practice_day(request.at)
    one = next(iter(queries.people(today, staff_id)), None)
    if one is None:
        raise NotFound()
    row, member = _row(one, today, request.at), one.staff
    visits = _visits(request, member, today)
    may = {
        name: permissions.holds(request.by, f"staff.{name}") and member.id != request.by.id
        and (_is_owner(request) or "owner" not in member.roles)
        for name in ("set_roles", "end", "invite")
    }  # fmt: skip
    page = {
        "person_row": row,
        "title": _person_title(row, member),
        "rebook": [_visit(visit) for visit in visits],
        "left": queries.left_by(member, today) if member.ended_date else None,
        "invitation": one.invitation,
        "sent": words.day(practice_queries.practice_day(one.invitation.sent_at)) if one.invitation else "",
        "record": bound.get("record") or forms.PersonForm(initial=_record(member), auto_id="record_%s"),
        "roles": bound.get("roles")
        or forms.RolesForm(initial={"roles": member.roles}, may_give_owner=_is_owner(request), auto_id="roles_%s"),
        "end": bound.get("end") or forms.EndForm(initial={"last_date": today}, auto_id="end_%s"),
        "may_change": permissions.holds(request.by, "practice.configure"),
        "may_roles": "roles" in bound or (may["set_roles"] and row["key"] != "gone"),
        "may_end": "end" in bound or (may["end"] and row["key"] not in ("gone", "invited", "expired")),
        "may_invite": may["invite"] and row["key"] in ("invited", "expired", "none"),
        "stall_url": _stall_url(member, today),
        "is_self": member.id == request.by.id,
        "receipts": receipts(request, DONE),
    }
    return staff_page(request, "setup/person.html", page, room="seats", tab="people", status=status)


def _stall_url(member: StaffMember, today: date) -> str:
    """Lead to what would stall in the four weeks after today."""
    asked = {"person": str(member.id), "first": str(today + timedelta(days=1)), "last": str(today + timedelta(days=28))}
    return f"{reverse('seats_absence')}?{urlencode(asked)}"


def _person_title(row: dict[str, Any], member: StaffMember) -> str:
    said = {
        "in": f"{member.name} works here.", "invited": f"{member.name} is invited.",
        "expired": f"{member.name} has not used the invitation.", "none": f"{member.name} cannot sign in.",
        "leaves": f"{member.name} leaves; gone {row['says']}.", "gone": f"{member.name} is gone {row['says']}.",
    }  # fmt: skip
    return said[str(row["key"])]


def _record(member: StaffMember) -> dict[str, Any]:
    return {name: getattr(member, name) for name in forms.PersonForm.base_fields}


def _visits(request: PageRequest, member: StaffMember, today: date) -> list[Appointment]:
    """Return what has to be rebooked: the visits after the last day of somebody who goes. Reading them is logged."""
    if member.ended_date is None or not permissions.holds(request.by, "calendar.read"):
        return []
    since = datetime.combine(max(member.ended_date, today), time(), practice_queries.practice_zone())
    visits = list(queries.visits_ahead(member.id, since))
    log.reads_all(visit.patient_id for visit in visits)
    return visits


def _visit(visit: Appointment) -> dict[str, Any]:
    return {
        "url": reverse("calendar_visit", args=[visit.id]),
        "when": words.moment(visit.starts_at.astimezone(ZoneInfo(visit.location.time_zone))),
        "patient": visit.patient.shown_name,
        "service": visit.service.name,
        "place": visit.location.name,
    }
