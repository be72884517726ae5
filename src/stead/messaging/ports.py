"""Carriers: who takes a message outside. A higher room registers one per channel when Stead starts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from stead.messaging.models import OutboxMessage
from stead.messaging.terms import Delivery


class Carrier(Protocol):
    """Hands one message over, outside any transaction. Raises OutsideFailure, permanent or not, when it was not taken.
    After a kill it is asked again for the same message, and names it to the other side alike (`message.id`)."""

    def carry(self, message: OutboxMessage) -> Delivery: ...


_carriers: dict[str, Callable[[], Carrier | None]] = {}


def register(channel: str, find: Callable[[], Carrier | None]) -> None:
    """Say how to find the carrier of a channel; None where the deployment set none up."""
    _carriers[channel] = find


def find_carrier(channel: str) -> Carrier | None:
    find = _carriers.get(channel)
    return find() if find else None
