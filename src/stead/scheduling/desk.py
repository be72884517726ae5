"""The booking page: who, what and when is asked for, times that fit, the practitioner's week beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.urls import reverse

from stead.patients.models import Patient
from stead.patients.terms import LANGUAGES
from stead.platform.actors import Actor
from stead.platform.ui import words
from stead.platform.ui.calendar import hour_labels
from stead.platform.ui.parts import Block, NextTime, Step
from stead.platform.web.days import read_day
from stead.practice.models import License, Location, StaffMember
from stead.practice.queries import home_of, practice_day
from stead.scheduling import board, queries, rules
from stead.scheduling.models import Appointment, Service
from stead.scheduling.terms import BookingRequest, Slot

SHOWN_SLOTS = 8
LETTERS = "ABCDEFGH"
_LANES = {"1": 1, "2": 2, "3": 3}


@dataclass(frozen=True)
class Wish:
    """What the address or the form says, as far as it can be read; None where it says nothing."""

    patient: UUID | None = None
    service: UUID | None = None
    practitioner: UUID | None = None
    location: UUID | None = None
    starts_at: datetime | None = None
    since: date | None = None
    modality: str = ""
    lane: int = 0

    @classmethod
    def read(cls, said: QueryDict) -> Wish:
        return cls(
            _uuid(said.get("patient")), _uuid(said.get("service")), _uuid(said.get("practitioner")),
            _uuid(said.get("location")), _moment(said.get("starts_at")), _day(said.get("since")),
            said.get("modality", ""), _LANES.get(said.get("lane", ""), 0),
        )  # fmt: skip

    def request(self, override: Any = None) -> BookingRequest | None:
        """Return the booking asked for, or None while something is missing."""
        if not (self.patient and self.service and self.practitioner and self.location and self.starts_at):
            return None
        return BookingRequest(
            self.patient, self.service, self.practitioner, self.location, self.starts_at,
            modality=self.modality or "room", override=override, lane=self.lane,
        )  # fmt: skip


@dataclass
class Desk:
    """The rows behind the wish, defaults filled in: the patient's last service, practitioner and location."""

    wish: Wish
    patient: Patient | None
    services: Sequence[Service]
    people: Sequence[StaffMember]
    places: Sequence[Location]

    @property
    def service(self) -> Service | None:
        return next((s for s in self.services if s.id == self.wish.service), None)

    @property
    def practitioner(self) -> StaffMember | None:
        return next((p for p in self.people if p.id == self.wish.practitioner), None)

    @property
    def location(self) -> Location | None:
        return next((p for p in self.places if p.id == self.wish.location), None)

    def zone(self, location_id: UUID) -> ZoneInfo:
        return next(queries.zone_of(p) for p in self.places if p.id == location_id)

    def name(self, practitioner_id: UUID) -> str:
        return next((p.name for p in self.people if p.id == practitioner_id), "")

    def place(self, location_id: UUID) -> str:
        return next((p.name for p in self.places if p.id == location_id), "")


def opened(wish: Wish, patient: Patient | None) -> Desk:
    """Fill in what the wish leaves open from the patient's last visit, so that mostly nothing has to be chosen."""
    services = list(queries.services())
    people, places = list(queries.people()), list(Location.objects.filter(closed_date=None).order_by("name"))
    if patient is not None and wish.service is None:
        last = Appointment.objects.filter(patient_id=patient.id).exclude(status__in=("released", "held"))
        row = last.order_by("-starts_at").first()
        wish = replace(wish, **_like_last(row, patient, services, wish))
    desk = Desk(wish, patient, services, people, places)
    if desk.service is not None and not wish.modality:
        desk.wish = replace(desk.wish, modality=desk.service.modality)
    return desk


def _like_last(row: Appointment | None, patient: Patient, services: Sequence[Service], wish: Wish) -> dict[str, Any]:
    usual = [s.id for s in services if not s.is_first_visit] or [s.id for s in services]
    firsts = [s.id for s in services if s.is_first_visit] or usual
    if row is None:
        service: UUID | None = next(iter(firsts), None)
        practitioner, location = patient.practitioner_id, patient.home_location_id
    else:
        service = row.service_id if row.service_id in usual else next(iter(usual), None)
        practitioner, location = row.practitioner_id, row.location_id
    return {
        "service": service,
        "practitioner": wish.practitioner or practitioner,
        "location": wish.location or location,
    }


