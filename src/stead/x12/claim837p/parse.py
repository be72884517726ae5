"""Read an 837P back into the very records it was written from, as a payer does.

The body is cut into loops first; each loop then gives up its segments by name. What this guide's records have no place
for stays raw in `other` of the line, the claim or the batch.
"""

from collections.abc import Callable, Iterator

from stead.x12.claim837p import parties, services
from stead.x12.claim837p.reader import BatchReader
from stead.x12.claim837p.records import ClaimBatch
from stead.x12.content import Received, read_typed
from stead.x12.faults import ContentError, Fault
from stead.x12.headers import Transaction
from stead.x12.loops import Loop, cut_loops
from stead.x12.tokenizer import BLOCK_BYTES, Source

type _Handler = Callable[[BatchReader, Loop], None]

_OPENERS = {
    "BHT": "BHT", "HL": "HL*{3}", "NM1": "NM1*{1}", "SBR": "SBR", "CLM": "CLM", "LX": "LX", "SVD": "SVD",
}  # fmt: skip


def read_claims(source: Source, block_bytes: int = BLOCK_BYTES) -> Iterator[Received[ClaimBatch] | Fault]:
    """Yield one batch per ST; what cannot be used comes as a fault."""
    return read_typed(source, "837", ("005010X222",), parse_claims, block_bytes)


def parse_claims(transaction: Transaction) -> ClaimBatch:
    """Make the batch of one proven 837P; refuses missing parties, amounts or dates with the segment's place."""
    reader = BatchReader(transaction.heading.delimiters.component)
    place = 1
    try:
        for loop in cut_loops(transaction.segments, _OPENERS):
            place = loop.at_segment
            _read_loop(reader, loop)
        return reader.finish()
    except ContentError as error:
        error.segment = place
        raise


def _read_loop(reader: BatchReader, loop: Loop) -> None:
    handler = _handler(reader, loop.kind)
    if handler is not None:
        if loop.kind[:2] == "HL" or loop.kind == "CLM":
            reader.end_claim()
        handler(reader, loop)
    reader.keep(loop.left())


def _handler(reader: BatchReader, kind: str) -> _Handler | None:
    """Find who reads a loop; inside a claim only the next claim or level leads out again."""
    if reader.claim is None or kind == "CLM" or kind.startswith("HL"):
        return _OUTER.get(kind)
    return (_CLAIM if reader.line is None else _LINE).get(kind)


_OUTER: dict[str, _Handler] = {
    "BHT": parties.read_header,
    "NM1*41": parties.read_partner,
    "NM1*40": parties.read_partner,
    "HL*20": parties.read_billing_level,
    "NM1*85": parties.read_billing,
    "NM1*87": parties.read_pay_to,
    "HL*22": parties.read_person_level,
    "HL*23": parties.read_person_level,
    "SBR": parties.read_policy,
    "NM1*IL": parties.read_subscriber,
    "NM1*PR": parties.read_payer,
    "NM1*QC": parties.read_dependent,
    "CLM": services.read_claim,
}
_CLAIM: dict[str, _Handler] = {
    "NM1*DN": services.read_claim_practitioner,
    "NM1*82": services.read_claim_practitioner,
    "NM1*DQ": services.read_claim_practitioner,
    "NM1*77": services.read_facility,
    "SBR": services.read_coverage,
    "NM1*IL": services.read_coverage_party,
    "NM1*PR": services.read_coverage_party,
    "LX": services.read_line,
}
_LINE: dict[str, _Handler] = {
    "LX": services.read_line,
    "NM1*82": services.read_line_practitioner,
    "SVD": services.read_adjudication,
}
