"""Take typed values out of segments, and turn a transaction that cannot be understood into a fault.

Every typed reader is built from the same two steps: `parse` one proven transaction or raise ContentError, and
`read_typed`, which walks a file and yields what could be read beside what could not.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal

import msgspec

from stead.x12.envelope import read_envelope
from stead.x12.faults import ContentError, Fault, shown_control
from stead.x12.headers import Heading, InterchangeAck, Transaction
from stead.x12.tokenizer import Segment, Source

type RawSegment = tuple[str, ...]

ZERO = Decimal(0)
_PLAIN_NUMBER = re.compile(r"[-+]?(?=\.?[0-9])[0-9]{0,18}(?:\.[0-9]{0,18})?")
# Fee schedules and copays repeat: most amounts of a file were read before. Bounded, and amounts alone say nothing.
_KNOWN_NUMBERS: dict[str, Decimal] = {}
_KNOWN_AMOUNTS: dict[str, Decimal] = {}
_MOST_KNOWN = 10_000
_MOST_MONEY = Decimal(10) ** 10


class Received[T](msgspec.Struct, frozen=True):
    """One typed transaction with the envelope it came in, whose control numbers the acknowledgement names."""

    heading: Heading
    content: T


class Name(msgspec.Struct, frozen=True, gc=False):
    """NM1: who plays the role `entity`. `last` holds an organisation's whole name; kind 1 person, 2 organisation."""

    last: str = ""
    first: str = ""
    middle: str = ""
    suffix: str = ""
    id_qualifier: str = ""
    id: str = ""
    kind: str = "1"
    entity: str = ""


class Address(msgspec.Struct, frozen=True, gc=False):
    """N3 and N4; `postcode` is the ZIP without its dash."""

    street: str
    city: str
    state: str
    postcode: str
    street2: str = ""
    country: str = ""


class Coded(msgspec.Struct, frozen=True, gc=False):
    """A qualified value (REF, DTM, DTP): what it is, and the text as sent."""

    qualifier: str
    value: str

    @property
    def as_date(self) -> date | None:
        """Give the value as a date, None when it is none."""
        return find_date(self.value)


class Sum(msgspec.Struct, frozen=True, gc=False):
    """A qualified number (AMT, QTY)."""

    qualifier: str
    value: Decimal


def read_typed[T](
    source: Source, code: str, guides: tuple[str, ...], parse: Callable[[Transaction], T], block_bytes: int
) -> Iterator[Received[T] | Fault]:
    """Yield each transaction of the wanted kind parsed; every other one is answered by a fault, none is skipped."""
    for item in read_envelope(source, block_bytes):
        if isinstance(item, Fault):
            yield item
        elif isinstance(item, InterchangeAck):
            yield Fault("unexpected_kind", "The file holds an interchange acknowledgement.", "transaction")
        elif item.heading.code != code or not item.heading.guide.startswith(guides):
            yield unexpected(item)
        else:
            yield parse_or_fault(item, parse)


def parse_or_fault[T](transaction: Transaction, parse: Callable[[Transaction], T]) -> Received[T] | Fault:
    """Parse one transaction; what cannot be understood comes back as a fault that names the segment."""
    try:
        return Received(transaction.heading, parse(transaction))
    except ContentError as error:
        return _fault(transaction, error.code, str(error), transaction.heading.at_segment + max(error.segment - 1, 0))


def unexpected(transaction: Transaction) -> Fault:
    """Answer a transaction of a kind or guide that the reader does not know."""
    words = "The file holds a kind of transaction that cannot be read here."
    return _fault(transaction, "unexpected_kind", words, transaction.heading.at_segment)


def _fault(transaction: Transaction, code: str, words: str, segment: int) -> Fault:
    heading = transaction.heading
    return Fault(
        code,
        words,
        "transaction",
        segment,
        shown_control(heading.interchange.control),
        shown_control(heading.group.control),
        shown_control(heading.control),
    )


