"""What an 835 says of one claim, as plain values: kept with the answer, so that it can be posted later too.

`Decision` is what `RemittanceClaim.adjustments` holds. Its first part is the claim level, its lines follow; amounts are
cents, adjustments are (group, reason, cents).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from stead.billing.rules import FORWARDED, PRIOR_PAYER, share_of
from stead.billing.terms import Share
from stead.platform.money import Money
from stead.x12.adjustments import Adjustment
from stead.x12.queues import ALERTS, Queue, needs_work, queue_for
from stead.x12.remit835 import RemitClaim, RemitLine, Remittance

Trio = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Part:
    """The claim level (`control` empty) or one line."""

    control: str
    code: str
    charged: int
    paid: int
    adjustments: tuple[Trio, ...]
    remarks: tuple[str, ...]

    def share(self, *, forwarded: bool = False, is_later: bool = False) -> Share:
        return share_of(self.paid, self.adjustments, self.remarks, forwarded=forwarded, is_later=is_later)


@dataclass(frozen=True, slots=True)
class Refused:
    """One adjustment that somebody must work."""

    part: Part
    group: str
    reason: str
    cents: int
    queue: Queue


@dataclass(frozen=True, slots=True)
class Decision:
    """One CLP: `whole` holds the claim-level adjustments, `lines` the service lines."""

    status: str
    paid: int
    whole: Part
    lines: tuple[Part, ...]
    turns_forwarded: bool = False
    """A reversal of an answer that was sent on: the patient's part was posted nowhere, so it is taken from nobody."""

    @property
    def parts(self) -> tuple[Part, ...]:
        return (self.whole, *self.lines)

    @property
    def is_reversal(self) -> bool:
        return self.status == "22"

    @property
    def is_forwarded(self) -> bool:
        return self.status in FORWARDED or self.turns_forwarded

    def share(self, *, is_later: bool = False) -> Share:
        """Add everything up. What was paid is the claim's own figure: claim-level adjustments lower it."""
        total = sum((self.share_of(part, is_later=is_later) for part in self.parts), Share())
        return Share(self.paid, total.contractual, total.patient, total.open)

    def share_of(self, part: Part, *, is_later: bool = False) -> Share:
        return part.share(forwarded=self.is_forwarded, is_later=is_later)

    def refused(self, *, is_later: bool = False) -> Iterator[Refused]:
        """Yield what needs work: what was refused, and the patient's part that waits for the plan a claim was sent on
        to. A reversal refuses nothing: it takes a decision back. `is_later` is an answer after another payer's: what
        that one decided (OA 23) is no refusal, and the rest concerns the order of the plans."""
        if self.is_reversal:
            return
        for part in self.parts:
            for group, reason, cents in part.adjustments:
                queue = queue_for(group, reason, part.remarks)
                if cents <= 0 or (is_later and (group, reason) == PRIOR_PAYER):
                    continue
                if queue is Queue.PATIENT_BALANCE and self.is_forwarded:
                    yield Refused(part, group, reason, cents, Queue.OTHER_INSURANCE)
                elif needs_work(queue):
                    yield Refused(part, group, reason, cents, Queue.OTHER_INSURANCE if is_later else queue)

    def as_json(self) -> list[dict[str, Any]]:
        return [asdict(part) for part in self.parts]


def take_back(answers: list[Decision], reversal: Decision) -> None:
    """Remove from answers the one that a reversal takes back: its mirror image, else the oldest. Not by time: a
    reversal and the answer that follows it stand in one file and were posted at one moment."""
    if answers:
        answers.remove(taken_back(answers, reversal))


def taken_back(answers: Sequence[Decision], reversal: Decision) -> Decision:
    """Return which of these answers a reversal takes back."""
    said = sorted((g, r, -c) for part in reversal.parts for g, r, c in part.adjustments)
    mirrors = (
        one
        for one in answers
        if one.paid == -reversal.paid and sorted(trio for part in one.parts for trio in part.adjustments) == said
    )
    return next(mirrors, answers[0])


def decision_of(claim: RemitClaim) -> Decision:
    whole = Part("", "", cents(claim.charge), 0, _trios(claim.adjustments), _remarks(claim.remarks))
    return Decision(claim.status, cents(claim.paid), whole, tuple(_line(line) for line in claim.lines))


def read_back(status: str, paid: int, stored: Sequence[dict[str, Any]]) -> Decision:
    """Build the decision from what was stored with the answer; one stored without its parts has its payment alone."""
    parts = [
        Part(
            control=part["control"],
            code=part["code"],
            charged=part["charged"],
            paid=part["paid"],
            adjustments=tuple((g, r, c) for g, r, c in part["adjustments"]),
            remarks=tuple(part["remarks"]),
        )
        for part in stored
    ]
    whole = parts[0] if parts else Part("", "", 0, 0, (), ())
    return Decision(status, paid, whole, tuple(parts[1:]))


def digest_of(remittance: Remittance) -> str:
    """Return what tells two remittances of one number apart: a hash of what they say of claims and providers."""
    said = [f"CLP|{a.account[:40]}|{a.status[:2]}|{cents(a.charge)}|{cents(a.paid)}" for a in remittance.claims] + [
        f"PLB|{p.reason}|{cents(p.amount)}|{p.reference}" for p in remittance.provider_adjustments
    ]
    return hashlib.sha256("\n".join(sorted(said)).encode()).hexdigest()


def _line(line: RemitLine) -> Part:
    # A bundled line carries our own code in SVC06.
    code = line.submitted.code if line.submitted else line.procedure.code
    remarks = _remarks(remark.value for remark in line.remarks)
    return Part(line.control, code, cents(line.charge), cents(line.paid), _trios(line.adjustments), remarks)


def _trios(adjustments: Iterable[Adjustment]) -> tuple[Trio, ...]:
    return tuple((a.group, a.reason, cents(a.amount)) for a in adjustments)


def _remarks(codes: Iterable[str]) -> tuple[str, ...]:
    return tuple(code for code in codes if code not in ALERTS)


def cents(amount: Decimal) -> int:
    return Money.of(amount).cents
