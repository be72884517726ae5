"""What is stuck: things past their limit that hold up money or visits, each with whose it is and the one next step.

Six kinds, each found by one query: blank seats, cases over their limit, notes without a signature, denials of one
cause, silent claims, tasks over their time. Like things of one owner are one line, so that eleven notes are one thing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import (
    Count,
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    Max,
    Min,
    Sum,
    Value,
)

from stead.billing.models import Claim, Denial
from stead.care.models import Encounter
from stead.operating.homes.stages import Books
from stead.operating.links import address
from stead.operating.people import Chart
from stead.platform import permissions
from stead.platform.actors import Actor
from stead.platform.ui import words
from stead.practice.models import SeatHolding, StaffMember
from stead.practice.queries import Calendars
from stead.processes.models import Case, Task
from stead.processes.rules import open_minutes
from stead.scheduling.models import Appointment, Service

ALIKE = 3
"""From this many cases of one stage and owner they are told as one thing."""
CLOSE = timedelta(days=5)
_DAYS = ExpressionWrapper(F("payer__silent_after_days") * Value(timedelta(days=1)), output_field=DurationField())
_SILENT_AT = ExpressionWrapper(F("sent_at") + _DAYS, output_field=DateTimeField())
DENIAL_LIMIT = timedelta(days=5)
"""A denial that nobody answered within five days is stuck, whatever its deadline (docs: playbook denial management)."""


@dataclass(frozen=True)
class Stuck:
    """One stuck thing. `cents` and `visits` are what it holds up; `over` says that its limit is passed."""

    what: str
    why: str
    whose: str
    seat: str
    staff_id: UUID | None
    since: str
    limit: str
    over: bool
    cents: int
    visits: int
    held: str
    held_of: str
    do: str
    url: str
    minutes: float = 0

    @property
    def mark(self) -> str:
        return "over" if self.over else "close"

    @property
    def rank(self) -> tuple[int, int, float]:
        """What it holds up first: money, a visit weighed as 100 dollars; then how long it has waited."""
        return (-(self.cents + self.visits * 10_000), -self.visits, -self.minutes)


def stuck_things(*, at: datetime, chart: Chart, zone: ZoneInfo, books: Books) -> list[Stuck]:
    """Return what is stuck in the practice, the heaviest first."""
    today = at.astimezone(zone).date()
    found = [
        *_blank_seats(today, zone, chart),
        *_cases(at, chart, books),
        *_notes(at),
        *_denials(at, today, chart),
        *_silent(at, today, chart),
        *_tasks(at, chart),
    ]
    return sorted(found, key=lambda s: s.rank)


def split(found: Sequence[Stuck], by: Actor) -> tuple[list[Stuck], list[Stuck]]:
    """Split into yours and somebody's. What no one holds is for those who may give it away."""
    leads = permissions.holds(by, "home.assign")
    yours = [s for s in found if s.staff_id == by.id or (s.staff_id is None and leads)]
    return yours, [s for s in found if s not in yours]


def _claims(number: int) -> str:
    return f"{number} {'claim' if number == 1 else 'claims'}"


def _age(at: datetime, since: datetime) -> tuple[str, float]:
    minutes = (at - since).total_seconds() / 60
    return words.length(minutes), minutes


def _blank_seats(today: date, zone: ZoneInfo, chart: Chart) -> Iterable[Stuck]:
    blank = [seat for seat, name in zip(chart.seats, chart.names, strict=True) if not name.staff_id]
    if not blank:
        return
    ended = dict(
        SeatHolding.objects.filter(seat_id__in=[s.id for s in blank], until_date__lte=today)
        .values("seat_id")
        .annotate(last=Max("until_date"))
        .values_list("seat_id", "last")
    )
    visits = _visits_today(today, zone, [s.location_id for s in blank if s.location_id])
    for seat in blank:
        since = ended.get(seat.id)
        days = (today - since).days if since else None
        number = visits.get(seat.location_id, 0) if seat.key.startswith("front_desk") and seat.location_id else 0
        if days is None and not number:
            continue  # never filled and nothing hangs on it: the chart shows it, nothing is stuck
        yield Stuck(
            what=f"{seat.name} has no one",
            why="Its holder left and nobody was named" if since else "The seat was never filled",
            whose="",
            seat=seat.name,
            staff_id=None,
            since=f"{days} {'day' if days == 1 else 'days'}" if days is not None else "from the start",
            limit=f"fills within {seat.fill_within_days}",
            over=days is None or days > seat.fill_within_days,
            cents=0,
            visits=number,
            held=f"{number} visits" if number else "no visits",
            held_of="today" if number else "",
            do="Name a holder",
            url=address("practice_seat", seat.id),
            minutes=(days or 0) * 1440,
        )


