"""The door of every page: who is here, may they, one transaction, one answer.

Each view is wrapped by exactly one of these and so carries `stead_access`; a route without it stops the program at
start-up (`platform.checks`). Inside the door the practice, the person and the database role are in force
(`tenancy.acting`), a POST has one effect per idempotency key, and the patients shown are logged.

    @staff("calendar.read")
    def day(request: PageRequest, date: date) -> HttpResponse: ...
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, cast
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode

from stead.platform import actors, clock, permissions
from stead.platform.access import glass, log
from stead.platform.accounts import visits
from stead.platform.accounts.factor_models import LinkVisit
from stead.platform.accounts.models import Membership, Practice
from stead.platform.accounts.session import find_account, find_signed_in, lacks_second_step, signed_in
from stead.platform.actors import Actor, Role
from stead.platform.idempotency.once import once
from stead.platform.refusals import Refusal
from stead.platform.tenancy import context
from stead.platform.web.answers import (
    elsewhere_response,
    full_sign_in_response,
    refusal_response,
    visit_over_response,
)

View = Callable[..., HttpResponseBase]
SAFE = ("GET", "HEAD", "OPTIONS")


class PageRequest(HttpRequest):
    """A request inside the door: the practice, who acts, and the moment. `visit` is there when a patient came by a
    link, and so may see no more than their papers."""

    practice: Practice
    by: Actor
    at: Any
    patient_id: UUID
    visit: LinkVisit | None


@dataclass(frozen=True)
class Access:
    """How a route may be reached: by anybody, by somebody signed in, by staff or a patient holding a permission."""

    kind: Literal["public", "signed_in", "staff", "portal", "public_of_practice", "token"]
    permission: str = ""


def _declared(view: View, run: Callable[..., HttpResponseBase], access: Access) -> View:
    """What is shown behind a door is kept by no browser: whoever presses Back after a sign-out sees nothing of it."""

    def kept_by_nobody(request: HttpRequest, *args: Any, **given: Any) -> HttpResponseBase:
        response = run(request, *args, **given)
        if access.kind != "public":
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    functools.update_wrapper(kept_by_nobody, view)
    kept_by_nobody.stead_access = access  # type: ignore[attr-defined]  # read by checks and the authorization matrix
    return kept_by_nobody


def public(view: View) -> View:
    """Open to anybody, without a practice: sign-in, health, the front page."""
    return _declared(view, lambda request, *a, **k: view(request, *a, **k), Access("public"))


def signed_in_only(view: View) -> View:
    """For one's own account (sessions, passkeys): signed in, without a practice."""

    def run(request: HttpRequest, *args: Any, **given: Any) -> HttpResponseBase:
        if find_account(request) is None:
            return _to_sign_in(request)
        return view(request, *args, **given)

    return _declared(view, run, Access("signed_in"))


def staff(permission: str) -> Callable[[View], View]:
    """For a member of staff holding the permission, signed in as safely as their roles ask for."""

    def declare(view: View) -> View:
        def run(request: HttpRequest, *args: Any, **given: Any) -> HttpResponseBase:
            membership = signed_in(request, "staff")
            if membership is None:
                return _to_sign_in(request)
            if lacks_second_step(request):
                return _to_account(request)
            return _through(request, membership, permission, view, args, given)

        return _declared(view, run, Access("staff", permission))

    return declare


def portal(permission: str) -> Callable[[View], View]:
    """For a signed-in patient. Reading runs as the portal role, which sees this patient's rows only; a post runs an
    action, which needs the practice's rows (a free hour, a seat), so it runs as the app role with the patient as actor
    and is authorised by the action (ADR 0003).

    Somebody who came by a link comes through where the permission is open by a link; every other page asks for a full
    sign-in (ADR 0008)."""

    def declare(view: View) -> View:
        def run(request: HttpRequest, *args: Any, **given: Any) -> HttpResponseBase:
            membership = signed_in(request, "patient")
            visit = None if membership else visits.find(request)
            cast(PageRequest, request).visit = visit
            if visit is not None:
                return _by_link(request, visit, permission, view, args, given)
            if membership is None and visits.has_ended(request):
                return visit_over_response(request)
            if membership is None:
                return _to_sign_in(request)
            return _through(request, membership, permission, view, args, given)

        return _declared(view, run, Access("portal", permission))

    return declare


