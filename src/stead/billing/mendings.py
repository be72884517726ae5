"""What billing can mend: a card that is not on file."""

from __future__ import annotations

from django.urls import reverse

from stead.billing import queries
from stead.billing.days import book_day
from stead.patients.models import Patient
from stead.platform import clock
from stead.platform.policy.mendings import Mending, mendings
from stead.platform.refusals import Fix


def _card(patient: Patient, _: str) -> Fix | None:
    if queries.has_usable_card(patient.id, book_day(clock.now())):
        return None
    return Fix("Put a card on file", reverse("billing_card", args=[patient.id]))


mendings.declare(
    Mending("card", "Put a card on file at the desk or on the telephone", "billing.vault_card", "patient", _card)
)
