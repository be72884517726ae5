"""What is owed, paying it in two steps (the amount, then one yes), the receipt, and the statements that explain it."""

from __future__ import annotations

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from stead.billing.actions import take_payment
from stead.billing.queries import balance_of, on_the_way
from stead.billing.rules import receipt_number
from stead.platform.idempotency.once import FIELD
from stead.platform.refusals import Refusal
from stead.platform.ui import words
from stead.platform.web.door import PageRequest
from stead.portal import queries
from stead.portal.door import patient_page, portal_page, sent
from stead.portal.forms import PayForm
from stead.portal.views.papers import door, refuse


@patient_page("GET")
def bills(request: PageRequest) -> HttpResponseBase:
    """Show what is owed, the way to pay it, and what was paid before."""
    left, coming, zone = _left(request.patient_id), on_the_way(request.patient_id).cents, _zone(request)
    context = {
        "title": _title(left, coming),
        "left": left,
        "left_words": words.money(left, cents=True),
        "on_the_way": words.money(coming, cents=True) if coming else "",
        "statements": [_statement(s) for s in queries.statements_of(request.patient_id)],
        "payments": [_payment(p, zone) for p in queries.payments_of(request.patient_id)],
        "phone": _phone(request),
    }
    return portal_page(request, "portal/bills.html", context, here="receipt")


@patient_page("GET", "POST")
def pay(request: PageRequest) -> HttpResponseBase:
    """Pay with a card on file: the whole is filled in, a part may be typed, one press pays."""
    left, cards = _left(request.patient_id), queries.cards_of(request.patient_id)
    form = PayForm(sent(request), cards=cards, initial={"amount": f"{left // 100}.{left % 100:02d}"})
    if request.method == "POST" and form.is_valid():
        try:
            row = take_payment(
                **door(request),
                patient_id=request.patient_id,
                amount=form.cleaned_data["amount"],
                method="card",
                card_id=UUID(form.cleaned_data["card"]),
                key=f"portal:{request.patient_id}:{request.POST.get(FIELD, '')}",
            )
            return redirect("portal_payment", payment_id=row.id)
        except Refusal as refusal:
            refuse(form, refusal)
    context = {
        "title": _title(left, 0) if left > 0 else _("You owe nothing"),
        "left": left,
        "form": form,
        "cards": cards,
        "statement": next((_statement(s) for s in queries.statements_of(request.patient_id)), None),
        "phone": _phone(request),
    }
    return portal_page(request, "portal/pay.html", context, here="receipt", status=422 if form.errors else 200)


@patient_page("GET")
def payment(request: PageRequest, payment_id: UUID) -> HttpResponseBase:
    """The receipt; while the card is being asked the page looks again by itself."""
    row = queries.get_payment(request.patient_id, payment_id)
    left = _left(request.patient_id)
    context = _payment(row, _zone(request)) | {
        "title": _payment_title(row),
        "why": why_declined(row["declined_because"]),
        "number": receipt_number(row["id"]),
        "left_words": words.money(left, cents=True) if left > 0 else "",
        "sent_to": queries.find_receipt_address(request.patient_id, payment_id),
        "phone": _phone(request),
        "url": request.path,
    }
    return portal_page(request, "portal/payment.html", context, here="receipt")


def _left(patient_id: UUID) -> int:
    """Return what is owed less what is on its way, in cents."""
    return balance_of(patient_id).cents - on_the_way(patient_id).cents


def _phone(request: PageRequest) -> str:
    return queries.phone_of(queries.get_me(request.patient_id).location_id)


def _zone(request: PageRequest) -> ZoneInfo:
    location = queries.get_me(request.patient_id).location_id
    return ZoneInfo(queries.time_zone_of(location, request.practice.time_zone))


def _title(left: int, coming: int) -> str:
    if left > 0:
        return _("You owe %(amount)s") % {"amount": words.money(left, cents=True)}
    if left < 0:
        return _("We owe you %(amount)s") % {"amount": words.money(-left, cents=True)}
    return _("Your payment is on its way") if coming else _("You owe nothing")


def _payment_title(row: dict[str, Any]) -> str:
    amount = {"amount": words.money(row["amount_cents"], cents=True)}
    if row["state"] == "paid":
        return _("You paid %(amount)s") % amount
    if row["state"] == "declined":
        return _("Nothing was paid")
    return _("Your payment of %(amount)s is on its way") % amount


def why_declined(said: str) -> str:
    """Return a processor's reason in the patient's words; what else a bank says is between it and its client."""
    known = {
        "Not enough money on the card.": _("There was not enough money on the card."),
        "The card has expired.": _("The card has expired."),
    }
    return known.get(said, _("The bank did not say yes. It can tell you why."))


def _payment(row: dict[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    mark, word = {
        "started": ("waiting", _("on its way")),
        "paid": ("met", _("paid")),
        "declined": ("unmet", _("not paid")),
    }[row["state"]]
    card = f"{row['card__brand']} {row['card__last4']}" if row["card__last4"] else ""
    return {
        "id": row["id"],
        "state": row["state"],
        "mark": mark,
        "word": word,
        "day": words.day(row["started_at"].astimezone(zone).date(), year=True),
        "amount": words.money(row["amount_cents"], cents=True),
        "how": card or {"cash": _("cash"), "check": _("check")}.get(row["method"], ""),
    }


def _statement(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "number": row["number"],
        "date": words.day(row["as_of_date"], year=True),
        "due": words.day(row["due_date"], year=True),
        "total": words.money(row["total_cents"], cents=True),
        "file_id": row["file_id"],
    }
