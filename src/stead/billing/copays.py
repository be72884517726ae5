"""The copay at the desk: what the payer said, the kept card, and one step that takes it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.urls import reverse

from stead.billing.models import Payment, PaymentCard
from stead.coverage.queries import copays_of, medicaid_first
from stead.platform import permissions
from stead.platform.actors import Actor
from stead.platform.ui import words
from stead.platform.ui.parts import Step
from stead.platform.web.way_back import with_way_back
from stead.scheduling import arriving
from stead.scheduling.arriving import Due
from stead.scheduling.queries import DayVisit

_SAID = {"started": "on its way", "paid": "paid"}


@arriving.register
def copays_due(visits: Sequence[DayVisit], by: Actor, at: datetime) -> dict[UUID, Due]:
    """Name each visit's copay: taken, or to be taken from the newest card by whoever may, in four queries.

    Where no card is on file, the step puts one there; not for Medicaid, whose patients are charged nothing.
    """
    here = {visit.patient_id for visit in visits}
    copays = copays_of(here)
    owing = [visit for visit in visits if copays.get(visit.patient_id)]
    taken = dict(
        Payment.objects.filter(appointment_id__in=[v.id for v in owing], state__in=_SAID)
        .values_list("appointment_id", "state")
    )  # fmt: skip
    cards = {
        card.patient_id: card
        for card in PaymentCard.objects.filter(patient_id__in=here, removed_at=None).order_by("vaulted_at")
        if (card.expires_year, card.expires_month) >= (at.year, at.month)
    }
    may = permissions.holds(by, "billing.take_payment")
    due = {v.id: _due(v, copays[v.patient_id], taken.get(v.id), cards.get(v.patient_id), may) for v in owing}
    if not permissions.holds(by, "billing.vault_card"):
        return due
    lacking = here - cards.keys()
    lacking -= medicaid_first(lacking) if lacking else set()
    return due | {v.id: _with_card_step(due.get(v.id), v) for v in visits if v.patient_id in lacking}


def _with_card_step(due: Due | None, visit: DayVisit) -> Due:
    """Offer to put a card on file, and to come back to the day; a copay that was paid in another way stays said."""
    day = f"{reverse('calendar_today')}?location={visit.location_id}"
    url = with_way_back(reverse("billing_card", args=[visit.patient_id]), day)
    return Due(due.words if due else "no card on file", Step("Put a card on file", url))


def _due(visit: DayVisit, cents: int, state: str | None, card: PaymentCard | None, may: bool) -> Due:
    said = f"copay {words.money(cents, cents=True)}"
    if state:
        return Due(f"{said} {_SAID[state]}")
    if card is None or not may:
        return Due(f"{said} to take")
    amount = f"{cents // 100}.{cents % 100:02d}"
    fields = (("amount", amount), ("method", f"card:{card.id}"), ("appointment", str(visit.id)))
    url = reverse("billing_take_payment", args=[visit.patient_id])
    return Due(said, Step(f"Take ${amount} from {card.brand} {card.last4}", url, "post", fields))
