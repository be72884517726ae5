"""Take segments out of a loop one by one, so that what nobody asked for is left over and can be kept raw."""

from collections.abc import Iterable

from stead.x12.content import Address, Name, RawSegment, at, name_of
from stead.x12.faults import ContentError
from stead.x12.tokenizer import Segment

_NOTHING: Segment = []


class Loop:
    """A loop's segments in order; `at` is where its first segment stands, counted from ST = 1."""

    def __init__(self, kind: str, at_segment: int, first: Segment) -> None:
        self.kind = kind
        self.at_segment = at_segment
        self.segments = [first]

    def take(self, tag: str, qualifier: str | None = None, most: int = 99) -> Segment:
        """Remove and give the first such segment, or an empty one.

        A segment that says more than the `most` elements the caller reads stays in the loop as well, to be kept raw.
        """
        for index, segment in enumerate(self.segments):
            if segment[0] == tag and (qualifier is None or at(segment, 1) == qualifier):
                if len(segment) <= most + 1:
                    del self.segments[index]
                return segment
        return _NOTHING

    def need(self, tag: str, qualifier: str | None = None, most: int = 99) -> Segment:
        """Take a segment that must be there."""
        found = self.take(tag, qualifier, most)
        if not found:
            raise ContentError("segment_missing", "A loop lacks a segment it must have", element=tag)
        return found

    def take_all(self, tag: str, most: int = 99) -> list[Segment]:
        """Remove and give all segments of a tag in order; longer ones than the caller reads stay."""
        found = [segment for segment in self.segments if segment[0] == tag and len(segment) <= most + 1]
        self.segments = [segment for segment in self.segments if segment[0] != tag or len(segment) > most + 1]
        return found

    def value(self, tag: str, qualifier: str) -> str:
        """Take a plain qualified value (REF, DTP with its format), empty when absent."""
        return at(self.take(tag, qualifier, 2), 2)

    def name(self) -> Name:
        """Take NM1."""
        return name_of(self.need("NM1", most=9))

    def address(self) -> Address | None:
        """Take N3 and N4 when there are any."""
        street, place = self.take("N3", most=2), self.take("N4", most=4)
        if not street and not place:
            return None
        return Address(at(street, 1), at(place, 1), at(place, 2), at(place, 3), at(street, 2), at(place, 4))

    def left(self) -> tuple[RawSegment, ...]:
        """Give what nobody took."""
        return tuple(tuple(segment) for segment in self.segments)


def cut_loops(segments: Iterable[Segment], openers: dict[str, str]) -> list[Loop]:
    """Cut a transaction's body where a segment opens a loop.

    `openers` maps a tag to the loop's kind; `{1}` and `{3}` in it stand for the elements of that number, so that
    {"NM1": "NM1*{1}", "HL": "HL*{3}"} gives kinds such as NM1*85 and HL*22.
    """
    loops: list[Loop] = []
    for position, segment in enumerate(segments, start=2):
        pattern = openers.get(segment[0])
        if pattern is None and loops:
            loops[-1].segments.append(segment)
        else:
            kind = segment[0] if pattern is None else pattern.format(*(at(segment, i) for i in range(4)))
            loops.append(Loop(kind, position, segment))
    return loops
