"""Denials by queue, one denial with its fix, and the next one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from stead.billing import actions, claim_words, queries, shown
from stead.billing.actions.denials import may_be_patients
from stead.billing.correcting import correction_form, frequency_of
from stead.billing.days import book_day
from stead.billing.forms import CorrectionForm
from stead.billing.models import Denial
from stead.billing.views.claims import asked_id
from stead.coverage.queries import payers
from stead.platform.access import log
from stead.platform.money import Money
from stead.platform.refusals import Refusal
from stead.platform.web.door import PageRequest, staff
from stead.platform.web.exports import csv_response, exported
from stead.platform.web.pages import staff_page


@staff("billing.read")
@require_GET
@exported("billing.export")
def queue(request: PageRequest) -> HttpResponse:
    """Open denials grouped by who can mend them, with money and deadline."""
    asked, today = request.GET, book_day(request.at)
    found = list(
        queries.denials_queue(
            queue=asked.get("queue", ""), payer_id=asked_id(asked.get("payer", "")), sort=asked.get("sort", "deadline")
        )
    )
    log.reads_all(d.patient_id for d in found)
    rows = shown.denial_rows(found, today)
    if asked.get("format") == "csv":
        head = ["Claim", "Patient", "Payer", "Queue", "Codes", "Deadline", "USD"]
        return csv_response(
            request, "denials",
            head,
            [
                [r["claim"], r["patient"], r["payer"], r["queue"], r["codes"], d.deadline_date.isoformat(),
                 Money(d.amount_cents).dollars]
                for r, d in zip(rows, found, strict=True)
            ],
        )  # fmt: skip
    near = sum((d.deadline_date - today).days <= 14 for d in found)
    context = {
        "title": shown.title_of_denials(rows, near),
        "bar": shown.denials_bar(asked, list(payers()), len(rows), reverse("billing_denials")),
        "groups": shown.denial_groups(rows),
        "total": str(Money(sum(r["cents"] for r in rows))),
        "count": len(rows),
    }
    return staff_page(request, "billing/denials.html", context, room="billing", tab="denials")


@staff("billing.read")
@require_http_methods(["GET", "POST"])
def denial(request: PageRequest, denial_id: UUID) -> HttpResponse:
    """One denial: what the payer said, the fields that mend it, and one button that sends the replacement."""
    row = queries.get_denial(denial_id)
    if request.method == "POST":
        return _resend(request, row)
    return _page(request, row, correction_form(row.claim))


def _resend(request: PageRequest, row: Denial) -> HttpResponse:
    form = correction_form(row.claim, request.POST)
    if not form.is_valid():
        return _page(request, row, form, status=422)
    try:
        made = actions.resubmit_claim(
            practice=request.practice.id,
            by=request.by,
            at=request.at,
            claim_id=row.claim_id,
            correction=form.correction(),
        )
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.words)
        return _page(request, row, form, status=refusal.status)
    following = queries.next_denial(row)
    if made.state == "held":
        return redirect("billing_claim", made.id)
    return redirect("billing_denial", following.id) if following else redirect("billing_denials")


def _page(request: PageRequest, row: Denial, form: CorrectionForm, status: int = 200) -> HttpResponse:
    log.reads(row.patient_id)
    today = book_day(request.at)
    said = shown.denial_row(row, today)
    following = queries.next_denial(row)
    context: dict[str, Any] = {
        "denial": row,
        "said": said,
        "patient": shown.full_name(row.claim.patient),
        "title": f"{said['payer']} did not pay {said['amount']} of {said['claim']}.",
        "open": row.state == "open",
        "state": row.get_state_display(),
        "frequency": frequency_of(row.claim),
        "payer_number": row.claim.payer_claim_number,
        "history": claim_words.history_lines(queries.claim_history(row.claim_id)),
        "form": form,
        "case_url": _case_url(row),
        "patient_may_owe": may_be_patients(row, row.claim.payer),
        "following": shown.denial_row(following, today) if following else None,
    }
    return staff_page(request, "billing/denial.html", context, room="billing", tab="denials", status=status)


def _case_url(row: Denial) -> str:
    return reverse("processes_case", args=[row.case_id]) if row.case_id else ""


@staff("billing.claim")
@require_POST
def to_patient(request: PageRequest, denial_id: UUID) -> HttpResponse:
    actions.bill_patient(practice=request.practice.id, by=request.by, at=request.at, denial_id=denial_id)
    return redirect("billing_denial", denial_id)
