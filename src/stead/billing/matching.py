"""Find our claims in a remittance: by CLM01, else by the line number we sent (REF*6R), else by the payer's number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from stead.billing.decisions import Part
from stead.billing.models import Claim, ClaimLine
from stead.coverage.models import Payer
from stead.x12.remit835 import Organisation, RemitClaim


@dataclass(frozen=True)
class Ours:
    """The claims a remittance may speak of, locked in one order, and their lines."""

    by_number: dict[str, Claim]
    by_control: dict[str, Claim]
    by_payer_number: dict[str, Claim]
    """Claims of the payer that sends, by its own number, where that names one claim only."""
    lines: dict[UUID, list[ClaimLine]]
    appeal_days: dict[UUID, int]
    """By payer: how many days after the remittance a denial may be answered."""

    def find(self, answer: RemitClaim) -> Claim | None:
        if found := self.by_number.get(answer.account):
            return found
        for line in answer.lines:
            if line.control and (found := self.by_control.get(line.control)):
                return found
        return self.by_payer_number.get(answer.payer_number) if answer.payer_number else None

    def line_of(self, claim: Claim, part: Part) -> ClaimLine | None:
        """Find the line a part speaks of: by its number, else by the only line of its procedure."""
        lines = self.lines.get(claim.id, [])
        for line in lines:
            if part.control and line.line_control == part.control:
                return line
        same = [line for line in lines if line.charge.procedure_code == part.code]
        return same[0] if len(same) == 1 else None


def claims_of(answers: Sequence[RemitClaim], payer_id: UUID | None) -> Ours:
    """Read and lock every claim that the answers may mean, in a few queries however many there are. Two payers may give
    out the same number, so a payer's number counts only among its own claims."""
    numbers = {a.account for a in answers}
    controls = {line.control for a in answers for line in a.lines if line.control}
    payer_numbers = {a.payer_number for a in answers if a.payer_number}
    ids = set(Claim.objects.filter(number__in=numbers).values_list("id", flat=True))
    ids |= set(ClaimLine.objects.filter(line_control__in=controls).values_list("claim_id", flat=True))
    if payer_id is not None:
        own = Claim.objects.filter(payer_claim_number__in=payer_numbers, payer_id=payer_id)
        ids |= set(own.values_list("id", flat=True))
    # Locked in the order of their ids, so that two files read at once cannot wait for each other.
    claims = list(Claim.objects.select_for_update().filter(id__in=ids).order_by("id"))
    return of_claims(claims, payer_id)


def of_claims(claims: Sequence[Claim], payer_id: UUID | None = None) -> Ours:
    by_id = {claim.id: claim for claim in claims}
    lines: dict[UUID, list[ClaimLine]] = {}
    for line in ClaimLine.objects.filter(claim_id__in=by_id).select_related("charge").order_by("position"):
        lines.setdefault(line.claim_id, []).append(line)
    named = Counter(claim.payer_claim_number for claim in claims if claim.payer_id == payer_id)
    return Ours(
        by_number={claim.number: claim for claim in claims},
        by_control={line.line_control: by_id[line.claim_id] for rows in lines.values() for line in rows},
        by_payer_number={
            claim.payer_claim_number: claim
            for claim in claims
            if claim.payer_id == payer_id and named[claim.payer_claim_number] == 1
        },
        lines=lines,
        appeal_days=dict(Payer.objects.filter(id__in={c.payer_id for c in claims}).values_list("id", "appeal_days")),
    )


def find_payer(organisation: Organisation) -> Payer | None:
    """Find the payer by the clearinghouse's identifier, else by its name."""
    if organisation.id and (found := Payer.objects.filter(edi_id=organisation.id).first()):
        return found
    return Payer.objects.filter(name__iexact=organisation.name).first()
