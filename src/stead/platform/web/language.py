"""The language that a browser has chosen."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from stead.platform.web.door import public

YEAR = 365 * 24 * 3600


@public
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Remember the language of this browser, and go back to the page."""
    chosen, target = request.POST.get("language", ""), request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}):
        target = "/"
    answer = redirect(target)
    if chosen in dict(settings.LANGUAGES):
        secure = bool(settings.SESSION_COOKIE_SECURE)
        answer.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, chosen, max_age=YEAR, samesite="Lax", secure=secure, httponly=True
        )
    return answer
