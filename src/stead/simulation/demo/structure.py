"""Found the practice: places, people, seats, payers, agreements, services, working hours; by the product's actions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from stead.coverage import actions as coverage
from stead.coverage.terms import PayerDetails
from stead.forms import actions as forms
from stead.platform import actors
from stead.practice import actions as practice_actions
from stead.practice.models import Location, Room, Seat, StaffMember
from stead.practice.terms import LocationDetails, ProfileDetails, StaffDetails
from stead.processes import actions as processes
from stead.scheduling.models import Service, ServicePractitioner, WorkPattern
from stead.simulation.demo.holidays import closed_days
from stead.simulation.demo.people import (
    BLANK_SEAT,
    INSURERS,
    NAME,
    OFFERS,
    OFFICE,
    PLACES,
    PRACTITIONERS,
    Place,
    Worker,
)

MORNING = (time(9), time(12))
BLOCKS = (MORNING, (time(13), time(17)))
"""Mornings and afternoons of every practitioner, in the place's own time; a Saturday has its morning only."""
WORKWEEK = (0, 1, 2, 3, 4)
SATURDAY = 5


@dataclass
class Structure:
    """The rows that the history hangs on, in the order of `people`."""

    locations: list[Location] = field(default_factory=list)
    rooms: list[Room] = field(default_factory=list)
    staff: dict[str, StaffMember] = field(default_factory=dict)
    practitioners: list[StaffMember] = field(default_factory=list)
    payers: list[UUID] = field(default_factory=list)
    services: list[Service] = field(default_factory=list)
    workdays: tuple[int, ...] = WORKWEEK
    team: tuple[Worker, ...] = PRACTITIONERS


def npi(number: int) -> str:
    """Make a number with the right check digit (Luhn over 80840 and nine digits), in a range kept for tests."""
    body = f"80840{number:09d}"
    total = sum(sum(divmod(int(c) * 2, 10)) if index % 2 == 0 else int(c) for index, c in enumerate(reversed(body)))
    return f"{number:09d}{-total % 10}"


def found(
    practice: UUID, at: datetime, open_on: date | None = None, practitioners: tuple[Worker, ...] = PRACTITIONERS
) -> Structure:
    """Make everything that was there when the story begins, and who has left since. Runs inside `acting`.

    `open_on` opens every place fully on that day's weekday too, for who needs a working day now.
    """
    more = () if open_on is None else (open_on.weekday(),)
    made = Structure(team=practitioners, workdays=tuple(sorted({*WORKWEEK, *more})))
    do: dict[str, Any] = {"practice": practice, "by": actors.system(), "at": at}
    practice_actions.set_profile(**do, details=_profile())
    for index, place in enumerate(PLACES):
        details = LocationDetails(
            place.name, place.time_zone, _hours(made, place), place.line1, place.city, place.state, place.zip_code,
            place.phone, npi(188_888_800 + index),
        )  # fmt: skip
        made.locations.append(practice_actions.create_location(**do, details=details))
    for index, worker in enumerate((*OFFICE, *made.team)):
        _hire(made, do, worker, index)
    _furnish_rooms(made, do)
    _seat_people(made, do, at.date())
    _insure(made, do, at.date())
    forms.publish_sample_agreements(**do)
    processes.publish_library(**do)
    _offer(made, at.date())
    return made


def _hours(made: Structure, place: Place) -> dict[str, tuple[str, str]]:
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    hours = {days[number]: ("08:00", "19:00") for number in made.workdays}
    return {"sat": ("08:30", "13:00")} | hours if place.saturdays else hours


def close_holidays(practice: UUID, at: datetime, first: date, last: date) -> frozenset[date]:
    """Close the whole practice on its holidays; return them. Runs inside `acting`."""
    days = closed_days(first, last)
    for day, words in days.items():
        practice_actions.close_day(practice=practice, by=actors.system(), at=at, day=day, words=words)
    return frozenset(days)


def blocks_of(worker: Worker, weekday: int, workdays: tuple[int, ...]) -> tuple[tuple[time, time], ...]:
    """Return when somebody works on a weekday."""
    if weekday in workdays:
        return BLOCKS
    return (MORNING,) if weekday == SATURDAY and worker.saturdays else ()


def _profile() -> ProfileDetails:
    place = PLACES[0]
    return ProfileDetails(
        NAME, npi(188_888_899), "610000000", "261QM0801X", place.phone, "office@demo.stead", place.line1, place.city,
        place.state, place.zip_code,
    )  # fmt: skip


