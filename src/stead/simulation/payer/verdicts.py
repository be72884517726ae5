"""What the sandbox payer makes of a claim, line by line.

A claim is refused as a whole, in this order:

1. CO 27, cover has ended (member number ends in 9);
2. CO 16 with N255, the service facility is in Indiana and the claim names no NPI for it: the payer cannot tell which
   taxonomy bills from there. One missing number in one location's record makes the cluster that a practice sees;
3. CO 197, the member's plan needs an authorization (ends in 4) and the claim carries none;
4. CO 18, the same member, day, code and charge was paid before and the claim does not replace it;
5. CO 252 with N706, the payer wants the records: one claim in 25, by seed and claim number.

Any other is paid at the payer's allowed share of the charge (70 to 90 %, by seed and payer): CO 45 takes the rest,
the patient's deductible (PR 1), copay (PR 3) or coinsurance (PR 2) comes off what is paid.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from stead.simulation.payer.members import Member, member_of
from stead.x12.adjustments import Adjustment
from stead.x12.claim837p import Claim, ServiceLine
from stead.x12.content import ZERO

CENT = Decimal("0.01")


@dataclass(frozen=True)
class LineVerdict:
    """What is paid of one line and why not the rest: paid + adjustments = charge."""

    line: ServiceLine
    paid: Decimal
    adjustments: tuple[Adjustment, ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """What is paid of a claim. `status` 1 processed as primary, 4 denied."""

    claim: Claim
    status: str
    lines: tuple[LineVerdict, ...]

    @property
    def paid(self) -> Decimal:
        return sum((line.paid for line in self.lines), ZERO)

    @property
    def patient_owes(self) -> Decimal:
        moved = (one for line in self.lines for one in line.adjustments)
        return sum((one.amount for one in moved if one.group == "PR"), ZERO)


def chance(seed: int, *about: str) -> random.Random:
    """A generator that depends on the seed and on what it is asked about, never on the order of asking."""
    return random.Random("|".join((str(seed), *about)))  # noqa: S311  a simulation, not a secret


def line_key(claim: Claim, line: ServiceLine) -> str:
    """What makes a service the same service: member, day, code, modifiers and charge."""
    code = ":".join((line.code, *line.modifiers))
    return f"{claim.subscriber.member_id}|{line.service_date:%Y%m%d}|{code}|{line.charge}"


def judge(claim: Claim, seed: int, paid_before: frozenset[str]) -> Verdict:
    """Decide a claim by the rules above."""
    member = member_of(claim.subscriber.member_id)
    if refusal := _refusal(claim, member, seed, paid_before):
        reason, remarks = refusal
        lines = (LineVerdict(li, ZERO, (Adjustment("CO", reason, li.charge),), remarks) for li in claim.lines)
        return Verdict(claim, "4", tuple(lines))
    return Verdict(claim, "1", _pay(claim, member, allowed_share(seed, claim.payer.id)))


def _refusal(
    claim: Claim, member: Member, seed: int, paid_before: frozenset[str]
) -> tuple[str, tuple[str, ...]] | None:
    if not member.is_active:
        return "27", ()
    place = claim.facility
    if place is not None and place.address.state == "IN" and not place.npi:
        return "16", ("N255",)
    if member.needs_authorization and not claim.prior_authorization:
        return "197", ()
    if claim.frequency == "1" and any(line_key(claim, line) in paid_before for line in claim.lines):
        return "18", ()
    if chance(seed, "records", claim.account).random() < 0.04:
        return "252", ("N706",)
    return None


def allowed_share(seed: int, payer_id: str) -> Decimal:
    return Decimal(chance(seed, "allowed", payer_id).randrange(70, 91)) / 100


def _pay(claim: Claim, member: Member, share: Decimal) -> tuple[LineVerdict, ...]:
    """Pay line by line; a visit has one copay, and a deductible is used up once."""
    copay, deductible = member.copay or ZERO, member.deductible_left or ZERO
    verdicts = []
    for line in claim.lines:
        allowed = (line.charge * share).quantize(CENT, ROUND_HALF_UP)
        first = min(allowed, deductible)
        second = min(allowed - first, copay)
        third = ((allowed - first) * (member.coinsurance or ZERO)).quantize(CENT, ROUND_HALF_UP)
        deductible, copay = deductible - first, copay - second
        moved = (("CO", "45", line.charge - allowed), ("PR", "1", first), ("PR", "3", second), ("PR", "2", third))
        adjustments = tuple(Adjustment(group, reason, amount) for group, reason, amount in moved if amount)
        verdicts.append(LineVerdict(line, allowed - first - second - third, adjustments))
    return tuple(verdicts)
