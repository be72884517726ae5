"""Who works here and how they sign in; what is left when somebody goes; what is still to be set up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet

from stead.coverage.models import Payer
from stead.forms.models import AgreementVersion
from stead.messaging.ports import find_carrier
from stead.platform.accounts.models import Membership
from stead.platform.tenancy import context
from stead.practice import queries as practice
from stead.practice.models import Closure, License, Location, PracticeProfile, Seat, SeatHolding, StaffMember
from stead.practice.terms import Holder
from stead.processes.models import Case, PlaybookVersion, Task
from stead.scheduling.models import Appointment, Service, ServicePractitioner, WorkPattern
from stead.setup.models import StaffInvitation
from stead.setup.terms import Facts

AHEAD = ("held", "booked", "confirmed")


@dataclass(frozen=True)
class Person:
    """Somebody who works or worked here, with what they sign in with: an e-mail or none, an invitation or none."""

    staff: StaffMember
    account: str
    invitation: StaffInvitation | None
    seats: tuple[Seat, ...]

    def state(self, today: date, at: datetime) -> str:
        """Say in one word how things stand: gone, leaves, in, invited, expired, or none (cannot sign in)."""
        if self.staff.ended_date is not None:
            return "gone" if self.staff.ended_date <= today else "leaves"
        if self.account:
            return "in"
        if self.invitation is None:
            return "none"
        return "invited" if self.invitation.expires_at > at else "expired"


def people(on: date, staff_id: UUID | None = None) -> list[Person]:
    """Return everybody by name, who has gone last; in four queries however many they are."""
    rows = StaffMember.objects.get_queryset().select_related("home_location")
    found = list(rows.filter(id=staff_id) if staff_id else rows)
    with context.in_directory() as now:
        living = Membership.objects.filter(practice_id=now.practice_id, kind="staff", ended_at=None)
        accounts = dict(living.values_list("person_id", "account__email"))
    links = {row.staff_id: row for row in StaffInvitation.objects.filter(used_at=None, ended_at=None)}
    held: dict[UUID, list[Seat]] = {}
    holdings = SeatHolding.objects.filter(Q(until_date=None) | Q(until_date__gt=on)).select_related("seat")
    for holding in holdings.order_by("seat__position"):
        held.setdefault(holding.staff_id, []).append(holding.seat)
    people_ = [Person(row, accounts.get(row.id, ""), links.get(row.id), tuple(held.get(row.id, ()))) for row in found]
    return sorted(people_, key=lambda p: (p.staff.ended_date is not None, p.staff.name.casefold()))


def visits_ahead(staff_id: UUID, since: datetime) -> QuerySet[Appointment]:
    """Return a practitioner's visits from a moment on that somebody still counts on, soonest first."""
    rows = Appointment.objects.filter(practitioner_id=staff_id, starts_at__gte=since, status__in=AHEAD)
    return rows.select_related("patient", "location", "service").order_by("starts_at")


def visits_on(day: date, location_id: UUID | None) -> list[Appointment]:
    """Return the visits of a day that stand in the book, at one place or at all, by each place's own clock."""
    places = Location.objects.get_queryset()
    found: list[Appointment] = []
    for place in places.filter(id=location_id) if location_id else places:
        zone = ZoneInfo(place.time_zone)
        starts, ends = datetime.combine(day, time(), zone), datetime.combine(day + timedelta(days=1), time(), zone)
        rows = Appointment.objects.filter(
            location_id=place.id, starts_at__gte=starts, starts_at__lt=ends, status__in=AHEAD
        )
        found += rows.select_related("patient", "practitioner", "location", "service")
    return sorted(found, key=lambda visit: visit.starts_at)


def closures(since: date) -> QuerySet[Closure]:
    return Closure.objects.filter(closed_on_date__gte=since).select_related("location").order_by("closed_on_date")


@dataclass(frozen=True)
class Left:
    """What somebody who goes leaves: each seat with whose its work is now, and what still stands in their name."""

    seats: Sequence[Holder]
    cases: int
    tasks: int


def left_by(person: StaffMember, on: date) -> Left:
    """Say whose the seats are that ended with the person, and count open cases and tasks still in their name."""
    ended = SeatHolding.objects.filter(staff_id=person.id, until_date__gte=person.ended_date)
    seats = Seat.objects.filter(id__in=ended.values("seat_id"), closed_date=None).order_by("position")
    first = max(on, person.ended_date) if person.ended_date else on
    holders = practice.holders_of(list(seats), first)
    return Left(
        list(holders.values()),
        Case.objects.filter(owner_staff_id=person.id, state="open").count(),
        Task.objects.filter(staff_id=person.id, state="open").count(),
    )


def blank_seats(on: date) -> list[Seat]:
    """Return the seats that nobody holds now or is to hold: whom a new person may be put on."""
    held = SeatHolding.objects.filter(Q(until_date=None) | Q(until_date__gt=on)).values("seat_id")
    return list(practice.seats().exclude(id__in=held))


def facts(on: date) -> Facts:
    """Count what is there so far."""
    treating = practice.practitioners(on)
    with context.in_directory() as now:
        signs_in = Membership.objects.filter(practice_id=now.practice_id, kind="staff", ended_at=None).count()
    services = Service.objects.filter(retired_at=None)
    offered = Exists(ServicePractitioner.objects.filter(service_id=OuterRef("id")))
    works = WorkPattern.objects.filter(Q(until_date=None) | Q(until_date__gt=on), staff_id=OuterRef("id"))
    licensed = License.objects.filter(staff_id=OuterRef("id"), expires_date__gte=on)
    return Facts(
        has_profile=PracticeProfile.objects.get_queryset().exists(),
        locations=practice.locations().count(),
        locations_without_address=practice.locations().filter(line1="").count(),
        can_send_mail=find_carrier("email") is not None,
        people_who_sign_in=signs_in,
        practitioners=treating.count(),
        practitioners_without_npi=treating.filter(npi="").count(),
        practitioners_without_license=treating.exclude(Exists(licensed)).count(),
        practitioners_without_hours=treating.exclude(Exists(works)).count(),
        services=services.count(),
        services_without_practitioner=services.exclude(offered).count(),
        services_without_code=services.filter(procedure_code="").count(),
        payers=Payer.objects.get_queryset().count(),
        seats=practice.seats().count(),
        blank_seats=len(blank_seats(on)),
        agreements=AgreementVersion.objects.get_queryset().values("kind").distinct().count(),
        playbooks=PlaybookVersion.objects.filter(state="published").count(),
    )
