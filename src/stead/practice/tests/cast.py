"""A small practice for tests: two locations, a few people, a few seats."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from stead.platform.actors import Actor
from stead.practice import actions
from stead.practice.models import Location, Seat, StaffMember
from stead.practice.terms import LocationDetails, SeatDetails, StaffDetails

WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ("08:00", "17:00"))


@dataclass(frozen=True)
class Linden:
    practice: UUID
    by: Actor
    at: datetime
    street: Location
    green: Location
    ana: StaffMember
    teo: StaffMember
    priya: StaffMember
    mona: StaffMember
    intake: Seat
    desk: Seat
    manager: Seat


def found(practice: UUID, by: Actor, at: datetime) -> Linden:
    """Found the practice: Priya holds intake with Ana as backup, Mona manages; the desk is blank."""

    def location(name: str, zone: str) -> Location:
        return actions.create_location(practice=practice, by=by, at=at, details=LocationDetails(name, zone, WEEK))

    def person(name: str, role: str) -> StaffMember:
        return actions.create_staff_member(practice=practice, by=by, at=at, details=StaffDetails(name, [role]))

    def seat(key: str, name: str, reports_to: str = "") -> Seat:
        details = SeatDetails(key, name, ("Answers for it",), reports_to)
        return actions.create_seat(practice=practice, by=by, at=at, details=details)

    street, green = (
        location("Linden Street", "America/Kentucky/Louisville"),
        location("Bowling Green", "America/Chicago"),
    )
    ana, teo = person("Ana Ruiz", "front_desk"), person("Teo Lindqvist", "front_desk")
    priya, mona = person("Priya Nair", "intake"), person("Mona Petrakis", "manager")
    manager = seat("practice_manager", "Practice manager")
    intake = seat("intake_coordinator", "Intake coordinator", "practice_manager")
    desk = seat("front_desk", "Front desk", "practice_manager")
    start = date(2026, 1, 5)
    for held, who in ((intake, priya), (manager, mona)):
        actions.assign_seat(practice=practice, by=by, at=at, seat_id=held.id, staff_id=who.id, from_date=start)
    actions.name_backup(practice=practice, by=by, at=at, seat_id=intake.id, staff_id=ana.id)
    return Linden(practice, by, at, street, green, ana, teo, priya, mona, intake, desk, manager)
