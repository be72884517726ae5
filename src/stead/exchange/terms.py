"""The vocabulary of files on their way to and from payers."""

from __future__ import annotations

from dataclasses import dataclass

KINDS = {
    "270": "eligibility question",
    "271": "eligibility answer",
    "837P": "claims",
    "999": "receipt of a group",
    "277CA": "receipt of claims",
    "835": "remittance",
    "TA1": "receipt of a file",
    "mixed": "several kinds",
    "unknown": "not readable",
}
STATES = {
    "built": "waiting to leave",
    "sent": "sent",
    "answered": "answered",
    "read": "read",
    "refused": "refused",
}


@dataclass(frozen=True)
class Partner:
    """Who sends and who receives, as the clearinghouse gave it out. `usage` P is live, T a test."""

    sender: str
    sender_name: str
    receiver: str
    receiver_name: str
    usage: str


@dataclass(frozen=True)
class Read:
    """What came of one file: its kinds, and what was wrong in words, without a word of the file itself."""

    kind: str
    faults: tuple[str, ...] = ()
    used: int = 0
