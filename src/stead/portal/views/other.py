"""Messages, the page of everything else, and a few words to the practice."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from stead.intake.actions import ask_practice
from stead.intake.terms import ABOUT
from stead.messaging.terms import SEALED_MARK
from stead.platform.refusals import NotFound, Refusal
from stead.platform.ui import words
from stead.platform.web.answers import words_for_patient
from stead.platform.web.door import PageRequest
from stead.portal import queries
from stead.portal.door import paper_page, patient_page, portal_page, sent
from stead.portal.forms import AskForm


@patient_page("GET")
def messages(request: PageRequest) -> HttpResponseBase:
    """Show what was sent, newest first."""
    me = queries.get_me(request.patient_id)
    zone = ZoneInfo(queries.time_zone_of(me.location_id, request.practice.time_zone))
    rows = [_message(m, zone) for m in queries.messages_of(me.id)]
    return portal_page(request, "portal/messages.html", {"rows": rows}, here="message")


def _message(row: dict[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    moment = (row["sent_at"] or row["created_at"]).astimezone(zone)
    how = {"email": _("by e-mail"), "sms": _("by text"), "portal": _("here")}
    # The link of an invitation opens the account once; it has no business on a page.
    body = "" if row["template"] == "portal_invitation" else row["body"].replace(SEALED_MARK, _("(see Bills)"))
    return {
        "when": f"{words.day(moment.date())}, {words.clock(moment)}",
        "how": how.get(row["channel"], ""),
        "subject": row["subject"],
        "body": body,
    }


@patient_page("GET")
def more(request: PageRequest) -> HttpResponseBase:
    """Show the places that are not in the bar."""
    me = queries.get_me(request.patient_id)
    return portal_page(request, "portal/more.html", {"me": me, "phone": queries.phone_of(me.location_id)}, here="more")


@paper_page("GET", "POST")
def ask(request: PageRequest, about: str) -> HttpResponseBase:
    """Write a few words; they become a task of one person."""
    if about not in ABOUT:
        raise NotFound()
    form = AskForm(sent(request))
    if request.method == "POST" and form.is_valid():
        try:
            ask_practice(
                practice=request.practice.id,
                by=request.by,
                at=request.at,
                patient_id=request.patient_id,
                about=about,
                text=form.cleaned_data["text"],
            )
            return redirect("portal_asked")
        except NotFound:
            raise
        except Refusal as refusal:
            form.add_error("text", words_for_patient(refusal))
    context = {"form": form, "about": about}
    return portal_page(request, "portal/ask.html", context, here="message", status=422 if form.is_bound else 200)


@paper_page("GET")
def asked(request: PageRequest) -> HttpResponseBase:
    """Say that the words have arrived and when an answer comes."""
    me = queries.get_me(request.patient_id)
    return portal_page(request, "portal/asked.html", {"phone": queries.phone_of(me.location_id)}, here="message")
