"""What would stall while somebody is away: from the chart, the cases, the book, the limits and the meetings.

Nothing here is guessed. A line is shown only where no present backup takes the work over: the seat's backup is what
makes a stall go away, so naming one is the first fix offered. How the week would run in full is a simulation, and
another page's work.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Min, Q, Sum

from stead.billing.models import LedgerEntry
from stead.care.models import Encounter
from stead.operating.figures import zone_of_practice
from stead.operating.links import address
from stead.operating.models import Issue, Meeting
from stead.operating.people import Chart
from stead.operating.refusals import DaysReversed
from stead.platform.ui import words
from stead.practice import queries as practice
from stead.practice.models import Absence, Seat, SeatBackup, StaffMember
from stead.processes.models import Case, Task
from stead.scheduling.models import Appointment

LIVE = ("booked", "confirmed", "arrived", "in_session")
LIMITS = (
    ("write_off_limit_cents", "Write-offs"),
    ("refund_limit_cents", "Refunds"),
    ("spend_limit_cents", "Spending"),
)
THIRTEEN_WEEKS = timedelta(weeks=13)


@dataclass(frozen=True)
class Stall:
    """One thing that would stall: when it first misses its limit, who waits, what money waits, and what mends it."""

    group: str
    what: str
    why: str
    misses_at: datetime | None
    misses: str
    patients: int
    cents: int
    fix: str
    url: str


@dataclass(frozen=True)
class Covered:
    """A seat whose work would go on: who takes it."""

    seat: str
    by: str
    url: str


@dataclass(frozen=True)
class Preview:
    """The answer for one person and some days; `stalls` in the order in which they would begin."""

    staff: StaffMember
    first: date
    last: date
    stalls: Sequence[Stall]
    covered: Sequence[Covered]

    @property
    def cents(self) -> int:
        return sum(s.cents for s in self.stalls)


@dataclass(frozen=True)
class _Days:
    """The days away as moments in the practice's zone, with the seats nobody would take."""

    staff: StaffMember
    starts_at: datetime
    ends_at: datetime
    zone: ZoneInfo
    seats: Sequence[Seat]
    bare: Sequence[Seat]

    @property
    def bare_keys(self) -> set[str]:
        return {s.key for s in self.bare}


def absence_preview(staff_id: UUID, first: date, last: date, *, at: datetime) -> Preview:
    """Say what would stall if this person were away on these days, both included."""
    if last < first:
        raise DaysReversed(field="last")
    staff = practice.get_staff(staff_id)
    zone = zone_of_practice()
    starts = datetime.combine(first, time(), zone)
    ends = datetime.combine(last + timedelta(days=1), time(), zone)
    seats = list(practice.seats_of(staff_id, first))
    takers = _takers(seats, staff_id, first, last)
    days = _Days(staff, starts, ends, zone, seats, [s for s in seats if s.id not in takers])
    stalls = [
        *_visits(days),
        *_notes(days),
        *_cases(days),
        *_tasks(days),
        *_approvals(days, at),
        *_meetings(days),
        *_seats(days),
    ]
    covered = [Covered(s.name, takers[s.id], address("practice_seat", s.id)) for s in seats if s.id in takers]
    stalls.sort(key=lambda s: (s.misses_at or ends, s.what))
    return Preview(staff, first, last, stalls, covered)


def _takers(seats: Sequence[Seat], staff_id: UUID, first: date, last: date) -> dict[UUID, str]:
    """Return who takes each seat: its first backup who works here and is away on none of the days."""
    backups = SeatBackup.objects.filter(seat_id__in=[s.id for s in seats]).order_by("rank").select_related("staff")
    away = set(
        Absence.objects.filter(cancelled_at=None, first_date__lte=last, last_date__gte=first).values_list(
            "staff_id", flat=True
        )
    ) | {staff_id}
    found: dict[UUID, str] = {}
    for backup in backups:
        person = backup.staff
        if person.id not in away and (person.ended_date is None or person.ended_date > last):
            found.setdefault(backup.seat_id, person.name)
    return found


def _stall(
    days: _Days, group: str, what: str, why: str, misses: datetime | None, fix: str, url: str, **of: int
) -> Stall:
    local = max(misses, days.starts_at).astimezone(days.zone) if misses else None
    said = _said(local) if local else "when one comes"
    return Stall(group, what, why, local, said, of.get("patients", 0), of.get("cents", 0), fix, url)


def _said(local: datetime) -> str:
    """Say a moment; midnight is the whole day."""
    return words.moment(local) if local.time() != time() else words.day_with_weekday(local.date())


def _visits(days: _Days) -> Iterable[Stall]:
    found = Appointment.objects.filter(
        practitioner_id=days.staff.id, status__in=LIVE, starts_at__gte=days.starts_at, starts_at__lt=days.ends_at
    ).aggregate(
        n=Count("id"),
        patients=Count("patient_id", distinct=True),
        cents=Sum("service__price_cents"),
        first=Min("starts_at"),
    )
    if found["n"]:
        yield _stall(
            days, "Care", f"{words.count(found['n'], 'visit', start=True)} with {days.staff.name}",
            "Booked on these days; nobody else may hold them without asking the patient", found["first"],
            "Move the visits", address("calendar_day", days.starts_at.astimezone(days.zone).date()),
            patients=found["patients"], cents=found["cents"] or 0,
        )  # fmt: skip


