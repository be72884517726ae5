"""What coverage can mend: a policy that is not on record, its card, the payer's answer, an authorization.

Each applies only where it is the next step, so that a clause may name all of them in their order.
"""

from __future__ import annotations

from django.urls import reverse

from stead.coverage import queries
from stead.patients.models import Patient
from stead.platform.policy.mendings import Mending, mendings
from stead.platform.refusals import Fix


def _policy(patient: Patient, _: str) -> Fix | None:
    if queries.find_first_coverage(patient.id) is not None:
        return None
    return Fix("Add the policy", reverse("coverage_new", args=[patient.id]), beside=True)


def _card_photo(patient: Patient, _: str) -> Fix | None:
    policy = queries.find_first_coverage(patient.id)
    if policy is None or (policy.card_front_file_id and policy.card_back_file_id):
        return None
    label = "Upload both sides" if policy.card_front_file_id is None else "Upload the back"
    return Fix(label, f"{reverse('coverage_policy', args=[policy.id])}#card")


def _card_compared(patient: Patient, _: str) -> Fix | None:
    policy = queries.find_first_coverage(patient.id)
    if policy is None or policy.card_verified_at is not None:
        return None
    if policy.card_front_file_id is None or policy.card_back_file_id is None:
        return None  # both sides first
    return Fix("Compare the card", f"{reverse('coverage_policy', args=[policy.id])}#card")


def _eligibility(patient: Patient, _: str) -> Fix | None:
    policy = queries.find_first_coverage(patient.id)
    if policy is None:
        return None
    asked = bool(queries.newest_checks(policy.id, 1))
    return Fix("Ask the payer again" if asked else "Ask the payer", reverse("coverage_ask", args=[policy.id]), "post")


def _payer_answer(patient: Patient, _: str) -> Fix | None:
    """Open the newest question that the payer has not answered, to write down what was said on the telephone."""
    policy = queries.find_first_coverage(patient.id)
    newest = queries.newest_checks(policy.id, 1) if policy else []
    if not newest or newest[0].state not in ("asked", "failed"):
        return None
    return Fix("Write the answer", f"{reverse('coverage_eligibility')}?open={newest[0].id}#check-{newest[0].id}")


def _authorization(patient: Patient, _: str) -> Fix | None:
    policy = queries.find_first_coverage(patient.id)
    if policy is None:
        return None
    page = reverse("coverage_policy", args=[policy.id])
    return Fix("Add the authorization", f"{page}?add=authorization#authorizations", beside=True)


mendings.declare(
    Mending("policy", "Write down the patient's policy", "coverage.change", "patient", _policy),
    Mending("card_photo", "Upload the photos of the insurance card", "coverage.change", "patient", _card_photo),
    Mending("card_compared", "Compare the insurance card with what is written", "coverage.verify", "patient",
            _card_compared),
    Mending("eligibility", "Ask the payer whether the policy is active", "coverage.ask", "patient", _eligibility),
    Mending("payer_answer", "Write down what the payer said on the telephone", "coverage.answer", "patient",
            _payer_answer),
    Mending("authorization", "Write down the payer's authorization", "coverage.authorize", "patient", _authorization),
)  # fmt: skip
