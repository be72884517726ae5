"""Questions about cover (270) and the answers (271) as records. Source: 005010X279A1.

A reply keeps every benefit row as sent: "what does a visit cost" is judged in `answers`, where conflicting rows stay
visible. AAA rejections are kept with the level that spoke them, because the level says who must mend it.
"""

from datetime import date, datetime
from decimal import Decimal

import msgspec

from stead.x12.content import Address, Coded, Name, RawSegment

GUIDE = "005010X279A1"


class InquiryPerson(msgspec.Struct, frozen=True, gc=False):
    """Who is asked about. Send member id, name and birth date; payers search by all three."""

    last: str
    first: str = ""
    member_id: str = ""
    birth_date: date | None = None
    sex: str = ""


class Inquiry(msgspec.Struct, frozen=True, gc=False):
    """One question. `trace` comes back with the answer; `service_types` such as MH and 30; place is a POS code."""

    payer_name: str
    payer_id: str
    provider_name: str
    provider_npi: str
    subscriber: InquiryPerson
    trace: str
    service_date: date
    service_types: tuple[str, ...] = ("MH", "30")
    dependent: InquiryPerson | None = None
    place: str = ""
    trace_origin: str = "9STEAD0000"
    other: tuple[RawSegment, ...] = ()


class InquiryBatch(msgspec.Struct, frozen=True, gc=False):
    """One 270 transaction; real-time exchanges carry one inquiry."""

    reference: str
    created_at: datetime
    inquiries: tuple[Inquiry, ...]


class Rejection(msgspec.Struct, frozen=True, gc=False):
    """AAA: the payer could not answer. `level` source, receiver, subscriber, dependent or benefit."""

    level: str
    reason: str
    follow_up: str = ""
    valid: str = "N"

    @property
    def may_be_resent(self) -> bool:
        """Tell whether asking again, perhaps corrected, makes sense."""
        return self.follow_up in {"C", "R", "P"} or self.reason == "42"


class Benefit(msgspec.Struct, frozen=True, gc=False):
    """EB with what follows it; None means the payer did not say, which is not zero.

    `procedure` is EB13 as (qualifier, code, modifiers ...); `further` holds elements after it, which are not written.
    """

    info: str
    coverage_level: str = ""
    service_types: tuple[str, ...] = ()
    plan_kind: str = ""
    plan_name: str = ""
    period: str = ""
    amount: Decimal | None = None
    fraction: Decimal | None = None
    quantity_kind: str = ""
    quantity: Decimal | None = None
    authorization: str = ""
    in_network: str = ""
    procedure: tuple[str, ...] = ()
    further: tuple[str, ...] = ()
    dates: tuple[Coded, ...] = ()
    refs: tuple[Coded, ...] = ()
    messages: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    entities: tuple[Name, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    other: tuple[RawSegment, ...] = ()


class Reply(msgspec.Struct, frozen=True, gc=False):
    """The answer to one inquiry; `trace` is ours. The payer's spelling of name and id is the one to bill with.

    Birth date and sex are the patient's; those of a subscriber who is somebody else have fields of their own.
    """

    payer: Name
    provider: Name
    subscriber: Name
    trace: str = ""
    trace_origin: str = ""
    dependent: Name | None = None
    subscriber_address: Address | None = None
    dependent_address: Address | None = None
    birth_date: date | None = None
    sex: str = ""
    subscriber_birth_date: date | None = None
    subscriber_sex: str = ""
    refs: tuple[Coded, ...] = ()
    dates: tuple[Coded, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    benefits: tuple[Benefit, ...] = ()
    other: tuple[RawSegment, ...] = ()


class ReplyBatch(msgspec.Struct, frozen=True, gc=False):
    """One 271 transaction; `other` keeps what the payer said about itself and us, such as telephone numbers."""

    reference: str
    created_at: datetime
    replies: tuple[Reply, ...]
    other: tuple[RawSegment, ...] = ()
