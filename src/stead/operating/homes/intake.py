"""The intake coordinator's queue: open requests with their clocks and what each still needs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from stead.operating.homes.stages import Books
from stead.operating.links import address
from stead.platform.ui import words
from stead.practice.queries import Calendars
from stead.practice.rules import BusinessCalendar
from stead.processes.models import Case, CaseItem
from stead.processes.queries import alert_first, clock_words
from stead.processes.rules import open_minutes

BOOK = "new_patient_intake"
SHOWN = 60


@dataclass(frozen=True)
class Request:
    """One open intake; `share` is its age in the stage as a part of the limit."""

    id: UUID
    patient_id: UUID | None
    title: str
    stage: str
    owner: str
    waiting_on: str
    clock: str
    over: bool
    share: float
    missing: Sequence[str]
    missing_words: str
    age: str
    mine: bool
    url: str


def requests(at: datetime, staff_id: UUID, books: Books) -> list[Request]:
    """Return open intakes, the one whose limit ends first at the top, in two queries."""
    rows = list(
        Case.objects.filter(state="open", playbook_key=BOOK)
        .select_related("owner_staff")
        .order_by(alert_first(), "due_at")[:SHOWN]
    )
    needs: dict[UUID, list[str]] = defaultdict(list)
    items = CaseItem.objects.filter(
        case_id__in=[c.id for c in rows], required=True, state__in=("open", "asked", "returned")
    )
    for case_id, said in items.order_by("key").values_list("case_id", "words"):
        needs[case_id].append(said)
    calendars = Calendars()
    return [_request(c, needs[c.id], at, staff_id, books, calendars.of(c.location_id)) for c in rows]


def _request(
    case: Case, missing: list[str], at: datetime, staff_id: UUID, books: Books, calendar: BusinessCalendar
) -> Request:
    limit = open_minutes(case.stage_entered_at, case.due_at, calendar) if case.due_at else 0
    is_over = case.due_at is not None and case.due_at < at
    return Request(
        id=case.id,
        patient_id=case.patient_id,
        title=case.title,
        stage=books.stage(BOOK, case.stage_key),
        owner=case.owner_staff.name if case.owner_staff_id else "",
        waiting_on="" if case.waiting_on == "us" else case.waiting_on,
        clock=clock_words(case, at, calendar),
        over=is_over,
        share=open_minutes(case.stage_entered_at, at, calendar) / limit if limit > 0 else 0.0,
        missing=missing,
        missing_words=words.first_few(missing, 3),
        age=words.length((at - case.opened_at).total_seconds() / 60),
        mine=case.owner_staff_id == staff_id,
        url=address("processes_case", case.id),
    )


def title(found: Sequence[Request]) -> str:
    """Write the page's title: "Nine requests are open. Two are over their limit."."""
    if not found:
        return "No request is open."
    over = sum(r.over for r in found)
    said = f"{words.count(len(found), 'request', start=True)} {'is' if len(found) == 1 else 'are'} open."
    if not over:
        return f"{said} None is over its limit."
    return f"{said} {words.number_word(over, start=True)} {'is over its' if over == 1 else 'are over their'} limit."
