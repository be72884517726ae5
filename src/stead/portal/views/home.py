"""Home: where the patient stands and the one thing to do next."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from stead.billing.queries import balance_of, on_the_way
from stead.forms.queries import standing_signatures
from stead.platform.ui import words
from stead.platform.ui.pages import asked_part, is_htmx
from stead.platform.ui.parts import Stage
from stead.platform.web.door import PageRequest
from stead.portal import journey, queries
from stead.portal.door import paper_page, portal_page
from stead.portal.visit_words import held_words, visit_facts
from stead.practice.queries import practice_day


@paper_page("GET")
def home(request: PageRequest) -> HttpResponseBase:
    """Show the journey of the open case, or that nothing waits. By a link: the journey alone."""
    me = queries.get_me(request.patient_id)
    context: dict[str, Any] = {"me": me, "phone": queries.phone_of(me.location_id)}
    visit = None
    if request.visit is None:
        visit = queries.find_next_visit(me.id, request.at)
        owed = balance_of(me.id).cents - on_the_way(me.id).cents
        context["owed"] = words.money(owed, cents=True) if owed > 0 else ""
    walk = walk_of(request)
    if walk is None:
        return portal_page(request, "portal/home.html", context | _quiet(visit), here="home")
    zone = ZoneInfo(queries.time_zone_of(me.location_id, request.practice.time_zone))
    items = queries.items_of(me.id, walk.case_id)
    settled = _settled(me.id, practice_day(request.at))
    waiting = journey.open_items(items, walk.stage_key, settled)
    last = _last_stage(visit) if visit else None
    context |= {
        "title": journey.title(walk, waiting),
        "stages": journey.stages(walk, items, waiting, queries.item_words(), last, zone),
        "moves": not waiting and journey.is_about_to_move(items, walk.stage_key, settled),
        "helper": walk.helper,
        "helper_first": walk.helper.split()[0] if walk.helper else "",
    }
    return portal_page(request, "portal/home.html", context, here="home")


def walk_of(request: PageRequest) -> queries.Journey | None:
    """Return the case in hand: by a link, the one whose papers the link opened."""
    if request.visit is None:
        return queries.find_journey(request.patient_id)
    return queries.find_journey(request.patient_id, only=request.visit.case_id) if request.visit.case_id else None


@paper_page("GET")
def onward(request: PageRequest) -> HttpResponseBase:
    """Go on to the next paper that waits; to the home when none does. The home asks here by itself while the case
    learns of what was just given, and stays as it is until there is something."""
    walk = walk_of(request)
    items = queries.items_of(request.patient_id, walk.case_id) if walk else []
    waiting = (
        journey.open_items(items, walk.stage_key, _settled(request.patient_id, practice_day(request.at)))
        if walk
        else []
    )
    place = journey.page_of(waiting[0]) if waiting else reverse("portal_home")
    if not is_htmx(request):
        return redirect(place)
    if asked_part(request) == "papers" and place == reverse("portal_papers"):
        return redirect(place)  # the browser follows, and the first paper comes where the birth date was asked for
    if asked_part(request) != "papers" and not waiting:
        return HttpResponse(status=204)
    return HttpResponse(headers={"HX-Redirect": place})


def _settled(patient_id: UUID, today: date) -> set[str]:
    """Return the keys of items that signatures, a card on file and a known address answer already."""
    card = set(journey.CARD_KEYS) if queries.cards_of(patient_id) else set()
    home = {journey.ADDRESS_KEY} if all(queries.address_of(patient_id).values()) else set()
    return set(standing_signatures(patient_id, today)) | card | home


def _last_stage(visit: dict[str, Any]) -> Stage:
    mark = "held" if visit["status"] == "held" else "confirmed"
    return Stage("", "ahead", mark, facts=visit_facts(visit), held=held_words(visit))


def _quiet(visit: dict[str, Any] | None) -> dict[str, Any]:
    """Return the home of somebody without an open case: the next visit, or that there is none."""
    if visit is None:
        return {"title": _("There is nothing for you to do now"), "stages": None, "facts": ()}
    day = words.weekday(visit["starts_at"].astimezone(ZoneInfo(visit["location__time_zone"])).date(), short=False)
    title = _("Your next visit is on %(day)s") % {"day": day}
    return {"title": title, "stages": None, "facts": visit_facts(visit)}
