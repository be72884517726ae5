"""Row identifiers: UUID version 7 (RFC 9562), ordered by the practice's clock.

The instant comes from `platform.clock`, not from the machine, so rows of a simulated or imported past sort where they
belong and the journal's monthly partitions can be cut by identifier.
"""

import secrets
from datetime import datetime
from uuid import UUID

from stead.platform import clock


def uuid7(at: datetime) -> UUID:
    """Mint an identifier for the instant, with microseconds in rand_a and 62 random bits."""
    micros = int(at.timestamp() * 1_000_000)
    millis, rest = divmod(micros, 1000)
    sub = (rest << 2) | secrets.randbits(2)
    value = (millis << 80) | (0x7 << 76) | (sub << 64) | (0b10 << 62) | secrets.randbits(62)
    return UUID(int=value)


def new_id() -> UUID:
    """Mint an identifier for now."""
    return uuid7(clock.now())


def floor_of(at: datetime) -> UUID:
    """Return the lowest identifier that an instant can have: the bound of a range over identifiers."""
    return UUID(int=(int(at.timestamp() * 1000) << 80) | (0x7 << 76) | (0b10 << 62))
