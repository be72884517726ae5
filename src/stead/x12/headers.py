"""What stands around the content: ISA, GS and ST as records, and the transaction they enclose."""

import msgspec

from stead.x12.delimiters import STANDARD, Delimiters
from stead.x12.tokenizer import Segment


class Interchange(msgspec.Struct, frozen=True, gc=False):
    """ISA as sent: date YYMMDD and time HHMM in the sender's local time, usage P (live) or T (test)."""

    sender: str
    receiver: str
    date: str
    time: str
    control: str
    sender_qualifier: str = "ZZ"
    receiver_qualifier: str = "ZZ"
    usage: str = "P"
    ack_requested: bool = False
    version: str = "00501"
    authorization: tuple[str, str] = ("00", "")
    security: tuple[str, str] = ("00", "")


class Group(msgspec.Struct, frozen=True, gc=False):
    """GS as sent: `code` names the kind of transaction (HC, HP, FA ...), `version` the guide."""

    code: str
    sender: str
    receiver: str
    date: str
    time: str
    control: str
    version: str


class Heading(msgspec.Struct, frozen=True, gc=False):
    """Where a transaction came from; `guide` is ST03, or GS08 where an 835 leaves ST03 out."""

    interchange: Interchange
    group: Group
    code: str
    control: str
    guide: str
    delimiters: Delimiters = STANDARD
    at_segment: int = 0


class Transaction(msgspec.Struct, frozen=True):
    """The segments between ST and SE of a transaction whose counts and numbers agreed."""

    heading: Heading
    segments: list[Segment]


class InterchangeAck(msgspec.Struct, frozen=True, gc=False):
    """TA1: what became of one interchange of ours. `outcome` A accepted, E accepted with errors, R not read at all."""

    control: str
    date: str
    time: str
    outcome: str
    note: str
    interchange: Interchange
