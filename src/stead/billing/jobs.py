"""Jobs of billing: ask the card processor, outside the request."""

from __future__ import annotations

from uuid import UUID

from stead.billing.actions import settle_payment
from stead.platform import actors, clock
from stead.platform.jobs.queue import job
from stead.platform.tenancy import context


@job("billing.settle_payment")
def settle(*, payment_id: UUID) -> None:
    """Charge the card of one started payment; the processor's key makes a retry harmless."""
    settle_payment(practice=context.practice_id(), by=actors.system(), at=clock.now(), payment_id=payment_id)
