"""Patients in the palette: by parts of the name, telephone, birth date or number, for whoever may read patients."""

from __future__ import annotations

from django.urls import reverse

from stead.patients import queries
from stead.patients.models import Patient
from stead.platform import permissions
from stead.platform.access import log
from stead.platform.ui import words
from stead.platform.ui.parts import Hit, HitGroup
from stead.platform.web import palette
from stead.platform.web.door import PageRequest

FOUND_MOST = 6


@palette.register
def patients(request: PageRequest, q: str) -> HitGroup | None:
    if not q or not permissions.holds(request.by, "patients.read"):
        return None
    found = queries.search_patients(q, FOUND_MOST)
    log.reads_all(row.id for row in found)
    return HitGroup("Patients", tuple(_hit(row) for row in found))


def _hit(row: Patient) -> Hit:
    born = f"born {words.day(row.birth_date, year=True)}, " if row.birth_date else ""
    return Hit(row.shown_name, reverse("patients_record", args=[row.id]), f"{born}number {row.number}")
