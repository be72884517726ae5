"""A patient's policy: written down, its card kept and compared, retired, its authorizations."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from stead.coverage import actions, queries, shown
from stead.coverage.forms import AuthorizationForm, CardForm, PolicyForm, RetireForm
from stead.coverage.models import Coverage
from stead.patients import slip
from stead.patients.queries import get_patient
from stead.platform import permissions
from stead.platform.files.models import StoredFile
from stead.platform.files.store import Upload, response
from stead.platform.refusals import NotFound, Refusal
from stead.platform.ui.parts import Receipt
from stead.platform.web.door import PageRequest, staff
from stead.platform.web.pages import staff_page
from stead.platform.web.way_back import onward
from stead.practice.queries import practice_zone

_DONE = {
    "saved": "The policy is on record.",
    "card": "The card is kept. Compare it with what is written here.",
    "compared": "The card was compared.",
    "retired": "The policy is retired; what was billed under it stays.",
    "authorized": "The authorization is on record.",
}


@staff("coverage.change")
@require_http_methods(["GET", "POST"])
def new_policy(request: PageRequest, patient_id: UUID) -> HttpResponse:
    patient = get_patient(patient_id)
    payers = [(str(row.id), row.name) for row in queries.payers()]
    form = PolicyForm(request.POST or None, payers=payers, initial={"rank": _next_rank(patient_id)})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                row = actions.add_coverage(**_door(request), patient_id=patient_id, **form.policy())
            except Refusal as refusal:
                _tell(form, refusal)
            else:
                return _done(request, row, "saved")
    context = {"form": form, "hand": slip.of(patient), "has_payers": bool(payers)}
    return staff_page(request, "coverage/policy_form.html", context, room="patients", status=status)


@staff("coverage.read")
@require_GET
def policy(request: PageRequest, coverage_id: UUID) -> HttpResponse:
    return _page(request, queries.get_coverage(coverage_id))


@staff("coverage.change")
@require_POST
def attach(request: PageRequest, coverage_id: UUID) -> HttpResponse:
    row = queries.get_coverage(coverage_id)
    form = CardForm(request.POST, request.FILES, has_front=row.card_front_file_id is not None)
    if not form.is_valid():
        return _page(request, row, card_form=form, status=422)
    front, back = _upload(form.cleaned_data["front"]), _upload(form.cleaned_data["back"])
    try:
        actions.attach_card(**_door(request), coverage_id=row.id, front=front, back=back)
    except Refusal as refusal:
        _tell(form, refusal)
        return _page(request, row, card_form=form, status=422)
    return _done(request, row, "card")


@staff("coverage.read")
@require_GET
def card(request: PageRequest, coverage_id: UUID, side: str) -> HttpResponse:
    """Serve the photo of one side."""
    row = queries.get_coverage(coverage_id)
    file_id = {"front": row.card_front_file_id, "back": row.card_back_file_id}.get(side)
    found = StoredFile.objects.filter(id=file_id).first() if file_id else None
    if found is None:
        raise NotFound()
    slip.of(get_patient(row.patient_id))  # looking at the card is looking at the record
    return response(found, inline=True)


@staff("coverage.verify")
@require_POST
def verify(request: PageRequest, coverage_id: UUID) -> HttpResponse:
    return _done(request, actions.verify_card(**_door(request), coverage_id=coverage_id), "compared")


@staff("coverage.change")
@require_POST
def retire(request: PageRequest, coverage_id: UUID) -> HttpResponse:
    row = queries.get_coverage(coverage_id)
    form = RetireForm(request.POST)
    if not form.is_valid():
        return _page(request, row, retire_form=form, status=422)
    ended = actions.retire_coverage(**_door(request), coverage_id=row.id, ends_date=form.cleaned_data["ends_date"])
    return _done(request, ended, "retired")


@staff("coverage.authorize")
@require_POST
def authorize(request: PageRequest, coverage_id: UUID) -> HttpResponse:
    row = queries.get_coverage(coverage_id)
    form = AuthorizationForm(request.POST)
    if form.is_valid():
        try:
            actions.add_authorization(**_door(request), details=form.details(row.id))
        except Refusal as refusal:
            _tell(form, refusal)
        else:
            return _done(request, row, "authorized")
    return _page(request, row, authorization_form=form, status=422)


def _page(request: PageRequest, row: Coverage, status: int = 200, **bound: forms.Form) -> HttpResponse:
    given: dict[str, Any] = {
        "card_form": CardForm(has_front=row.card_front_file_id is not None),
        "retire_form": RetireForm(),
        "authorization_form": AuthorizationForm(),
        **bound,
    }
    context = given | {
        "hand": slip.of(get_patient(row.patient_id)),
        "p": shown.policy_row(row, request.at, practice_zone()) | {"patient_id": row.patient_id},
        "adding": request.GET.get("add", ""),
        "has_front": row.card_front_file_id is not None,
        "has_back": row.card_back_file_id is not None,
        "authorizations": [
            shown.authorization_row(a) for a in queries.authorizations_of(row.patient_id).filter(coverage_id=row.id)
        ],
        "may_change": permissions.holds(request.by, "coverage.change") and row.retired_at is None,
        "may_verify": permissions.holds(request.by, "coverage.verify") and row.retired_at is None,
        "may_ask": permissions.holds(request.by, "coverage.ask") and row.retired_at is None,
        "may_authorize": permissions.holds(request.by, "coverage.authorize") and row.retired_at is None,
        "receipts": [Receipt(_DONE[d])] if (d := request.GET.get("done", "")) in _DONE else [],
    }
    return staff_page(request, "coverage/policy.html", context, room="patients", status=status)


def _upload(sent: Any) -> Upload | None:
    """One photo as it was sent; None where none was chosen."""
    return Upload(sent.read(), sent.name) if sent else None


def _next_rank(patient_id: UUID) -> int:
    taken = set(queries.coverages_of(patient_id).values_list("rank", flat=True))
    return next((rank for rank in (1, 2, 3) if rank not in taken), 1)


def _door(request: PageRequest) -> dict[str, Any]:
    return {"practice": request.practice.id, "by": request.by, "at": request.at}


def _done(request: PageRequest, row: Coverage, what: str) -> HttpResponse:
    return redirect(onward(request, f"{reverse('coverage_policy', args=[row.id])}?done={what}"))


def _tell(form: forms.Form, refusal: Refusal) -> None:
    if isinstance(refusal, NotFound):
        raise refusal
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.words)
