"""Say what is wrong with a file as a value: where, and why, never with the segment's text.

A fault may be logged, mailed or shown to a stranger, so its words are fixed sentences and its place is made of counts
and control numbers only.
"""

import re
from typing import Literal

import msgspec

type Scope = Literal["file", "interchange", "group", "transaction", "note"]

_CONTROL = re.compile(r"[0-9A-Za-z]{1,9}")


class Fault(msgspec.Struct, frozen=True, gc=False):
    """One thing wrong. `segment` counts the segments of the file from 1; scope `note` blocks nothing."""

    code: str
    words: str
    scope: Scope
    segment: int = 0
    interchange: str = ""
    group: str = ""
    transaction: str = ""


class ContentError(ValueError):
    """A segment that cannot be understood; the reader turns it into a transaction fault.

    `segment` counts from ST = 1; `element` is the element's reference such as "CLP03".
    """

    def __init__(self, code: str, words: str, *, element: str = "", segment: int = 0) -> None:
        super().__init__(f"{words} ({element})" if element else words)
        self.code = code
        self.element = element
        self.segment = segment


class UnwritableError(ValueError):
    """A value that has no lawful place in an X12 file, refused before anything is written."""


def shown_control(value: str) -> str:
    """Show a control number only when it looks like one, so that shifted data never reaches a log."""
    text = value.strip()
    return text if _CONTROL.fullmatch(text) else "?" if text else ""
