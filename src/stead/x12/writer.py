"""Write segments, transactions and whole interchanges; the counts are the writer's own affair.

Callers hand over values (text, Decimal, int, tuples for composites) and control numbers. HL and LX numbers, the child
flag HL04, SE01, GE01 and IEA01 are counted here and nowhere else. Data is made fit for X12: upper case, accents folded
to ASCII (payers refuse the extended set), delimiters and control characters gone, trailing empties trimmed. Text in a
script that cannot be folded is refused, never silently emptied.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

import msgspec

from stead.x12.delimiters import STANDARD, Delimiters
from stead.x12.faults import UnwritableError
from stead.x12.headers import Group, Interchange

type Element = str | int | Decimal | tuple[str | int | Decimal | None, ...] | Repeated | None

FUNCTIONAL_CODES = {"837": "HC", "835": "HP", "999": "FA", "277": "HN", "276": "HR", "270": "HS", "271": "HB"}

_FOLDED = str.maketrans({
    "Ł": "L", "Ø": "O", "Đ": "D", "Ð": "D", "Æ": "AE", "Œ": "OE", "Þ": "TH", "\u2019": "'", "\u2018": "'",
    "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-", "\u2026": "...", "\u00a0": " ",
})  # fmt: skip
_BREAKS = re.compile(r"[\t\r\n\x0b\x0c]+")
_MOST_DIGITS = 18


class Repeated(tuple[str, ...]):
    """One element said several times, as EB03 lists service types."""

    __slots__ = ()


class Body(msgspec.Struct, frozen=True, gc=False):
    """A finished transaction: its code (ST01), number (ST02), guide and segment texts from ST to SE."""

    code: str
    control: str
    guide: str
    delimiters: Delimiters
    text: str
    segment_count: int


class SegmentWriter:
    """Collect the segments of one transaction, counting HL and LX on the way."""

    def __init__(self, code: str, control: str, guide: str, delimiters: Delimiters = STANDARD) -> None:
        if not re.fullmatch(r"[0-9A-Za-z]{4,9}", control):
            raise UnwritableError("A transaction number ST02 has 4 to 9 letters or digits.")
        if not delimiters.distinct():
            raise UnwritableError("The delimiters must be distinct characters.")
        self.code, self.control, self.guide, self.delimiters = code, control, guide, delimiters
        roles = re.escape("".join(_roles(delimiters)))
        self._forbidden = re.compile(f"[\\x00-\\x1f\\x7f-\\x9f{roles}]")
        self._suspect = re.compile(f"[^ -`{{-~]|[{roles}]")
        # Codes and names recur within a transaction; the writer, and so their memory, ends with it.
        self._cleaned: dict[str, str] = {"": ""}
        self._segments: list[str] = []
        self._levels: dict[int, tuple[int, str, str]] = {}
        self._parents: set[int] = set()
        self._lines = 0
        # ST03 is not used in the 835 (X221A1): its guide stands in GS08 only.
        self.add("ST", code, control, "" if code == "835" else guide)

    def add(self, tag: str, *elements: Element) -> None:
        """Append one segment; trailing empty elements are left out."""
        parts = [tag, *(self._text(element) for element in elements)]
        while not parts[-1]:
            parts.pop()
        self._segments.append(self.delimiters.element.join(parts))

    def add_if(self, tag: str, *elements: Element, given: object) -> None:
        """Append the segment only when `given` holds something."""
        if given:
            self.add(tag, *elements)

    def add_raw(self, segments: Iterable[Sequence[str]]) -> None:
        """Append segments kept from a reading, in which composites already carry this writer's delimiters."""
        for segment in segments:
            self._segments.append(self.delimiters.element.join(segment))

    def hl(self, level: str, parent: int | None = None) -> int:
        """Open the next level under `parent`; answers its number. HL04 is set when the transaction is finished."""
        number = len(self._levels) + 1
        self._levels[number] = (len(self._segments), level, "" if parent is None else str(parent))
        if parent is not None:
            self._parents.add(parent)
        self._segments.append("HL")
        return number

    def restart_lines(self) -> None:
        """Let LX count from 1 again, as each claim does."""
        self._lines = 0

    def lx(self) -> int:
        """Write the next LX and answer its number."""
        self._lines += 1
        self.add("LX", self._lines)
        return self._lines

    def finish(self) -> Body:
        """Close with SE and answer the transaction."""
        mark = self.delimiters.element
        for number, (at, level, parent) in self._levels.items():
            child = "1" if number in self._parents else "0"
            self._segments[at] = mark.join(("HL", str(number), parent, level, child))
        count = len(self._segments) + 1
        self.add("SE", count, self.control)
        end = self.delimiters.segment
        return Body(self.code, self.control, self.guide, self.delimiters, end.join(self._segments) + end, count)

    def _text(self, element: Element) -> str:
        if type(element) is str:
            known = self._cleaned.get(element)
            if known is None:
                known = self._cleaned[element] = self._clean(element)
            return known
        if element is None:
            return ""
        if isinstance(element, Repeated):
            return self.delimiters.repetition.join(self._clean(part) for part in element)
        if isinstance(element, tuple):
            parts = [self._text(part) for part in element]
            while parts and not parts[-1]:
                parts.pop()
            return self.delimiters.component.join(parts)
        return format_number(element) if isinstance(element, Decimal) else str(element)

    def _clean(self, text: str) -> str:
        if not self._suspect.search(text):
            return text.strip()
        return self._forbidden.sub("", clean_text(text)).strip()


