"""999 implementation acknowledgement: did the receiver's translator accept our group, and each ST in it?

An R on one ST rejects every claim in it; AK9 P means only some live. Error texts are code numbers; IK404 may repeat
what we sent, so `bad_value` is for the screen of whoever may see the claim, never for a log.
Source: 005010X231A1.
"""

from collections.abc import Iterator

import msgspec

from stead.x12.content import RawSegment, Received, at, composite, read_typed, whole
from stead.x12.delimiters import STANDARD, Delimiters
from stead.x12.faults import ContentError, Fault
from stead.x12.headers import Transaction
from stead.x12.tokenizer import BLOCK_BYTES, Segment, Source
from stead.x12.writer import Body, SegmentWriter

GUIDE = "005010X231A1"
# A accepted, E accepted though errors were found; everything else (R, M, W, X) means the claims did not go in.
ACCEPTED = frozenset({"A", "E"})


class ElementError(msgspec.Struct, frozen=True, gc=False):
    """IK4: which element is wrong, by position, and how, by code."""

    element: int
    code: str
    component: int | None = None
    repeat: int | None = None
    reference: str = ""
    bad_value: str = ""
    contexts: tuple[RawSegment, ...] = ()


class SegmentError(msgspec.Struct, frozen=True, gc=False):
    """IK3: which segment is wrong; `position` counts from ST = 1, `contexts` are the CTX that follow."""

    segment: str
    position: int
    loop: str
    code: str
    contexts: tuple[RawSegment, ...] = ()
    elements: tuple[ElementError, ...] = ()

    @property
    def account(self) -> str:
        """Give the CLM01 that the receiver named, empty when it did not."""
        for context in self.contexts:
            # The separator is the receiver's; whatever it is, it is the one character after the name.
            if context and context[0].startswith("CLM01") and len(context[0]) > len("CLM01"):
                return context[0][len("CLM01") + 1 :]
        return ""


class SetAck(msgspec.Struct, frozen=True, gc=False):
    """AK2 to IK5: what became of one ST of ours."""

    code: str
    control: str
    outcome: str
    guide: str = ""
    errors: tuple[SegmentError, ...] = ()
    reasons: tuple[str, ...] = ()

    @property
    def is_accepted(self) -> bool:
        """Tell whether the claims of the ST went in."""
        return self.outcome in ACCEPTED


class GroupAck(msgspec.Struct, frozen=True, gc=False):
    """AK1 to AK9: what became of one group of ours; the counts are the receiver's."""

    code: str
    control: str
    version: str
    outcome: str
    sent: int
    received: int
    accepted: int
    sets: tuple[SetAck, ...] = ()
    reasons: tuple[str, ...] = ()

    def agrees_with(self, controls: frozenset[str]) -> bool:
        """Tell whether the counts and numbers match the ST02 numbers that we sent in the group."""
        named = {one.control for one in self.sets}
        counted = self.sent == self.received == len(controls)
        accepted = sum(one.is_accepted for one in self.sets) == self.accepted or not self.sets
        return counted and accepted and named <= controls


def read_group_acks(source: Source, block_bytes: int = BLOCK_BYTES) -> Iterator[Received[GroupAck] | Fault]:
    """Yield one acknowledgement per ST; what cannot be used comes as a fault."""
    return read_typed(source, "999", ("005010X231",), parse_group_ack, block_bytes)


def parse_group_ack(transaction: Transaction) -> GroupAck:
    """Make the record of one proven 999."""
    separator = transaction.heading.delimiters.component
    segments = transaction.segments
    place = 1
    try:
        sets: list[SetAck] = []
        open_set: list[Segment] = []
        ak1: Segment = []
        ak9: Segment = []
        for place, segment in enumerate(segments, start=2):  # noqa: B007  the fault below names it
            match segment[0]:
                case "AK1":
                    ak1 = segment
                case "AK9":
                    ak9 = segment
                case "IK5":
                    sets.append(_set_ack([*open_set, segment], separator))
                    open_set = []
                case _:
                    open_set.append(segment)
        if open_set or not ak1 or not ak9:
            raise ContentError("ack_incomplete", "The acknowledgement is not complete", element="AK9")
        return _group_ack(ak1, ak9, tuple(sets))
    except ContentError as error:
        error.segment = place
        raise


