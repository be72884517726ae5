"""Pages for people who are not patients yet: ask for care, and open one's own page by an invitation."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from stead.intake import actions, entry, forms, limits, queries, rules, terms
from stead.intake.models import PortalInvitation
from stead.platform import actors, clock
from stead.platform.accounts import visits
from stead.platform.accounts.factor_models import LinkVisit
from stead.platform.accounts.models import Practice
from stead.platform.accounts.session import sign_in
from stead.platform.card_numbers import check_no_card_number
from stead.platform.refusals import Refusal
from stead.platform.tenancy.context import acting
from stead.platform.ui.languages import other_language
from stead.platform.ui.pages import render_part
from stead.platform.web.door import PageRequest, public, public_of_practice
from stead.platform.web.proxy import client_address, site_address
from stead.practice.models import PracticeProfile
from stead.practice.queries import locations


def frame(practice: Practice) -> dict[str, Any]:
    """Return what every public page shows: the practice's name and the switch of the language."""
    return {
        "practice_name": practice.name,
        "home_url": reverse("intake_ask", args=[practice.slug]),
        "other_language": other_language(),
    }


@never_cache
@require_http_methods(["GET", "POST"])
@public_of_practice("intake.ask")
def ask(request: PageRequest) -> HttpResponseBase:
    """Show the form and take a request in."""
    places = list(locations())
    language = "es" if translation.get_language() == "es" else "en"
    if request.method != "POST":
        form = forms.RequestForm(places=places, initial={"language": language})
        return _ask_page(request, form)
    form = forms.RequestForm(request.POST, places=places)
    if not form.is_valid():
        return _ask_page(request, form, 422)
    try:
        _check_sender(request)
        check_no_card_number(str(value) for value in form.cleaned_data.values())
        site = site_address(request)
        row = actions.receive_request(
            practice=request.practice.id, by=request.by, at=request.at, request=form.details(), base_url=site
        )
    except Refusal as refusal:
        field = refusal.field if refusal.field in form.fields else None
        form.add_error(field, _(refusal.words))
        return _ask_page(request, form, refusal.status)
    limits.note_attempt(client_address(request), request.at)
    name = "intake_sent_urgent" if rules.is_crisis(row.safety_answer) else "intake_sent"
    return redirect(name, slug=request.practice.slug)


def _check_sender(request: PageRequest) -> None:
    urgent = rules.is_crisis(request.POST.get("safety", ""))
    limits.check_attempt(client_address(request), request.at, urgent=urgent)
    opened = forms.seconds_open(request.POST.get(forms.STAMP, ""), request.at.timestamp())
    rules.check_person(request.POST.get(forms.HIDDEN_BOX, ""), opened, terms.SECONDS_AT_LEAST)


def _ask_page(request: PageRequest, form: forms.RequestForm, status: int = 200) -> HttpResponse:
    stamp = request.POST.get(forms.STAMP) or forms.stamp(request.at.timestamp())
    if forms.seconds_open(stamp, request.at.timestamp()) is None:
        stamp = forms.stamp(request.at.timestamp() - terms.SECONDS_AT_LEAST)  # a real person was here for a day
    context = frame(request.practice) | {"form": form, "stamp": stamp}
    return render_part(request, "intake/ask.html", context, status=status)


@never_cache
@require_GET
@public_of_practice("intake.ask")
def sent(request: PageRequest) -> HttpResponseBase:
    """Say that the request has arrived and what happens next."""
    return _sent_page(request, urgent=False)


@never_cache
@require_GET
@public_of_practice("intake.ask")
def sent_urgent(request: PageRequest) -> HttpResponseBase:
    """The same for somebody in danger: the numbers to call come first, and large."""
    return _sent_page(request, urgent=True)


def _sent_page(request: PageRequest, *, urgent: bool) -> HttpResponse:
    context = {"urgent": urgent, "phone": _phone(request.practice)}
    return render_part(request, "intake/sent.html", frame(request.practice) | context)