def _visits_today(today: date, zone: ZoneInfo, location_ids: list[UUID]) -> dict[UUID, int]:
    if not location_ids:
        return {}
    begins = datetime.combine(today, time(), zone)
    return dict(
        Appointment.objects.filter(
            location_id__in=location_ids, starts_at__gte=begins, starts_at__lt=begins + timedelta(days=1)
        )
        .exclude(status__in=("cancelled", "late_cancel", "released", "held"))
        .values("location_id")
        .annotate(n=Count("id"))
        .values_list("location_id", "n")
    )


def _cases(at: datetime, chart: Chart, books: Books) -> Iterable[Stuck]:
    rows = list(
        Case.objects.filter(state="open", due_at__lt=at)
        .exclude(playbook_key="denial_management")
        .order_by("due_at")
        .values_list(
            "id", "title", "playbook_key", "stage_key", "owner_staff_id", "owner_staff__name", "owner_seat_key",
            "due_at", "held_up_cents", "waiting_on", "location_id",
        )
    )  # fmt: skip
    alike: dict[tuple[str, str, UUID | None], list[tuple[object, ...]]] = defaultdict(list)
    for row in rows:
        alike[row[2], row[3], row[4]].append(row)
    calendars = Calendars()
    for (book, stage, staff_id), group in alike.items():
        several = len(group) >= ALIKE
        for rows_of_one in [group] if several else [[row] for row in group]:
            yield _case_line(rows_of_one, book, stage, staff_id, at, chart, books, calendars)


def _case_line(
    rows: Sequence[tuple[object, ...]],
    book: str,
    stage: str,
    staff_id: UUID | None,
    at: datetime,
    chart: Chart,
    books: Books,
    calendars: Calendars,
) -> Stuck:
    case_id, title, _, _, _, name, seat_key, due, _, waiting, location_id = rows[0]
    assert isinstance(due, datetime)
    assert isinstance(location_id, UUID | None)
    seat = chart.find(str(seat_key))
    over = open_minutes(due, at, calendars.of(location_id))  # open hours, as the case's own page counts them
    _, minutes = _age(at, due)
    cents = sum(int(str(r[8])) for r in rows)
    several = len(rows) > 1
    place = books.stage(book, stage)
    first_kept = book == "new_patient_intake"
    return Stuck(
        what=f"{words.count(len(rows), 'case', start=True)} in {books.name(book)}" if several else str(title),
        why=f"At {place}; waiting on {waiting}" if waiting != "us" else f"At {place}; the next step is ours",
        whose=str(name or ""),
        seat=seat.name,
        staff_id=staff_id,
        since=words.length(over),
        limit="over its limit" if not several else "the oldest over its limit",
        over=True,
        cents=cents,
        visits=len(rows) if first_kept and not cents else 0,
        held=words.money(cents, cents=False) if cents else f"{len(rows)} {'case' if len(rows) == 1 else 'cases'}",
        held_of="expected" if cents and first_kept else "",
        do=f"Open the {len(rows)}" if several else "Open the case",
        url=address("processes_cases", playbook=book, stage=stage) if several else address("processes_case", case_id),
        minutes=minutes,
    )


def _notes(at: datetime) -> Iterable[Stuck]:
    late = Encounter.objects.filter(signed_at=None, due_at__lt=at).values_list(
        "practitioner_id", "practitioner__name", "service_id", "starts_at", "due_at"
    )
    by_person: dict[tuple[UUID, str], list[tuple[UUID | None, datetime, datetime]]] = defaultdict(list)
    for practitioner_id, name, service_id, starts, due in late:
        if due:
            by_person[practitioner_id, name].append((service_id, starts, due))
    if not by_person:
        return
    prices = dict(Service.objects.values_list("id", "price_cents"))
    for (staff_id, name), rows in by_person.items():
        oldest = min(starts for _, starts, _ in rows)
        said, minutes = _age(at, min(due for _, _, due in rows))
        cents = sum(prices.get(service_id, 0) for service_id, _, _ in rows if service_id)
        one = len(rows) == 1
        yield Stuck(
            what=f"{words.count(len(rows), 'note', start=True)} without a signature",
            why=f"{name}; the oldest visit was on {words.long_day(oldest.date())}; "
            f"{'its claim' if one else 'their claims'} cannot leave",
            whose=name,
            seat="Practitioner",
            staff_id=staff_id,
            since=said,
            limit="over its limit" if one else "the oldest over its limit",
            over=True,
            cents=cents,
            visits=len(rows),
            held=words.money(cents, cents=False),
            held_of=f"{len(rows)} {'visit' if one else 'visits'}",
            do="Open the note" if one else f"Open the {len(rows)}",
            url=address("care_due", practitioner=staff_id),
            minutes=minutes,
        )