def slots(desk: Desk, at: datetime, by: Actor, count: int = SHOWN_SLOTS) -> list[Slot]:
    """Return the next times for the wish; from the day asked for, but never earlier than now.

    Where any location will do, the one that whoever asks works at comes first among equal times.
    """
    wish = desk.wish
    if wish.service is None or desk.service is None:
        return []
    earliest = at
    if wish.since:
        zone = desk.zone(wish.location) if desk.location and wish.location else ZoneInfo("UTC")
        earliest = max(at, rules.instant(wish.since, time(0), zone))
    return queries.find_slots(
        service_id=wish.service, practitioner_ids=[wish.practitioner] if wish.practitioner else None,
        location_ids=[wish.location] if wish.location else None, earliest=earliest, count=count,
        modality=wish.modality or None, patient_id=wish.patient,
        desk=None if wish.location else home_of(by.id),
    )  # fmt: skip


def slot_row(desk: Desk, slot: Slot, letter: str) -> dict[str, Any]:
    return {
        "letter": letter,
        "when": when(desk, slot.starts_at, slot.location_id),
        "who": desk.name(slot.practitioner_id),
        "where": desk.place(slot.location_id),
        "why": slot.why,
        "fields": fields(desk, slot),
    }


def fields(desk: Desk, slot: Slot) -> list[tuple[str, str]]:
    """Return the hidden fields that book this slot."""
    said = {
        "patient": desk.wish.patient, "service": desk.wish.service, "practitioner": slot.practitioner_id,
        "location": slot.location_id, "starts_at": slot.starts_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "modality": desk.wish.modality,
    }  # fmt: skip
    return [(name, str(value)) for name, value in said.items() if value]


def next_times(desk: Desk, found: Sequence[Slot], until_words: str, into: str = "") -> list[NextTime]:
    """Return the times that would hold, each with the button that holds it. `into` takes the answer."""
    return [
        NextTime(
            LETTERS[n], when(desk, s.starts_at, s.location_id), desk.name(s.practitioner_id), s.why,
            Step(f"Hold to {until_words}", reverse("calendar_hold"), "post", fields(desk, s), into),
        )
        for n, s in enumerate(found[:3])
    ]  # fmt: skip


def asked(desk: Desk) -> list[tuple[str, str]]:
    """Say the request in one line."""
    wish, service = desk.wish, desk.service
    said = [
        ("Service", f"{service.name}, {service.minutes} min" if service else ""),
        ("With", desk.practitioner.name if desk.practitioner else "anybody"),
        ("When", when(desk, wish.starts_at, wish.location) if wish.starts_at and desk.location else ""),
        ("Where", desk.location.name if desk.location else "any location"),
    ]
    return [(name, value) for name, value in said if value]


def when(desk: Desk, starts_at: datetime, location_id: UUID | None) -> str:
    zone = desk.zone(location_id) if location_id else ZoneInfo("UTC")
    return words.moment(starts_at.astimezone(zone))