def clean_text(text: str) -> str:
    """Make data fit for X12: upper case ASCII on one line. Refuses text that ASCII cannot stand for."""
    line = _BREAKS.sub(" ", text).strip().upper()
    if line.isascii():
        return line
    folded = unicodedata.normalize("NFKD", line.translate(_FOLDED))
    plain = "".join(char for char in folded if not unicodedata.combining(char) and unicodedata.category(char) != "Cc")
    if not plain.isascii():
        raise UnwritableError("Some text has letters that a claim file cannot carry; spell it in Latin letters.")
    return plain.strip().upper()


def format_number(value: Decimal) -> str:
    """Write a number as X12 wants it: no exponent, no trailing zeros, at most 18 digits."""
    if not value.is_finite():
        raise UnwritableError("An amount is not a number.")
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if sum(char.isdigit() for char in text) > _MOST_DIGITS:
        raise UnwritableError("An amount has more than 18 digits.")
    return "0" if text in {"-0", "", "-"} else text


def format_date(value: date | None) -> str:
    """Write a date as CCYYMMDD, or nothing."""
    return "" if value is None else f"{value:%Y%m%d}"


def stamp_interchange(
    *, sender: str, receiver: str, control: int, at: datetime, usage: str, qualifiers: tuple[str, str] = ("ZZ", "ZZ")
) -> Interchange:
    """Make an ISA header; `at` is the sender's local time, `usage` P for live and T for test."""
    return Interchange(
        sender=sender,
        receiver=receiver,
        date=f"{at:%y%m%d}",
        time=f"{at:%H%M}",
        control=f"{control:09d}",
        sender_qualifier=qualifiers[0],
        receiver_qualifier=qualifiers[1],
        usage=usage,
    )


def stamp_group(body: Body, *, sender: str, receiver: str, control: int, at: datetime) -> Group:
    """Make the GS header that fits a transaction."""
    code = FUNCTIONAL_CODES[body.code]
    return Group(code, sender, receiver, f"{at:%Y%m%d}", f"{at:%H%M}", str(control), body.guide)


def write_interchange(interchange: Interchange, *groups: tuple[Group, Sequence[Body]]) -> bytes:
    """Write one interchange with its groups; all bodies must be composed with the same delimiters."""
    bodies = [body for _, members in groups for body in members]
    marks = bodies[0].delimiters if bodies else STANDARD
    if any(body.delimiters != marks for body in bodies):
        raise UnwritableError("All transactions of an interchange must use the same delimiters.")
    parts = [_isa(interchange, marks)]
    for group, members in groups:
        _check_group(group, members)
        parts.append(_line(marks, "GS", *_group_elements(group)))
        parts += [body.text for body in members]
        parts.append(_line(marks, "GE", str(len(members)), group.control))
    parts.append(_line(marks, "IEA", str(len(groups)), interchange.control))
    return "".join(parts).encode("latin-1")


def write_interchange_ack(interchange: Interchange, *, of: Interchange, outcome: str, note: str = "000") -> bytes:
    """Write a TA1 that tells the sender of `of` what became of it: A, E or R, with a note code."""
    ta1 = _line(STANDARD, "TA1", of.control, of.date, of.time, outcome, note)
    return (_isa(interchange, STANDARD) + ta1 + _line(STANDARD, "IEA", "0", interchange.control)).encode("latin-1")


def _check_group(group: Group, members: Sequence[Body]) -> None:
    if not re.fullmatch(r"\d{1,9}", group.control):
        raise UnwritableError("A group number GS06 has 1 to 9 digits.")
    if len({body.control for body in members}) != len(members):
        raise UnwritableError("Two transactions of a group carry the same number ST02.")
    if any(body.guide != group.version for body in members):
        raise UnwritableError("A group holds transactions of one guide only.")


def _group_elements(group: Group) -> tuple[str, ...]:
    return (group.code, group.sender, group.receiver, group.date, group.time, group.control, "X", group.version)


def _isa(header: Interchange, marks: Delimiters) -> str:
    fields = (
        (header.authorization[0], 2), (header.authorization[1], 10), (header.security[0], 2), (header.security[1], 10),
        (header.sender_qualifier, 2), (header.sender, 15), (header.receiver_qualifier, 2), (header.receiver, 15),
        (header.date, 6), (header.time, 4), (marks.repetition or "U", 1), (header.version, 5), (header.control, 9),
        ("1" if header.ack_requested else "0", 1), (header.usage, 1), (marks.component, 1),
    )  # fmt: skip
    if not re.fullmatch(r"\d{9}", header.control):
        raise UnwritableError("An interchange number ISA13 has 9 digits.")
    if header.usage not in {"P", "T"}:
        raise UnwritableError("ISA15 is P for live files or T for tests.")
    if any(len(text) > width or _is_torn(text, marks) for text, width in fields[:10]):
        raise UnwritableError("A field of the ISA is too long for its place, or holds a delimiter.")
    return marks.element.join(("ISA", *(text.ljust(width) for text, width in fields))) + marks.segment


def _is_torn(text: str, marks: Delimiters) -> bool:
    return any(role in text for role in _roles(marks)) or not text.isprintable()


def _line(marks: Delimiters, *elements: str) -> str:
    if any(_is_torn(element, marks) for element in elements):
        raise UnwritableError("An envelope field holds a delimiter.")
    return marks.element.join(elements) + marks.segment


def _roles(marks: Delimiters) -> list[str]:
    return [role for role in (marks.element, marks.component, marks.repetition, marks.segment) if role]
