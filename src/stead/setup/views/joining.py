"""The page behind an invitation: choose a password or a passkey, and come in. Looking at it uses nothing up."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from stead.platform import clock
from stead.platform.accounts import passkeys, session
from stead.platform.accounts.models import Account, Practice
from stead.platform.accounts.sign_in_views import body_of
from stead.platform.refusals import Refusal
from stead.platform.ui import words
from stead.platform.ui.languages import other_language
from stead.platform.web.answers import refusal_body
from stead.platform.web.door import public
from stead.setup import entry, forms, rules
from stead.setup.models import StaffInvitation

JOINING = "joining_account"


def _found(slug: str, token: str) -> tuple[Practice, StaffInvitation]:
    practice = Practice.objects.filter(slug=slug).first()
    invitation = entry.find_invitation(practice, token) if practice else None
    if practice is None or invitation is None:
        raise Http404
    return practice, invitation


def _holds(invitation: StaffInvitation) -> bool:
    return rules.holds(
        used_at=invitation.used_at, ended_at=invitation.ended_at, expires_at=invitation.expires_at, at=clock.now()
    )


@never_cache
@require_http_methods(["GET", "POST"])
@public
def join(request: HttpRequest, slug: str, token: str) -> HttpResponseBase:
    """Show how to come in: an account with this address signs in first, a new one gets a password or a passkey."""
    practice, invitation = _found(slug, token)
    here = session.find_account(request)
    if entry.is_in(here, practice, invitation.staff_id):
        return redirect("/")  # pressed twice
    account = entry.find_account(invitation.email)
    posted = request.POST if request.method == "POST" else None
    form = forms.JoinForm(posted) if account is None else Form(posted)
    if posted is not None and (account is None or here == account) and form.is_valid():
        try:
            return _come_in(request, practice, invitation, account, form.cleaned_data.get("password", ""))
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.words)
    page = {
        "form": form,
        "closed": not _holds(invitation),
        "person_name": invitation.staff.name,
        "who": invitation.sent_by_name,
        "email": invitation.email,
        "roles": words.listed([forms.role_name(role) for role in invitation.staff.roles]),
        "has_account": account is not None,
        "is_theirs": here is not None and here == account,
        "elsewhere": here.email if here is not None and here != account else "",
        "sign_in": f"{reverse('sign_in')}?{urlencode({'next': request.path})}",
        "slug": slug,
        "token": token,
    }
    return _page(request, practice, page, 422 if form.is_bound and form.errors else 200)


def _come_in(
    request: HttpRequest, practice: Practice, invitation: StaffInvitation, account: Account | None, password: str
) -> HttpResponse:
    with transaction.atomic():  # the account exists exactly when the invitation is used up
        mine = account or entry.new_account(invitation.email, password)
        membership = entry.take(practice, invitation, mine, clock.now())
    if account is None:
        session.sign_in(request, mine, membership)
    else:
        session.choose_membership(request, membership)
    return redirect("/")


@never_cache
@require_POST
@public
def passkey_begin(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """Hand out what the browser needs to make a passkey for the account that is to be."""
    _, invitation = _found(slug, token)
    if not _holds(invitation) or entry.find_account(invitation.email) is not None:
        return _refused(rules.LinkOver())
    account = Account(email=invitation.email)
    request.session[JOINING] = str(account.id)
    return JsonResponse(passkeys.begin_registration(request, account))


@never_cache
@require_POST
@public
def passkey(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """Keep the passkey with its new account, use the invitation up, and let the person in."""
    practice, invitation = _found(slug, token)
    chosen = request.session.pop(JOINING, None)
    try:
        if chosen is None or entry.find_account(invitation.email) is not None:
            raise rules.LinkOver()
        said = body_of(request)
        with transaction.atomic():
            account = Account(id=UUID(chosen), email=invitation.email)
            account.set_unusable_password()
            account.save(force_insert=True)
            passkeys.register(request, account, said.get("credential", {}), str(said.get("name", "")))
            membership = entry.take(practice, invitation, account, clock.now())
    except Refusal as refusal:
        return _refused(refusal)
    session.sign_in(request, account, membership, way="passkey")
    return JsonResponse({"next": "/"})


def _refused(refusal: Refusal) -> JsonResponse:
    return JsonResponse(refusal_body(refusal), status=refusal.status)


def _page(request: HttpRequest, practice: Practice, page: dict[str, Any], status: int) -> HttpResponse:
    frame = {"practice_name": practice.name, "home_url": reverse("sign_in"), "other_language": other_language()}
    return render(request, "setup/join.html", frame | page, status=status)
