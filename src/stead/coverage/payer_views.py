"""The list of payers: who is billed, under which identifier, and on which clocks."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from stead.coverage import actions, queries
from stead.coverage.forms import PayerForm
from stead.coverage.models import Payer
from stead.coverage.terms import PayerDetails
from stead.platform import permissions
from stead.platform.refusals import Refusal
from stead.platform.ui import words
from stead.platform.ui.lists import Listing
from stead.platform.ui.parts import Receipt
from stead.platform.web.door import PageRequest, staff
from stead.platform.web.exports import csv_response, exported
from stead.platform.web.pages import staff_page


@staff("coverage.read")
@require_GET
@exported("coverage.export")
def payers(request: PageRequest) -> HttpResponse:
    return _page(request, PayerForm(initial=asdict(PayerDetails("", ""))))


def _page(request: PageRequest, form: PayerForm, status: int = 200) -> HttpResponse:
    rows = [_line(row) for row in queries.payers()]
    listing = Listing(
        request.GET, rows, noun="payer", sorts=("name", "edi", "filing", "appeal", "silent"), filters={"kind": "Kind"}
    )
    if listing.is_csv:
        head = ["Payer", "Identifier", "Kind", "Days to file", "Days to appeal", "Silent after"]
        columns = ("name", "edi", "kind", "filing", "appeal", "silent")
        return csv_response(request, "payers", head, ([row[key] for key in columns] for row in listing.rows))
    context = {
        "title": f"{words.count(len(rows), 'payer', start=True)} can be billed." if rows else "No payer is listed yet.",
        "rows": listing.rows,
        "list": listing,
        "form": form if permissions.holds(request.by, "coverage.payers") else None,
        "receipts": [Receipt("Policies can name this payer.")] if request.GET.get("done") == "added" else [],
    }
    return staff_page(request, "coverage/payers.html", context, room="billing", tab="payers", status=status)


def _line(row: Payer) -> dict[str, Any]:
    return {
        "name": row.name,
        "edi": row.edi_id,
        "kind": "Medicaid" if row.is_medicaid else "other insurer",
        "filing": row.timely_filing_days,
        "appeal": row.appeal_days,
        "silent": row.silent_after_days,
    }


@staff("coverage.payers")
@require_POST
def add_payer(request: PageRequest) -> HttpResponseBase:
    form = PayerForm(request.POST)
    if not form.is_valid():
        return _page(request, form, 422)
    try:
        actions.add_payer(
            practice=request.practice.id, by=request.by, at=request.at, details=PayerDetails(**form.cleaned_data)
        )
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.words)
        return _page(request, form, refusal.status)
    return redirect(f"{reverse('coverage_payers')}?done=added")
