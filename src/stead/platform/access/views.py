"""Pages of the access log: who has read a patient's record, and what was opened in an emergency."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.paginator import Paginator
from django.db.models import F, Q
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from stead.platform.access import glass, log
from stead.platform.access.models import BreakGlass, PatientAccess
from stead.platform.accounts.forms import GlassForm
from stead.platform.refusals import NotFound, Refusal
from stead.platform.ui import words
from stead.platform.web.door import PageRequest, staff
from stead.platform.web.pages import staff_page
from stead.platform.web.proxy import site_address

PER_PAGE = 50


@staff("access_log.read")
@require_GET
def reads_of_patient(request: PageRequest, patient_id: UUID) -> HttpResponse:
    """Show who has read this patient's record, newest first."""
    rows = PatientAccess.objects.filter(patient_ids__contains=[patient_id]).order_by("-at", "-id")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    if page.paginator.count == 0 and not _is_known(patient_id):
        raise NotFound()
    log.reads(patient_id)
    zone = ZoneInfo(request.practice.time_zone)
    lines = [
        {
            "at": _to_the_second(row.at.astimezone(zone)),
            "who": row.actor_name,
            "page": row.page,
            "why": row.reason,
        }
        for row in page
    ]
    return staff_page(request, "access/reads.html", {"lines": lines, "page": page}, room="patients")


def _to_the_second(local: datetime) -> str:
    return f"{words.day(local, year=True)}, {words.clock_to_the_second(local)}"


def _is_known(patient_id: UUID) -> bool:
    """Ask by the table's name: the platform knows no room."""
    from django.db import connection

    from stead.platform.tenancy import context

    with connection.cursor() as cursor:
        cursor.execute(
            "select exists (select from patient where practice_id = %s and id = %s)",
            [context.practice_id(), patient_id],
        )
        return bool(cursor.fetchone()[0])


@staff("glass.break")
def break_glass(request: PageRequest) -> HttpResponse:
    """Ask for the reason; on POST open what an emergency opens."""
    form = GlassForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            site = site_address(request)
            given = form.cleaned_data | {"site": site}
            glass.break_glass(practice=request.practice.id, by=request.by, at=request.at, **given)
            request.session[glass.SESSION_KEY] = True
            return redirect("glass")
        except Refusal as refusal:
            form.add_error(refusal.field, refusal.words)
    status = 422 if form.errors else 200
    return staff_page(request, "access/glass.html", {"form": form}, room="today", status=status)


@staff("glass.break")
@require_POST
def end_glass(request: PageRequest) -> HttpResponse:
    glass.end_glass(practice=request.practice.id, by=request.by, at=request.at)
    request.session.pop(glass.SESSION_KEY, None)
    return redirect("glass")


@staff("glass.review")
@require_GET
def reviews(request: PageRequest) -> HttpResponse:
    """Show each emergency opening with what was read in it, those not reviewed first."""
    rows = BreakGlass.objects.order_by(F("reviewed_at").desc(nulls_first=True), "-started_at")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    shown = list(page)
    meant = Q()
    for row in shown:
        meant |= Q(actor_id=row.actor_id, at__gte=row.started_at, at__lte=row.ends_at)
    reads = list(PatientAccess.objects.exclude(reason="").filter(meant)) if shown else []
    zone = ZoneInfo(request.practice.time_zone)
    entries = [
        {
            "row": row,
            "when": f"{words.moment(row.started_at.astimezone(zone))} to {words.clock(row.ends_at.astimezone(zone))}",
            "reads": [r for r in reads if r.actor_id == row.actor_id and row.started_at <= r.at <= row.ends_at],
            "own": row.actor_id == request.by.id,
        }
        for row in shown
    ]
    return staff_page(request, "access/reviews.html", {"entries": entries, "page": page}, room="today")


@staff("glass.review")
@require_POST
def review(request: PageRequest, glass_id: UUID) -> HttpResponse:
    if not BreakGlass.objects.filter(id=glass_id).exists():
        raise NotFound()
    glass.review_glass(practice=request.practice.id, by=request.by, at=request.at, glass_id=glass_id)
    return redirect("glass_reviews")
