"""CAS, shared by the claim and the remittance: up to six trios of reason, amount and quantity in one segment."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import batched, groupby

import msgspec

from stead.x12.content import amount, number
from stead.x12.faults import ContentError
from stead.x12.tokenizer import Segment
from stead.x12.writer import SegmentWriter

_TRIOS_PER_CAS = 6


class Adjustment(msgspec.Struct, frozen=True, gc=False):
    """One trio. `group` says who owes; a positive amount lowers the payment, a negative one raises it."""

    group: str
    reason: str
    amount: Decimal
    quantity: Decimal | None = None


def read_adjustments(cas: Segment) -> list[Adjustment]:
    """Read all trios of one CAS; refuses an amount without a reason, which nobody could post, and codes of no shape."""
    if len(cas) < 4:
        raise ContentError("short_segment", "An adjustment lacks its amount", element="CAS03")
    group, size = cas[1], len(cas)
    if len(group) > 2 or not group.isalnum():
        raise ContentError("bad_code", "The group of an adjustment cannot be read", element="CAS01")
    trios = []
    for i in range(2, size, 3):
        if cas[i]:
            if len(cas[i]) > 5 or not cas[i].isalnum():
                raise ContentError("bad_code", "The reason of an adjustment cannot be read", element="CAS02")
            quantity = number(cas[i + 2], "CAS04") if size > i + 2 and cas[i + 2] else None
            trios.append(Adjustment(group, cas[i], amount(cas, i + 1, "CAS03"), quantity))
        elif amount(cas, i + 1, "CAS03"):
            raise ContentError("cas_without_reason", "An adjustment has an amount and no reason", element="CAS02")
    return trios


def add_adjustments(out: SegmentWriter, adjustments: Sequence[Adjustment]) -> None:
    """Write the trios in order, six to a segment, a new segment where the group changes."""
    for group, run in groupby(adjustments, key=lambda one: one.group):
        for six in batched(run, _TRIOS_PER_CAS, strict=False):
            out.add("CAS", group, *(part for one in six for part in (one.reason, one.amount, one.quantity)))
