"""Bills: what is owed, the statements, and paying with the card on file.

A card payment is asked of the processor a moment after the page; until then it stands here as on its way, and the
button offers only what is left.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from stead.billing.actions import take_payment
from stead.billing.queries import balance_of, on_the_way
from stead.platform.idempotency.once import FIELD
from stead.platform.money import Money
from stead.platform.refusals import InvalidInput, NotFound, Refusal
from stead.platform.ui import words
from stead.platform.web.door import PageRequest
from stead.portal import queries
from stead.portal.door import patient_page, portal_page


@patient_page("GET")
def bills(request: PageRequest) -> HttpResponseBase:
    """Show what is owed and one button that pays it."""
    return _bills_page(request)


@patient_page("POST")
def pay(request: PageRequest) -> HttpResponseBase:
    """Pay with a card on file: the whole, or a part that was typed."""
    try:
        take_payment(
            practice=request.practice.id,
            by=request.by,
            at=request.at,
            patient_id=request.patient_id,
            amount=Money.parse(request.POST.get("amount", "")),
            method="card",
            card_id=_card(request),
            key=f"portal:{request.patient_id}:{request.POST.get(FIELD, '')}",
        )
    except NotFound:
        raise
    except Refusal as refusal:
        return _bills_page(request, refused=_(refusal.words), status=refusal.status)
    return redirect("portal_bills")


def _left(patient_id: UUID) -> int:
    """Return what is owed less what is on its way, in cents."""
    return balance_of(patient_id).cents - on_the_way(patient_id).cents


def _card(request: PageRequest) -> UUID:
    known = {str(card["id"]): card["id"] for card in queries.cards_of(request.patient_id)}
    chosen = known.get(request.POST.get("card", ""))
    if chosen is None:
        raise InvalidInput(_("Add a card first, then you can pay with it."))
    return UUID(str(chosen))


def _bills_page(request: PageRequest, *, refused: str = "", status: int = 200) -> HttpResponse:
    left = _left(request.patient_id)
    coming = on_the_way(request.patient_id).cents
    context = {
        "title": _title(left, coming),
        "left": left,
        "left_words": words.money(left, cents=True),
        "amount": f"{left // 100}.{left % 100:02d}",
        "on_the_way": words.money(coming, cents=True) if coming else "",
        "declined": queries.was_declined(request.patient_id),
        "cards": queries.cards_of(request.patient_id),
        "statements": [_statement(s) for s in queries.statements_of(request.patient_id)],
        "refused": refused,
        "phone": queries.phone_of(queries.get_me(request.patient_id).location_id),
    }
    return portal_page(request, "portal/bills.html", context, here="receipt", status=status)


def _title(left: int, coming: int) -> str:
    if left > 0:
        return _("You owe %(amount)s") % {"amount": words.money(left, cents=True)}
    if left < 0:
        return _("We owe you %(amount)s") % {"amount": words.money(-left, cents=True)}
    return _("Your payment is on its way") if coming else _("You owe nothing")


def _statement(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "number": row["number"],
        "date": words.day(row["as_of_date"], year=True),
        "due": words.day(row["due_date"], year=True),
        "total": words.money(row["total_cents"], cents=True),
        "file_id": row["file_id"],
    }
