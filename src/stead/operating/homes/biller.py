"""The biller's desk: what was denied, what is silent, what the scrubber holds, by money and deadline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Max, Min, Sum

from stead.billing.models import Claim, Denial
from stead.operating.links import address
from stead.operating.stuck import CLOSE, silent_claims
from stead.platform.ui import words

SHOWN = 12


@dataclass(frozen=True)
class Pile:
    """Claims of one cause: how many, how much, until when."""

    what: str
    why: str
    number: int
    cents: int
    until: date | None
    deadline: str
    near: bool
    over: bool
    do: str
    url: str

    @property
    def held(self) -> str:
        return words.money(self.cents, cents=False)


def denials(today: date) -> list[Pile]:
    """Return open denials by payer and cause, the nearest deadline first, then the most money."""
    groups = (
        Denial.objects.filter(state="open")
        .values("claim__payer_id", "claim__payer__name", "reason_code", "queue")
        .annotate(n=Count("id"), cents=Sum("amount_cents"), until=Min("deadline_date"))
        .order_by("until", "-cents")
    )
    return [
        _pile(
            g["claim__payer__name"],
            f"Reason {g['reason_code']}, {str(g['queue']).replace('_', ' ')}",
            g["n"],
            g["cents"],
            g["until"],
            today,
            "Work the denial" if g["n"] == 1 else f"Work the {g['n']}",
            address("billing_denials", payer=g["claim__payer_id"], reason=g["reason_code"]),
        )
        for g in groups
    ]


def silent(at: datetime, today: date) -> list[Pile]:
    """Return claims without an answer by payer."""
    by_payer: dict[tuple[UUID, str, int], list[tuple[int, date, datetime]]] = {}
    for _, payer_id, name, sent, limit, cents, last in silent_claims(at):
        by_payer.setdefault((payer_id, name, limit), []).append((cents, last, sent))
    return [
        _pile(
            name,
            f"No answer for {words.length((at - rows[0][2]).total_seconds() / 60)}; the limit is {limit} days",
            len(rows),
            sum(c for c, _, _ in rows),
            min(last for _, last, _ in rows),
            today,
            "Ask the payer",
            address("billing_claims", silent=1, payer=payer_id),
        )
        for (payer_id, name, limit), rows in by_payer.items()
    ]


def held(today: date) -> list[Pile]:
    """Return what waits on this side: held by the scrubber, rejected, or ready and not sent."""
    said = {
        "held": ("Held by the scrubber", "Mend them"),
        "rejected": ("Rejected on the way", "Mend them"),
        "ready": ("Ready to leave", "Send them"),
    }
    groups = {
        g["state"]: g
        for g in Claim.objects.filter(state__in=said)
        .values("state")
        .annotate(n=Count("id"), cents=Sum("total_cents"), until=Min("file_before_date"), newest=Max("state_at"))
    }
    return [
        _pile(
            words_of[0], "Nothing was judged by the payer yet", groups[state]["n"], groups[state]["cents"],
            groups[state]["until"], today, words_of[1], address("billing_claims", state=state),
        )
        for state, words_of in said.items() if state in groups
    ]  # fmt: skip


def _pile(what: str, why: str, number: int, cents: int, until: date | None, today: date, do: str, url: str) -> Pile:
    days = (until - today).days if until else None
    said = "" if until is None else words.day(until)
    near = days is not None and 0 <= days <= CLOSE.days
    return Pile(what, why, number, cents, until, said, near, days is not None and days < 0, do, url)


def title(found: Sequence[Pile]) -> str:
    """Write the page's title: "$4,120 waits on 14 claims. The first deadline is Dec 2."."""
    number, cents = sum(p.number for p in found), sum(p.cents for p in found)
    if not number:
        return "No claim waits for you."
    claims = words.count(number, "claim")
    said = f"{words.money(cents, cents=False)} waits on {claims}."
    untils = [p.until for p in found if p.until]
    return f"{said} The first deadline is {words.day(min(untils))}." if untils else said
