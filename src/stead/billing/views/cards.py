"""A card put on file at the desk: the number goes from the browser to the processor, and this page takes its token."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from stead.billing import actions, queries, shown
from stead.billing.forms import CardForm
from stead.billing.terms import CardToken
from stead.forms.queries import find_current_agreement
from stead.patients.queries import get_patient
from stead.platform import permissions
from stead.platform.access import log
from stead.platform.card_numbers import check_no_card_number
from stead.platform.refusals import NotFound, Refusal
from stead.platform.web.door import PageRequest, staff
from stead.platform.web.pages import staff_page
from stead.platform.web.way_back import onward
from stead.practice.queries import practice_day


@never_cache
@staff("billing.vault_card")
@require_http_methods(["GET", "POST"])
def card(request: PageRequest, patient_id: UUID) -> HttpResponseBase:
    """Keep a card of somebody who stands at the desk or is on the telephone."""
    check_no_card_number(value for _, values in request.POST.lists() for value in values)
    patient = get_patient(patient_id)
    log.reads(patient.id)
    may_read = permissions.holds(request.by, "billing.read_account")
    home = reverse("billing_account" if may_read else "patients_record", args=[patient.id])
    form = CardForm(request.POST if request.method == "POST" else None)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            actions.vault_card(
                practice=request.practice.id, by=request.by, at=request.at, patient_id=patient.id,
                card=CardToken(**form.cleaned_data),
            )  # fmt: skip
            return redirect(onward(request, home))
        except NotFound:
            raise
        except Refusal as refusal:
            form.add_error(None, refusal.words)
            status = refusal.status
    context = {
        "patient": shown.full_name(patient),
        "home_url": home,
        "form": form,
        "wrong": "" if not form.errors else next(iter(form.errors.values()))[0],
        "fields": list(form.fields),
        "cards": [shown.card(c) for c in queries.cards_of(patient.id)],
        "has_wording": find_current_agreement("card_authorization", "en", on=practice_day(request.at)) is not None,
        "agreements_url": reverse("forms_patient", args=[patient.id]) + "?kind=card_authorization#sign",
    }
    return staff_page(request, "billing/card.html", context, room="billing", tab="accounts", status=status)
