"""One's own account: open sessions, passkeys, authenticator app, recovery codes, password, colours."""

from __future__ import annotations

import functools
from datetime import UTC, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_POST

from stead.platform import clock
from stead.platform.accounts import passkeys, recovery, session, totp
from stead.platform.accounts.factor_models import Passkey, SignedIn, Totp
from stead.platform.accounts.forms import LookForm, PasswordForm, TotpForm
from stead.platform.accounts.look import NAMES, look_of
from stead.platform.accounts.models import Account
from stead.platform.accounts.passwords import set_password
from stead.platform.accounts.sign_in_views import body_of
from stead.platform.accounts.tokens import revoke_tokens_of
from stead.platform.refusals import Refusal
from stead.platform.ui import words
from stead.platform.ui.languages import other_language
from stead.platform.ui.parts import Receipt
from stead.platform.web.answers import refusal_body
from stead.platform.web.door import View, signed_in_only

FRESH = timedelta(minutes=30)
"""How long after signing in one may change how one signs in; later, a borrowed screen could be one's own for good."""
WAYS = {
    "password": gettext_noop("with a password"), "app": gettext_noop("with a password and the app"),
    "passkey": gettext_noop("with a passkey"), "recovery code": gettext_noop("with a recovery code"),
    "demo": gettext_noop("by the demo's button"),
}  # fmt: skip
_SAID = "account_said"


def _here(request: HttpRequest) -> SignedIn:
    row = session.find_signed_in(request)
    if row is None:
        raise Http404
    return row


def _account(request: HttpRequest) -> Account:
    return _here(request).account


def fresh(view: View) -> View:
    """Ask for a new sign-in first when the last one is long ago."""

    @functools.wraps(view)
    def run(request: HttpRequest, *args: Any, **given: Any) -> Any:
        if clock.now() - _here(request).started_at > FRESH:
            back = f"{reverse('sign_in')}?{urlencode({'next': reverse('account')})}"
            if request.content_type == "application/json":
                return JsonResponse(
                    {"words": gettext("Sign in again first: your last sign-in is long ago.")}, status=403
                )
            return redirect(back)
        return view(request, *args, **given)

    return run


@signed_in_only
def account(request: HttpRequest) -> HttpResponse:
    """Show everything about signing in that is one's own."""
    return _page(request, {}, 200)


def _page(request: HttpRequest, more: dict[str, Any], status: int) -> HttpResponse:
    here = _here(request)
    mine = here.account
    said = request.session.pop(_SAID, "")
    look = look_of(request)
    page = {
        "account": mine,
        "here": here,
        "sessions": _sessions(here),
        "passkeys": Passkey.objects.filter(account=mine).order_by("created_at"),
        "totp": totp.find_confirmed(mine),
        "codes_left": recovery.how_many_left(mine),
        "password_form": PasswordForm(has_password=mine.has_usable_password()),
        "look_form": LookForm(initial=look),
        "look": look,
        "second_step_from": session.will_lack_second_step(request),
        "lacks_second_step": session.lacks_second_step(request),
        "receipts": [Receipt(said)] if said else [],
        **_frame(),
    }
    return render(request, "accounts/account.html", page | more, status=status)


def _frame() -> dict[str, Any]:
    return {"practice_name": "Stead", "home_url": "/", "other_language": other_language()}


def _sessions(here: SignedIn) -> list[dict[str, Any]]:
    """This session first, then the others, each with its times where the person works."""
    rows = SignedIn.objects.filter(account=here.account).select_related("membership__practice").order_by("-seen_at")
    zone = ZoneInfo(here.membership.practice.time_zone) if here.membership else UTC
    shown = [
        {
            "id": row.id,
            "device": row.device or gettext("a browser"),
            "where": row.membership.practice.name if row.membership else "",
            "since": words.moment(row.started_at.astimezone(zone)),
            "seen": words.moment(row.seen_at.astimezone(zone)),
            "way": gettext(WAYS.get(row.way, row.way)),
            "here": row.id == here.id,
        }
        for row in rows
    ]
    return sorted(shown, key=lambda row: not row["here"])


def _done(request: HttpRequest, words: str) -> HttpResponse:
    request.session[_SAID] = words
    return redirect("account")


