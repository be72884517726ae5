"""A new password by a link: ask for it, and use it. The answer to asking is the same whoever asks for whom."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from stead.platform import clock
from stead.platform.accounts import limits, session
from stead.platform.accounts.look import look_of
from stead.platform.refusals import Refusal
from stead.platform.ui.languages import other_language
from stead.platform.web.door import public
from stead.platform.web.proxy import client_address, site_address
from stead.setup import forms, rules
from stead.setup import reset as resets


@never_cache
@require_http_methods(["GET", "POST"])
@public
def forgotten(request: HttpRequest) -> HttpResponse:
    """Ask for a link. Counted by address and by account, whether there is such an account or not."""
    form = forms.ForgottenForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            email = form.cleaned_data["email"].strip().lower()
            try:
                limits.count_try("reset", email, "", clock.now())
                limits.count_try("reset", "", client_address(request), clock.now())
                resets.ask(email, site_address(request), clock.now())
                return redirect("password_link_sent")
            except Refusal as refusal:
                form.add_error(None, gettext(refusal.words))
                status = refusal.status
    return _page(request, "forgotten", {"form": form}, status)


@never_cache
@require_GET
@public
def sent(request: HttpRequest) -> HttpResponse:
    return _page(request, "link_sent", {})


@never_cache
@require_http_methods(["GET", "POST"])
@public
def reset(request: HttpRequest, token: str) -> HttpResponse:
    """Show the form while the link holds; on POST keep the password. Then one signs in with it."""
    link = resets.find_link(token, clock.now())
    form = forms.ResetForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and link is not None:
        try:
            resets.set_password(token, form.cleaned_data["password"], clock.now())
        except rules.LinkOver:
            link = None
        except Refusal as refusal:
            form.add_error("password", gettext(refusal.words))
        else:
            session.sign_out(request)
            return redirect(f"{reverse('sign_in')}?done=password")
    page = {"form": form, "closed": link is None, "email": link.account.email if link else ""}
    return _page(request, "reset", page, 422 if form.is_bound else 200)


def _page(request: HttpRequest, name: str, page: dict[str, Any], status: int = 200) -> HttpResponse:
    frame: dict[str, Any] = {"practice_name": "Stead", "home_url": reverse("sign_in")}
    frame |= {"other_language": other_language(), "look": look_of(request)}
    return render(request, f"setup/{name}.html", frame | page, status=status)
