"""What a patient's slip says of their request: where it can be read, from every page that has the patient in hand."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import reverse

from stead.intake import queries
from stead.patients import slip


def request_link(patient_id: UUID) -> dict[str, Any]:
    row = queries.find_newest_request(patient_id)
    return {"links": [{"label": "What they asked for", "url": reverse("intake_request", args=[row.id])}]} if row else {}


slip.register(request_link, permission="intake.read")
