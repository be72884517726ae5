"""Hand messages over, with no transaction open and no row locked while the other side is asked.

A message is claimed ("leaving") and committed first, then carried, then what became of it is committed. A worker that
is killed in between leaves it "leaving": after `LEAVES_WITHIN` it is handed over again with the same Message-ID. So a
kill between the receiver's yes and our commit makes a second copy, which the receiver can recognise; nothing makes a
message vanish.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from stead.messaging import actions, queries
from stead.messaging.models import OutboxMessage
from stead.messaging.ports import find_carrier
from stead.messaging.terms import Outcome
from stead.platform import actors, clock
from stead.platform.jobs.queue import OutsideFailure, enqueue, job
from stead.platform.tenancy.context import acting

LATE_AFTER = timedelta(minutes=1)


@job("messaging.deliver", queue="messages", own_transactions=True)
def deliver(*, practice: UUID, message_id: UUID) -> None:
    """Send one message if it still waits and may leave now; keep what became of it."""
    by = actors.system()
    with acting(practice, by, kind="worker"):
        row = actions.begin_delivery(practice=practice, by=by, at=clock.now(), message_id=message_id)
        leaves = queries.as_it_leaves(row) if row else None
    if leaves is None:
        return
    outcome = _carry(leaves)
    with acting(practice, by, kind="worker"):
        actions.record_delivery(
            practice=practice, by=by, at=clock.now(), message_id=message_id, leaving_at=leaves.leaving_at,
            outcome=outcome,
        )  # fmt: skip


@job("messaging.sweep", queue="messages")
def sweep() -> None:
    """Take up messages that should have left: their job died, its worker was killed, or its clock ran behind."""
    for message_id in queries.overdue(clock.now() - LATE_AFTER):
        enqueue("messaging.deliver", once=f"sweep:{message_id}", message_id=message_id)


def _carry(message: OutboxMessage) -> Outcome:
    if message.channel == "portal":
        return Outcome("sent", "shown in the portal")
    carrier = find_carrier(message.channel)
    if carrier is None:
        return Outcome("failed", f"No carrier for {message.get_channel_display()} messages is set up.")
    try:
        done = carrier.carry(message)
    except OutsideFailure as failure:
        return Outcome("failed" if failure.permanent else "later", str(failure))
    return Outcome("sent", f"{done.reply} {done.reference}".strip())