def _group_ack(ak1: Segment, ak9: Segment, sets: tuple[SetAck, ...]) -> GroupAck:
    sent, received, accepted = (whole(at(ak9, i), f"AK90{i}") for i in (2, 3, 4))
    reasons = tuple(code for code in ak9[5:10] if code)
    return GroupAck(at(ak1, 1), at(ak1, 2), at(ak1, 3), at(ak9, 1), sent, received, accepted, sets, reasons)


def _set_ack(segments: list[Segment], separator: str) -> SetAck:
    ak2, *middle = segments[:-1] or [[""]]
    ik5 = segments[-1]
    if ak2[0] != "AK2":
        raise ContentError("ack_misordered", "The acknowledgement is out of order", element="AK2")
    errors: list[SegmentError] = []
    for segment in middle:
        match segment[0], bool(errors):
            case "IK3", _:
                errors.append(
                    SegmentError(at(segment, 1), whole(at(segment, 2), "IK302"), at(segment, 3), at(segment, 4))
                )
            case "IK4", True:
                last = errors[-1]
                wrong = _element_error(segment, separator)
                errors[-1] = msgspec.structs.replace(last, elements=(*last.elements, wrong))
            case "CTX", True:
                errors[-1] = _with_context(errors[-1], tuple(segment))
            case _:
                raise ContentError("ack_misordered", "The acknowledgement is out of order", element="IK3")
    reasons = tuple(code for code in ik5[2:7] if code)
    return SetAck(at(ak2, 1), at(ak2, 2), at(ik5, 1), at(ak2, 3), tuple(errors), reasons)


def _with_context(error: SegmentError, context: RawSegment) -> SegmentError:
    """Keep a CTX where it stood: after an IK4 it belongs to that element, otherwise to the segment."""
    spoken = context[1:]
    if not error.elements:
        return msgspec.structs.replace(error, contexts=(*error.contexts, spoken))
    last = error.elements[-1]
    last = msgspec.structs.replace(last, contexts=(*last.contexts, spoken))
    return msgspec.structs.replace(error, elements=(*error.elements[:-1], last))


def _element_error(ik4: Segment, separator: str) -> ElementError:
    element, component, repeat = composite(at(ik4, 1), separator, 3)[:3]
    return ElementError(
        whole(element, "IK401"),
        at(ik4, 3),
        whole(component, "IK401") if component else None,
        whole(repeat, "IK401") if repeat else None,
        at(ik4, 2),
        at(ik4, 4),
    )


def compose_group_ack(ack: GroupAck, *, control: str, delimiters: Delimiters = STANDARD) -> Body:
    """Write the acknowledgement of one group as a transaction numbered `control`."""
    out = SegmentWriter("999", control, GUIDE, delimiters)
    out.add("AK1", ack.code, ack.control, ack.version)
    for one in ack.sets:
        out.add("AK2", one.code, one.control, one.guide)
        for error in one.errors:
            _add_error(out, error)
        out.add("IK5", one.outcome, *one.reasons)
    out.add("AK9", ack.outcome, ack.sent, ack.received, ack.accepted, *ack.reasons)
    return out.finish()


def _add_error(out: SegmentWriter, error: SegmentError) -> None:
    out.add("IK3", error.segment, error.position, error.loop, error.code)
    out.add_raw([("CTX", *context) for context in error.contexts])
    for wrong in error.elements:
        place = (wrong.element, wrong.component, wrong.repeat)
        out.add("IK4", place, wrong.reference, wrong.code, wrong.bad_value)
        out.add_raw([("CTX", *context) for context in wrong.contexts])
