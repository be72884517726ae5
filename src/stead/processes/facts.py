"""Facts about cases and about the moment, and one that no other room owns: whether the law lets a card be required."""

from __future__ import annotations

from typing import Any

from stead.platform.policy.facts import Cost, Fact, facts
from stead.platform.policy.kinds import Kind
from stead.processes.models import CaseItem
from stead.processes.terms import NO_REQUIRED_CARD, SETTLED


def _open_items(case: Any) -> int:
    items = CaseItem.objects.filter(case_id=case.id, stage_key=case.stage_key, required=True)
    return items.exclude(state__in=SETTLED).count()


def _card_required_is_forbidden(patient: Any) -> bool | None:
    return patient.state.upper() in NO_REQUIRED_CARD if patient.state else False


facts.declare(
    Fact("now", Kind.TIMESTAMP, "The moment of asking"),
    Fact("today", Kind.DATE, "The day of asking, on the location's calendar"),
    Fact("case.stage", Kind.STRING, "The stage the case is in", "case", Cost.ROW, lambda case: str(case.stage_key)),
    Fact("case.open_items", Kind.INT, "Required items of the stage not settled", "case", Cost.QUERY, _open_items),
    Fact("case.held_up", Kind.MONEY, "Money the case holds up", "case", Cost.ROW, lambda case: case.held_up_cents),
    Fact(
        "patient.state_forbids_required_card", Kind.BOOL,
        "The law of the patient's state forbids to require a card on file", "patient", Cost.ROW,
        _card_required_is_forbidden,
    ),
)  # fmt: skip
