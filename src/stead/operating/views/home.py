"""The page Today: one template per role, chosen by the roles a person holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from stead.operating import figures, queries, sentences
from stead.operating.homes import alerts, biller, clinician, desk, intake, places, stages
from stead.operating.links import address
from stead.operating.models import Issue
from stead.operating.people import Chart
from stead.operating.stuck import Stuck, split, stuck_things
from stead.operating.times import Local
from stead.platform import permissions
from stead.platform.access import log
from stead.platform.actors import Role
from stead.platform.money import Money
from stead.platform.ui import words
from stead.platform.ui.lists import Listing
from stead.platform.ui.pages import asked_part, is_htmx
from stead.platform.web.door import PageRequest, staff
from stead.platform.web.exports import csv_response, exported
from stead.platform.web.pages import staff_page
from stead.practice.models import Closure
from stead.practice.terms import NO_ONE
from stead.processes.queries import tasks_of
from stead.scheduling.models import Appointment
from stead.scheduling.terms import COUNTED

ORDER: tuple[Role, ...] = ("owner", "manager", "biller", "intake", "front_desk", "clinician")
NAMES: dict[Role, str] = {
    "owner": "Practice",
    "manager": "Practice",
    "biller": "Claims",
    "intake": "Intake",
    "front_desk": "Desk",
    "clinician": "My day",
}

VERBS: dict[Role, str] = {
    "owner": "safety. request. case. claim. denial. appointment. issue. seat. absence. meeting.",
    "manager": "safety. request. case. claim. denial. appointment. issue. seat. absence. meeting.",
    "biller": "safety. request. case. claim. denial. payment.",
    "intake": "safety. request. case. invitation. appointment.",
    "front_desk": "safety. request. appointment. coverage. eligibility. agreement. card.",
    "clinician": "safety. request. appointment. encounter. note. case.",
}
"""What the journal has to say for a home to read itself again (docs/ui.md, "Live")."""

YOURS, OTHERS = "Yours", "With somebody"


@staff("home.read")
@require_GET
@exported("numbers.export")
def today(request: PageRequest) -> HttpResponse:
    held = [role for role in ORDER if role in request.by.roles]
    asked = request.GET.get("as", "")
    role = next((r for r in held if r == asked), held[0])
    template, context = PAGES[role](request)
    if request.GET.get("format") == "csv" and "list" in context:
        return _stuck_csv(request, context["list"])
    if is_htmx(request) and asked_part(request) == "opening":
        template = "operating/home_opening.html"
    named = {NAMES[r]: r for r in reversed(held)}
    frame = {
        "day": Local.of(request).now.day,
        "weekday": words.weekday(Local.of(request).today, short=False),
        "month": words.month_and_year(Local.of(request).today),
        "alerts": alerts.lines(request.at, Local.of(request).zone),
        "verbs": VERBS[role],
        "faces": [(name, f"/?as={r}", NAMES[role] == name) for name, r in reversed(named.items())],
    }
    return staff_page(request, template, frame | context, room="today", tab="overview", live=True)


def practice_home(request: PageRequest) -> tuple[str, dict[str, Any]]:
    """The manager's and owner's page: locations, what is stuck, cases by stage, what is off target."""
    local = Local.of(request)
    chart = Chart(local.today)
    here = places.places(request.at, chart, local.zone)
    books = stages.Books()
    found = stuck_things(at=request.at, chart=chart, zone=local.zone, books=books)
    yours, others = split(found, request.by)
    listing = _stuck_list(request, yours, others)
    card = queries.scorecard(at=request.at, chart=chart, zone=local.zone)
    figures.keep(card.found, card.weeks, request.at)
    meeting = queries.next_meeting()
    judged = card.judged
    raised = {i.source_key: i for i in queries.open_issues() if i.source_kind == "measure"} if card.off else {}
    return "operating/home_practice.html", {
        "title": sentences.stuck_title(len(found), len(yours)),
        "lead": _lead(here, local),
        "places": here,
        "axis": places.axis(here),
        "most": max([1, *(n for p in here for n in p.bars)]),
        "totals": places.totals(here),
        "places_head": words.count(len(here), "location", start=True),
        "all_places": f"All {words.number_word(len(here))}" if len(here) > 1 else "In all",
        "stuck": _grouped(listing.rows),
        "list": listing,
        "books": stages.case_lines(request.at, chart, books),
        "off": [_off(row, raised.get(row.measure.key)) for row in card.off],
        "held": [_held(row) for row in judged if not row.last.off],
        "may_raise": permissions.holds(request.by, "issues.raise"),
        "on_target": f"Scorecard: {len(judged) - len(card.off)} of {len(judged)} on target",
        "meeting": local.when(meeting.starts_at) if meeting else "",
    }


def _stuck_list(request: PageRequest, yours: Sequence[Stuck], others: Sequence[Stuck]) -> Listing:
    """Return what is stuck as the address asks; the heaviest first where it asks for no order."""
    lines = [_stuck_line(s, head) for head, found in ((YOURS, yours), (OTHERS, others)) for s in found]
    return Listing(
        request.GET, lines, noun="thing", sorts=("what", "whose", "since", "held"), keep=("as",),
        filters={"group": "Shown", "owner": "Whose", "limit_is": "Limit"},
    )  # fmt: skip


def _stuck_line(row: Stuck, group: str) -> dict[str, Any]:
    return asdict(row) | {
        "mark": row.mark,
        "group": group,
        "owner": row.whose or NO_ONE,
        "limit_is": "passed" if row.over else "near",
        "since_order": row.minutes,
        "held_order": -row.rank[0],
    }


def _grouped(rows: Sequence[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    piles = [(head, [row for row in rows if row["group"] == head]) for head in (YOURS, OTHERS)]
    return [(head, pile) for head, pile in piles if pile]


def _stuck_csv(request: PageRequest, listing: Listing) -> HttpResponse:
    head = ["What is stuck", "Why", "Whose", "Seat", "Since", "Limit", "Held up USD", "Visits"]
    lines = (
        [r["what"], r["why"], r["owner"], r["seat"], r["since"], r["limit"], Money(r["cents"]).dollars, r["visits"]]
        for r in listing.rows
    )
    return csv_response(request, "stuck", head, lines)


def _held(row: queries.ScoreRow) -> dict[str, Any]:
    week = row.last.week.start_date.isoformat()
    return {"key": row.measure.key, "week": week, "name": row.measure.name, "last": queries.said(row)[0]}


def _off(row: queries.ScoreRow, issue: Issue | None) -> dict[str, Any]:
    known = [cell for cell in row.cells if cell.value is not None]
    value, target = queries.said(row)
    return {
        "key": row.measure.key,
        "week": row.last.week.start_date.isoformat(),
        "name": row.measure.name,
        "issue": issue,
        "owner": row.judged.owner.holder,
        "last": value,
        "target_words": target,
        "values": [float(cell.value or 0) for cell in known],
        "flags": [cell.off for cell in known],
        "target": float(row.judged.target or 0),
        "label": f"{row.measure.name}, {len(known)} weeks",
        "for": f"{row.run.off} {'week' if row.run.off == 1 else 'weeks'}",
        "up": row.measure.direction == "at_most",
    }


def _lead(here: list[places.Place], local: Local) -> str:
    """Say in two or three sentences how the day stands, and on a closed day what the next one brings."""
    open_ones = [p for p in here if not p.closed]
    visits = sum(p.booked for p in here)
    number = words.number_word(len(here))
    if not here:
        return "No location is set up yet."
    if len(open_ones) == len(here):
        first = f"All {number} locations are open" if len(here) > 1 else f"{here[0].name} is open"
    elif open_ones:
        verb = "is" if len(open_ones) == 1 else "are"
        first = f"{words.number_word(len(open_ones), start=True)} of {number} locations {verb} open"
    else:
        first = f"No location is open today{_why_closed(here)}"
    said = [f"{first} and {words.count(visits, 'visit')} {'is' if visits == 1 else 'are'} booked."]
    said += [f"The {p.name} desk has no one." for p in open_ones if not p.desk.holder and p.booked]
    if len(open_ones) < len(here):
        said += _next_day(local)
    said += _closed_ahead(local)
    return " ".join(said)


def _why_closed(here: list[places.Place]) -> str:
    reasons = {p.closed for p in here} - {places.CLOSED}
    return f" ({words.listed(sorted(reasons))})" if reasons else ""


def _next_day(local: Local) -> list[str]:
    """Say when the next full day is, and how many come."""
    every = Appointment.objects.get_queryset()
    day = desk.next_day_of(local.now, every, local.zone)
    if day is None:
        return []
    starts = datetime.combine(day, time(), local.zone)
    number = every.filter(starts_at__gte=starts, starts_at__lt=starts + timedelta(days=1), status__in=COUNTED).count()
    return [f"{words.long_day(day)}: {words.count(number, 'visit')}."]


def _closed_ahead(local: Local) -> list[str]:
    rows = Closure.objects.filter(
        closed_on_date__gt=local.today, closed_on_date__lte=local.today + timedelta(days=7)
    ).order_by("closed_on_date")
    closed = list(rows.values_list("closed_on_date", "words").distinct())
    if not closed:
        return []
    days = words.listed([words.weekday(day, short=False) for day in dict.fromkeys(d for d, _ in closed)])
    return [f"Closed {days}: {closed[0][1]}."]


def desk_home(request: PageRequest) -> tuple[str, dict[str, Any]]:
    local = Local.of(request)
    chart = Chart(local.today)
    location_id = desk.location_of(request.by, local.today)
    visits = desk.visits_of(request.at, location_id=location_id, zone=local.zone)
    day = None
    if not visits:
        book = Appointment.objects.filter(location_id=location_id) if location_id else Appointment.objects.all()
        day = desk.next_day_of(request.at, book, local.zone)
        visits = desk.visits_of(request.at, location_id=location_id, zone=local.zone, day=day) if day else []
    log.reads_all(v.patient_id for v in visits)
    here = places.places(request.at, chart, local.zone)
    on = f"on {words.long_day(day)}" if day else "today"
    return "operating/home_desk.html", {
        "title": desk.title(visits, words.long_day(day) if day else ""),
        "missing_note": f"What the record lacks for a visit {on}.",
        "nobody_else": f"Nobody else is booked {on}.",
        "where": next((v.where for v in visits), ""),
        "lead": _lead(here, local),
        "to_call": _to_call(request.at, location_id, local),
        "places": here,
        "axis": places.axis(here),
        "most": max([1, *(n for p in here for n in p.bars)]),
        "arrived": [v for v in visits if v.status in ("arrived", "in_session")],
        "lacking": [v for v in visits if v.missing],
        "ahead": [v for v in visits if v.ahead and not v.missing],
        "past": sum(v.status in ("done", "no_show") for v in visits),
    }


def _to_call(at: datetime, location_id: UUID | None, local: Local) -> dict[str, str] | None:
    """Say for how many visits of the next day no reminder can be sent, and where they stand."""
    found = desk.to_call(at, location_id, local.zone)
    if found is None:
        return None
    day, count = found
    where = f"&location={location_id}" if location_id else ""
    said = f"No reminder can be sent for {words.count(count, 'visit')} on {words.long_day(day)}"
    return {"words": said, "url": f"{address('calendar_list')}?day={day}&reminder=none{where}"}


def intake_home(request: PageRequest) -> tuple[str, dict[str, Any]]:
    books = stages.Books()
    found = intake.requests(request.at, request.by.id, books)
    log.reads_all(r.patient_id for r in found)
    chart = Chart(Local.of(request).today)
    return "operating/home_intake.html", {
        "title": intake.title(found),
        "over": [r for r in found if r.over],
        "ours": [r for r in found if not r.over and not r.waiting_on],
        "theirs": [r for r in found if not r.over and r.waiting_on],
        "books": [b for b in stages.case_lines(request.at, chart, books) if b.name != "Other playbooks"],
        "tasks": _tasks(request),
    }


def clinician_home(request: PageRequest) -> tuple[str, dict[str, Any]]:
    local = Local.of(request)
    visits = desk.visits_of(request.at, practitioner_id=request.by.id, zone=local.zone)
    day = None
    if not visits:
        day = desk.next_day_of(request.at, Appointment.objects.filter(practitioner_id=request.by.id), local.zone)
        visits = desk.visits_of(request.at, practitioner_id=request.by.id, zone=local.zone, day=day) if day else []
    due = clinician.notes_due(request.by.id, request.at, local.zone)
    log.reads_all([*(v.patient_id for v in visits), *(n.patient_id for n in due)])
    following = (
        Appointment.objects.filter(
            practitioner_id=request.by.id, starts_at__gt=request.at, status__in=("booked", "confirmed")
        )
        .order_by("starts_at")
        .values_list("starts_at", flat=True)
        .first()
    )
    return "operating/home_clinician.html", {
        "title": clinician.title(visits, due, words.long_day(day) if day else ""),
        "visits_head": words.long_day(day) if day else "Your visits",
        "visits": visits,
        "due": due,
        "held": words.money(sum(n.cents for n in due), cents=False),
        "next": _next(following, local),
        "tasks": _tasks(request),
    }


def _next(moment: datetime | None, local: Local) -> str:
    return words.moment(moment.astimezone(local.zone)) if moment else ""


def biller_home(request: PageRequest) -> tuple[str, dict[str, Any]]:
    local = Local.of(request)
    denied, silent, held = biller.denials(local.today), biller.silent(request.at, local.today), biller.held(local.today)
    piles = [("Denied", denied), ("Without an answer", silent), ("On our side", held)]
    return "operating/home_biller.html", {
        "title": biller.title([*denied, *silent, *held]),
        "piles": [
            {"head": head, "rows": rows, "number": sum(r.number for r in rows), "held": _sum(rows)}
            for head, rows in piles
            if rows
        ],
        "number": sum(p.number for _, rows in piles for p in rows),
        "held": _sum([p for _, rows in piles for p in rows]),
        "tasks": _tasks(request),
    }


def _sum(rows: list[biller.Pile]) -> str:
    return words.money(sum(r.cents for r in rows), cents=False)


def _tasks(request: PageRequest) -> list[dict[str, Any]]:
    """Return this person's open tasks, the first due at the top."""
    local = Local.of(request)
    rows = tasks_of(request.by.id)[:10]
    return [
        {
            "title": title,
            "url": url,
            "due": words.moment(due.astimezone(local.zone)) if due else "no limit",
            "over": due is not None and due < request.at,
        }
        for title, url, due in rows.values_list("title", "url", "due_at")
    ]


PAGES: dict[Role, Callable[[PageRequest], tuple[str, dict[str, Any]]]] = {
    "owner": practice_home,
    "manager": practice_home,
    "biller": biller_home,
    "intake": intake_home,
    "front_desk": desk_home,
    "clinician": clinician_home,
}
