"""The patient in hand: who is meant, on every page of every room.

Higher rooms add what they know, before anybody is shown: coverage its payer, billing the balance, scheduling the next
visit. `register` takes a function from the patient's id to some of the slip's keys (ui/staff.html lists them); a list
of `links` is added to, other keys are set.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.urls import reverse

from stead.patients.models import Patient
from stead.platform.access import log
from stead.platform.ui import words

_parts: list[Callable[[UUID], dict[str, Any]]] = []


def register(part: Callable[[UUID], dict[str, Any]]) -> Callable[[UUID], dict[str, Any]]:
    _parts.append(part)
    return part


def of(patient: Patient) -> dict[str, Any]:
    """Return the slip and note that this patient was shown."""
    log.reads(patient.id)
    said: dict[str, Any] = {
        "name": patient.shown_name,
        "url": reverse("patients_record", args=[patient.id]),
        "born": words.day(patient.birth_date, year=True) if patient.birth_date else "",
        "pronouns": patient.pronouns,
        "state": ", ".join(p for p in (patient.city, patient.state) if p),
        "links": [],
        "put_down_url": "?",
    }
    for part in _parts:
        added = dict(part(patient.id))
        said["links"] = [*said["links"], *added.pop("links", [])]
        said.update({key: value for key, value in added.items() if value})
    return said
