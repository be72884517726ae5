"""The list of cases: filter sentence, order, rows ready to print and the same rows as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.db.models import F, Q, QuerySet
from django.http import QueryDict
from django.urls import reverse

from stead.platform.access import log
from stead.platform.actors import Actor
from stead.platform.money import Money
from stead.platform.ui import words
from stead.platform.ui.parts import Choice, Filter, FilterBar
from stead.platform.web.door import PageRequest
from stead.practice import queries as practice
from stead.practice.terms import NO_ONE
from stead.processes import queries, wording
from stead.processes.models import Case
from stead.processes.terms import ALERT_WORDS

PAGE_ROWS = 50
CSV_HEADS = ("Number", "Case", "Playbook", "Stage", "Owner", "Seat", "Waiting on", "Due", "Over", "Held up", "State")
_SORTS = {
    "case": "title", "number": "number", "stage": "stage_key", "owner": "owner_staff__name", "due": "due_at",
    "since": "stage_entered_at", "held": "held_up_cents",
}  # fmt: skip
_OWNERS = [("", "anybody"), ("me", "me"), ("none", "no one")]
_STATES = [("", "open"), ("over", "over the limit"), ("waiting", "waiting on others"), ("closed", "closed")]


@dataclass(frozen=True)
class Wish:
    """What the address asks for."""

    playbook: str
    stage: str
    owner: str
    state: str
    sort: str
    page: str

    @classmethod
    def read(cls, query: QueryDict) -> Wish:
        def one_of(name: str, known: list[tuple[str, str]]) -> str:
            value = query.get(name, "")
            return value if value in dict(known) else ""

        return cls(
            _key(query.get("playbook", "")), _key(query.get("stage", "")), one_of("owner", _OWNERS),
            one_of("state", _STATES), query.get("sort", ""), query.get("page", "1"),
        )  # fmt: skip


def _key(text: str) -> str:
    """Return a playbook's or stage's key as asked for; what can be none is nothing."""
    return text if text.isidentifier() and len(text) <= 60 else ""


def matching(wish: Wish, by: Actor, at: datetime) -> QuerySet[Case]:
    """Return the cases asked for, in the order asked for; without one the soonest due first."""
    rows = Case.objects.get_queryset().select_related("owner_staff")
    rows = rows.filter(state="closed" if wish.state == "closed" else "open")
    asked = Q()
    if wish.playbook:
        asked &= Q(playbook_key=wish.playbook)
    if wish.stage:
        asked &= Q(stage_key=wish.stage)
    if wish.owner:
        asked &= Q(owner_staff_id=by.id if wish.owner == "me" else None)
    if wish.state == "over":
        asked &= Q(due_at__lt=at)
    if wish.state == "waiting":
        asked &= ~Q(waiting_on="us")
    key = _SORTS.get(wish.sort.lstrip("-"), "due_at")
    order = F(key).desc(nulls_last=True) if wish.sort.startswith("-") else F(key).asc(nulls_last=True)
    return rows.filter(asked).order_by(*([] if wish.state == "closed" else [queries.alert_first()]), order, "number")


def page(request: PageRequest, wish: Wish, rows: QuerySet[Case]) -> dict[str, Any]:
    """Return the page's values; three queries beside the rows' own, however many."""
    names = dict(queries.playbooks().values_list("key", "name"))
    found = Paginator(rows, PAGE_ROWS).get_page(wish.page)
    calendars = practice.Calendars()
    cases = list(found.object_list)
    log.reads_all(case.patient_id for case in cases)
    total = found.paginator.count
    over = rows.filter(due_at__lt=request.at).count() if wish.state != "closed" else 0
    return {
        "title": title(total, over, names.get(wish.playbook, ""), wish),
        "bar": _bar(wish, names, total),
        "rows": [shown(case, request.at, calendars, names) for case in cases],
        "page": found,
        "held": words.money(held) if (held := sum(case.held_up_cents for case in cases)) else "",
        "count": words.tally(len(cases), "case"),
    }


def title(total: int, over: int, playbook: str, wish: Wish) -> str:
    """Say what the list holds."""
    of = f" of {playbook}" if playbook else ""
    if wish.state == "closed":
        return f"{words.count(total, 'case', start=True)}{of} {'is' if total == 1 else 'are'} closed."
    whose = {"me": " with you", "none": " with no one"}.get(wish.owner, "")
    said = f"{words.count(total, 'case', start=True)}{of} {'is' if total == 1 else 'are'} open{whose}."
    if wish.state == "over" or not total:
        return said
    return f"{said} {words.count(over, 'is', 'are', start=True)} over the limit." if over else f"{said} None is over."


def shown(case: Case, at: datetime, calendars: practice.Calendars, names: dict[str, str]) -> dict[str, Any]:
    calendar = calendars.of(case.location_id)
    document = queries.document_of_case(case)
    limit = wording.limit(case, at, calendar)
    return {
        "id": case.id,
        "number": case.number,
        "title": case.title,
        "alert": ALERT_WORDS[case.alert] if case.state == "open" else "",
        "playbook": names.get(case.playbook_key, case.playbook_key),
        "stage": document.stage(case.stage_key).name,
        "place": f"{document.index(case.stage_key) + 1} of {len(document.stages)}",
        "owner": case.owner_staff.name if case.owner_staff else "",
        "why": case.owner_reason,
        "mark": limit.mark,
        "limit": limit.words if case.state == "open" else document.ends.get(case.close_code, case.close_code),
        "note": limit.note,
        "held": words.money(case.held_up_cents) if case.held_up_cents else "",
        "url": reverse("processes_case", args=[case.id]),
    }


def _bar(wish: Wish, names: dict[str, str], total: int) -> FilterBar:
    playbooks = [("", "all"), *names.items()]
    stages = [("", "all")]
    version = queries.find_published(wish.playbook) if wish.playbook else None
    if version is not None:
        stages += [(stage.key, stage.name) for stage in queries.document_of(version).stages]

    def choose(name: str, label: str, pairs: list[tuple[str, str]], chosen: str) -> Filter:
        choices = [Choice(value, said, value == chosen) for value, said in pairs]
        return Filter(name, label, dict(pairs).get(chosen, chosen or "all"), choices)

    filters = [
        choose("playbook", "Playbook", playbooks, wish.playbook),
        *([choose("stage", "Stage", stages, wish.stage)] if len(stages) > 1 else []),
        choose("owner", "Owner", _OWNERS, wish.owner),
        choose("state", "State", _STATES, wish.state),
    ]
    kept = [("sort", wish.sort)] if wish.sort else []
    clear = "?" if any((wish.playbook, wish.stage, wish.owner, wish.state)) else ""
    return FilterBar(filters, count=words.tally(total, "case"), clear_url=clear, kept=kept)


def csv_rows(rows: QuerySet[Case], at: datetime) -> Iterator[tuple[object, ...]]:
    """Return the same rows in the same order, all of them."""
    names = dict(queries.playbooks().values_list("key", "name"))
    calendars = practice.Calendars()
    for case in rows:
        log.reads(case.patient_id)
        calendar = calendars.of(case.location_id)
        stage = queries.document_of_case(case).stage(case.stage_key).name
        due = calendar.local(case.due_at).strftime("%Y-%m-%d %H:%M") if case.due_at else ""
        over = "yes" if case.due_at and case.due_at < at and case.state == "open" else "no"
        yield (
            case.number, case.title, names.get(case.playbook_key, case.playbook_key), stage,
            case.owner_staff.name if case.owner_staff else NO_ONE, case.owner_seat_key, case.waiting_on, due, over,
            Money(case.held_up_cents).dollars, case.close_code or case.state,
        )  # fmt: skip
