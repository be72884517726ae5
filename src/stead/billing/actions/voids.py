"""Take a charge back: the posting, the charge and what the payer was told are voided together.

A claim that its payer never judged is closed. For one that was taken in or answered a claim of frequency 8 leaves,
which quotes the payer's number; what the payer paid stands to its credit until its reversal (status 22) comes.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from stead.billing import ledger, rules
from stead.billing.actions.claims import _successor, _tell_made, add_lines, move, tell
from stead.billing.actions.denials import close_denials
from stead.billing.actions.remittances import ReasonMissing
from stead.billing.days import book_day
from stead.billing.models import Charge, Claim, ClaimLine, Denial, LedgerTransaction
from stead.coverage.actions import give_unit_back
from stead.platform.actions import action
from stead.platform.actors import Actor
from stead.platform.journal.write import write
from stead.platform.refusals import NotFound

UNDONE = ("charge", "write_off", "to_patient", "to_payer")
"""Postings of ours that fall with their charge. What a payer decided falls only with the payer's own reversal."""


@action("void_charge", permission="billing.reverse", words="void a charge")
def void_charge(*, practice: UUID, by: Actor, at: datetime, charge_id: UUID, reason: str) -> Charge:
    """Void a charge that must not have been made: nobody owes it, its claim ends, and the visit may be charged again.

    Refuses one whose claim is on its way, or whose payer must be told and has given no number yet.
    """
    if not reason.strip():
        raise ReasonMissing(field="reason")
    claims = _claims_of(charge_id)
    charge = Charge.objects.select_for_update(of=("self",), no_key=True).filter(id=charge_id).first()
    if charge is None:
        raise NotFound()
    if charge.voided_at is not None:
        raise rules.AlreadyVoided()
    if ClaimLine.objects.filter(claim_id__in=[c.id for c in claims]).exclude(charge_id=charge_id).exists():
        raise rules.SeveralServices()
    charge.voided_at = at
    charge.save(update_fields=["voided_at"])
    _take_postings_back(charge, claims, f"Charge voided: {reason.strip()}", by, at)
    close_denials(Denial.objects.filter(claim_id__in=[c.id for c in claims]), "voided", by=by, at=at)
    for claim in claims:
        _end(claim, by, at)
    give_unit_back(practice=practice, by=by, at=at, encounter_id=charge.encounter_id)
    write(
        "charge.voided", by=by, at=at, subject=charge, patient_id=charge.patient_id, amount_cents=charge.amount_cents,
        encounter_id=str(charge.encounter_id), claims=[str(c.id) for c in claims],
    )  # fmt: skip
    return charge


def _claims_of(charge_id: UUID) -> list[Claim]:
    """Lock every claim of a charge, in the order in which remittances lock them: claims first, then the charge."""
    bills = ClaimLine.objects.filter(charge_id=charge_id, claim_id=OuterRef("id"))
    return list(Claim.objects.filter(Exists(bills)).select_for_update().order_by("id"))


def _take_postings_back(charge: Charge, claims: list[Claim], words: str, by: Actor, at: datetime) -> None:
    ours = Q(charge_id=charge.id) | Q(claim_id__in=[c.id for c in claims])
    rows = LedgerTransaction.objects.filter(ours, patient_id=charge.patient_id, kind__in=UNDONE).order_by("id")
    undone = set(
        LedgerTransaction.objects.filter(patient_id=charge.patient_id, kind="reversal").values_list(
            "reverses_id", flat=True
        )
    )
    postings = [
        rules.reversal_posting(row.id, ledger.posting_of(row), book_day(at), words)
        for row in rows
        if row.id not in undone
    ]
    ledger.post_all(postings, by=by, at=at)


def _end(claim: Claim, by: Actor, at: datetime) -> None:
    """Close a claim of a voided charge; one that its payer knows is followed by the void that tells it."""
    frequency = rules.frequency_to_void(claim.state)
    if claim.state == "closed":
        return
    if frequency and not claim.payer_claim_number:
        raise rules.PayerNumberMissing()
    move(claim, "closed", at)
    if not frequency:
        tell(claim, "voided", at, f"{by.name} voided the charge")
        return
    void = _successor(claim, at, frequency=frequency, original_reference=claim.payer_claim_number)
    add_lines(void, [line.charge for line in claim.lines.select_related("charge").order_by("position")])
    tell(claim, "voided", at, f"{by.name} voided the charge; the payer is told by {void.number}")
    _tell_made(void, by, at)
