"""What became of files we sent: TA1 for the file, 999 for its group.

Each names the number that its file carried (`outgoing`), so the row is found without asking for names or claims.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stead.coverage.actions import record_eligibility_answer
from stead.coverage.models import EligibilityCheck
from stead.coverage.terms import EligibilityAnswer
from stead.exchange import rules
from stead.exchange.models import Interchange
from stead.exchange.outgoing import SET_NUMBER, kept_bytes
from stead.platform.refusals import NotFound
from stead.x12.ack277ca import ClaimAck
from stead.x12.ack999 import GroupAck
from stead.x12.content import Received
from stead.x12.eligibility import read_inquiries
from stead.x12.headers import InterchangeAck

if TYPE_CHECKING:
    from stead.exchange.incoming import Door


def get_sent(number: str) -> Interchange:
    """Return the file of ours that carried the number."""
    control = rules.find_number(number)
    row = Interchange.objects.filter(direction="out", control_number=control).first() if control else None
    if row is None:
        raise NotFound("The answer names a file that we did not send.")
    return row


def mark_answered(number: str, kind: str) -> None:
    """Note that a file was answered, where the answer names it."""
    control = rules.find_number(number)
    if control:
        Interchange.objects.filter(direction="out", control_number=control, kind=kind).update(state="answered")


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
    if wrong or (ack.outcome not in ("A", "E") and not ack.sets):
        code = " ".join(dict.fromkeys(e.code for one in wrong for e in one.errors)) or ack.outcome
        _refused(sent, door, kind="999", code=code, words="The receiver's translator rejected the file.")
        return [f"File {sent.control_number} was rejected by the receiver's translator."]
    _accepted(sent, door)
    if not ack.agrees_with(frozenset({SET_NUMBER})):
        return [f"The receipt of file {sent.control_number} counts otherwise than we sent."]
    return []


def take_claim_ack(ack: ClaimAck, door: Door) -> list[str]:
    raise NotFound("Receipts of claims are not taken yet.")


def _accepted(sent: Interchange, door: Door) -> None:
    return None


def _refused(sent: Interchange, door: Door, *, kind: str, code: str, words: str) -> None:
    Interchange.objects.filter(id=sent.id).update(state="refused", faults=[words])
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
