"""What the practice asks for at sign-in: which roles need a second step, from when, and how many have one."""

from __future__ import annotations

from collections import Counter
from datetime import date

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from stead.platform.accounts import second_step
from stead.platform.accounts.account_views import fresh
from stead.platform.accounts.factor_models import Passkey, Totp
from stead.platform.accounts.forms import SecondStepRolesForm
from stead.platform.accounts.models import Membership
from stead.platform.actors import STAFF_ROLES
from stead.platform.refusals import Refusal
from stead.platform.tenancy import context
from stead.platform.ui import words
from stead.platform.ui.parts import Receipt
from stead.platform.web.door import PageRequest, staff
from stead.platform.web.pages import staff_page


@staff("security.set")
@require_http_methods(["GET", "POST"])
@fresh
def security(request: PageRequest) -> HttpResponse:
    """Show each role with what it needs; on POST set it."""
    kept = request.practice.second_step_from
    form = SecondStepRolesForm(request.POST or None, initial={"roles": list(kept)})
    if request.method == "POST" and form.is_valid():
        try:
            second_step.require_second_step(
                practice=request.practice.id, by=request.by, at=request.at, **form.cleaned_data
            )
            return redirect(f"{reverse('security')}?done=set")
        except Refusal as refusal:
            form.add_error(refusal.field or None, refusal.words)
    page = {
        "form": form,
        "rows": _rows(request, kept),
        "receipts": [Receipt("Set. Whoever it concerns is told on every page.")] if "done" in request.GET else [],
    }
    status = 422 if form.errors else 200
    return staff_page(request, "accounts/security.html", page, room="seats", tab="security", status=status)


def _rows(request: PageRequest, kept: dict[str, str]) -> list[dict[str, object]]:
    people, ready = _people()
    today = second_step.local_day(request.practice, request.at)
    return [
        {"name": _name(role), "said": _said(role, kept, today), "people": people[role], "ready": ready[role]}
        for role in STAFF_ROLES
    ]


def _name(role: str) -> str:
    return role.replace("_", " ").capitalize()


def _said(role: str, kept: dict[str, str], today: date) -> str:
    if role in settings.STEAD_SECOND_STEP_ROLES:
        return "asked, by this installation"
    if role not in kept:
        return "not asked"
    day = date.fromisoformat(kept[role])
    return f"asked since {words.day(day, year=True)}" if day <= today else f"asked from {words.long_day(day)}"


def _people() -> tuple[Counter[str], Counter[str]]:
    """Count each role's people, and those of them who have a passkey or an app."""
    app = Totp.objects.filter(account=OuterRef("account"), confirmed_at__isnull=False)
    with context.in_directory() as now:
        here = Membership.objects.filter(practice_id=now.practice_id, kind="staff", ended_at=None)
        has = Exists(Passkey.objects.filter(account=OuterRef("account"))) | Q(Exists(app))
        found = list(here.annotate(ready=has).values_list("roles", "ready"))
    return (
        Counter(role for roles, _ in found for role in roles),
        Counter(role for roles, ready in found for role in roles if ready),
    )
