"""A small practice made by hand: two locations, three people, a few rows whose sums fit on paper."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from stead.operating import rules
from stead.operating.terms import Week
from stead.patients.models import Patient
from stead.platform import clock
from stead.platform.accounts.models import Practice
from stead.platform.actors import Actor
from stead.practice.models import Location, Seat, SeatHolding, StaffMember
from stead.scheduling.models import Appointment, Service

LOUISVILLE = ZoneInfo("America/Kentucky/Louisville")


@dataclass
class Hand:
    """Writes rows with as little said as the test needs."""

    at: datetime
    location: Location
    cho: StaffMember
    priya: StaffMember
    olu: StaffMember
    service: Service
    numbers: list[int] = field(default_factory=lambda: [1000])

    @property
    def week(self) -> Week:
        """The last closed week: Monday November 16 to Sunday November 22, 2026."""
        return rules.closed_weeks(self.at, LOUISVILLE, 1)[0]

    def local(self, day: int, hour: int = 10, minute: int = 0, *, month: int = 11) -> datetime:
        return datetime(2026, month, day, hour, minute, tzinfo=LOUISVILLE)

    def number(self) -> int:
        self.numbers[0] += 1
        return self.numbers[0]

    def patient(self, first: str = "Dee", last: str = "Marsh", **more: Any) -> Patient:
        return Patient.objects.create(
            number=self.number(), first_name=first, last_name=last, created_at=self.local(1, month=9), **more
        )

    def visit(self, patient: Patient, starts: datetime, status: str = "done", **more: Any) -> Appointment:
        given: dict[str, Any] = {
            "patient_id": patient.id,
            "practitioner_id": self.cho.id,
            "service_id": self.service.id,
            "location_id": self.location.id,
            "starts_at": starts,
            "ends_at": starts + timedelta(minutes=50),
            "status": status,
            "booked_at": starts - timedelta(days=10),
        }
        return Appointment.objects.create(**given | more)

    def seat(self, key: str, name: str, staff: StaffMember | None = None, **more: Any) -> Seat:
        seat = Seat.objects.create(key=key, name=name, **more)
        if staff is not None:
            SeatHolding.objects.create(seat_id=seat.id, staff_id=staff.id, from_date=self.local(1, month=1).date())
        return seat


@pytest.fixture
def hand(
    practice_row: Practice,
    inside: UUID,
    at: datetime,
    staff_row: Callable[[Actor], StaffMember],
    cho: Actor,
    priya: Actor,
    olu: Actor,
) -> Iterator[Hand]:
    hours = {day: ["08:00", "19:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
    location = Location.objects.create(name="Linden Street", time_zone=str(LOUISVILLE), hours=hours, city="Louisville")
    service = Service.objects.create(name="Individual", minutes=50, price_cents=14000)
    with clock.driven(at):  # pages ask the clock for now
        yield Hand(at, location, staff_row(cho), staff_row(priya), staff_row(olu), service)
