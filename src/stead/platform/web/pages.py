"""Render a staff page: the room's own context plus the frame every staff page has (bar, tabs, person, search)."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.urls import NoReverseMatch, reverse

from stead.platform.access import glass
from stead.platform.accounts import session
from stead.platform.accounts.look import look_of
from stead.platform.ui import words
from stead.platform.ui.pages import render_part
from stead.platform.ui.parts import Receipt
from stead.platform.web import navigation
from stead.platform.web.door import PageRequest
from stead.platform.web.exports import export_address


def staff_page(
    request: PageRequest,
    template: str,
    context: dict[str, Any],
    *,
    room: str,
    tab: str = "",
    part: str | None = None,
    status: int = 200,
    live: bool = False,
) -> HttpResponse:
    """Answer with the page, or only the part that htmx asked for. `room` and `tab` are navigation keys; a `live` page
    has parts that read themselves again when the journal says so, and a lamp that says whether it listens."""
    frame = {
        "nav": navigation.bar(request.by, room),
        "tabs": navigation.tabs(request.by, room, tab),
        "person": {"name": request.by.name, "seat": ", ".join(sorted(request.by.roles)).replace("_", " ")},
        "look": look_of(request),
        "search_url": _address("search"),
        "logout_url": _address("sign_out"),
        "account_url": _address("account"),
        "export": export_address(request),
        "live": _live(request) if live else None,
    }
    warnings = [said for said in (glass.banner(request), _second_step(request)) if said is not None]
    if warnings:
        context = context | {"receipts": [*warnings, *context.get("receipts", ())]}
    return render_part(request, template, frame | context, part, status)


def _second_step(request: PageRequest) -> Receipt | None:
    """Say while there is time that a password alone will not do."""
    day = session.will_lack_second_step(request)
    if day is None:
        return None
    return Receipt(
        f"From {words.long_day(day)}, a password alone no longer opens your seat. "
        "Add a passkey or an app to your account now: your name, at the top, leads there."
    )


def _live(request: PageRequest) -> dict[str, str]:
    last = words.clock_to_the_second(request.at.astimezone(ZoneInfo(request.practice.time_zone)))
    return {"url": reverse("events"), "last": last}


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