def at(segment: Segment, index: int) -> str:
    """Give an element, empty where the segment is shorter."""
    return segment[index] if len(segment) > index else ""


def amount(segment: Segment, index: int, element: str) -> Decimal:
    """Give an element as money; an absent one is zero, a malformed one is refused."""
    text = segment[index] if len(segment) > index else ""
    if not text:
        return ZERO
    known = _KNOWN_AMOUNTS.get(text)  # as `money`, without its call: a weekly file holds a hundred thousand amounts
    return _new_amount(text, element) if known is None else known


def money(text: str, element: str) -> Decimal:
    """Read money. Refuses fractions of a cent, which would make another sum of it once rounded, and ten billions."""
    known = _KNOWN_AMOUNTS.get(text)
    return _new_amount(text, element) if known is None else known


def _new_amount(text: str, element: str) -> Decimal:
    value = number(text, element)
    if value * 100 % 1 or abs(value) >= _MOST_MONEY:
        raise ContentError("not_money", "An amount has fractions of a cent or is too large", element=element)
    if len(_KNOWN_AMOUNTS) < _MOST_KNOWN:
        _KNOWN_AMOUNTS[text] = value
    return value


def number(text: str, element: str) -> Decimal:
    """Read a decimal number; refuses everything that is not finite and plain."""
    value = _KNOWN_NUMBERS.get(text)
    return _new_number(text, element) if value is None else value


def _new_number(text: str, element: str) -> Decimal:
    # Python also reads "1_000" and "1E5000000"; nobody writes money so, and the latter would hang every sum.
    if not _PLAIN_NUMBER.fullmatch(text):
        raise ContentError("bad_number", "An amount cannot be read", element=element)
    value = Decimal(text)
    if len(_KNOWN_NUMBERS) < _MOST_KNOWN:
        _KNOWN_NUMBERS[text] = value
    return value


def whole(text: str, element: str) -> int:
    """Read a count; refuses everything but digits."""
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise ContentError("bad_count", "A count cannot be read", element=element)
    return int(text)


def find_date(text: str) -> date | None:
    """Read CCYYMMDD (or the first day of a CCYYMMDD-CCYYMMDD range); None when it is no date."""
    day = text[:8]
    if len(day) < 8 or not (day.isascii() and day.isdigit()):
        return None
    try:
        return date(int(day[:4]), int(day[4:6]), int(day[6:]))
    except ValueError:
        return None


def read_date(text: str, element: str) -> date:
    """Read a date that must be there."""
    day = find_date(text)
    if day is None:
        raise ContentError("bad_date", "A date cannot be read", element=element)
    return day


def read_moment(day: str, time: str, element: str) -> datetime:
    """Read the date and the time (HHMM, HHMMSS or none) at which a transaction was made, in its maker's local time."""
    made = read_date(day, element)
    clock = time[:6].ljust(6, "0")
    try:
        return datetime(made.year, made.month, made.day, int(clock[:2]), int(clock[2:4]), int(clock[4:]))
    except ValueError:
        raise ContentError("bad_time", "A time cannot be read", element=element) from None


def name_of(segment: Segment) -> Name:
    """Read NM1."""
    return Name(
        last=at(segment, 3),
        first=at(segment, 4),
        middle=at(segment, 5),
        suffix=at(segment, 7),
        id_qualifier=at(segment, 8),
        id=at(segment, 9),
        kind=at(segment, 2),
        entity=at(segment, 1),
    )


def composite(text: str, separator: str, size: int) -> list[str]:
    """Split a composite into exactly `size` parts or more, missing ones empty."""
    parts = text.split(separator)
    return parts + [""] * (size - len(parts))


def pairs(segment: Segment, first: int, step: int) -> Iterator[int]:
    """Give the positions at which the repeating group of a segment begins, for those that are filled."""
    return (i for i in range(first, len(segment), step) if segment[i])