def _hire(made: Structure, do: dict[str, Any], worker: Worker, index: int) -> None:
    place = made.locations[worker.place]
    details = StaffDetails(
        name=worker.name,
        roles=worker.roles,
        credentials=worker.credentials,
        email=worker.email,
        is_practitioner=worker.practitioner,
        npi=npi(177_777_700 + index) if worker.practitioner else "",
        taxonomy="103T00000X" if worker.practitioner else "",
        languages=worker.languages,
        accepts_new=worker.accepts_new,
        home_location_id=place.id,
        started_date=do["at"].date(),
    )
    row = practice_actions.create_staff_member(**do, details=details)
    made.staff[worker.name] = row
    if worker.practitioner:
        made.practitioners.append(row)
        for state in ("KY", "IN"):
            practice_actions.add_license(
                **do, staff_id=row.id, state=state, number=f"{state}-{4000 + index}",
                expires_date=do["at"].date() + timedelta(days=700),
            )  # fmt: skip


def _furnish_rooms(made: Structure, do: dict[str, Any]) -> None:
    """One room for each practitioner, so that the history never wants two in one."""
    for index, worker in enumerate(made.team):
        place = made.locations[worker.place]
        made.rooms.append(practice_actions.create_room(**do, location_id=place.id, name=f"Room {index + 1}"))


def _seat_people(made: Structure, do: dict[str, Any], day: date) -> None:
    practice_actions.install_seats(**do, preset="group")
    seats = {seat.key: seat for seat in Seat.objects.all()}
    for worker in (*OFFICE, *made.team):
        for key in worker.seats:
            practice_actions.assign_seat(
                **do, seat_id=seats[key].id, staff_id=made.staff[worker.name].id, from_date=day
            )
    practice_actions.assign_seat(
        **do, seat_id=seats[BLANK_SEAT].id, staff_id=made.staff["Devon Hale"].id, from_date=day
    )
    for key, name in (
        ("front_desk.linden_street", "Teo Lindqvist"), ("front_desk.new_albany", "Ana Ruiz"),
        ("intake_coordinator", "Carla Mendez"), ("practice_manager", "Olu Adeyemi"),
        ("revenue_lead", "Joyce Amadi"), ("biller_claims", "Ben Whitlock"), ("on_call", "Imani Brooks"),
    ):  # fmt: skip
        if name in made.staff:  # a load may have fewer practitioners than the demo
            practice_actions.name_backup(**do, seat_id=seats[key].id, staff_id=made.staff[name].id)


def vacate_desk(practice: UUID, at: datetime) -> None:
    """Devon Hale leaves; nobody follows. Runs inside `acting`."""
    seat = Seat.objects.get(key=BLANK_SEAT)
    practice_actions.vacate_seat(practice=practice, by=actors.system(), at=at, seat_id=seat.id, until_date=at.date())


def _insure(made: Structure, do: dict[str, Any], day: date) -> None:
    for insurer in INSURERS:
        details = PayerDetails(
            insurer.name, insurer.edi_id, "MC" if insurer.medicaid else "CI", insurer.medicaid, insurer.filing_days
        )
        payer = coverage.add_payer(**do, details=details)
        made.payers.append(payer.id)
        for member in made.practitioners:
            coverage.enroll_practitioner(**do, staff_id=member.id, payer_id=payer.id, effective_date=day)


def _offer(made: Structure, day: date) -> None:
    for offer in OFFERS:
        service = Service.objects.create(
            name=offer.name, name_es=offer.name_es, minutes=offer.minutes, modality=offer.modality,
            is_first_visit=offer.first, procedure_code=offer.code, price_cents=offer.cents,
        )  # fmt: skip
        made.services.append(service)
        ServicePractitioner.objects.bulk_create(
            ServicePractitioner(service_id=service.id, staff_id=member.id) for member in made.practitioners
        )
    WorkPattern.objects.bulk_create(
        WorkPattern(
            staff_id=member.id, location_id=made.locations[worker.place].id, room_id=room.id, weekday=weekday,
            starts=starts, ends=ends, from_date=day,
        )
        for worker, member, room in zip(made.team, made.practitioners, made.rooms, strict=True)
        for weekday in range(7)
        for starts, ends in blocks_of(worker, weekday, made.workdays)
    )  # fmt: skip
