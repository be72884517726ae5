"""Find out how an interchange separates its parts, from the ISA segment itself.

ISA is the only segment of fixed width, so its delimiters stand at offsets 3, 82, 104 and 105. Real files break that in
two ways, tried in this order: lines wrapped inside the ISA, and an ISA whose padding somebody trimmed.
"""

import re

import msgspec

ISA_LENGTH = 106
# Enough text to hold a wrapped or badly padded ISA; the decision then never depends on how the file was cut in blocks.
HEAD_LENGTH = 512
_SEPARATORS = (3, 6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103)
_NEWLINES = str.maketrans("", "", "\r\n")
_VERSION = re.compile(r"00\d{3}")


class Delimiters(msgspec.Struct, frozen=True, gc=False):
    """The four characters; `repetition` is empty where the interchange has none (ISA11 a letter, as in 4010)."""

    element: str = "*"
    component: str = ":"
    repetition: str = "^"
    segment: str = "~"

    def distinct(self) -> bool:
        """Hold that no two roles share a character, except component and repetition, which some senders merge."""
        roles = {self.element, self.component, self.segment}
        return len(roles) == 3 and self.repetition not in {self.element, self.segment}


STANDARD = Delimiters()


class Header(msgspec.Struct, frozen=True, gc=False):
    """A recognised ISA: its elements, its delimiters, how many characters it took, and whether it was misshapen."""

    elements: list[str]
    delimiters: Delimiters
    length: int
    trimmed: bool = False


def read_header(head: str) -> Header | None:
    """Recognise the ISA at the start of `head`, or answer None if no reading makes sense."""
    return _read_fixed(head) or _read_wrapped(head) or _read_trimmed(head)


def _read_fixed(head: str) -> Header | None:
    if len(head) < ISA_LENGTH:
        return None
    mark = head[3]
    if any(head[at] != mark for at in _SEPARATORS):
        return None
    return _header(head[:105].split(mark), mark, head[105], ISA_LENGTH)


def _read_wrapped(head: str) -> Header | None:
    found = _read_fixed(head.translate(_NEWLINES))
    if found is None:
        return None
    return msgspec.structs.replace(found, length=_raw_length(head, ISA_LENGTH))


def _read_trimmed(head: str) -> Header | None:
    wrapped = any(line_end in part for part in head.split(head[3:4] or "*", 16)[:16] for line_end in "\r\n")
    text = head.translate(_NEWLINES) if wrapped else head
    parts = text.split(text[3:4] or "*", 16)
    if len(parts) != 17 or len(parts[16]) < 2:
        return None
    plain = sum(len(part) + 1 for part in parts[:16]) + 2
    length = _raw_length(head, plain) if wrapped else plain
    return _header([*parts[:16], parts[16][0]], text[3], parts[16][1], length, trimmed=True)


def _header(elements: list[str], mark: str, terminator: str, length: int, trimmed: bool = False) -> Header | None:
    # Not strip(): a control character may be the separator, and Python counts some of them as blanks.
    repetition = "" if elements[11].isalnum() or elements[11] == " " else elements[11]
    marks = Delimiters(mark, elements[16], repetition, terminator)
    roles = (marks.element, marks.component, marks.segment)
    plausible = marks.distinct() and not any(role.isalnum() or role == " " for role in roles)
    if not plausible or len(repetition) > 1 or not _VERSION.fullmatch(elements[12]):
        return None
    return Header(elements, marks, length, trimmed)


def _raw_length(head: str, plain: int) -> int:
    """Count how much of the wrapped text holds `plain` characters that are not line ends."""
    seen = 0
    for at, char in enumerate(head):
        seen += char not in "\r\n"
        if seen == plain:
            return at + 1
    return len(head)
