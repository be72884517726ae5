"""The one form that corrects a claim, filled from the claim: for held, rejected and answered claims alike."""

from __future__ import annotations

from typing import Any

from stead.billing import queries, rules
from stead.billing.forms import CorrectionForm
from stead.billing.models import Claim
from stead.coverage.queries import coverages_of


def correction_form(claim: Claim, *data: Any) -> CorrectionForm:
    """Return the form of a claim, filled with what the claim says, or with what was posted."""
    needs_number = frequency_of(claim) == "7" and not claim.payer_claim_number
    return CorrectionForm(_policies(claim), *data, initial=_initial(claim), names_number=needs_number)


def frequency_of(claim: Claim) -> str:
    """Say how a claim would leave again; empty while it may not, and for one that tells its payer of a void."""
    try:
        return "" if claim.frequency == "8" else rules.frequency_to_resend(claim.state)
    except rules.ClaimStateRefuses:
        return ""


def _policies(claim: Claim) -> list[tuple[str, str]]:
    """The claim's policy first, then the patient's others that stand."""
    others = [row for row in coverages_of(claim.patient_id) if row.id != claim.coverage_id]
    return [(str(row.id), f"{row.payer.name}, {row.member_id}") for row in (claim.coverage, *others)]


def _initial(claim: Claim) -> dict[str, str]:
    charge = queries.claim_lines(claim.id)[0].charge
    return {
        "procedure": charge.procedure_code,
        "diagnosis": ", ".join(charge.diagnosis_codes),
        "modifiers": " ".join(charge.modifiers),
        "place": charge.place_of_service,
        "authorization": claim.authorization_number,
        "coverage": str(claim.coverage_id),
    }
