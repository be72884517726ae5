"""The book of the tests, made through the actions the product uses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from stead.patients.actions import register_patient
from stead.patients.models import Patient
from stead.patients.terms import PatientDetails
from stead.platform.actors import Actor
from stead.practice import actions as practice
from stead.practice.models import Location, Room, StaffMember
from stead.practice.terms import LocationDetails, StaffDetails
from stead.scheduling import setup
from stead.scheduling.models import Service
from stead.scheduling.terms import BookingRequest, ServiceDetails, WorkHours

LOUISVILLE = ZoneInfo("America/Kentucky/Louisville")
WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ("08:00", "17:00"))


@dataclass(frozen=True)
class Book:
    practice: UUID
    by: Actor
    at: datetime
    street: Location
    green: Location
    rooms: tuple[Room, Room]
    cho: StaffMember
    bell: StaffMember
    stein: StaffMember
    session: Service
    first: Service
    dee: Patient
    ada: Patient

    def request(self, starts_at: datetime, **changes: Any) -> BookingRequest:
        given: dict[str, Any] = {
            "patient_id": self.dee.id, "service_id": self.session.id, "practitioner_id": self.cho.id,
            "location_id": self.street.id, "starts_at": starts_at,
        }  # fmt: skip
        return BookingRequest(**(given | changes))

    def acting(self, by: Actor | None = None, at: datetime | None = None) -> dict[str, Any]:
        return {"practice": self.practice, "by": by or self.by, "at": at or self.at}


def louisville(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=LOUISVILLE).astimezone(UTC)


def open_book(practice_id: UUID, by: Actor, at: datetime) -> Book:
    """Dr Cho and Marcus Bell work at Linden Street 9 to 12 and 13 to 17; Hannah Stein mornings there and from 14:00 in
    Bowling Green (Central). Two rooms in Linden Street, none in Bowling Green."""
    given: dict[str, Any] = {"practice": practice_id, "by": by, "at": at}

    def location(name: str, zone: str) -> Location:
        return practice.create_location(**given, details=LocationDetails(name, zone, WEEK, state="KY"))

    def practitioner(name: str) -> StaffMember:
        details = StaffDetails(name, ["clinician"], is_practitioner=True)
        return practice.create_staff_member(**given, details=details)

    street = location("Linden Street", "America/Kentucky/Louisville")
    green = location("Bowling Green", "America/Chicago")
    rooms = tuple(practice.create_room(**given, location_id=street.id, name=f"Room {n}") for n in (1, 2))
    cho, bell, stein = (practitioner(n) for n in ("Dr Grace Cho", "Marcus Bell", "Hannah Stein"))
    everybody = [cho.id, bell.id, stein.id]
    session = setup.create_service(
        **given, details=ServiceDetails("Individual", 50, 14000, buffer_minutes=10), practitioner_ids=everybody
    )
    first = setup.create_service(
        **given, details=ServiceDetails("First visit", 60, 19500, is_first_visit=True), practitioner_ids=[cho.id]
    )

    def works(who: StaffMember, where: Location, starts: int, ends: int, room: Room | None = None) -> None:
        for weekday in range(5):
            hours = WorkHours(
                who.id,
                where.id,
                weekday,
                time(starts),
                time(ends),
                date(2026, 10, 1),
                room_id=room.id if room else None,
            )
            setup.set_work_hours(**given, hours=hours)

    works(cho, street, 9, 12, rooms[0])
    works(cho, street, 13, 17, rooms[0])
    works(bell, street, 9, 12, rooms[1])
    works(bell, street, 13, 17, rooms[1])
    works(stein, street, 9, 13)
    works(stein, green, 13, 17)

    def patient(first_name: str, last_name: str) -> Patient:
        details = PatientDetails(first_name, last_name, birth_date=date(1991, 3, 14), state="KY")
        return register_patient(**given, details=details)

    dee, ada = patient("Dee", "Marsh"), patient("Ada", "Nwosu")
    assert len(rooms) == 2
    return Book(practice_id, by, at, street, green, rooms, cho, bell, stein, session, first, dee, ada)
