"""Find our claims in a remittance: by CLM01, else by the line number we sent (REF*6R), else by the payer's number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from stead.billing.decisions import Decision, Part, read_back, take_back
from stead.billing.models import Claim, ClaimEvent, ClaimLine, RemittanceClaim
from stead.billing.queries import owed_of
from stead.coverage.models import Payer
from stead.x12.remit835 import Organisation, RemitClaim


@dataclass(frozen=True)
class Ours:
    """The claims a remittance may speak of, locked in one order, and their lines."""

    by_id: dict[UUID, Claim]
    by_number: dict[str, Claim]
    by_control: dict[str, Claim]
    by_payer_number: dict[str, Claim]
    """Claims of the payer that sends, by its own number, where that names one claim only."""
    lines: dict[UUID, list[ClaimLine]]
    appeal_days: dict[UUID, int]
    """By payer: how many days after the remittance a denial may be answered."""
    standing: dict[tuple[UUID, UUID | None], list[Decision]]
    """By claim and payer: the answers posted before that no reversal has taken back, oldest first."""
    owed: dict[UUID, int]
    """By claim, in cents: what is owed for its visits. Only where more than this answer may have settled them."""

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

    by_visit: dict[UUID, set[UUID]]
    """By charge: the claims here that bill it."""

    def settle(self, claim: Claim, cents: int) -> None:
        """Remember what was just settled, for the next answer of the same file that speaks of these visits."""
        if self.owed:
            for claim_id in set().union(*(self.by_visit[line.charge_id] for line in self.lines.get(claim.id, []))):
                if claim_id in self.owed:
                    self.owed[claim_id] -= cents


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
    for line in sorted(locked_lines(by_id), key=lambda line: line.position):
        lines.setdefault(line.claim_id, []).append(line)
    by_visit: dict[UUID, set[UUID]] = {}
    for line in (line for rows in lines.values() for line in rows):
        by_visit.setdefault(line.charge_id, set()).add(line.claim_id)
    standing = standing_answers(claims)
    named = Counter(claim.payer_claim_number for claim in claims if claim.payer_id == payer_id)
    return Ours(
        by_id=by_id,
        by_number={claim.number: claim for claim in claims},
        by_control={line.line_control: by_id[line.claim_id] for rows in lines.values() for line in rows},
        by_payer_number={
            claim.payer_claim_number: claim
            for claim in claims
            if claim.payer_id == payer_id and named[claim.payer_claim_number] == 1
        },
        lines=lines,
        appeal_days=dict(
            Payer.objects.filter(id__in={c.payer_id for c in claims} | {payer_id}).values_list("id", "appeal_days")
        ),
        standing=standing,
        by_visit=by_visit,
        owed=_owed_where_settled(claims, standing),
    )


def locked_lines(claim_ids: Iterable[UUID]) -> list[ClaimLine]:
    """Read the lines of claims and lock the visits they bill, in one order: whoever reads what is owed for a visit
    waits here for whoever changes it, through whichever of its claims."""
    rows = ClaimLine.objects.filter(claim_id__in=list(claim_ids)).select_related("charge")
    return list(rows.select_for_update(of=("charge",), no_key=True).order_by("charge_id", "id"))


def standing_answers(claims: Sequence[Claim]) -> dict[tuple[UUID, UUID | None], list[Decision]]:
    """Return the answers of each payer to each claim that no reversal has taken back. One of a payer that we could not
    tell counts as the claim's own."""
    own = {claim.id: claim.payer_id for claim in claims}
    told = RemittanceClaim.objects.filter(claim_id__in=own).order_by("remittance__posted_at", "id")
    found: dict[tuple[UUID, UUID | None], list[Decision]] = {}
    turned: list[tuple[list[Decision], Decision]] = []
    for claim_id, payer_id, status, paid, stored in told.values_list(
        "claim_id", "remittance__payer_id", "status", "paid_cents", "adjustments"
    ):
        assert claim_id is not None
        answers = found.setdefault((claim_id, payer_id or own[claim_id]), [])
        decision = read_back(status, paid, stored)
        if decision.is_reversal:
            turned.append((answers, decision))
        else:
            answers.append(decision)
    for answers, reversal in turned:
        take_back(answers, reversal)
    return found


def _owed_where_settled(
    claims: Sequence[Claim], standing: Mapping[tuple[UUID, UUID | None], Sequence[Decision]]
) -> dict[UUID, int]:
    """Ask the ledger only about claims whose visits may be settled already: answered, replaced, closed or given up."""
    answered = {claim_id for claim_id, _ in standing}
    ended = ClaimEvent.objects.filter(claim_id__in=[c.id for c in claims], kind__in=("write_off", "to_patient"))
    given_up = set(ended.values_list("claim_id", flat=True))
    asked = [c for c in claims if c.id in answered | given_up or c.replaces_id or c.state == "closed"]
    return owed_of(asked)


def find_payer(organisation: Organisation) -> Payer | None:
    """Find the payer by the clearinghouse's identifier, else by its name."""
    if organisation.id and (found := Payer.objects.filter(edi_id=organisation.id).first()):
        return found
    return Payer.objects.filter(name__iexact=organisation.name).first()
