"""The card on file: this page takes the processor's token, never a number."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils import translation

from stead.billing.actions import vault_card
from stead.billing.terms import CardToken
from stead.forms.queries import find_current_agreement
from stead.platform.refusals import Refusal
from stead.platform.web.door import PageRequest
from stead.portal import queries
from stead.portal.door import paper_page, portal_page, sent
from stead.portal.forms import CardForm
from stead.portal.views.papers import door, have_it, refuse
from stead.practice.queries import practice_day


@paper_page("GET", "POST")
def card(request: PageRequest) -> HttpResponseBase:
    """Keep a card with the processor: this page takes its token, never its number."""
    cards = queries.cards_of(request.patient_id)
    if request.visit is not None and cards:
        return have_it(request)
    form = CardForm(sent(request))
    if request.method == "POST" and form.is_valid():
        try:
            vault_card(**door(request), patient_id=request.patient_id, card=CardToken(**form.cleaned_data))
            return redirect("portal_pay" if request.GET.get("for") == "bill" else "portal_onward")
        except Refusal as refusal:
            refuse(form, refusal)
    wording = find_current_agreement(
        "card_authorization", translation.get_language() or "en", on=practice_day(request.at)
    )
    context = {
        "form": form,
        "cards": cards,
        "fields": list(form.fields),
        "wording": wording,
    }
    return portal_page(request, "portal/card.html", context, here="more", status=422 if form.is_bound else 200)
