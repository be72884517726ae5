"""What the book can mend: another practitioner."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from stead.platform.policy.mendings import Mending, mendings
from stead.platform.refusals import Fix


def _somebody_else(visit: Any, _: str) -> Fix:
    """Open the times of anybody who performs the service there."""
    asked = {"patient": visit.patient_id, "service": visit.service_id, "location": visit.location_id}
    return Fix("Choose somebody else", f"{reverse('calendar_book')}?{urlencode(asked)}", beside=True)


mendings.declare(
    Mending("other_practitioner", "Look for the times of anybody who performs the service", "appointments.book",
            "appointment", _somebody_else),
)  # fmt: skip
