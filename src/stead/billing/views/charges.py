"""Take a charge back, and charge the visit again."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from stead.billing import actions, queries, shown
from stead.billing.forms import ReasonForm
from stead.patients.queries import get_patient
from stead.platform.access import log
from stead.platform.money import Money
from stead.platform.refusals import Refusal
from stead.platform.ui import words
from stead.platform.web.door import PageRequest, staff
from stead.platform.web.pages import staff_page


@staff("billing.reverse")
@require_http_methods(["GET", "POST"])
def void(request: PageRequest, charge_id: UUID) -> HttpResponse:
    """Say what voiding a charge does, and do it; afterwards the visit may be charged again."""
    if request.method == "GET":
        return _page(request, charge_id, ReasonForm())
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, charge_id, form, status=422)
    try:
        actions.void_charge(
            practice=request.practice.id, by=request.by, at=request.at, charge_id=charge_id, **form.cleaned_data
        )
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.words)
        return _page(request, charge_id, form, status=refusal.status)
    return redirect("billing_void_charge", charge_id)


def _page(request: PageRequest, charge_id: UUID, form: ReasonForm, status: int = 200) -> HttpResponse:
    charge = queries.get_charge(charge_id)
    patient = get_patient(charge.encounter.patient_id)
    log.reads(patient.id)
    amount = Money(charge.amount_cents)
    is_void = charge.voided_at is not None
    context = {
        "title": f"The charge of {amount} is void." if is_void else f"Void the charge of {amount}?",
        "patient": shown.full_name(patient),
        "account_url": reverse("billing_account", args=[patient.id]),
        "service": " ".join([charge.procedure_code or "no code", *charge.modifiers]),
        "day": words.day(charge.service_date, year=True),
        "claims": [(c.number, reverse("billing_claim", args=[c.id])) for c in queries.claims_of_charge(charge.id)],
        "is_void": is_void,
        "may_charge_again": is_void and not queries.is_charged(charge.encounter_id),
        "again_url": reverse("billing_charge_again", args=[charge.id]),
        "form": form,
    }
    return staff_page(request, "billing/void.html", context, room="billing", tab="accounts", status=status)


@staff("billing.charge")
@require_POST
def charge_again(request: PageRequest, charge_id: UUID) -> HttpResponse:
    """Charge a visit whose charge was voided, with the service's code and price of now, and claim it."""
    charge = queries.get_charge(charge_id)
    log.reads(charge.patient_id)
    door = {"practice": request.practice.id, "by": request.by, "at": request.at}
    actions.make_charges(**door, encounter_id=charge.encounter_id)
    claim = actions.make_claim(**door, encounter_id=charge.encounter_id)
    return redirect("billing_claim", claim.id) if claim else redirect("billing_account", charge.patient_id)