def _denials(at: datetime, today: date, chart: Chart) -> Iterable[Stuck]:
    groups = (
        Denial.objects.filter(state="open")
        .values("claim__payer_id", "claim__payer__name", "reason_code", "queue")
        .annotate(n=Count("id"), cents=Sum("amount_cents"), first=Min("denied_at"), deadline=Min("deadline_date"))
    )
    seat = chart.find("revenue_lead")
    for group in groups:
        waited = at - group["first"]
        near = group["deadline"] - today <= CLOSE
        if waited < DENIAL_LIMIT and not near and group["n"] < ALIKE:
            continue
        said, minutes = _age(at, group["first"])
        yield Stuck(
            what=f"{words.count(group['n'], 'claim', start=True)} to {group['claim__payer__name']}",
            why=f"Denied for one cause, reason {group['reason_code']}, {str(group['queue']).replace('_', ' ')}; "
            f"the first answer is due {words.day(group['deadline'])}",
            whose=seat.holder,
            seat=seat.name,
            staff_id=seat.staff_id,
            since=said,
            limit=f"limit {DENIAL_LIMIT.days} days",
            over=waited > DENIAL_LIMIT or group["deadline"] < today,
            cents=group["cents"],
            visits=0,
            held=words.money(group["cents"], cents=False),
            held_of=_claims(group["n"]),
            do="Open the denial" if group["n"] == 1 else f"Open the {group['n']}",
            url=address("billing_denials", payer=group["claim__payer_id"], reason=group["reason_code"]),
            minutes=minutes,
        )


def silent_claims(at: datetime) -> list[tuple[UUID, UUID, str, datetime, int, int, date]]:
    """Return claims that left and were not answered within the payer's days: (id, payer, name, since, limit, cents,
    last day to file)."""
    rows = (
        Claim.objects.annotate(silent_at=_SILENT_AT)
        .filter(state__in=("sent", "accepted"), silent_at__lt=at)
        .order_by("sent_at")
        .values_list(
            "id", "payer_id", "payer__name", "sent_at", "payer__silent_after_days", "total_cents", "file_before_date"
        )
    )
    return [(i, p, name, sent, limit, cents, last) for i, p, name, sent, limit, cents, last in rows if sent]


def _silent(at: datetime, today: date, chart: Chart) -> Iterable[Stuck]:
    by_payer: dict[tuple[UUID, str, int], list[tuple[datetime, int]]] = defaultdict(list)
    for _, payer_id, name, sent, limit, cents, _ in silent_claims(at):
        by_payer[payer_id, name, limit].append((sent, cents))
    seat = chart.find("biller_claims")
    for (payer_id, name, limit), rows in by_payer.items():
        said, minutes = _age(at, rows[0][0])
        cents = sum(c for _, c in rows)
        yield Stuck(
            what=f"{words.count(len(rows), 'claim', start=True)} to {name} without an answer",
            why=f"Sent {words.day(rows[0][0].date())}; the payer answers within {limit} days",
            whose=seat.holder,
            seat=seat.name,
            staff_id=seat.staff_id,
            since=said,
            limit=f"limit {limit} days",
            over=True,
            cents=cents,
            visits=0,
            held=words.money(cents, cents=False),
            held_of=_claims(len(rows)),
            do="Ask the payer",
            url=address("billing_claims", silent=1, payer=payer_id),
            minutes=minutes,
        )


def _tasks(at: datetime, chart: Chart) -> Iterable[Stuck]:
    rows = Task.objects.filter(state="open", due_at__lt=at, case_id=None).order_by("due_at")
    names: dict[UUID, str] = {}
    tasks = list(rows.values_list("id", "title", "url", "seat_key", "staff_id", "due_at")[:50])
    unknown = {t[4] for t in tasks if t[4] and not chart.title_of(t[4])}
    if unknown:
        names = dict(StaffMember.objects.filter(id__in=unknown).values_list("id", "name"))
    for _, title, url, seat_key, staff_id, due in tasks:
        if due is None:
            continue
        held_by = next((s for s in chart.names if staff_id and s.staff_id == staff_id), None)
        seat = chart.find(seat_key) if seat_key else held_by
        said, minutes = _age(at, due)
        yield Stuck(
            what=title,
            why="Nobody has done it yet",
            whose=(held_by.holder if held_by else names.get(staff_id, ""))
            if staff_id
            else (seat.holder if seat else ""),
            seat=seat.name if seat else "",
            staff_id=staff_id or (seat.staff_id if seat else None),
            since=said,
            limit="over its limit",
            over=True,
            cents=0,
            visits=0,
            held="a task",
            held_of="",
            do="Open it",
            url=url or address("processes_work"),
            minutes=minutes,
        )
