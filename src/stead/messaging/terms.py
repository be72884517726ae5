"""The vocabulary of messages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Channel = Literal["email", "sms", "portal"]
Purpose = Literal["care", "billing", "staff"]

LANGUAGES = ("en", "es")
STATES = {
    "queued": "waiting to leave",
    "leaving": "on its way out",
    "sent": "sent",
    "failed": "failed",
    "stopped": "not sent",
}
SEALED_MARK = "[…]"
"""What stands in a stored body for the part that only the receiver sees."""
CHANNELS = {"email": "e-mail", "sms": "text", "portal": "portal"}


@dataclass(frozen=True)
class Recipient:
    """What a message's rule must know of who gets it. `granted` is the newest answer about this channel and purpose;
    None means never asked. `zone` is the patient's own."""

    address: str
    zone: str
    granted: bool | None = None
    is_deceased: bool = False


@dataclass(frozen=True)
class MaySend:
    """Now, later or never. `words` says why not now, fit for the outbox page."""

    when: Literal["now", "later", "never"]
    words: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Delivery:
    """What the receiving side said: its own id of the message and its reply, without the recipient's words."""

    reference: str
    reply: str


@dataclass(frozen=True)
class Outcome:
    """What became of one handing over: taken, refused for good, or to be tried again. `reply` is fit for the outbox."""

    state: Literal["sent", "failed", "later"]
    reply: str