def week(desk: Desk, offered: Sequence[Slot], at: datetime, refused: bool) -> dict[str, Any] | None:
    """Return the practitioner's week around the first time offered or asked for, with the offers drawn in it."""
    first = offered[0] if offered else None
    person = desk.practitioner or next((p for p in desk.people if first and p.id == first.practitioner_id), None)
    place = desk.location or next((p for p in desk.places if first and p.id == first.location_id), None)
    if person is None or place is None:
        return None
    zone = queries.zone_of(place)
    anchor = desk.wish.starts_at or (first.starts_at if first else at)
    monday = (day := anchor.astimezone(zone).date()) - timedelta(days=day.weekday())
    rows = queries.open_days(monday, monday + timedelta(days=6), staff_id=person.id)
    since, until = rules.day_bounds(monday, zone)[0], rules.day_bounds(monday + timedelta(days=6), zone)[1]
    visits = queries.week_of(person.id, since, until)
    days = [monday + timedelta(days=n) for n in range(5)]
    days += [d for n in (5, 6) if any(r.day == (d := monday + timedelta(days=n)) for r in rows)]
    frame = board.frame_of(zone, monday, visits, rows)
    return {
        "person": person,
        "label": f"{person.name}, {words.long_day(days[0])} to {words.long_day(days[-1])}",
        "hours": hour_labels(frame.opens, frame.closes),
        "columns": [_day_column(d, frame, visits, rows, place, desk, offered, refused) for d in days],
        "day": monday,
        "span": _span(monday, days[-1]),
        "facts": facts(person, offered, at),
        "patients": [v.patient_id for v in visits],
    }  # fmt: skip


def _day_column(
    day: date, frame: board.Frame, visits: Sequence[queries.DayVisit], rows: Sequence[Any], place: Location,
    desk: Desk, offered: Sequence[Slot], refused: bool,
) -> dict[str, Any]:  # fmt: skip
    frame = replace(frame, day=day)
    own = [v for v in visits if v.starts_at.astimezone(frame.zone).date() == day]
    own_rows = [r for r in rows if r.day == day]
    here = next((r for r in own_rows if r.location_id == place.id), None)
    elsewhere = [r for r in own_rows if r.location_id != place.id]
    blocks = [board.block(v, frame, None) for v in own]
    for letter, slot in zip(LETTERS, offered[:3], strict=False):
        is_asked = refused and slot.starts_at == desk.wish.starts_at
        if not is_asked and slot.starts_at.astimezone(frame.zone).date() == day:
            where = frame.at(slot.starts_at, slot.ends_at)
            blocks.append(Block(letter, where, "offered", "held", "Offered", tone="pine"))
    wish, service = desk.wish, desk.service
    if refused and wish.starts_at and service and wish.starts_at.astimezone(frame.zone).date() == day:
        end = wish.starts_at + timedelta(minutes=service.minutes)
        name = desk.patient.shown_name if desk.patient else "Asked for"
        blocks.append(
            Block(name, frame.at(wish.starts_at, end), "refused", "refused", "Refused", service.name, tone="brick")
        )
    return {
        "name": f"{words.weekday(day)} {day.day}",
        "note": f"also {desk.place(elsewhere[0].location_id)}" if elsewhere else "",
        "blocks": blocks,
        "closed": board.closed(here, frame),
        "lanes": 0,
    }


def facts(person: StaffMember, offered: Sequence[Slot], at: datetime) -> list[tuple[str, str]]:
    """Say what the desk asks about a practitioner: languages, licences, and how long the wait is."""
    states = License.objects.filter(staff_id=person.id, expires_date__gte=practice_day(at)).order_by("state")
    third = int((offered[2].starts_at - at).total_seconds() // 86400) if len(offered) > 2 else None
    said = [
        ("Practitioner", person.name),
        ("New patients", "accepted" if person.accepts_new else "not accepted now"),
        ("Languages", ", ".join(dict(LANGUAGES).get(code, code) for code in person.languages)),
        ("Licensed in", ", ".join(states.values_list("state", flat=True))),
        (
            "Third next available",
            "today" if third == 0 else f"{third} {'day' if third == 1 else 'days'}" if third else "",
        ),
    ]
    return [(name, value) for name, value in said if value]


def _span(first: date, last: date) -> str:
    """Write "November to December 4, 2026" beside the day's number, which says the first day."""
    end = f"{words.long_day(last).split(', ')[1]}, {last.year}"
    return f"to {end}" if first.month == last.month else f"{words.month_and_year(first).split()[0]} to {end}"


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _moment(text: str | None) -> datetime | None:
    """Read an instant with its offset; a time without one could be any of our zones, so it is not read."""
    try:
        said = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return said.astimezone(UTC) if said is not None and said.tzinfo is not None else None


def _day(text: str | None) -> date | None:
    try:
        return read_day(text) if text else None
    except ValueError:
        return None
