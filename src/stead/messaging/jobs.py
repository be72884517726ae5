"""Hand messages over. A job may run twice; a message leaves once (`once_only`), and its Message-ID never changes, so
that a kill between the receiver's yes and our commit makes at worst a duplicate that the receiver can recognise."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction

from stead.messaging import actions, queries, rules
from stead.messaging.models import OutboxMessage
from stead.messaging.ports import find_carrier
from stead.platform import actors, clock
from stead.platform.jobs.queue import OutsideFailure, job, once_only
from stead.platform.tenancy import context


@job("messaging.deliver", queue="messages")
def deliver(*, message_id: UUID) -> None:
    """Send one message if it still waits and may leave now; keep what became of it."""
    row = OutboxMessage.objects.select_for_update().filter(id=message_id).first()
    now = clock.now()
    if row is None or row.state != "queued" or row.send_after > now:
        return  # withdrawn, sent, or postponed: the later job does it
    may = rules.may_send(channel=row.channel, purpose=row.purpose, recipient=queries.recipient_of(row), now=now)
    door: dict[str, Any] = {"practice": context.practice_id(), "by": actors.system(), "at": now, "message_id": row.id}
    if may.when == "later" and may.at is not None:
        actions.postpone_message(**door, until=may.at, reply=may.words, attempts=row.attempts)
    elif may.when == "never":
        actions.record_delivery(**door, state="stopped", reply=may.words, attempts=row.attempts)
    else:
        _hand_over(row, door)


def _hand_over(row: OutboxMessage, door: dict[str, Any]) -> None:
    attempts = row.attempts + 1
    try:
        reply = _carry(row)
    except OutsideFailure as failure:
        again = None if failure.permanent else rules.next_try(attempts, clock.now())
        if again is None:
            actions.record_delivery(**door, state="failed", reply=str(failure), attempts=attempts)
        else:
            actions.postpone_message(**door, until=again, reply=str(failure), attempts=attempts)
        return
    actions.record_delivery(**door, state="sent", reply=reply, attempts=attempts)


def _carry(row: OutboxMessage) -> str:
    """Claim the effect and hand over; a failure gives the claim back."""
    if row.channel == "portal":
        return "shown in the portal"
    carrier = find_carrier(row.channel)
    if carrier is None:
        raise OutsideFailure(f"No carrier for {row.get_channel_display()} messages is set up.", permanent=True)
    with transaction.atomic():
        if not once_only(f"message:{row.id}"):
            return "handed over before"
        done = carrier.carry(queries.as_it_leaves(row))
    return f"{done.reply} {done.reference}".strip()