@signed_in_only
@require_POST
def end_session(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """End one of one's own sessions; somebody else's is not there."""
    ended, _ = SignedIn.objects.filter(id=session_id, account=_account(request)).delete()
    if not ended:
        raise Http404
    return _done(request, gettext("That session has ended."))


@signed_in_only
@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    """End every session of one's own but this one."""
    here = _here(request)
    ended, _ = SignedIn.objects.filter(account=here.account).exclude(id=here.id).delete()
    return _done(
        request, gettext("Every other session has ended.") if ended else gettext("There was no other session.")
    )


@signed_in_only
@require_POST
@fresh
def change_password(request: HttpRequest) -> HttpResponse:
    """Change the password; every other session ends, this one goes on under a new key."""
    here = _here(request)
    form = PasswordForm(request.POST, has_password=here.account.has_usable_password())
    if form.is_valid():
        given = form.cleaned_data
        if "current" in form.fields and not here.account.check_password(given["current"]):
            form.add_error("current", gettext("This is not the password you have now."))
        else:
            try:
                set_password(
                    here.account, given["password"], second_factor=totp.find_confirmed(here.account) is not None
                )
            except Refusal as refusal:
                form.add_error("password", gettext(refusal.words))
    if form.errors:
        return _page(request, {"password_form": form}, 422)
    SignedIn.objects.filter(account=here.account).exclude(id=here.id).delete()
    ended = revoke_tokens_of(here.account, clock.now())
    session.sign_in(request, here.account, here.membership, way=here.way)
    if ended:
        return _done(request, gettext("The password is changed. Every other session and every API token has ended."))
    return _done(request, gettext("The password is changed. Every other session has ended."))


@signed_in_only
@require_POST
@fresh
def passkey_begin(request: HttpRequest) -> HttpResponse:
    return JsonResponse(passkeys.begin_registration(request, _account(request)))


@signed_in_only
@require_POST
@fresh
def passkey_add(request: HttpRequest) -> HttpResponse:
    try:
        said = body_of(request)
        passkeys.register(request, _account(request), said.get("credential", {}), str(said.get("name", "")))
    except Refusal as refusal:
        return JsonResponse(refusal_body(refusal) | {"words": gettext(refusal.words)}, status=refusal.status)
    session.note_second_step(request, "passkey")
    request.session[_SAID] = gettext("The passkey is kept. It signs you in without a password.")
    return JsonResponse({"next": reverse("account")})


@signed_in_only
@require_POST
@fresh
def passkey_remove(request: HttpRequest, passkey_id: UUID) -> HttpResponse:
    removed, _ = Passkey.objects.filter(id=passkey_id, account=_account(request)).delete()
    if not removed:
        raise Http404
    return _done(request, gettext("The passkey is removed; it opens nothing here any more."))


@signed_in_only
@fresh
def totp_set_up(request: HttpRequest) -> HttpResponse:
    """Show the secret as a picture and as text; it is in force once a code was typed back."""
    mine = _account(request)
    form = TotpForm(request.POST or None)
    row = Totp.objects.filter(account=mine).first()
    if request.method == "POST" and row is not None and form.is_valid():
        if totp.confirm(row, form.cleaned_data["code"], clock.now()):
            session.note_second_step(request, "app")
            return _show_codes(request, mine, gettext("The authenticator app is in force."))
        form.add_error("code", gettext("This code does not fit. Check the clock of your phone and type the next one."))
    if request.method != "POST" and (row is None or row.confirmed_at is None):
        totp.begin(mine)
        row = Totp.objects.get(account=mine)
    if row is None or row.confirmed_at is not None:
        return redirect("account")
    secret = totp.secret_of(row)
    page = {"form": form, "secret": secret, "picture": totp.picture(totp.address_for_app(mine, secret))}
    return render(request, "accounts/totp.html", page | _frame(), status=422 if form.errors else 200)


@signed_in_only
@require_POST
@fresh
def totp_remove(request: HttpRequest) -> HttpResponse:
    Totp.objects.filter(account=_account(request)).delete()
    return _done(
        request, gettext("The authenticator app is no longer asked for. A password alone needs 15 characters.")
    )


@signed_in_only
@require_POST
@fresh
def make_codes(request: HttpRequest) -> HttpResponse:
    return _show_codes(
        request, _account(request), gettext("New recovery codes. The earlier ones open nothing any more.")
    )


def _show_codes(request: HttpRequest, mine: Account, words: str) -> HttpResponse:
    """Show the codes in the answer itself: they are kept nowhere, so no redirect could show them."""
    page = {"codes": recovery.make_codes(mine), "words": words}
    response = render(request, "accounts/codes.html", page | _frame())
    response["Cache-Control"] = "no-store"
    return response


@signed_in_only
@require_POST
def choose_look(request: HttpRequest) -> HttpResponse:
    """Keep colours and density with the person; in cookies too, for this device's pages before somebody signs in."""
    form = LookForm(request.POST)
    if not form.is_valid():
        return _page(request, {"look_form": form}, 422)
    Account.objects.filter(id=_account(request).id).update(**form.cleaned_data)
    response = _done(request, gettext("Kept, on every device where you sign in."))
    for name in NAMES:
        response.set_cookie(name, form.cleaned_data[name], max_age=365 * 86400, samesite="Lax", httponly=True)
    return response
