"""Pages for people who are not patients yet: ask for care, and open one's own page by an invitation."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from stead.intake import actions, entry, forms, limits, rules, terms
from stead.intake.models import PortalInvitation
from stead.platform import actors, clock
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
    profile = PracticeProfile.objects.get_or_none(id=request.practice.id)
    context = {"urgent": urgent, "phone": profile.phone if profile else ""}
    return render_part(request, "intake/sent.html", frame(request.practice) | context)


@never_cache
@require_http_methods(["GET", "POST"])
@public
def enter(request: HttpRequest, slug: str, token: str) -> HttpResponseBase:
    """Confirm the birth date, set a password, and stand on one's own page.

    The practice's rows and the directory of accounts are written in one outer transaction: an invitation is used up
    exactly when the account exists.
    """
    practice = Practice.objects.filter(slug=slug).first()
    if practice is None:
        raise Http404
    with acting(practice.id, actors.public()):
        invitation = entry.find_invitation(token)
        patient = invitation.patient if invitation else None
    if invitation is None or patient is None:
        raise Http404
    account = entry.find_account(invitation.email)
    form = forms.EnterForm(request.POST if request.method == "POST" else None, has_account=account is not None)
    if request.method == "POST" and form.is_valid():
        try:
            return _enter(request, practice, invitation, form)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, _(refusal.words))
    closed = entry.is_over(invitation, clock.now())
    context = frame(practice) | {
        "form": form,
        "closed": closed,
        "first_name": patient.preferred_name or patient.first_name,
    }
    return render_part(request, "intake/enter.html", context, status=422 if form.is_bound else 200)


def _enter(
    request: HttpRequest, practice: Practice, invitation: PortalInvitation, form: forms.EnterForm
) -> HttpResponseBase:
    said, at, by = form.cleaned_data, clock.now(), actors.public()
    with acting(practice.id, by):
        entry.check_holds(invitation, at)
        matches = invitation.patient.birth_date == said["birth_date"]
        if not matches:
            # Commits: a wrong answer must count even though the page is shown again.
            actions.count_wrong_birth_date(practice=practice.id, by=by, at=at, invitation_id=invitation.id)
    if not matches:
        raise rules.BirthDateDiffers(field="birth_date")
    with transaction.atomic():
        with acting(practice.id, by):
            used = actions.use_invitation(practice=practice.id, by=by, at=at, invitation_id=invitation.id)
            name = f"{invitation.patient.first_name} {invitation.patient.last_name}"
        account = entry.account_for(used.email, said["password"])
        membership = entry.membership_for(account, practice, used.patient_id, name)
    sign_in(request, account, membership)
    return redirect("portal_onward")
