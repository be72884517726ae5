"""Read what a payer sent: by content, transaction by transaction, each in its own savepoint.

A file whose envelope does not hold (cut, miscounted, misnumbered) is refused whole: half of it would have to be told
apart from the complete file that follows. Inside a sound file a transaction that cannot be used becomes a fault in
words while the others are used. Faults never hold a word of the file.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress

from django.db import DataError, transaction

from stead.billing.actions import post_remittance
from stead.billing.actions.remittances import RemittanceAlreadyPosted
from stead.coverage.actions import record_eligibility_answer
from stead.coverage.rules import AlreadyAnswered
from stead.exchange import acknowledgements, rules
from stead.exchange.eligibility import answer_of
from stead.exchange.partner import is_live
from stead.exchange.reading import Door
from stead.exchange.terms import Read
from stead.platform.refusals import NotFound, Refusal
from stead.x12.ack277ca import ClaimAck
from stead.x12.ack999 import GroupAck
from stead.x12.eligibility import ReplyBatch
from stead.x12.envelope import survey
from stead.x12.faults import Fault
from stead.x12.headers import InterchangeAck
from stead.x12.inbox import Content, read_inbox
from stead.x12.remit835 import Remittance

logger = logging.getLogger(__name__)


class WrongDirection(Refusal):
    words = "This transaction is one that we send, not one that a payer sends to us."


def read_file(data: bytes, door: Door) -> Read:
    """Use everything usable of one file. `used` counts the transactions that were acted on or known, also
    those that leave something for a person, as a receipt that rejects our file does."""
    looked = survey(data)
    broken = [fault for fault in looked.faults if fault.scope != "note"]
    if broken:
        return Read("unknown", tuple(dict.fromkeys(_words(fault) for fault in broken)))
    if is_live() and "T" in looked.usages:
        return Read("unknown", (rules.LiveMailboxRefusesTests.words,))
    faults: list[str] = []
    kinds: list[str] = []
    used = 0
    for kind, item in _items(data):
        kinds.append(kind)
        done, said = (False, _words(item)) if isinstance(item, Fault) else _use(item, door)
        faults += [said] if said else []
        used += done
    return Read(rules.kind_of(kinds), tuple(faults), used)


def _items(data: bytes) -> Iterator[tuple[str, Content | InterchangeAck | Fault]]:
    for item in read_inbox(data):
        if isinstance(item, InterchangeAck):
            yield "TA1", item
        elif isinstance(item, Fault):
            if item.scope != "note":
                yield "unknown", item
        else:
            yield item.heading.code, item.content


def _use(item: Content | InterchangeAck, door: Door) -> tuple[bool, str]:
    """Use one transaction; answers whether it was, and what a person should look at."""
    try:
        with transaction.atomic():
            return True, "; ".join(_route(item, door))
    except Refusal as refusal:
        return False, refusal.words
    except DataError as error:
        # Lawful X12 may hold what no column can (a zero byte, a long code): one file must not stop the mailbox.
        logger.warning("A transaction holds what the database cannot (%s).", type(error.__cause__).__name__)
        return False, "It holds a value that cannot be kept: too long, too large, or not text."


def _route(item: Content | InterchangeAck, door: Door) -> list[str]:
    """Hand a transaction to the room that owns its subject; answers what a person should still look at."""
    match item:
        case ReplyBatch():
            return _take_replies(item, door)
        case GroupAck():
            return acknowledgements.take_group_ack(item, door)
        case ClaimAck():
            return acknowledgements.take_claim_ack(item, door)
        case InterchangeAck():
            return acknowledgements.take_interchange_ack(item, door)
        case Remittance():
            return _take_remittance(item, door)
        case _:
            raise WrongDirection()


def _take_replies(batch: ReplyBatch, door: Door) -> list[str]:
    """Record each answer under our trace number, each by itself. One that fits no question of ours, or contradicts the
    answer we have, is told, not lost. Refused as a whole only where no answer fits."""
    strange = differing = 0
    for reply in batch.replies:
        try:
            with transaction.atomic():
                record_eligibility_answer(
                    practice=door.practice, by=door.by, at=door.at, trace=reply.trace, answer=answer_of(reply)
                )
        except NotFound:
            strange += 1
        except AlreadyAnswered:
            differing += 1
    said = [f"{strange} of {len(batch.replies)} answers fit no question of ours."] if strange else []
    if differing:
        said.append(f"{differing} of {len(batch.replies)} answers differ from the one we have; the first was kept.")
    if strange == len(batch.replies):
        raise NotFound("; ".join(said) or "The file holds no answer.")
    acknowledgements.mark_answered(batch.reference, "270")
    return said


def _take_remittance(remittance: Remittance, door: Door) -> list[str]:
    """Post an 835. The same payment in another file is known by its own key and is no fault."""
    with suppress(RemittanceAlreadyPosted), transaction.atomic():
        post_remittance(
            practice=door.practice, by=door.by, at=door.at, remittance=remittance, interchange_id=door.file.id
        )
    return []


def _words(fault: Fault) -> str:
    """Say a fault with its place in the file."""
    place = f" (segment {fault.segment})" if fault.segment else ""
    return f"{fault.words.rstrip('.')}{place}."
