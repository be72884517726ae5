"""The door of a patient's page: the portal's door, the patient's language, and no card number through it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from stead.patients.models import Patient
from stead.platform.access import log
from stead.platform.accounts.look import look_of
from stead.platform.card_numbers import check_no_card_number
from stead.platform.ui.languages import other_language
from stead.platform.ui.pages import render_part
from stead.platform.web.door import PageRequest, portal

View = Callable[..., HttpResponseBase]


def patient_page(*methods: str, permission: str = "portal.read") -> Callable[[View], View]:
    """Declare a page of the signed-in patient for these methods."""

    def declare(view: View) -> View:
        @functools.wraps(view)
        def run(request: PageRequest, *given: Any, **named: Any) -> HttpResponseBase:
            log.reads(request.patient_id)
            translation.activate(language_of(request))
            check_no_card_number(value for _name, values in request.POST.lists() for value in values)
            return view(request, *given, **named)

        return never_cache(require_http_methods(list(methods))(portal(permission)(run)))

    return declare


def paper_page(*methods: str) -> Callable[[View], View]:
    """Declare a page of what an open case asks for, which a patient who came by a link reaches too. To them it shows
    what is asked and takes what they give; what is on the record already it neither shows nor replaces (ADR 8)."""
    return patient_page(*methods, permission="portal.papers")


def sent(request: PageRequest) -> QueryDict | None:
    """Return what was posted, for a form: an empty post is bound too, so that it is refused."""
    return request.POST if request.method == "POST" else None


def language_of(request: PageRequest) -> str:
    """Return the language chosen on the page, else the one on the record."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if chosen in ("en", "es"):
        return chosen
    spoken = Patient.objects.filter(id=request.patient_id).values_list("language", flat=True).first() or "en"
    return "es" if spoken.startswith("es") else "en"


def portal_page(
    request: PageRequest, template: str, context: dict[str, Any], *, here: str, status: int = 200
) -> HttpResponse:
    """Answer with a page of the portal. `here` is the place in the bottom bar; a visit by a link has no bar."""
    frame = {
        "practice_name": request.practice.name,
        "other_language": other_language(),
        "by_link": request.visit is not None,
        "keep_url": reverse("intake_keep", args=[request.practice.slug]),
        "bar": []
        if request.visit
        else [
            {"key": key, "label": label, "url": reverse(name), "current": key == here}
            for key, label, name in (
                ("home", _("Home"), "portal_home"),
                ("calendar", _("Visits"), "portal_visits"),
                ("message", _("Messages"), "portal_messages"),
                ("receipt", _("Bills"), "portal_bills"),
                ("more", _("More"), "portal_more"),
            )
        ],
        "back_url": reverse("portal_home"),
        "look": look_of(request),
    }
    return render_part(request, template, frame | context, status=status)
