"""What payers sent: remittances, and answers that name no claim of ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from stead.billing import actions, queries, shown
from stead.billing.models import Claim, Remittance, RemittanceClaim
from stead.billing.terms import WAITING_WORDS
from stead.billing.views.claims import asked_id
from stead.coverage.queries import payers
from stead.platform import permissions
from stead.platform.access import log
from stead.platform.money import Money
from stead.platform.refusals import InvalidInput, Refusal
from stead.platform.ui import words
from stead.platform.web.door import PageRequest, staff
from stead.platform.web.exports import csv_response, exported
from stead.platform.web.pages import staff_page

PAGE = 100


class ClaimNotChosen(InvalidInput):
    words = "Choose the claim that this answer means."


@staff("billing.read")
@require_GET
@exported("billing.export")
def remittances(request: PageRequest) -> HttpResponse:
    """Answers that wait for a person, each with the claims it may mean; what payers took back or moved; below them
    every payment of a payer."""
    return _page(request)


def _page(request: PageRequest, fault: Refusal | None = None) -> HttpResponse:
    waiting = list(queries.unmatched_answers())
    likely = queries.likely_claims(waiting)
    log.reads_all(c.patient_id for claims in likely.values() for c in claims)
    rows = [
        row | _ways_out(answer, likely[answer.id])
        for row, answer in zip(shown.answer_rows(waiting), waiting, strict=True)
    ]
    asked = request.GET
    found = queries.remittances(asked_id(asked.get("payer", "")), asked.get("sort", ""))
    if asked.get("format") == "csv":
        return _export(request, list(found))
    page = Paginator(found, PAGE).get_page(asked.get("page"))
    posted = list(page.object_list)
    count = queries.claims_in([r.id for r in posted])
    payer_names = dict(payers().values_list("id", "name"))
    held = sum(row["cents"] for row in rows)
    context = {
        "title": _title(len(rows), held),
        "fault": fault.words if fault else "",
        "moved": [shown.provider_adjustment_row(row) for row in queries.open_provider_adjustments()],
        "unapplied": [(name, str(Money(cents))) for name, cents in queries.unapplied_balances()],
        "may_answer": permissions.holds(request.by, "billing.answer"),
        "rows": rows,
        "total": str(Money(held)),
        "posted": [
            {
                "day": words.day(r.paid_date, year=True),
                "trace": r.trace,
                "payer": payer_names.get(r.payer_id, "") if r.payer_id else "",
                "claims": count.get(r.id, 0),
                "amount": str(Money(r.amount_cents)),
            }
            for r in posted
        ],
        "page": page,
        "bar": shown.remittances_bar(asked, list(payers()), page.paginator.count, reverse("billing_remittances")),
        "posted_total": str(Money(found.aggregate(sum=Sum("amount_cents"))["sum"] or 0)),
        "posted_count": words.count(page.paginator.count, "payment", start=True),
    }
    status = fault.status if fault else 200
    return staff_page(request, "billing/remittances.html", context, room="billing", tab="remittances", status=status)


def _title(count: int, held: int) -> str:
    if not count:
        return "Every answer has its claim."
    return f"{words.count(count, 'answer', start=True)} wait{'s' if count == 1 else ''} with {words.money(held)}."


def _ways_out(answer: RemittanceClaim, likely: list[Claim]) -> dict[str, Any]:
    """Say why an answer waits, and what a person can do with it."""
    return {
        "why": WAITING_WORDS.get(answer.waits_because, WAITING_WORDS["not_found"]),
        "match_url": reverse("billing_match", args=[answer.id]),
        "close_url": reverse("billing_close_answer", args=[answer.id]),
        "likely": [(c.id, f"{c.number}, {shown.short_name(c.patient)}, {words.day(c.service_date)}") for c in likely],
    }


def _export(request: PageRequest, rows: list[Remittance]) -> HttpResponse:
    """Give every remittance asked for out, however many."""
    count = queries.claims_in([r.id for r in rows])
    payer_names = dict(payers().values_list("id", "name"))
    head = ["Paid", "Payer", "Trace", "Claims", "USD"]
    lines = (
        [r.paid_date.isoformat(), payer_names.get(r.payer_id, "") if r.payer_id else "", r.trace, count.get(r.id, 0),
         Money(r.amount_cents).dollars]
        for r in rows
    )  # fmt: skip
    return csv_response(request, "remittances", head, lines)


@staff("billing.answer")
@require_POST
def match(request: PageRequest, answer_id: UUID) -> HttpResponse:
    claim_id = asked_id(request.POST.get("claim", ""))
    if claim_id is None:
        return _page(request, ClaimNotChosen(field="claim"))
    reason = request.POST.get("reason", "")
    return _done(
        request, actions.match_remittance_claim, remittance_claim_id=answer_id, claim_id=claim_id, reason=reason
    )


@staff("billing.answer")
@require_POST
def close(request: PageRequest, answer_id: UUID) -> HttpResponse:
    reason = request.POST.get("reason", "")
    return _done(request, actions.close_answer, remittance_claim_id=answer_id, reason=reason)


@staff("billing.answer")
@require_POST
def settle(request: PageRequest, adjustment_id: UUID) -> HttpResponse:
    reason = request.POST.get("reason", "")
    return _done(request, actions.settle_provider_adjustment, adjustment_id=adjustment_id, reason=reason)


def _done(request: PageRequest, act: Callable[..., Any], **given: Any) -> HttpResponse:
    try:
        act(practice=request.practice.id, by=request.by, at=request.at, **given)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return _page(request, refusal)
    return redirect("billing_remittances")
