"""What forms can mend: an agreement that nobody has signed."""

from __future__ import annotations

from django.urls import reverse

from stead.forms import queries, terms
from stead.patients.models import Patient
from stead.platform import clock
from stead.platform.policy.mendings import Mending, mendings
from stead.platform.refusals import Fix
from stead.practice.queries import practice_day


def _sign(patient: Patient, kind: str) -> Fix | None:
    if queries.is_signed(patient.id, kind, practice_day(clock.now())):
        return None
    return Fix("Record the signature", f"{reverse('forms_patient', args=[patient.id])}?kind={kind}#sign", beside=True)


mendings.declare(
    Mending("agreement", "Record the signature of an agreement", "agreements.sign", "patient", _sign,
            choices=frozenset(terms.KINDS), takes="its kind"),
)  # fmt: skip
