"""The queue of questions to payers, each answer opened in place."""

from __future__ import annotations

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from stead.coverage import actions, lists, queries, shown
from stead.coverage.forms import AnswerForm
from stead.platform import permissions
from stead.platform.access import log
from stead.platform.ui.parts import Receipt
from stead.platform.web.door import PageRequest, staff
from stead.platform.web.exports import csv_response, exported
from stead.platform.web.pages import staff_page
from stead.platform.web.way_back import onward
from stead.practice.queries import practice_zone

_DONE = {"asked": "The question is on its way to the payer.", "answered": "The answer is on record."}


@staff("coverage.read")
@require_GET
@exported("coverage.export")
def eligibility(request: PageRequest) -> HttpResponse:
    return _queue(request, AnswerForm())


@staff("coverage.ask")
@require_POST
def ask(request: PageRequest, coverage_id: UUID) -> HttpResponse:
    """Ask about today at the practice; a question about another day is asked from the visit."""
    day = request.at.astimezone(practice_zone()).date()
    check = actions.ask_eligibility(
        practice=request.practice.id, by=request.by, at=request.at, coverage_id=coverage_id, service_date=day
    )
    if request.POST.get("back") == "record":
        return redirect(f"{reverse('patients_record', args=[check.patient_id])}#coverage")
    asked = f"{reverse('coverage_eligibility')}?open={check.id}&done=asked#check-{check.id}"
    return redirect(onward(request, asked))


@staff("coverage.answer")
@require_POST
def write_answer(request: PageRequest, check_id: UUID) -> HttpResponse:
    """Write down what a payer said on the telephone."""
    check = queries.get_check(check_id)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _queue(request, form, opened=check.id, status=422)
    day = request.at.astimezone(practice_zone()).date()
    actions.record_eligibility_answer(
        practice=request.practice.id, by=request.by, at=request.at, trace=check.trace, answer=form.answer(day)
    )
    answered = f"{reverse('coverage_eligibility')}?open={check.id}&done=answered#check-{check.id}"
    return redirect(onward(request, answered))


def _queue(request: PageRequest, form: AnswerForm, opened: UUID | None = None, status: int = 200) -> HttpResponse:
    wish = lists.Wish.read(request.GET)
    rows = lists.matching(wish, request.at)
    if request.GET.get("format") == "csv":
        log.reads_all(rows.values_list("patient_id", flat=True))
        return csv_response(request, "eligibility", lists.CSV_HEADS, lists.csv_rows(rows))
    page = Paginator(rows, lists.PAGE_ROWS).get_page(request.GET.get("page", "1"))
    checks = list(page.object_list)
    log.reads_all(check.patient_id for check in checks)
    which = str(opened) if opened else wish.open
    query = request.GET.copy()
    for name in ("open", "done"):
        query.pop(name, None)
    context = {
        "sentence": lists.sentence(request.at),
        "tallies": lists.tallies(request.at),
        "bar": lists.filter_bar(wish, page.paginator.count),
        "rows": [shown.check_row(check, request.at) | {"open": str(check.id) == which} for check in checks],
        "answer": next((shown.answer_of(c, practice_zone()) for c in checks if str(c.id) == which), None),
        "form": form,
        "page": page,
        "query": f"{query.urlencode()}&" if query else "",
        "may_ask": permissions.holds(request.by, "coverage.ask"),
        "may_answer": permissions.holds(request.by, "coverage.answer"),
        "receipts": [Receipt(_DONE[d])] if (d := request.GET.get("done", "")) in _DONE else [],
    }
    return staff_page(request, "coverage/eligibility.html", context, room="billing", tab="eligibility", status=status)
