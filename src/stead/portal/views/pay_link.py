"""The link in a statement's message: what is owed, one press to pay it, and nothing of the person (ADR 8)."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from stead.billing.actions import pay_by_link
from stead.billing.models import PayLink
from stead.billing.queries import find_pay_link, find_usable_card, standing_of_link
from stead.billing.rules import receipt_number
from stead.billing.terms import CardToken
from stead.platform.access import log
from stead.platform.accounts.look import device_look
from stead.platform.card_numbers import check_no_card_number
from stead.platform.money import Money
from stead.platform.refusals import Refusal
from stead.platform.ui import words
from stead.platform.ui.languages import other_language
from stead.platform.ui.pages import render_part
from stead.platform.web.answers import words_for_patient
from stead.platform.web.door import PageRequest, public_of_practice
from stead.portal.door import language_of
from stead.portal.forms import CardForm, LinkPayForm
from stead.portal.queries import phone_of
from stead.portal.views.bills import why_declined
from stead.practice.queries import practice_day


@never_cache
@require_http_methods(["GET", "POST"])
@public_of_practice("billing.pay_by_link")
def pay_link(request: PageRequest, token: str) -> HttpResponseBase:
    """Show what is owed of the link's statement, and take it. Reading changes nothing. With htmx the answer comes into
    the place of the button; without, on the same address."""
    link = find_pay_link(token)
    if link is None:
        raise Http404
    request.patient_id = link.patient_id
    log.reads(link.patient_id)
    translation.activate(language_of(request))
    form = LinkPayForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        check_no_card_number(value for _name, values in request.POST.lists() for value in values)
        if form.is_valid():
            try:
                _pay(request, link, form)
                return redirect(request.path)
            except Refusal as refusal:
                form.add_error(None, words_for_patient(refusal))
    context = _shown(request, link) | {"form": form, "fields": list(CardForm.base_fields)}
    return render_part(request, "portal/pay_link.html", context, status=422 if form.errors else 200)


def _pay(request: PageRequest, link: PayLink, form: LinkPayForm) -> None:
    typed = form.card()
    pay_by_link(
        practice=request.practice.id,
        by=request.by,
        at=request.at,
        link_id=link.id,
        amount=Money(form.cleaned_data["amount_cents"]),
        last4=form.cleaned_data["last4"],
        card=CardToken(**typed) if typed else None,
    )


def _shown(request: PageRequest, link: PayLink) -> dict[str, Any]:
    standing = standing_of_link(link, request.at)
    row = standing.newest
    may_keep = standing.way == "kept_card"
    card = find_usable_card(link.patient_id, practice_day(request.at)) if may_keep else None
    return {
        "practice_name": request.practice.name,
        "other_language": other_language(),
        "look": device_look(request),
        "state": standing.state,
        "due_cents": standing.due_cents,
        "due": words.money(standing.due_cents, cents=True),
        "card": card,
        "paid": words.money(row.amount_cents, cents=True) if row and row.state != "declined" else "",
        "number": receipt_number(row.id) if row and row.state != "declined" else "",
        "declined": why_declined(row.declined_because) if row and row.state == "declined" else "",
        "phone": phone_of(None),
        "url": request.path,
    }
