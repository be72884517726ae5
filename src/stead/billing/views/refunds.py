"""Give a payment back, void one that was keyed wrong, take a posting of ours back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from stead.billing import actions, queries, shown
from stead.billing.days import book_day
from stead.billing.forms import ReasonForm, RefundForm
from stead.platform.access import log
from stead.platform.idempotency.once import FIELD, HEADER
from stead.platform.money import Money
from stead.platform.refusals import Refusal
from stead.platform.ui import words
from stead.platform.web.door import PageRequest, staff
from stead.platform.web.pages import staff_page


@staff("billing.refund")
@require_http_methods(["GET", "POST"])
def refund(request: PageRequest, payment_id: UUID) -> HttpResponse:
    """Give back all that is left of a payment, or part of it."""
    payment = queries.get_payment(payment_id)
    by_card = payment.method == "card"
    left = Money(payment.amount_cents) - queries.given_back(payment.id)
    if request.method == "GET":
        first = {"amount": f"{left.dollars:.2f}", "method": "card" if by_card else payment.method}
        return _refund_page(request, payment, left, RefundForm(by_card=by_card, initial=first))
    form = RefundForm(request.POST, by_card=by_card)
    if not form.is_valid():
        return _refund_page(request, payment, left, form, status=422)
    key = f"desk:{request.headers.get(HEADER) or request.POST[FIELD]}"[:120]
    try:
        actions.refund_payment(**_door(request), payment_id=payment_id, key=key, **form.cleaned_data)
    except Refusal as refusal:
        return _refund_page(request, payment, left, _marked(form, refusal), status=refusal.status)
    return redirect("billing_payment", payment_id)


def _refund_page(request: PageRequest, payment: Any, left: Money, form: RefundForm, status: int = 200) -> HttpResponse:
    log.reads(payment.patient_id)
    can_void = payment.state == "paid" and payment.method != "card" and left == Money(payment.amount_cents)
    is_of_today = payment.ended_at is not None and book_day(payment.ended_at) == book_day(request.at)
    context = {
        "title": f"{left} can be given back." if left.cents > 0 else "Nothing is left to give back.",
        "paid": f"{Money(payment.amount_cents)} by {payment.method}, {shown.moment(payment.started_at)}",
        "patient": shown.full_name(payment.patient),
        "payment_url": reverse("billing_payment", args=[payment.id]),
        "void_url": reverse("billing_void_payment", args=[payment.id]) if can_void and is_of_today else "",
        "form": form if left.cents > 0 and payment.state == "paid" else None,
    }
    return staff_page(request, "billing/refund.html", context, room="billing", tab="accounts", status=status)


@staff("billing.refund")
@require_http_methods(["GET", "POST"])
def void(request: PageRequest, payment_id: UUID) -> HttpResponse:
    """Void cash or a check of today that was keyed wrong."""
    payment = queries.get_payment(payment_id)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                actions.void_payment(**_door(request), payment_id=payment_id, **form.cleaned_data)
            except Refusal as refusal:
                form, status = _marked(form, refusal), refusal.status
            else:
                return redirect("billing_payment", payment_id)
    log.reads(payment.patient_id)
    context = {
        "title": f"Void {Money(payment.amount_cents)} from {shown.full_name(payment.patient)}?",
        "lead": "For money that was never taken, or not from this patient. What was taken and goes back is a refund.",
        "head": "Payment",
        "whose": shown.full_name(payment.patient),
        "back_url": reverse("billing_payment", args=[payment.id]),
        "button": "Void the payment",
        "form": form,
    }
    return staff_page(request, "billing/reason.html", context, room="billing", tab="accounts", status=status)


@staff("billing.reverse")
@require_http_methods(["GET", "POST"])
def take_back(request: PageRequest, transaction_id: UUID) -> HttpResponse:
    """Take a write-off or a bill to the patient back."""
    row, person = queries.get_posting(transaction_id)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                actions.reverse_transaction(**_door(request), transaction_id=transaction_id, **form.cleaned_data)
            except Refusal as refusal:
                form, status = _marked(form, refusal), refusal.status
            else:
                return redirect("billing_account", person.id)
    log.reads(person.id)
    day = words.day(row.effective_date, year=True)
    context = {
        "title": f"Take back: {row.words}?",
        "lead": f"Posted {day} by {row.by_name}. What it settled is owed again; a denial that it ended waits again.",
        "head": "Posting",
        "whose": shown.full_name(person),
        "back_url": reverse("billing_account", args=[person.id]),
        "button": "Take it back",
        "form": form,
    }
    return staff_page(request, "billing/reason.html", context, room="billing", tab="accounts", status=status)


def _door(request: PageRequest) -> dict[str, Any]:
    return {"practice": request.practice.id, "by": request.by, "at": request.at}


def _marked[F: Form](form: F, refusal: Refusal) -> F:
    if refusal.status == 404:
        raise refusal
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.words)
    return form
