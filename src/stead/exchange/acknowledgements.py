"""What became of files we sent: TA1 for the file, 999 for its group, 277CA for each claim.

Each names the number that its file carried (`outgoing`), so the row is found without asking for names or claims.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID

from stead.billing.actions import record_acknowledged, record_rejected
from stead.billing.models import Claim
from stead.coverage.actions import record_eligibility_answer
from stead.coverage.models import EligibilityCheck
from stead.coverage.terms import EligibilityAnswer
from stead.exchange import rules
from stead.exchange.models import Interchange
from stead.exchange.outgoing import SET_NUMBER, kept_bytes
from stead.exchange.reading import Door
from stead.platform.money import Money
from stead.platform.refusals import NotFound
from stead.x12.ack277ca import ClaimAck, ClaimStatus
from stead.x12.ack999 import GroupAck
from stead.x12.content import Received
from stead.x12.eligibility import read_inquiries
from stead.x12.headers import InterchangeAck
from stead.x12.terms import ACK_CATEGORY, word_for


def get_sent(number: str) -> Interchange:
    """Return the file of ours that carried the number."""
    control = rules.find_number(number)
    row = Interchange.objects.filter(direction="out", control_number=control).first() if control else None
    if row is None:
        raise NotFound("The answer names a file that we did not send.")
    return row


def mark_answered(number: str, kind: str) -> None:
    """Note that a file was answered, where the answer names it. One that was refused stays refused."""
    control = rules.find_number(number)
    if control:
        rows = Interchange.objects.filter(direction="out", control_number=control, kind=kind)
        rows.exclude(state="refused").update(state="answered")


def take_interchange_ack(ack: InterchangeAck, door: Door) -> list[str]:
    """TA1: R means nothing was read and must be sent anew under a new number."""
    sent = get_sent(ack.control)
    if ack.outcome != "R":
        return []
    _refused(sent, door, kind="TA1", code=f"R {ack.note}", words="The clearinghouse could not read the file.")
    return [f"File {sent.control_number} was not read at all (note {ack.note})."]


def take_group_ack(ack: GroupAck, door: Door) -> list[str]:
    """999: what does not go in is rejected with every claim or question in it."""
    sent = get_sent(ack.control)
    wrong = [one for one in ack.sets if not one.is_accepted]
    # "P" speaks of the sets; every other outcome but A and E is that of the whole group, whatever its sets are told.
    if wrong or ack.outcome not in ("A", "E", "P") or (ack.outcome == "P" and not ack.sets):
        code = " ".join(dict.fromkeys(e.code for one in wrong for e in one.errors)) or ack.outcome
        _refused(sent, door, kind="999", code=code, words="The receiver's translator rejected the file.")
        return [f"File {sent.control_number} was rejected by the receiver's translator."]
    _accepted(sent, door)
    if not ack.agrees_with(frozenset({SET_NUMBER})):
        return [f"The receipt of file {sent.control_number} counts otherwise than we sent."]
    return []


def take_claim_ack(ack: ClaimAck, door: Door) -> list[str]:
    """277CA: each claim of the file it names is taken in, with the payer's number, or sent back. What contradicts
    itself, names a claim of another file, or counts otherwise than we sent is shown."""
    sent = get_sent(ack.batch)
    ours = {claim.number: claim for claim in Claim.objects.filter(interchange_id=sent.id)}
    spoken = list(ack.claims)
    said = [words for one in spoken if (words := _take_claim(ours.get(one.account), one, door))]
    if ack.outcome == "rejected" and not spoken:
        _refused(sent, door, kind="277CA", code="", words="The clearinghouse sent all claims back.")
    mark_answered(ack.batch, "837P")
    if not rules.agrees(ack.counted, len(ours)) or not rules.agrees(ack.charged, _charged(ours.values())):
        said.append(f"The receipt of file {sent.control_number} counts otherwise than we sent.")
    return list(dict.fromkeys(said))


def _charged(claims: Iterable[Claim]) -> Decimal:
    return Money(sum(claim.total_cents for claim in claims)).dollars


def _take_claim(claim: Claim | None, one: ClaimStatus, door: Door) -> str:
    """Record what is said of one claim; answers what a person should still look at, or nothing."""
    if claim is None:
        return "A receipt names a claim that was not in the file it answers."
    if one.outcome == "unclear":
        return f"The receipt of claim {claim.number} contradicts itself; ask the clearinghouse."
    now = _record(claim.id, one, door)
    if one.outcome == "rejected" and now.state != "rejected":
        return f"A rejection came for claim {claim.number}, which was decided or closed before. Nothing was changed."
    return ""


def _record(claim_id: UUID, one: ClaimStatus, door: Door) -> Claim:
    statuses = (*one.statuses, *(status for line in one.lines for status in line.statuses))
    codes = [code for status in statuses for code in status.codes]
    parts = [word_for(ACK_CATEGORY, code.category) for code in codes] + [status.message for status in statuses]
    given = _given(door) | {
        "claim_id": claim_id,
        "kind": "277CA",
        "code": " ".join(dict.fromkeys(f"{code.category}:{code.status}" for code in codes))[:30],
        "words": ". ".join(dict.fromkeys(part for part in parts if part)),
    }
    if one.outcome == "rejected":
        return record_rejected(**given)
    return record_acknowledged(**given, payer_claim_number=one.payer_number)


def _given(door: Door) -> dict[str, Any]:
    return {"practice": door.practice, "by": door.by, "at": door.at, "interchange_id": door.file.id}


def _claims_of(sent: Interchange) -> list[UUID]:
    return list(Claim.objects.filter(interchange_id=sent.id).order_by("number").values_list("id", flat=True))


def _accepted(sent: Interchange, door: Door) -> None:
    for claim_id in _claims_of(sent):
        record_acknowledged(**_given(door), claim_id=claim_id, kind="999", code="A", words="The file was taken in.")


def _refused(sent: Interchange, door: Door, *, kind: str, code: str, words: str) -> None:
    """Reject everything that was in a file."""
    Interchange.objects.filter(id=sent.id).update(state="refused", faults=[words])
    for claim_id in _claims_of(sent):
        record_rejected(**_given(door), claim_id=claim_id, kind=kind, code=code, words=words)
    if sent.kind == "270":
        _fail_questions(sent, door, code, words)


def _fail_questions(sent: Interchange, door: Door, code: str, words: str) -> None:
    """The questions did not get through: nobody said anything about the patients."""
    for batch in read_inquiries(kept_bytes(sent)):
        for inquiry in batch.content.inquiries if isinstance(batch, Received) else ():
            if EligibilityCheck.objects.filter(trace=inquiry.trace, state="asked").exists():
                answer = EligibilityAnswer("failed", reject_code=code[:4], words=words)
                record_eligibility_answer(
                    practice=door.practice, by=door.by, at=door.at, trace=inquiry.trace, answer=answer
                )
