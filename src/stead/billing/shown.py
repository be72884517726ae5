"""What the pages of billing say: rows, sentences and filters, ready to print."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.urls import reverse

from stead.billing import rules
from stead.billing.days import book_zone
from stead.billing.denial_words import group_words, next_step, reason_words
from stead.billing.models import Claim, Denial, PaymentCard, ProviderAdjustment, RemittanceClaim
from stead.billing.terms import CLAIM_WORDS
from stead.coverage.models import Payer
from stead.messaging.queries import agreed_channel
from stead.patients.models import Patient
from stead.platform.money import Money
from stead.platform.ui import words
from stead.platform.ui.parts import Choice, Filter, FilterBar
from stead.x12.queues import Queue, words_for
from stead.x12.terms import CLAIM_STATUS, word_for

CLAIM_MARKS = {
    "held": "held",
    "ready": "booked",
    "sent": "asked",
    "accepted": "waiting",
    "rejected": "refused",
    "paid": "met",
    "part_paid": "close",
    "denied": "unmet",
    "closed": "cancelled",
}


def short_name(patient: Patient) -> str:
    return f"{patient.first_name[:1]}. {patient.last_name}"


def full_name(patient: Patient) -> str:
    return f"{patient.preferred_name or patient.first_name} {patient.last_name}"


def not_written(patient: Patient) -> str:
    """Say that nothing about bills is sent to a patient, and why; empty where they agreed to it."""
    if agreed_channel(patient, "billing"):
        return ""
    if not (patient.email or patient.phone):
        return "Nothing is e-mailed or texted: no address and no telephone number is on record. Print it."
    return f"Nothing is e-mailed or texted: {full_name(patient)} has not agreed to messages about bills. Print it."


def left_until(day: date, today: date) -> tuple[str, str]:
    """Return the mark and the words of a deadline."""
    days = (day - today).days
    if days < 0:
        return "over", f"{words.count(-days, 'day')} past {words.day(day)}"
    return ("close" if days <= 14 else "booked"), f"{words.count(days, 'day')} left, {words.day(day)}"


def claim_rows(claims: Iterable[Claim], today: date, silent: set[UUID]) -> list[dict[str, Any]]:
    zone = book_zone()
    return [_claim_row(c, today, zone, c.id in silent) for c in claims]


def _claim_row(claim: Claim, today: date, zone: ZoneInfo, silent: bool) -> dict[str, Any]:
    waits = claim.state in ("held", "ready", "rejected")
    deadline = left_until(claim.file_before_date, today) if waits else ("", "")
    why = "; ".join(str(f["words"]) for f in claim.held_because) if claim.state == "held" else ""
    return {
        "id": claim.id,
        "url": reverse("billing_claim", args=[claim.id]),
        "number": claim.number,
        "patient": short_name(claim.patient),
        "payer": claim.payer.name,
        "service": words.day(claim.service_date),
        "mark": "over" if silent else CLAIM_MARKS[claim.state],
        "word": f"silent for {words.count((today - claim.state_at.astimezone(zone).date()).days, 'day')}" if silent else
        CLAIM_WORDS[claim.state],
        "why": why or deadline[1],
        "amount": str(Money(claim.total_cents)),
        "cents": claim.total_cents,
    }  # fmt: skip


def title_of_claims(count: int, silent: int, held: int) -> str:
    if not count:
        return "No claim waits for anybody."
    said = [f"{words.count(count, 'claim', start=True)} on the way or waiting."]
    if silent:
        said.append(f"{words.number_word(silent, start=True)} silent for too long.")
    if held:
        said.append(f"{words.number_word(held, start=True)} held.")
    return " ".join(said)


def claims_bar(asked: QueryDict, payers: Sequence[Payer], count: int, url: str) -> FilterBar:
    states = asked.getlist("state")
    payer, silent = asked.get("payer", ""), asked.get("silent", "")
    state_words = [CLAIM_WORDS[s] for s in states if s in CLAIM_WORDS]
    return FilterBar(
        filters=(
            Filter(
                "state",
                "State",
                words.listed(state_words) or "open",
                [Choice(key, word, key in states) for key, word in CLAIM_WORDS.items()],
                many=True,
            ),
            _payer_filter(payer, payers),
            Filter(
                "silent",
                "Answer",
                "silent too long" if silent else "any",
                [Choice("", "any", not silent), Choice("1", "silent too long", bool(silent))],
            ),
        ),
        count=words.tally(count, "claim"),
        clear_url=url if states or payer or silent else "",
        kept=[("sort", asked.get("sort", ""))] if asked.get("sort") else [],
    )


def _payer_filter(chosen: str, payers: Sequence[Payer]) -> Filter:
    shown = next((p.name for p in payers if str(p.id) == chosen), "all")
    choices = [Choice("", "all", not chosen), *(Choice(str(p.id), p.name, str(p.id) == chosen) for p in payers)]
    return Filter("payer", "Payer", shown, choices)


def remittances_bar(asked: QueryDict, payers: Sequence[Payer], count: int, url: str) -> FilterBar:
    payer = asked.get("payer", "")
    return FilterBar(
        filters=(_payer_filter(payer, payers),),
        count=words.tally(count, "payment"),
        clear_url=url if payer else "",
        kept=[("sort", asked.get("sort", ""))] if asked.get("sort") else [],
    )


def denials_bar(asked: QueryDict, payers: Sequence[Payer], count: int, url: str) -> FilterBar:
    queue, payer = asked.get("queue", ""), asked.get("payer", "")
    queues = [q for q in Queue if q not in (Queue.PATIENT_BALANCE, Queue.CONTRACTUAL)]
    shown = words_for(Queue(queue)) if queue in {str(q) for q in queues} else "all"
    choices = [Choice("", "all", not queue), *(Choice(str(q), words_for(q), str(q) == queue) for q in queues)]
    return FilterBar(
        filters=(Filter("queue", "Queue", shown, choices), _payer_filter(payer, payers)),
        count=words.tally(count, "denial"),
        clear_url=url if queue or payer else "",
        kept=[("sort", asked.get("sort", ""))] if asked.get("sort") else [],
    )


def denial_rows(denials: Iterable[Denial], today: date) -> list[dict[str, Any]]:
    return [denial_row(d, today) for d in denials]


def denial_row(denial: Denial, today: date) -> dict[str, Any]:
    waits = denial.state == "open"
    mark, deadline = left_until(denial.deadline_date, today) if waits else ("met", denial.get_state_display())
    return {
        "id": denial.id,
        "url": reverse("billing_denial", args=[denial.id]),
        "claim": denial.claim.number,
        "claim_url": reverse("billing_claim", args=[denial.claim_id]),
        "patient": short_name(denial.claim.patient),
        "payer": denial.claim.payer.name,
        "queue": words_for(Queue(denial.queue)),
        "codes": " ".join([f"{denial.group_code} {denial.reason_code}", *denial.remark_codes]),
        "group": group_words(denial.group_code, left_to_next=is_left_to_next_plan(denial)),
        "reason": reason_words(denial.reason_code),
        "next": next_step(denial.queue, left_to_next=is_left_to_next_plan(denial)) if waits else "",
        "mark": mark,
        "deadline": deadline,
        "amount": str(Money(denial.amount_cents)),
        "cents": denial.amount_cents,
    }


def denial_groups(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Group rows by queue, the queue that holds most money first."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(row["queue"], []).append(row)
    found = [
        {"name": name, "rows": kept, "cents": (total := sum(r["cents"] for r in kept)), "total": str(Money(total))}
        for name, kept in groups.items()
    ]
    return sorted(found, key=lambda group: -group["cents"])


def is_left_to_next_plan(denial: Denial) -> bool:
    return rules.is_left_to_next_plan(denial.queue, denial.group_code, denial.reason_code)


def title_of_denials(rows: list[dict[str, Any]], near: int) -> str:
    if not rows:
        return "No denial waits for a decision."
    total = words.money(sum(r["cents"] for r in rows))
    said = f"{words.count(len(rows), 'denial', start=True)} hold{'s' if len(rows) == 1 else ''} {total}."
    return f"{said} {words.number_word(near, start=True)} within two weeks of the deadline." if near else said


def answer_rows(answers: Iterable[RemittanceClaim]) -> list[dict[str, Any]]:
    return [
        {
            "id": a.id,
            "paid_on": words.day(a.remittance.paid_date, year=True),
            "trace": a.remittance.trace,
            "number": a.claim_number,
            "status": word_for(CLAIM_STATUS, a.status),
            "charged": str(Money(a.charged_cents)),
            "paid": str(Money(a.paid_cents)),
            "patient": str(Money(a.patient_cents)),
            "cents": a.paid_cents,
        }
        for a in answers
    ]


PROVIDER_REASONS = {
    "WO": "Taken back: an overpayment",
    "FB": "Carried from or to another remittance",
    "72": "Our refund, acknowledged",
    "CS": "Adjustment",
    "J1": "Not reimbursed",
    "IR": "Tax withheld",
    "LE": "Levy",
    "B2": "Rebate",
    "50": "Late charge",
}


def provider_adjustment_row(row: ProviderAdjustment) -> dict[str, Any]:
    """Say what a payer moved, as our money: what it took stands with a minus."""
    return {
        "id": row.id,
        "day": words.day(row.remittance.paid_date, year=True),
        "trace": row.remittance.trace,
        "payer": row.payer.name if row.payer else "Payer not known",
        "what": PROVIDER_REASONS.get(row.reason, f"Reason {row.reason}: ask the payer what it means"),
        "reference": row.reference,
        "next": next_step(row.queue),
        "amount": str(Money(-row.amount_cents)),
        "url": reverse("billing_settle_adjustment", args=[row.id]),
    }


def moment(at: datetime) -> str:
    return words.moment(at.astimezone(book_zone()))


def card(row: PaymentCard) -> str:
    return f"{row.brand} ending {row.last4}, to {row.expires_month:02d}/{row.expires_year}"