def public_of_practice(permission: str) -> Callable[[View], View]:
    """For a visitor of one practice's public page; the view's first argument is the practice's slug."""

    def declare(view: View) -> View:
        def run(request: HttpRequest, slug: str, *args: Any, **given: Any) -> HttpResponseBase:
            practice = Practice.objects.filter(slug=slug).first()
            if practice is None:
                raise Http404
            return _inside(request, practice, actors.public(), permission, "app", None, view, args, given)

        return _declared(view, run, Access("public_of_practice", permission))

    return declare


def actor_of(membership: Membership) -> Actor:
    roles = cast("list[Role]", membership.roles) if membership.kind == "staff" else ["patient"]
    kind: Literal["staff", "patient"] = "staff" if membership.kind == "staff" else "patient"
    return Actor(id=membership.person_id, kind=kind, name=membership.name, roles=frozenset(cast("list[Role]", roles)))


def _through(
    request: HttpRequest, membership: Membership, permission: str, view: View, args: Any, given: Any
) -> HttpResponseBase:
    patient = membership.person_id if membership.kind == "patient" else None
    kind: context.Kind = "portal" if patient and request.method in SAFE else "app"
    return _inside(request, membership.practice, actor_of(membership), permission, kind, patient, view, args, given)


def _by_link(
    request: HttpRequest, visit: LinkVisit, permission: str, view: View, args: Any, given: Any
) -> HttpResponseBase:
    by = visits.actor_of(visit)
    if not permissions.holds(by, permission):
        return full_sign_in_response(request, visit.practice)
    kind: context.Kind = "portal" if request.method in SAFE else "app"
    return _inside(request, visit.practice, by, permission, kind, visit.person_id, view, args, given)


def _inside(
    request: HttpRequest,
    practice: Practice,
    by: Actor,
    permission: str,
    kind: context.Kind,
    patient: UUID | None,
    view: View,
    args: Any,
    given: Any,
) -> HttpResponseBase:
    page = cast(PageRequest, request)
    page.practice, page.by, page.at = practice, by, clock.now()
    if patient:
        page.patient_id = patient
    with context.acting(practice.id, by, kind=kind, patient_id=patient):
        page.by, why = glass.with_glass(request, page.by, page.at)
        response = _answer(page, permission, view, args, given)
        if response.status_code >= 500:
            transaction.set_rollback(True)
        else:
            log.flush(page.resolver_match.view_name if page.resolver_match else page.path, page.at, why)
    return response


def _answer(page: PageRequest, permission: str, view: View, args: Any, given: Any) -> HttpResponseBase:
    try:
        permissions.check(page.by, permission)
        return once(page, lambda: _rendered(view(page, *args, **given)))
    except Refusal as refusal:
        return _rendered(refusal_response(page, refusal))


def _rendered(response: HttpResponseBase) -> HttpResponseBase:
    """Render inside the transaction: a template that reads a row after it would read nothing."""
    if isinstance(response, TemplateResponse) and not response.is_rendered:
        response.render()
    return response


def _to_account(request: HttpRequest) -> HttpResponse:
    """Lead somebody whose seat asks for a second step to the page that sets one up; no record opens before."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401, headers={"HX-Redirect": reverse("account")})
    return redirect("account")


def _to_sign_in(request: HttpRequest) -> HttpResponseBase:
    """Ask who it is, or which place. Somebody signed in on the other side is told so: to ask them again would lead in a
    circle. The front page is everybody's: a patient who comes there is shown their own."""
    if request.path == "/" and (signed_in(request, "patient") or visits.find(request)):
        return redirect("portal_home")
    here = find_signed_in(request)
    if here and here.membership and here.membership.ended_at is None:
        return elsewhere_response(request, here.membership)
    place = reverse("choose_practice") if here else settings.LOGIN_URL
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401, headers={"HX-Redirect": place})
    target = request.get_full_path() if request.method == "GET" else "/"
    return redirect(f"{place}?{urlencode({'next': target})}")
