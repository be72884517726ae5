"""What intake can mend: the patient does it on their own page, to which a link leads."""

from __future__ import annotations

from django.urls import reverse

from stead.intake.queries import find_open_invitation
from stead.patients.models import Patient
from stead.platform.policy.mendings import Mending, mendings
from stead.platform.refusals import Fix


def _link(patient: Patient, _: str) -> Fix | None:
    """Send the link; without an e-mail address there is nowhere to send it."""
    if not patient.email:
        return None
    name = patient.preferred_name or patient.first_name
    label = f"Send {name} the link again" if find_open_invitation(patient.id) else f"Send {name} the link"
    return Fix(label, reverse("intake_invite", args=[patient.id]), "post")


mendings.declare(
    Mending("portal_link", "Send the patient a link to their own page, where it is done", "intake.invite", "patient",
            _link),
)  # fmt: skip
