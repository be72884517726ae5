"""Cut a stream of bytes into segments, whatever the size of the blocks it arrives in.

Text is Latin-1, one character per byte, so nothing is ever undecodable and the original bytes can be had back. Line
ends are no data in X12: unless one of them is the terminator they are dropped, which reads CRLF after each segment,
80-column wraps and indented files alike. Delimiters are read afresh at every ISA, because one file may carry
interchanges of several senders.

A block never decides anything: a segment is cut only when its terminator is there, an ISA only when enough text (or
the end of the file) is there. The fuzz test reads every fixture with blocks of 1 to 259 bytes.
"""

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO, cast

from stead.x12.delimiters import HEAD_LENGTH, STANDARD, Delimiters, read_header
from stead.x12.faults import Fault

type Segment = list[str]
type Source = bytes | BinaryIO | Iterable[bytes]

BLOCK_BYTES = 1 << 16
# A segment of an 835 or 837 has a few hundred characters; a megabyte without terminator is not X12 and not our memory.
LONGEST_SEGMENT = 1 << 20

_PADDING = " \t\r\n\x00\x1a"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_ISA = r"I[\r\n]*S[\r\n]*A[\r\n]*[^A-Za-z0-9 \r\n]"
_STARTS_ISA = re.compile(_ISA)
# "ISA" and its separator, with room for line ends in between: less text than this may still become an ISA.
_ISA_REACH = 12

_NOT_X12 = Fault("not_x12", "This is not an X12 file: it does not start with an ISA segment.", "file")
_BAD_ISA = Fault("isa_unreadable", "The ISA segment is damaged: its separators are not where they must be.", "file")
_CUT = Fault("cut_off", "The file ends in the middle of a segment: it arrived incomplete.", "file")
_TOO_LONG = Fault("segment_too_long", "A segment is longer than a million characters; the terminator is wrong.", "file")


class Tokenizer:
    """Iterate over batches of segments; an ISA is always a batch of its own and sets `delimiters` first."""

    def __init__(self, source: Source, block_bytes: int = BLOCK_BYTES) -> None:
        self.delimiters: Delimiters = STANDARD
        self.in_interchange = False
        self.is_empty = True
        self.trimmed = False
        self._blocks = _decoded(source, block_bytes)
        self._removed = ""
        self._boundary = _STARTS_ISA

    def __iter__(self) -> Iterator[list[Segment] | Fault]:
        """Yield batches in file order; after a fault of scope `file` nothing more comes."""
        text, ended = "", False
        while not ended:
            block = next(self._blocks, None)
            ended = block is None
            text = (text + (block or "")).lstrip(_PADDING)
            self.is_empty = self.is_empty and not text
            while text:
                batch, rest = self._step(text, ended)
                if batch is None:
                    text = rest
                    break
                yield batch
                if isinstance(batch, Fault) and batch.scope == "file":
                    return
                text = rest.lstrip(_PADDING)

    def _step(self, text: str, ended: bool) -> tuple[list[Segment] | Fault | None, str]:
        """Take the next batch off `text`; None when more text must come first (or, at the end, nothing is left)."""
        if _STARTS_ISA.match(text):
            return self._take_header(text) if ended or len(text) >= HEAD_LENGTH else (None, text)
        if not self.in_interchange:
            waiting = len(text) < _ISA_REACH and not ended
            return (None, text) if waiting else (_NOT_X12, "")
        return self._take_body(text, ended)

    def _take_header(self, text: str) -> tuple[list[Segment] | Fault, str]:
        header = read_header(text[:HEAD_LENGTH])
        if header is None:
            return _BAD_ISA, ""
        self.in_interchange = True
        self.delimiters = header.delimiters
        terminator = header.delimiters.segment
        self._removed = "".join({"\r", "\n"} - {terminator})
        self._boundary = re.compile(re.escape(terminator) + f"[{_PADDING}]*" + _ISA)
        self.trimmed = header.trimmed
        return [header.elements], text[header.length :]

    def _take_body(self, text: str, ended: bool) -> tuple[list[Segment] | Fault | None, str]:
        next_isa = self._boundary.search(text)
        cut = next_isa.start() if next_isa else text.rfind(self.delimiters.segment)
        if cut < 0:
            return self._take_tail(text, ended)
        return self._split(text[:cut]), text[cut + 1 :]

    def _take_tail(self, text: str, ended: bool) -> tuple[list[Segment] | Fault | None, str]:
        """Judge text without terminator: a last IEA may lack it, anything else was cut off."""
        if len(text) > LONGEST_SEGMENT:
            return _TOO_LONG, ""
        if not ended:
            return None, text
        last = self._split(text)
        return (last if last and last[0][0] == "IEA" else _CUT), ""

    def _split(self, text: str) -> list[Segment]:
        for line_end in self._removed:
            text = text.replace(line_end, "")
        pieces = text.split(self.delimiters.segment)
        mark = self.delimiters.element
        return [piece.split(mark) for padded in pieces if (piece := padded.lstrip(_PADDING))]


def _decoded(source: Source, block_bytes: int) -> Iterator[str]:
    """Yield the blocks as Latin-1 text without a byte order mark."""
    raw = _blocks(source, block_bytes)
    head = b""
    for block in raw:
        head += block
        if len(head) >= len(_BYTE_ORDER_MARK):
            break
    yield head.removeprefix(_BYTE_ORDER_MARK).decode("latin-1")
    for block in raw:
        yield block.decode("latin-1")


def _blocks(source: Source, block_bytes: int) -> Iterator[bytes]:
    if isinstance(source, bytes):
        return (source[at : at + block_bytes] for at in range(0, len(source), block_bytes))
    if hasattr(source, "read"):
        stream = cast(BinaryIO, source)
        return iter(lambda: stream.read(block_bytes), b"")
    return iter(source)
