"""The claims queue, one claim, and what can be done with it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from stead.billing import actions, claim_words, queries, shown
from stead.billing.correcting import correction_form, frequency_of
from stead.billing.days import book_day, book_zone
from stead.billing.forms import CorrectionForm, WriteOffForm
from stead.billing.models import Claim, ClaimLine
from stead.billing.terms import CLAIM_WORDS
from stead.coverage.queries import payers
from stead.platform import permissions
from stead.platform.access import log
from stead.platform.money import Money
from stead.platform.refusals import Refusal
from stead.platform.ui import words
from stead.platform.web.door import PageRequest, staff
from stead.platform.web.exports import csv_response, exported
from stead.platform.web.pages import staff_page

PAGE = 100


def asked_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@staff("billing.read")
@require_GET
@exported("billing.export")
def queue(request: PageRequest) -> HttpResponse:
    """Claims that need somebody, the largest first, with why each one waits."""
    asked, today = request.GET, book_day(request.at)
    rows = queries.claims_queue(
        states=[s for s in asked.getlist("state") if s in CLAIM_WORDS],
        payer_id=asked_id(asked.get("payer", "")),
        silent_at=request.at if asked.get("silent") else None,
        sort=asked.get("sort", "-amount"),
    )
    silent = set(queries.silent_claims(request.at).values_list("id", flat=True))
    if asked.get("format") == "csv":
        return _export(request, list(rows))
    found = list(rows)
    page = Paginator(found, PAGE).get_page(asked.get("page"))
    shown_rows = shown.claim_rows(page.object_list, today, silent)
    log.reads_all(claim.patient_id for claim in page.object_list)
    known = list(payers())
    context = {
        "title": shown.title_of_claims(len(found), len(silent), sum(c.state == "held" for c in found)),
        "bar": shown.claims_bar(asked, known, len(found), reverse("billing_claims")),
        "rows": shown_rows,
        "page": page,
        "total": str(Money(sum(c.total_cents for c in found))),
        "shown_of": words.count(len(found), "claim", start=True),
    }
    return staff_page(request, "billing/claims.html", context, room="billing", tab="claims")


def _export(request: PageRequest, rows: list[Claim]) -> HttpResponse:
    log.reads_all(claim.patient_id for claim in rows)
    zone = book_zone()
    head = ["Claim", "Patient", "Payer", "Practitioner", "Service date", "State", "Since", "File before", "USD"]
    return csv_response(
        request,
        "claims",
        head,
        [
            [
                c.number,
                shown.short_name(c.patient),
                c.payer.name,
                c.practitioner.name,
                c.service_date.isoformat(),
                CLAIM_WORDS[c.state],
                c.state_at.astimezone(zone).date().isoformat(),
                c.file_before_date.isoformat(),
                Money(c.total_cents).dollars,
            ]
            for c in rows
        ],
    )


@staff("billing.read")
@require_GET
def claim(request: PageRequest, claim_id: UUID) -> HttpResponse:
    return claim_page(request, claim_id, WriteOffForm())


def claim_page(
    request: PageRequest,
    claim_id: UUID,
    form: WriteOffForm,
    status: int = 200,
    correction: CorrectionForm | None = None,
) -> HttpResponse:
    row = queries.get_claim(claim_id)
    log.reads(row.patient_id)
    today, owed, lines = book_day(request.at), queries.claim_owed(row), queries.claim_lines(row.id)
    context: dict[str, Any] = {
        "claim": row,
        "patient": shown.full_name(row.patient),
        "account_url": reverse("billing_account", args=[row.patient_id]),
        "title": claim_words.title_of_claim(row, owed),
        "mark": shown.CLAIM_MARKS[row.state],
        "word": CLAIM_WORDS[row.state],
        "findings": row.held_because if row.state == "held" else [],
        "deadline": shown.left_until(row.file_before_date, today),
        "lines": [_line(line) for line in lines],
        "total": str(Money(row.total_cents)),
        "answers": shown.answer_rows(queries.claim_answers(row.id)),
        "denials": shown.denial_rows(row.denials.select_related("claim__patient", "claim__payer"), today),
        "history": claim_words.history_lines(queries.claim_history(row.id)),
        "replaces": queries.get_claim(row.replaces_id) if row.replaces_id else None,
        "may_check": row.state in ("held", "ready"),
        "frequency": frequency_of(row),
        "correction": (correction or correction_form(row)) if permissions.holds(request.by, "billing.claim") else None,
        "void_url": _void_url(request, row, lines),
        "form": form if owed > 0 and permissions.holds(request.by, "billing.write_off") else None,
    }
    return staff_page(request, "billing/claim.html", context, room="billing", tab="claims", status=status)


def _void_url(request: PageRequest, row: Claim, lines: list[ClaimLine]) -> str:
    may = permissions.holds(request.by, "billing.reverse") and row.state not in ("sent", "closed")
    standing = [line for line in lines if line.charge.voided_at is None]
    return reverse("billing_void_charge", args=[standing[0].charge_id]) if may and len(standing) == 1 else ""


def _line(line: Any) -> dict[str, Any]:
    charge = line.charge
    left = line.amount_cents - line.paid_cents - line.adjusted_cents - line.patient_cents
    return {
        "code": " ".join([charge.procedure_code, *charge.modifiers]),
        "diagnosis": ", ".join(charge.diagnosis_codes),
        "service": words.day(charge.service_date, year=True),
        "place": charge.place_of_service,
        "amount": str(Money(line.amount_cents)),
        "paid": str(Money(line.paid_cents)),
        "adjusted": str(Money(line.adjusted_cents)),
        "patient": str(Money(line.patient_cents)),
        "left": str(Money(left)),
    }


@staff("billing.claim")
@require_POST
def check(request: PageRequest, claim_id: UUID) -> HttpResponse:
    actions.scrub_claim(practice=request.practice.id, by=request.by, at=request.at, claim_id=claim_id)
    return redirect("billing_claim", claim_id)


@staff("billing.claim")
@require_POST
def resend(request: PageRequest, claim_id: UUID) -> HttpResponse:
    """Send a claim again, corrected by the form."""
    form = correction_form(queries.get_claim(claim_id), request.POST)
    if not form.is_valid():
        return claim_page(request, claim_id, WriteOffForm(), status=422, correction=form)
    try:
        made = actions.resubmit_claim(
            practice=request.practice.id,
            by=request.by,
            at=request.at,
            claim_id=claim_id,
            correction=form.correction(),
        )
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.words)
        return claim_page(request, claim_id, WriteOffForm(), status=refusal.status, correction=form)
    return redirect("billing_claim", made.id)


@staff("billing.write_off")
@require_POST
def write_off(request: PageRequest, claim_id: UUID) -> HttpResponse:
    form = WriteOffForm(request.POST)
    if not form.is_valid():
        return claim_page(request, claim_id, form, status=422)
    try:
        actions.write_off(
            practice=request.practice.id, by=request.by, at=request.at, claim_id=claim_id, **form.cleaned_data
        )
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.words)
        return claim_page(request, claim_id, form, status=refusal.status)
    return redirect("billing_claim", claim_id)
