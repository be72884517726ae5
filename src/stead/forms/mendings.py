"""What forms can mend: an agreement that nobody has signed."""

from __future__ import annotations

from django.urls import reverse

from stead.forms import queries, terms
from stead.patients.models import Patient
from stead.platform.policy.mendings import Mending, mendings
from stead.platform.refusals import Fix


def _sign(patient: Patient, kind: str) -> Fix | None:
    if kind in queries.standing_signatures(patient.id):
        return None
    return Fix("Record the signature", f"{reverse('forms_patient', args=[patient.id])}?kind={kind}#sign", beside=True)


mendings.declare(
    Mending("agreement", "Record the signature of an agreement", "agreements.sign", "patient", _sign,
            choices=frozenset(terms.KINDS), takes="its kind"),
)  # fmt: skip