@never_cache
@require_http_methods(["GET", "POST"])
@public
def enter(request: HttpRequest, slug: str, token: str) -> HttpResponseBase:
    """Let the receiver of a link to their papers, once they have typed their birth date (ADR 8).

    The practice's rows and the directory are written in one outer transaction: a link is used up exactly when the visit
    has begun. With htmx the first paper comes into the place of the question; without, on the next page.
    """
    practice = Practice.objects.filter(slug=slug).first()
    if practice is None:
        raise Http404
    with acting(practice.id, actors.public()):
        invitation = entry.find_invitation(token)
    if invitation is None:
        raise Http404
    here = visits.find(request)
    if here is not None and here.invitation_id == invitation.id:
        return redirect("portal_onward")  # the same link, pressed again in the browser that it has let in
    form = forms.EnterForm(request.POST if request.method == "POST" else None)
    status = 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        try:
            return _enter(request, practice, invitation, form.cleaned_data["birth_date"])
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, _(refusal.words))
            status = refusal.status
            with acting(practice.id, actors.public()):
                invitation = entry.find_invitation(token) or invitation
    context = frame(practice) | {
        "form": form,
        "closed": entry.is_over(invitation, clock.now()),
        "locked": rules.is_locked(invitation.tries),
        "again_url": reverse("intake_again", args=[slug, token]),
    }
    return render_part(request, "intake/enter.html", context, status=status)


def _enter(
    request: HttpRequest, practice: Practice, invitation: PortalInvitation, birth_date: date
) -> HttpResponseBase:  # fmt: skip
    at, by, address = clock.now(), actors.public(), client_address(request)
    entry.count_entry(address, at)
    with transaction.atomic():
        with acting(practice.id, by):
            tried = actions.try_invitation(
                practice=practice.id, by=by, at=at, invitation_id=invitation.id, birth_date=birth_date
            )
            patient, case_id = tried.patient, queries.find_case_with_papers(tried.patient_id)
        if tried.used_at is not None:
            name = f"{patient.first_name} {patient.last_name}"
            given = {"practice": practice, "patient_id": patient.id, "name": name, "case_id": case_id}
            visits.begin(request, invitation_id=invitation.id, **given)
    if tried.used_at is None:  # has been committed: a wrong answer counts even though the page is shown again
        raise rules.InvitationLocked() if rules.is_locked(tried.tries) else rules.BirthDateDiffers(field="birth_date")
    entry.forget_entries(address)
    return redirect("portal_onward")


@never_cache
@require_http_methods(["GET", "POST"])
@public_of_practice("intake.enter")
def again(request: PageRequest, token: str) -> HttpResponseBase:
    """Send the receiver of an old link a new one, to the address on the record, which is not shown here."""
    invitation = entry.find_invitation(token)
    if invitation is None:
        raise Http404
    words, status = "", 200
    if request.method == "POST":
        try:
            actions.renew_invitation(
                practice=request.practice.id, by=request.by, at=request.at, invitation_id=invitation.id,
                base_url=site_address(request),
            )  # fmt: skip
            return redirect(request.path)
        except Refusal as refusal:
            words, status = _(refusal.words), refusal.status
    context = frame(request.practice) | {"words": words, "phone": _phone(request.practice)}
    return render_part(request, "intake/again.html", context, status=status)


@never_cache
@require_http_methods(["GET", "POST"])
@public
def keep(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Offer somebody who came by a link a sign-in of their own: with a password now, and a passkey after it."""
    visit = visits.find(request)
    if visit is None or visit.practice.slug != slug:
        return redirect("sign_in")
    with acting(visit.practice.id, actors.public()):
        invitation = PortalInvitation.objects.get(id=visit.invitation_id)
    has_account = entry.find_account(invitation.email) is not None
    form = forms.KeepForm(request.POST if request.method == "POST" else None, has_account=has_account)
    taken = entry.has_sign_in(visit.practice, visit.person_id)
    status = 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid() and not taken:
        try:
            return _keep(request, visit, invitation, form.cleaned_data["password"])
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, _(refusal.words))
            status = refusal.status
    context = frame(visit.practice) | {"form": form, "taken": taken, "email": invitation.email}
    return render_part(request, "intake/keep.html", context, status=status)


def _keep(request: HttpRequest, visit: LinkVisit, invitation: PortalInvitation, password: str) -> HttpResponseBase:
    at, by = clock.now(), actors.public()
    entry.count_password(invitation.email, client_address(request), at)
    with transaction.atomic():
        account = entry.account_for(invitation.email, password)
        membership = entry.membership_for(account, visit.practice, visit.person_id, visit.name)
        with acting(visit.practice.id, by):
            actions.note_sign_in_made(practice=visit.practice.id, by=by, at=at, invitation_id=invitation.id)
    sign_in(request, account, membership)
    return redirect("portal_home")


def _phone(practice: Practice) -> str:
    profile = PracticeProfile.objects.get_or_none(id=practice.id)
    return profile.phone if profile else ""
