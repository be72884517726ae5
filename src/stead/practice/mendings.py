"""What the practice can mend: a licence that is not on record or has run out."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from stead.platform.policy.mendings import Mending, mendings
from stead.platform.refusals import Fix


def _licence(visit: Any, _: str) -> Fix:
    """Open the practitioner's licences with the state filled in whose law counts for the visit."""
    state = visit.visit_state
    address = reverse("practice_licences", args=[visit.practitioner.id])
    return Fix("Add the license", f"{address}?state={state}#add" if state else f"{address}#add", beside=True)


mendings.declare(
    Mending("licence", "Write down a practitioner's license", "practice.configure", "appointment", _licence),
)
