"""What the record can mend: a part of it that is missing."""

from __future__ import annotations

from django.urls import reverse

from stead.patients.models import Patient
from stead.platform.policy.mendings import Mending, mendings
from stead.platform.refusals import Fix

_PARTS = {
    "phone": ("phone", "Add the telephone number"),
    "email": ("email", "Add the e-mail address"),
    "state": ("state", "Add the state"),
    "birth_date": ("birth_date", "Add the birth date"),
    "address": ("line1", "Add the address"),
}
"""What may be missing: the column that then is empty, and the button."""


def _record(patient: Patient, part: str) -> Fix | None:
    column, label = _PARTS[part]
    if getattr(patient, column):
        return None
    return Fix(label, f"{reverse('patients_edit', args=[patient.id])}#id_{column}", beside=True)


mendings.declare(
    Mending("record", "Complete a part of the patient's record that is empty", "patients.edit", "patient", _record,
            choices=frozenset(_PARTS), takes="the part"),
)  # fmt: skip
