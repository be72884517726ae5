"""Signing in: password and second step, passkey, the practice to work in, and out again."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from stead.platform import clock
from stead.platform.accounts import limits, passkeys, recovery, session, totp
from stead.platform.accounts.demo import demo_logins, find_demo_membership
from stead.platform.accounts.factor_models import Passkey
from stead.platform.accounts.forms import SecondStepForm, SignInForm
from stead.platform.accounts.look import look_of
from stead.platform.accounts.models import Account, Membership
from stead.platform.accounts.passwords import find_by_password
from stead.platform.accounts.second_step import is_asked
from stead.platform.refusals import Refusal
from stead.platform.ui.languages import other_language
from stead.platform.web.answers import refusal_body
from stead.platform.web.door import public, signed_in_only
from stead.platform.web.proxy import client_address

PENDING = "pending"
PENDING_FOR = timedelta(minutes=5)
WRONG = "This e-mail and password do not fit together. Check both, or ask the practice for help."


def next_of(request: HttpRequest) -> str:
    """Return where the person wanted to go, if that is here; an address elsewhere is never followed."""
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    return wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else "/"


@public
def sign_in(request: HttpRequest) -> HttpResponse:
    """Show the form; on POST check e-mail and password."""
    form = SignInForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                account = _checked(request, **form.cleaned_data)
                return _after_password(request, account)
            except Refusal as refusal:
                form.add_error(None, gettext(refusal.words))
                status = refusal.status
    page = {"form": form, "next": next_of(request), "demo": demo_logins() if settings.STEAD_DEMO else ()}
    return _page(request, "sign_in", page, status)


class WrongPassword(Refusal):
    words = WRONG


def _checked(request: HttpRequest, email: str, password: str) -> Account:
    who, address = email.strip().lower(), client_address(request)
    limits.count_try("password", who, address, clock.now())
    account = find_by_password(email, password)
    if account is None:
        raise WrongPassword()
    limits.forget_tries("password", who, address)
    return account


def _after_password(request: HttpRequest, account: Account) -> HttpResponse:
    if not _asks_second_step(account):
        return _enter(request, account, "password")
    request.session.cycle_key()
    request.session[PENDING] = {"account": str(account.id), "at": clock.now().isoformat(), "next": next_of(request)}
    return redirect("second_step")


def _asks_second_step(account: Account) -> bool:
    """Say whether a password leads to a second step. Where the seat asks for one and there is a passkey but no app, a
    password must not open the way to setting up an app: the passkey is used, or a recovery code."""
    if totp.find_confirmed(account) is not None:
        return True
    living = Membership.objects.select_related("practice").filter(account=account, ended_at=None, kind="staff")
    return any(is_asked(m, clock.now()) for m in living) and Passkey.objects.filter(account=account).exists()


@public
def second_step(request: HttpRequest) -> HttpResponse:
    """Ask for the code of somebody whose password was right a moment ago."""
    pending: dict[str, Any] = request.session.get(PENDING) or {}
    account = Account.objects.filter(id=pending["account"], is_active=True).first() if pending else None
    if account is None or clock.now() - datetime.fromisoformat(pending["at"]) > PENDING_FOR:
        request.session.pop(PENDING, None)
        return redirect("sign_in")
    form = SecondStepForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                way = _second_factor(request, account, form.cleaned_data["code"])
                return _enter(request, account, way, str(pending["next"]))
            except Refusal as refusal:
                form.add_error("code", gettext(refusal.words))
                status = refusal.status
    return _page(request, "second_step", {"form": form}, status)


class WrongCode(Refusal):
    words = "This code does not fit, or was used already. Wait for the next one."


def _second_factor(request: HttpRequest, account: Account, code: str) -> str:
    """Return how the second step was passed, or refuse. Counted per account: six digits are few."""
    now = clock.now()
    limits.count_try("code", str(account.id), "", now)
    row = totp.find_confirmed(account)
    if row is not None and totp.is_right(row, code, now):
        way = "app"
    elif recovery.use_code(account, code, now):
        way = "recovery code"
    else:
        raise WrongCode()
    limits.forget_tries("code", str(account.id), "")
    return way


@public
@require_POST
def passkey_begin(request: HttpRequest) -> HttpResponse:
    """Hand out a challenge for a passkey."""
    return JsonResponse(passkeys.begin_sign_in(request))


@public
@require_POST
def passkey(request: HttpRequest) -> HttpResponse:
    """Sign in whoever's passkey answered; says where to go as {"next": address}. Not counted: a signature over a fresh
    challenge cannot be guessed."""
    try:
        account = passkeys.sign_in_account(request, body_of(request), clock.now())
    except Refusal as refusal:
        return JsonResponse(refusal_body(refusal) | {"words": gettext(refusal.words)}, status=refusal.status)
    return JsonResponse({"next": _enter(request, account, "passkey")["Location"]})


def body_of(request: HttpRequest) -> dict[str, Any]:
    """Return the JSON object that was sent, or refuse."""
    try:
        said = json.loads(request.body)
    except ValueError as error:
        raise passkeys.PasskeyRefused() from error
    if not isinstance(said, dict):
        raise passkeys.PasskeyRefused()
    return said


@public
@require_POST
def demo(request: HttpRequest, role: str) -> HttpResponse:
    """Sign in as the demo's person of the role. There is no such address outside the demo."""
    membership = find_demo_membership(role) if settings.STEAD_DEMO else None
    if membership is None:
        raise Http404
    session.sign_in(request, membership.account, membership, way="demo")
    return redirect(next_of(request))


def _enter(request: HttpRequest, account: Account, way: str, wanted: str = "") -> HttpResponse:
    target = wanted or next_of(request)
    living = list(Membership.objects.filter(account=account, ended_at=None).order_by("id")[:2])
    session.sign_in(request, account, living[0] if len(living) == 1 else None, way=way)
    if len(living) == 1:
        return redirect(target)
    return redirect(f"{reverse('choose_practice')}?{urlencode({'next': target})}")


@signed_in_only
def choose_practice(request: HttpRequest) -> HttpResponse:
    """Let somebody of several practices say where they are now; on POST go there."""
    account = session.find_account(request)
    living = Membership.objects.select_related("practice").filter(account=account, ended_at=None)
    if request.method == "POST":
        wanted = _uuid(request.POST.get("membership", ""))
        chosen = living.filter(id=wanted).first() if wanted else None
        if chosen is None:
            raise Http404
        session.choose_membership(request, chosen)
        return redirect(next_of(request))
    page = {"memberships": living.order_by("practice__name", "kind"), "next": next_of(request)}
    return _page(request, "choose_practice", page)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    session.sign_out(request)
    return redirect("sign_in")


def _page(request: HttpRequest, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    frame: dict[str, Any] = {"practice_name": "Stead", "home_url": reverse("sign_in")}
    frame |= {"other_language": other_language(), "look": look_of(request)}
    return render(request, f"accounts/{name}.html", frame | context, status=status)
