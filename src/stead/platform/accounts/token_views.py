"""Tokens of the API: which there are, a new one (its text is shown once), and an end to one."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from stead.platform import permissions
from stead.platform.accounts import tokens
from stead.platform.accounts.account_views import fresh
from stead.platform.accounts.forms import TokenForm
from stead.platform.accounts.models import ApiToken
from stead.platform.checks import accesses_of, routes
from stead.platform.refusals import Refusal
from stead.platform.ui import words
from stead.platform.ui.parts import Receipt
from stead.platform.web.door import PageRequest, staff
from stead.platform.web.pages import staff_page


@staff("tokens.manage")
@require_http_methods(["GET", "POST"])
@fresh
def api_tokens(request: PageRequest) -> HttpResponse:
    """List the tokens; on POST make one and show its text in this very answer, as nothing keeps it."""
    form = TokenForm(request.POST or None, scopes=_scopes(request))
    if request.method == "POST" and form.is_valid():
        try:
            _, text = tokens.issue_token(
                practice=request.practice.id, by=request.by, at=request.at, person_id=request.by.id, **form.cleaned_data
            )
        except Refusal as refusal:
            form.add_error(refusal.field or None, refusal.words)
        else:
            answer = _page(request, TokenForm(scopes=_scopes(request)), text=text)
            answer.said_once = True  # type: ignore[attr-defined]  # read by idempotency: the secret is not kept
            return answer
    return _page(request, form, status=422 if form.errors else 200)


@staff("tokens.manage")
@require_POST
def revoke(request: PageRequest, api_token_id: UUID) -> HttpResponse:
    tokens.revoke_token(practice=request.practice.id, by=request.by, at=request.at, token_id=api_token_id)
    return redirect(f"{reverse('api_tokens')}?done=revoked")


def _scopes(request: PageRequest) -> list[tuple[str, str]]:
    """Offer what an operation of the API asks for and the person holds."""
    asked = {a.permission for _, route in routes() for a in accesses_of(route).values() if a and a.kind == "token"}
    held = tokens.scopes_of(request.by.roles) & asked
    return [(p.key, p.words) for p in permissions.table() if p.key in held]


def _page(request: PageRequest, form: TokenForm, text: str = "", status: int = 200) -> HttpResponse:
    zone = ZoneInfo(request.practice.time_zone)
    rows = [_row(row, request.at, zone) for row in tokens.tokens_of_practice(request.practice.id)]
    living = sum(bool(row["living"]) for row in rows)
    said = [Receipt("The token is revoked; whoever uses it is refused from now on.")] if "done" in request.GET else []
    page = {"form": form, "rows": rows, "living": living, "text": text, "receipts": said}
    answer = staff_page(request, "accounts/tokens.html", page, room="seats", tab="tokens", status=status)
    answer["Cache-Control"] = "no-store"
    return answer


def _row(row: ApiToken, at: datetime, zone: ZoneInfo) -> dict[str, object]:
    ended = row.expires_at is not None and row.expires_at <= at
    return {
        "id": row.id,
        "name": row.name,
        "whose": row.membership.name,
        "scopes": ", ".join(row.scopes),
        "made": _day(row.created_at, zone),
        "ends": _day(row.expires_at, zone) if row.expires_at else "never",
        "used": words.day_and_clock(row.last_used_at.astimezone(zone)) if row.last_used_at else "never",
        "state": "revoked" if row.revoked_at else "ended" if ended else "in force",
        "living": row.revoked_at is None and not ended,
    }


def _day(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%b %-d, %Y}"
