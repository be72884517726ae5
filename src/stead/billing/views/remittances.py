"""What payers sent: remittances, and answers that name no claim of ours."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from stead.billing import actions, queries, shown
from stead.billing.views.claims import asked_id
from stead.platform.access import log
from stead.platform.money import Money
from stead.platform.refusals import InvalidInput
from stead.platform.ui import words
from stead.platform.web.door import PageRequest, staff
from stead.platform.web.exports import csv_response
from stead.platform.web.pages import staff_page


class ClaimNotChosen(InvalidInput):
    words = "Choose the claim that this answer means."


@staff("billing.read")
@require_GET
def remittances(request: PageRequest) -> HttpResponse:
    """Answers without a claim, each with the claims it may mean; below them every payment of a payer."""
    waiting = list(queries.unmatched_answers())
    rows = shown.answer_rows(waiting)
    for row, answer in zip(rows, waiting, strict=True):
        likely = queries.likely_claims(answer)
        log.reads_all(c.patient_id for c in likely)
        row["match_url"] = reverse("billing_match", args=[answer.id])
        row["likely"] = [
            (c.id, f"{c.number}, {shown.short_name(c.patient)}, {words.day(c.service_date)}") for c in likely
        ]
    posted = list(queries.remittances()[:100])
    count = queries.claims_in([r.id for r in posted])
    if request.GET.get("format") == "csv":
        return csv_response(
            "remittances",
            ["Paid", "Trace", "Claims", "USD"],
            [[r.paid_date.isoformat(), r.trace, count.get(r.id, 0), Money(r.amount_cents).dollars] for r in posted],
        )
    held = sum(row["cents"] for row in rows)
    context = {
        "title": f"{words.count(len(rows), 'answer', start=True)} without a claim hold{'s' if len(rows) == 1 else ''}"
        f" {words.money(held)}."
        if rows
        else "Every answer has its claim.",
        "rows": rows,
        "total": str(Money(held)),
        "posted": [
            {
                "day": words.day(r.paid_date, year=True),
                "trace": r.trace,
                "claims": count.get(r.id, 0),
                "amount": str(Money(r.amount_cents)),
            }
            for r in posted
        ],
        "posted_total": str(Money(sum(r.amount_cents for r in posted))),
    }
    return staff_page(request, "billing/remittances.html", context, room="billing", tab="remittances")


@staff("billing.answer")
@require_POST
def match(request: PageRequest, answer_id: UUID) -> HttpResponse:
    claim_id = asked_id(request.POST.get("claim", ""))
    if claim_id is None:
        raise ClaimNotChosen(field="claim")
    actions.match_remittance_claim(
        practice=request.practice.id,
        by=request.by,
        at=request.at,
        remittance_claim_id=answer_id,
        claim_id=claim_id,
    )
    return redirect("billing_remittances")
