"""The patient in hand: who is meant, on every page of every room.

Higher rooms add what they know, before anybody is shown: coverage its payer, billing the balance, scheduling the next
visit. `register` takes a function from the patient's id to some of the slip's keys (ui/staff.html lists them); a list
of `links` is added to, other keys are set. Links that the person in force may not follow are left out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.urls import reverse

from stead.patients.models import Patient
from stead.platform import permissions
from stead.platform.access import log
from stead.platform.tenancy import context
from stead.platform.ui import words
from stead.platform.web import ways

type Part = Callable[[UUID], dict[str, Any]]
_parts: list[tuple[str, Part]] = []


def register(part: Part, *, permission: str = "patients.read") -> Part:
    """Add a part; only who holds the permission is told it."""
    _parts.append((permission, part))
    return part


def of(patient: Patient) -> dict[str, Any]:
    """Return the slip as whoever acts may see it, and note that this patient was shown."""
    log.reads(patient.id)
    by = context.current().actor
    said: dict[str, Any] = {
        "name": patient.shown_name,
        "url": reverse("patients_record", args=[patient.id]),
        "born": words.day(patient.birth_date, year=True) if patient.birth_date else "",
        "pronouns": patient.pronouns,
        "state": ", ".join(p for p in (patient.city, patient.state) if p),
        "links": [],
        "put_down_url": "?",
    }
    for permission, part in _parts:
        if not permissions.holds(by, permission):
            continue
        added = dict(part(patient.id))
        said["links"] = [*said["links"], *(x for x in added.pop("links", []) if ways.is_open(by, x["url"]))]
        said.update({key: value for key, value in added.items() if value})
    return said