def _notes(days: _Days) -> Iterable[Stall]:
    owed = Encounter.objects.filter(practitioner_id=days.staff.id, signed_at=None, due_at__lt=days.ends_at)
    found = owed.aggregate(n=Count("id"), patients=Count("patient_id", distinct=True), first=Min("due_at"))
    if found["n"]:
        yield _stall(
            days, "Care", f"{words.count(found['n'], 'note', start=True)} to sign",
            "Only the author may sign; without a signature no charge and no claim", found["first"],
            "Sign before leaving", address("care_due", practitioner=days.staff.id), patients=found["patients"],
        )  # fmt: skip


def _cases(days: _Days) -> Iterable[Stall]:
    mine = Q(owner_staff_id=days.staff.id) & (Q(owner_seat_key__in=days.bare_keys) | ~Q(owner_seat_key__in=_keys(days)))
    groups = (
        Case.objects.filter(mine, state="open", due_at__lt=days.ends_at)
        .values("playbook_key", "stage_key")
        .annotate(
            n=Count("id"), patients=Count("patient_id", distinct=True), cents=Sum("held_up_cents"), first=Min("due_at")
        )
        .order_by("first")
    )
    for group in groups:
        book, stage = group["playbook_key"].replace("_", " "), group["stage_key"].replace("_", " ")
        yield _stall(
            days, "Work", f"{words.count(group['n'], 'case', start=True)} of {book}",
            f"At {stage}, due before the return", group["first"], "Hand them over",
            address("processes_cases", playbook=group["playbook_key"], owner=days.staff.id),
            patients=group["patients"], cents=group["cents"] or 0,
        )  # fmt: skip


def _keys(days: _Days) -> set[str]:
    return {s.key for s in days.seats}


def _tasks(days: _Days) -> Iterable[Stall]:
    mine = Q(staff_id=days.staff.id) | Q(staff_id=None, seat_key__in=days.bare_keys)
    found = Task.objects.filter(mine, state="open", due_at__lt=days.ends_at).aggregate(
        n=Count("id"), patients=Count("patient_id", distinct=True), first=Min("due_at")
    )
    if found["n"]:
        yield _stall(
            days, "Work", f"{words.count(found['n'], 'task', start=True)}", "Due before the return", found["first"],
            "Give them away", address("processes_work", staff=days.staff.id), patients=found["patients"],
        )  # fmt: skip


def _approvals(days: _Days, at: datetime) -> Iterable[Stall]:
    """A limit nobody else who is present holds: whatever is above the next highest limit waits."""
    others = [
        n.key
        for n in Chart(days.starts_at.astimezone(days.zone).date()).names
        if n.staff_id and n.staff_id != days.staff.id
    ]
    seats = list(Seat.objects.filter(closed_date=None))
    for column, name in LIMITS:
        mine = max((getattr(s, column) or 0 for s in days.bare), default=0)
        rest = max((getattr(s, column) or 0 for s in seats if s.key in others), default=0)
        if mine > rest:
            yield _approval(days, at, column, name, rest)


def _approval(days: _Days, at: datetime, column: str, name: str, rest: int) -> Stall:
    """Expect as many as came above the limit in the last 13 weeks, over as many days."""
    past: dict[str, Any] = {"n": 0, "cents": 0}
    if column == "write_off_limit_cents":
        past = LedgerEntry.objects.filter(
            account__kind="write_off", amount_cents__gt=rest, transaction__at__gte=at - THIRTEEN_WEEKS
        ).aggregate(n=Count("id"), cents=Sum("amount_cents"))
    share = (days.ends_at - days.starts_at) / THIRTEEN_WEEKS
    seen = f"{words.count(past['n'], 'time')} in the last 13 weeks" if past["n"] else "none in the last 13 weeks"
    why = f"Nobody else who is here may approve more than {words.money(rest)}"
    bare = next(s for s in days.bare if (getattr(s, column) or 0) > rest)
    return _stall(
        days, "Decisions", f"{name} over {words.money(rest)}",
        f"{why}; {seen}" if column == "write_off_limit_cents" else why, None, "Name a backup or raise a limit",
        address("practice_seat", bare.id), cents=round((past["cents"] or 0) * share),
    )  # fmt: skip


def _meetings(days: _Days) -> Iterable[Stall]:
    found = Meeting.objects.filter(
        held_at=None, starts_at__gte=days.starts_at, starts_at__lt=days.ends_at, chair_seat_key__in=days.bare_keys
    ).order_by("starts_at")
    waiting = Issue.objects.filter(state="open").count() if found else 0
    for meeting in found:
        bare = next(s for s in days.bare if s.key == meeting.chair_seat_key)
        yield _stall(
            days, "Decisions", f"The {meeting.kind} meeting without a chair",
            f"{words.count(waiting, 'issue', start=True)} {'waits' if waiting == 1 else 'wait'} for it",
            meeting.starts_at, "Name who chairs", address("practice_seat", bare.id),
        )  # fmt: skip


def _seats(days: _Days) -> Iterable[Stall]:
    for seat in days.bare:
        duties = words.listed([d[:1].lower() + d[1:] for d in seat.duties[:3]])
        yield _stall(
            days, "Seats", f"{seat.name} has no present backup",
            f"Nobody does {duties}" if duties else "Its work waits", days.starts_at, "Name a backup",
            address("practice_seat", seat.id),
        )  # fmt: skip


def sentence(found: Preview) -> str:
    """Write the page's title: "Five things would stall without Olu Adeyemi."."""
    if not found.stalls:
        return f"Nothing would stall without {found.staff.name}."
    return f"{words.count(len(found.stalls), 'thing', start=True)} would stall without {found.staff.name}."
