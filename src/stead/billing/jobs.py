"""Jobs of billing: ask the card processor, outside the request and outside any transaction."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from stead.billing import actions, closing, ports, queries
from stead.platform import actors, clock
from stead.platform.jobs.queue import enqueue, job
from stead.platform.tenancy.context import acting

FORGOTTEN_AFTER = timedelta(minutes=15)


@job("billing.settle_payment", own_transactions=True)
def settle(*, practice: UUID, payment_id: UUID) -> None:
    """Charge the card of one started payment. Killed between the processor's answer and our commit, the next try finds
    the charge by its key and takes nothing again."""
    by = actors.system()
    with acting(practice, by, kind="worker"):
        request = actions.begin_settlement(practice=practice, by=by, at=clock.now(), payment_id=payment_id)
    if request is None:
        return
    outcome = ports.ask(request)
    with acting(practice, by, kind="worker"):
        actions.settle_payment(practice=practice, by=by, at=clock.now(), payment_id=payment_id, outcome=outcome)


@job("billing.settle_refund", own_transactions=True)
def settle_refund(*, practice: UUID, refund_id: UUID) -> None:
    """Give one started refund back to its card, in the same steps as a payment is taken."""
    by = actors.system()
    with acting(practice, by, kind="worker"):
        request = actions.begin_refund(practice=practice, by=by, at=clock.now(), refund_id=refund_id)
    if request is None:
        return
    outcome = ports.ask_back(request)
    with acting(practice, by, kind="worker"):
        actions.settle_refund(practice=practice, by=by, at=clock.now(), refund_id=refund_id, outcome=outcome)


@job("billing.settle_forgotten")
def settle_forgotten() -> None:
    """Ask again for payments and refunds whose job died: none may stay "being taken" or "being given back" for ever."""
    for refund_id in queries.forgotten_refunds(clock.now() - FORGOTTEN_AFTER):
        enqueue("billing.settle_refund", refund_id=refund_id, lock=f"refund:{refund_id}", once=f"refund:{refund_id}")
    for payment_id in queries.forgotten_payments(clock.now() - FORGOTTEN_AFTER):
        enqueue(
            "billing.settle_payment", payment_id=payment_id, lock=f"payment:{payment_id}", once=f"settle:{payment_id}"
        )


@job("billing.close_months")
def close_months() -> None:
    """Add up the months that are over, so that balances do not read all of the past."""
    closing.close_months(clock.now())
