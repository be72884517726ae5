"""Twenty-six weeks of visits: patients with standing times, who come, miss, cancel and leave, and others who follow.

Every practitioner has seven times a day. A time belongs to one patient for a while (or to two who alternate), then
rests for a week or two and goes to somebody new. So nobody is ever in two places, and the book is full but not quite.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

from stead.simulation.demo.people import (
    FIRST_NAMES,
    FIRST_VISIT,
    INSURERS,
    LAST_NAMES,
    PLACES,
    PRACTITIONERS,
    SESSION,
    VIDEO,
)

WEEKS = 26
AHEAD_WEEKS = 5
HOURS = (9, 10, 11, 13, 14, 15, 16)
SELF_PAY = None
BOOKED_SHARE = (0.97, 0.8, 0.62, 0.5, 0.38, 0.3)
"""How much of each coming week is in the book already, the present one first."""


@dataclass
class Person:
    """A patient of the story."""

    id: UUID
    number: int
    first_name: str
    last_name: str
    birth_date: date
    place: int
    practitioner: int
    insurer: int | None
    created_at: datetime
    started_at: datetime
    coverage_id: UUID | None = None
    left: bool = False
    language: str = "en"
    email: str = ""
    phone: str = ""
    stands_at: str = ""
    visits: list[Visit] = field(default_factory=list)


@dataclass
class Visit:
    """One appointment of the story and how it went."""

    id: UUID
    person: Person
    practitioner: int
    service: int
    starts_at: datetime
    ends_at: datetime
    status: str
    booked_at: datetime
    day: date
    arrived_at: datetime | None = None
    session_started_at: datetime | None = None
    done_at: datetime | None = None
    ended_at: datetime | None = None


class Story:
    """Make people and visits; the same seed and day give the same story."""

    def __init__(self, now: datetime, workdays: tuple[int, ...], seed: int, ids: object) -> None:
        self.now = now
        self.workdays = workdays
        self.random = Random(seed)  # noqa: S311 - a story, not a secret
        self.ids = ids
        self.people: list[Person] = []
        self.waiting: list[Person] = []
        self.zones = [ZoneInfo(place.time_zone) for place in PLACES]

    @property
    def first_monday(self) -> date:
        today = self.now.astimezone(self.zones[0]).date()
        return today - timedelta(days=today.weekday(), weeks=WEEKS)

    def live(self) -> None:
        """Fill every standing time of every practitioner from the first week on."""
        for practitioner in range(len(PRACTITIONERS)):
            for weekday in self.workdays:
                for hour in HOURS:
                    self._fill(practitioner, weekday, hour)
        self.waiting = self._waiting()
        self.people.extend(self.waiting)
        self.people.sort(key=lambda p: (p.created_at, p.id))
        for number, person in enumerate(self.people, start=1001):
            person.number = number

    def _fill(self, practitioner: int, weekday: int, hour: int) -> None:
        week = -self.random.randrange(0, 3)
        last = WEEKS + AHEAD_WEEKS
        while week < last:
            stay = self.random.choice((5, 8, 10, 12, 14, 18, 24, 30, 36))
            alternating = self.random.random() < 0.3
            phases = (0, 1) if alternating else (0,)
            for phase in phases:
                weeks = range(max(week, 0) + phase, min(week + stay, last), 2 if alternating else 1)
                self._course(practitioner, weekday, hour, list(weeks), ends=week + stay)
            week += stay + self.random.randrange(0, 3)

    def _course(self, practitioner: int, weekday: int, hour: int, weeks: list[int], ends: int) -> None:
        if len(weeks) < 2 or weeks[0] > WEEKS + 1:
            return
        starts = [self._instant(practitioner, week, weekday, hour) for week in weeks]
        person = self._person(practitioner, starts[0])
        person.left = ends <= WEEKS
        for index, (week, at) in enumerate(zip(weeks, starts, strict=True)):
            visit = self._visit(person, practitioner, index, week, at)
            if visit is not None:
                person.visits.append(visit)
        if person.visits:
            self.people.append(person)

    def _instant(self, practitioner: int, week: int, weekday: int, hour: int) -> datetime:
        day = self.first_monday + timedelta(weeks=week, days=weekday)
        zone = self.zones[PRACTITIONERS[practitioner].place]
        return datetime.combine(day, time(hour), zone).astimezone(UTC)

    def _person(self, practitioner: int, first: datetime) -> Person:
        place = PRACTITIONERS[practitioner].place
        lead = timedelta(days=self.random.randrange(5, 16), hours=self.random.randrange(0, 6), minutes=17)
        created = min(first - lead, self.now - timedelta(hours=3))
        pick = self.random.randrange(100)
        insurer: int | None = SELF_PAY
        for index, candidate in enumerate(INSURERS):
            pick -= candidate.share
            if pick < 0:
                insurer = index
                break
        first_name, last_name = self.random.choice(FIRST_NAMES), self.random.choice(LAST_NAMES)
        years = self.random.randrange(19, 74)
        return Person(
            id=self.ids.at(created),  # type: ignore[attr-defined]
            number=0,
            first_name=first_name,
            last_name=last_name,
            birth_date=date(self.now.year - years, self.random.randrange(1, 13), self.random.randrange(1, 28)),
            place=place,
            practitioner=practitioner,
            insurer=insurer,
            created_at=created,
            started_at=first,
            language="es" if self.random.random() < 0.06 else "en",
            email=f"patient{self.random.randrange(10**7)}@example.org",
            phone=f"+1502555{self.random.randrange(10_000):04d}",
        )

    def _waiting(self) -> list[Person]:
        """People on their way in: Dee Marsh, six who move along, ten who were made ready and then forgotten."""
        dee = self._asking(timedelta(days=1, hours=3), "agreement", 0, 1)
        dee.first_name, dee.last_name, dee.birth_date = "Dee", "Marsh", date(1991, 4, 9)
        dee.email, dee.phone, dee.language = "patient@demo.stead", "+15025550188", "en"
        along = [
            self._asking(timedelta(hours=8 + 14 * number), stage, number, number % 3)
            for number, stage in enumerate(("received", "received", "agreement", "documents", "documents", "match"))
        ]
        forgotten = [
            self._asking(timedelta(days=11 + 3 * number), "booking", number, number % 4) for number in range(10)
        ]
        return [dee, *along, *forgotten]

    def _asking(self, ago: timedelta, stage: str, practitioner: int, insurer: int) -> Person:
        person = self._person(practitioner, self.now + timedelta(days=7))
        person.created_at = self.now - ago
        person.id = self.ids.at(person.created_at)  # type: ignore[attr-defined]
        person.insurer, person.stands_at = insurer, stage
        return person

    def _visit(self, person: Person, practitioner: int, index: int, week: int, at: datetime) -> Visit | None:
        ahead = week - WEEKS
        if at > self.now and self.random.random() > BOOKED_SHARE[min(max(ahead, 0), len(BOOKED_SHARE) - 1)]:
            return None
        if at <= self.now and self.random.random() < 0.06:
            return None  # a week off, agreed beforehand
        service = FIRST_VISIT if index == 0 else (VIDEO if self.random.random() < 0.22 else SESSION)
        minutes = 60 if service == FIRST_VISIT else 50
        booked = (
            person.created_at + timedelta(days=2, hours=2)
            if index == 0
            else max(
                person.created_at + timedelta(days=2, hours=3),
                at - timedelta(days=21, hours=self.random.randrange(1, 5)),
            )
        )
        booked = min(booked, self.now - timedelta(minutes=self.random.randrange(20, 2000)), at - timedelta(hours=20))
        visit = Visit(
            id=self.ids.at(booked),  # type: ignore[attr-defined]
            person=person,
            practitioner=practitioner,
            service=service,
            starts_at=at,
            ends_at=at + timedelta(minutes=minutes),
            status="booked",
            booked_at=booked,
            day=at.astimezone(self.zones[person.place]).date(),
        )
        self._outcome(visit)
        return visit

    def _outcome(self, visit: Visit) -> None:
        late = timedelta(minutes=self.random.randrange(-9, 6))
        chance = self.random.random()
        if visit.starts_at > self.now:
            self._coming(visit, chance)
        elif chance < 0.05 and visit.ends_at < self.now:
            visit.status, visit.ended_at = "no_show", visit.starts_at + timedelta(minutes=15)
        elif chance < 0.08:
            visit.status, visit.ended_at = "late_cancel", visit.starts_at - timedelta(hours=5)
        elif chance < 0.13:
            visit.status, visit.ended_at = "cancelled", visit.starts_at - timedelta(hours=30)
        else:
            visit.arrived_at = visit.starts_at + min(late, timedelta(minutes=2))
            visit.session_started_at = visit.starts_at + timedelta(minutes=max(0, late.seconds // 60 % 6))
            if visit.ends_at < self.now:
                visit.status, visit.done_at = "done", visit.ends_at
            else:
                visit.status = "in_session"
                visit.session_started_at = min(visit.session_started_at, self.now)

    def _coming(self, visit: Visit, chance: float) -> None:
        soon = visit.starts_at - self.now
        if soon < timedelta(minutes=15) and chance < 0.7:
            visit.status, visit.arrived_at = "arrived", self.now - timedelta(minutes=4)
        elif soon < timedelta(days=2) and chance < 0.75:
            visit.status = "confirmed"
        elif chance > 0.97:
            visit.status, visit.ended_at = "cancelled", self.now - timedelta(hours=2)
        if visit.ended_at is not None and visit.ended_at < visit.booked_at:
            visit.ended_at = visit.booked_at + timedelta(minutes=30)

    def visits(self) -> Iterator[Visit]:
        for person in self.people:
            yield from person.visits
