"""The queue of eligibility checks: filters, order, sentence, and the same rows as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet
from django.http import QueryDict

from stead.coverage import queries, rules
from stead.coverage.models import EligibilityCheck
from stead.coverage.shown import STATES
from stead.platform.ui import words
from stead.platform.ui.parts import Choice, Filter, FilterBar

PAGE_ROWS = 50
CSV_HEADS = ("Patient", "Payer", "Asked", "Answered", "State", "Copay", "Deductible left", "Carve-out", "Code")
SORTS = {
    "age": "asked_at",
    "payer": "coverage__payer__name",
    "state": "state",
    "patient": "coverage__patient__name_key",
}
NEEDS_SOMEBODY = "attention"


@dataclass(frozen=True)
class Wish:
    """What the address asks for; `state` may be a state or "attention"."""

    state: str
    payer: str
    sort: str
    open: str

    @classmethod
    def read(cls, query: QueryDict) -> Wish:
        state, payer = query.get("state", ""), query.get("payer", "")
        known = state in STATES or state == NEEDS_SOMEBODY
        return cls(
            state if known else "", payer if _is_uuid(payer) else "", query.get("sort", ""), query.get("open", "")
        )


def matching(wish: Wish, at: datetime) -> QuerySet[EligibilityCheck]:
    rows = attention(at) if wish.state == NEEDS_SOMEBODY else queries.eligibility_checks(wish.state)
    if wish.payer:
        rows = rows.filter(coverage__payer_id=UUID(wish.payer))
    key = SORTS.get(wish.sort.lstrip("-"))
    return rows.order_by(f"{'-' if wish.sort.startswith('-') else ''}{key}", "-id") if key else rows


def attention(at: datetime) -> QuerySet[EligibilityCheck]:
    """Checks that somebody must look at: not active, not answerable, not through, or silent for a day."""
    return queries.attention_checks(at - rules.SILENT_AFTER)


def sentence(at: datetime) -> str:
    waiting = queries.eligibility_checks(state="asked").count()
    stuck = attention(at).count()
    if stuck:
        return f"{words.count(stuck, 'answer needs', 'answers need', start=True)} somebody."
    if waiting:
        return f"{words.count(waiting, 'question is', 'questions are', start=True)} with the payers."
    return "Every payer has answered."


def tallies(at: datetime) -> list[dict[str, Any]]:
    counts = dict(queries.eligibility_checks().order_by("state").values_list("state").annotate(Count("id")))
    rows = [{"mark": m, "word": w, "count": counts.get(s, 0), "url": f"?state={s}"} for s, (m, w) in STATES.items()]
    stuck = {"mark": "over", "word": "need somebody", "count": attention(at).count(), "url": f"?state={NEEDS_SOMEBODY}"}
    return [stuck, *rows]


def filter_bar(wish: Wish, count: int) -> FilterBar:
    states = [("", "all"), (NEEDS_SOMEBODY, "need somebody"), *((s, w) for s, (_, w) in STATES.items())]
    payers = [("", "all"), *((str(p.id), p.name) for p in queries.payers())]
    return FilterBar(
        (
            Filter("state", "State", dict(states)[wish.state], _choices(states, wish.state)),
            Filter("payer", "Payer", dict(payers).get(wish.payer, "all"), _choices(payers, wish.payer)),
        ),
        count=words.tally(count, "question"),
        clear_url="?" if wish.state or wish.payer else "",
        kept=[("sort", wish.sort)] if wish.sort else [],
    )


def csv_rows(rows: QuerySet[EligibilityCheck]) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        coverage = row.coverage
        yield (
            coverage.patient.shown_name,
            coverage.payer.name,
            row.asked_at.isoformat(timespec="minutes"),
            row.answered_at.isoformat(timespec="minutes") if row.answered_at else "",
            STATES[row.state][1],
            _dollars(row.copay_cents),
            _dollars(row.deductible_left_cents),
            row.carve_out,
            row.reject_code,
        )


def _dollars(cents: int | None) -> str:
    return "" if cents is None else f"{cents // 100}.{cents % 100:02d}"


def _choices(pairs: list[tuple[str, str]], chosen: str) -> list[Choice]:
    return [Choice(value, label, value == chosen) for value, label in pairs]


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
