"""What the front desk wants to know of a 271: is there cover, what does the visit cost, who really pays.

A row that is absent is "the payer did not say", which is never zero. Rows that contradict each other are all given
back; choosing one silently is how a practice ends up refunding copays.

Worked case: the payer sends copay 20 for MH in network, copay 40 for 98 in network and copay 60 for MH out of network.
Psychotherapy (A6) is not named, so MH is the best service type and in network wins: the answer is 20.
Source: 005010X279A1.
"""

from decimal import Decimal
from typing import Literal

import msgspec

from stead.x12.content import Name
from stead.x12.eligibility.records import Benefit, Reply

type CoverageState = Literal["active", "inactive", "not_covered", "unknown", "refused"]

# From the most to the least specific to a therapy visit.
THERAPY_SERVICE_TYPES = (("A6",), ("MH", "CF"), ("98",), ("30",))
BEHAVIOURAL_SERVICE_TYPES = frozenset({"MH", "A4", "A6", "A7", "A8", "AI", "CE", "CF", "CG", "CH"})
_ACTIVE = frozenset("12345")
_INACTIVE = frozenset("678")
_TOTAL_PERIODS = frozenset({"22", "23", "25"})
_REMAINING = "29"
_NETWORK_ORDER = (frozenset({"Y", "W"}), frozenset({"U", ""}))


class Answer(msgspec.Struct, frozen=True, gc=False):
    """One amount as the payer gave it; `amount` is None when nothing was said or the rows disagree."""

    amount: Decimal | None
    rows: tuple[Benefit, ...]

    @property
    def is_conflicting(self) -> bool:
        """Tell whether the payer said different things, so that a person must read the rows."""
        return len({row.fraction if row.info == "A" else row.amount for row in self.rows}) > 1


class Limit(msgspec.Struct, frozen=True, gc=False):
    """A deductible or out-of-pocket limit: the year's total and what is left of it."""

    total: Answer
    left: Answer


class CarveOut(msgspec.Struct, frozen=True, gc=False):
    """Another company carries the behavioural benefit: ask it again and bill it."""

    payer: Name
    row: Benefit


def coverage_state(reply: Reply, service_types: frozenset[str] = BEHAVIOURAL_SERVICE_TYPES) -> CoverageState:
    """Tell whether there is cover, by rows about the wanted service types first, then about the whole plan (30)."""
    if reply.rejections and not reply.benefits:
        return "refused"
    for wanted in (service_types, frozenset({"30"}), None):
        said = {row.info for row in reply.benefits if wanted is None or wanted & set(row.service_types)}
        states: list[CoverageState] = []
        states += ["not_covered"] if "I" in said and wanted is not None else []
        states += ["inactive"] if said & _INACTIVE else []
        states += ["active"] if said & _ACTIVE else []
        if len(states) == 1:
            return states[0]
        if states:
            return "unknown"
    return "unknown"


def visit_copay(reply: Reply) -> Answer:
    """Give the copay of an ordinary in-network therapy visit; rows for one procedure or place only are left aside."""
    return _money(_best(_rows(reply, "B")))


def visit_coinsurance(reply: Reply) -> Answer:
    """Give the patient's fraction of a visit (0.2 is 20 %)."""
    rows = _best(_rows(reply, "A"))
    said = {row.fraction for row in rows if row.fraction is not None}
    return Answer(said.pop() if len(said) == 1 else None, rows)


def deductible(reply: Reply, coverage_level: str = "IND") -> Limit:
    """Give the deductible of one person (IND) or the family (FAM)."""
    return _limit(reply, "C", coverage_level)


def out_of_pocket(reply: Reply, coverage_level: str = "IND") -> Limit:
    """Give the out-of-pocket limit of one person (IND) or the family (FAM)."""
    return _limit(reply, "G", coverage_level)


def find_carve_out(reply: Reply) -> CarveOut | None:
    """Find another payer named for behavioural health (EB*U or EB*R with a 2120 name)."""
    for row in reply.benefits:
        if row.info in {"U", "R"} and BEHAVIOURAL_SERVICE_TYPES & set(row.service_types) and row.entities:
            return CarveOut(row.entities[0], row)
    return None


def needs_authorization(reply: Reply) -> bool | None:
    """Tell whether a therapy visit needs the payer's yes beforehand; None when it did not say or contradicts itself."""
    rows = _best([row for row in reply.benefits if row.authorization in {"Y", "N"} and not row.procedure])
    said = {row.authorization for row in rows}
    return said == {"Y"} if len(said) == 1 else None


def _limit(reply: Reply, info: str, level: str) -> Limit:
    rows = [row for row in _rows(reply, info) if row.coverage_level in {level, ""}]
    totals = _best([row for row in rows if row.period in _TOTAL_PERIODS])
    left = _best([row for row in rows if row.period == _REMAINING])
    if totals:
        # What is left belongs to the total of the same key; a rest under another key is another limit.
        key = _key(totals[0])
        left = tuple(row for row in rows if row.period == _REMAINING and _key(row) == key)
    return Limit(_money(totals), _money(left))


def _key(row: Benefit) -> tuple[str, str, frozenset[str]]:
    return (row.coverage_level, row.in_network, frozenset(row.service_types))


def _rows(reply: Reply, info: str) -> list[Benefit]:
    return [row for row in reply.benefits if row.info == info and not row.procedure and not row.places]


def _best(rows: list[Benefit]) -> tuple[Benefit, ...]:
    """Keep the rows of the best network standing and, within it, of the most specific service type."""
    for network in _NETWORK_ORDER:
        standing = [row for row in rows if row.in_network in network]
        for wanted in THERAPY_SERVICE_TYPES:
            found = tuple(row for row in standing if set(wanted) & set(row.service_types))
            if found:
                return found
    return ()


def _money(rows: tuple[Benefit, ...]) -> Answer:
    said = {row.amount for row in rows if row.amount is not None}
    return Answer(said.pop() if len(said) == 1 else None, rows)
