"""Twenty-six weeks of visits: patients with standing times, who come, miss, cancel and leave, and others who follow.

Every practitioner has seven times a day, some three more on a Saturday. A time belongs to one patient for a while (or
to two who alternate), then rests for a week or two and goes to somebody new. What stays open, or was cancelled in time,
goes some days ahead to a patient who comes once more that week; how many days ahead is the wait for a first visit, and
it grows. So nobody is ever in two places, and the book is full but not quite. Nobody comes on a closed day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from unicodedata import normalize
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
from stead.simulation.demo.structure import SATURDAY, WORKWEEK

WEEKS = 26
AHEAD_WEEKS = 5
HOURS = (9, 10, 11, 13, 14, 15, 16)
SATURDAY_HOURS = (9, 10, 11)
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
    ready_after: timedelta
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

    def __init__(self, now: datetime, closed: frozenset[date], seed: int, ids: object, weeks: int = WEEKS) -> None:
        self.now, self.weeks = now, weeks
        self.closed = closed
        self.random = Random(seed)  # noqa: S311 - a story, not a secret
        self.ids = ids
        self.people: list[Person] = []
        self.waiting: list[Person] = []
        self.zones = [ZoneInfo(place.time_zone) for place in PLACES]
        self.waits = [
            timedelta(days=4.5 + 5.5 * week / self.weeks + self.random.uniform(-1.2, 1.2))
            for week in range(self.weeks + 4)
        ]

    @property
    def first_monday(self) -> date:
        today = self.now.astimezone(self.zones[0]).date()
        return today - timedelta(days=today.weekday(), weeks=self.weeks)

    def live(self) -> None:
        """Fill every standing time of every practitioner from the first week on."""
        for practitioner in range(len(PRACTITIONERS)):
            for weekday, hour in self._times(practitioner):
                self._fill(practitioner, weekday, hour)
            self._fill_gaps(practitioner)
        self.waiting = self._waiting()
        self.people.extend(self.waiting)
        self.people.sort(key=lambda p: (p.created_at, p.id))
        for number, person in enumerate(self.people, start=1001):
            person.number = number

    def _times(self, practitioner: int) -> list[tuple[int, int]]:
        saturday = SATURDAY_HOURS if PRACTITIONERS[practitioner].saturdays else ()
        return [*((day, hour) for day in WORKWEEK for hour in HOURS), *((SATURDAY, hour) for hour in saturday)]

    def _fill_gaps(self, practitioner: int) -> None:
        """Give what is still open to patients who come once more: nearly all of it where new patients are taken."""
        mine = [p for p in self.people if p.practitioner == practitioner and len(p.visits) > 3]
        taken = {v.starts_at for p in mine for v in p.visits if v.status != "cancelled"}
        taken |= {
            v.starts_at for p in self.people if len(p.visits) <= 3 for v in p.visits if v.practitioner == practitioner
        }
        share = 0.995 if PRACTITIONERS[practitioner].accepts_new else 0.8
        days = {p.id: {v.day for v in p.visits} for p in mine}
        for week in range(len(self.waits)):
            for weekday, hour in self._times(practitioner):
                at = self._instant(practitioner, week, weekday, hour)
                if at not in taken and self._day(practitioner, at) not in self.closed and self.random.random() < share:
                    self._once_more(practitioner, at, self.waits[week], mine, days)

    def _once_more(
        self, practitioner: int, at: datetime, wait: timedelta, mine: list[Person], days: dict[UUID, set[date]]
    ) -> None:
        booked = at - wait - timedelta(hours=self.random.uniform(0, 30))
        day = self._day(practitioner, at)
        fitting = [
            p for p in mine if p.visits[0].starts_at < booked and p.visits[-1].starts_at > at and day not in days[p.id]
        ]
        if booked > self.now - timedelta(minutes=30) or not fitting:
            return
        person = self.random.choice(fitting)
        days[person.id].add(day)
        visit = self._booked(person, practitioner, SESSION, at, booked)
        self._outcome(visit, may_cancel=False)
        person.visits.append(visit)
        person.visits.sort(key=lambda v: v.starts_at)

    def _day(self, practitioner: int, at: datetime) -> date:
        return at.astimezone(self.zones[PRACTITIONERS[practitioner].place]).date()

    def _fill(self, practitioner: int, weekday: int, hour: int) -> None:
        week = -self.random.randrange(0, 3)
        last = self.weeks + AHEAD_WEEKS
        while week < last:
            stay = self.random.choice((5, 8, 10, 12, 14, 18, 24, 30, 36))
            alternating = self.random.random() < 0.3
            phases = (0, 1) if alternating else (0,)
            for phase in phases:
                weeks = range(max(week, 0) + phase, min(week + stay, last), 2 if alternating else 1)
                self._course(practitioner, weekday, hour, list(weeks), ends=week + stay)
            week += stay + self.random.randrange(0, 3)

    def _course(self, practitioner: int, weekday: int, hour: int, weeks: list[int], ends: int) -> None:
        instants = {week: self._instant(practitioner, week, weekday, hour) for week in weeks}
        weeks = [week for week in weeks if self._day(practitioner, instants[week]) not in self.closed]
        if len(weeks) < 2 or weeks[0] > self.weeks + 1:
            return
        person = self._person(practitioner, instants[weeks[0]])
        person.left = ends <= self.weeks
        for week in weeks:
            visit = self._visit(person, practitioner, week, instants[week])
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
        number = self.random.randrange(10_000)
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
            ready_after=self._ready_after(created),
            email=f"{_plain(first_name)}.{_plain(last_name)}{number % 100}@example.org",
            phone=f"{PLACES[place].phone[:5]}555{number:04d}",
        )

    def _ready_after(self, created: datetime) -> timedelta:
        """How long until a request is complete: each takes its own time, and the middle has grown since summer."""
        share = max(0.0, 1 - (self.now - created).days / 7 / self.weeks)
        hours = (33 + 24 * share**1.5) * self.random.lognormvariate(0, 0.5)
        return timedelta(hours=min(max(hours, 5), 150))

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
            self._asking(timedelta(days=11 + 1.6 * number), "booking", number, number % 4) for number in range(10)
        ]
        return [dee, *along, *forgotten]

    def _asking(self, ago: timedelta, stage: str, practitioner: int, insurer: int) -> Person:
        person = self._person(practitioner, self.now + timedelta(days=7))
        person.created_at = self.now - ago
        person.id = self.ids.at(person.created_at)  # type: ignore[attr-defined]
        person.insurer, person.stands_at = insurer, stage
        return person

    def _visit(self, person: Person, practitioner: int, week: int, at: datetime) -> Visit | None:
        ahead = week - self.weeks
        if at > self.now and self.random.random() > BOOKED_SHARE[min(max(ahead, 0), len(BOOKED_SHARE) - 1)]:
            return None
        if at <= self.now and person.visits and self.random.random() < 0.06:
            return None  # a week off, agreed beforehand
        service = SESSION if person.visits else FIRST_VISIT
        if person.visits and self.random.random() < 0.22:
            service = VIDEO
        ready = person.created_at + person.ready_after
        if service == FIRST_VISIT:
            booked = ready + timedelta(hours=self.random.uniform(1, 44))
        else:
            booked = max(ready + timedelta(hours=45), at - timedelta(days=21, hours=self.random.randrange(1, 5)))
        booked = min(booked, self.now - timedelta(minutes=self.random.randrange(20, 2000)), at - timedelta(hours=20))
        visit = self._booked(person, practitioner, service, at, booked)
        self._outcome(visit)
        return visit

    def _booked(self, person: Person, practitioner: int, service: int, at: datetime, booked: datetime) -> Visit:
        return Visit(
            id=self.ids.at(booked),  # type: ignore[attr-defined]
            person=person,
            practitioner=practitioner,
            service=service,
            starts_at=at,
            ends_at=at + timedelta(minutes=60 if service == FIRST_VISIT else 50),
            status="booked",
            booked_at=booked,
            day=self._day(practitioner, at),
        )

    def _outcome(self, visit: Visit, *, may_cancel: bool = True) -> None:
        late = timedelta(minutes=self.random.randrange(-9, 6))
        chance = self.random.random()
        if visit.starts_at > self.now:
            self._coming(visit, chance, may_cancel)
        elif chance < 0.05 and visit.ends_at < self.now:
            visit.status, visit.ended_at = "no_show", visit.starts_at + timedelta(minutes=15)
        elif chance < 0.08:
            visit.status, visit.ended_at = "late_cancel", visit.starts_at - timedelta(hours=5)
        elif chance < 0.13 and may_cancel:
            self._cancel(visit)
        else:
            visit.arrived_at = visit.starts_at + min(late, timedelta(minutes=2))
            visit.session_started_at = visit.starts_at + timedelta(minutes=max(0, late.seconds // 60 % 6))
            if visit.ends_at < self.now:
                visit.status, visit.done_at = "done", visit.ends_at
            else:
                visit.status = "in_session"
                visit.session_started_at = min(visit.session_started_at, self.now)

    def _coming(self, visit: Visit, chance: float, may_cancel: bool) -> None:
        soon = visit.starts_at - self.now
        if soon < timedelta(minutes=15) and chance < 0.7:
            visit.status, visit.arrived_at = "arrived", self.now - timedelta(minutes=self.random.randrange(2, 12))
        elif soon < timedelta(days=2) and chance < 0.75:
            visit.status = "confirmed"
        elif chance > 0.97 and may_cancel:
            self._cancel(visit)

    def _cancel(self, visit: Visit) -> None:
        """Cancel in good time, mostly before the time would go to somebody else; never before it was booked."""
        week = min(max((visit.day - self.first_monday).days // 7, 0), len(self.waits) - 1)
        ahead = self.waits[week] + timedelta(days=1.5 + self.random.uniform(0, 6))
        at = min(visit.starts_at - ahead, self.now - timedelta(hours=self.random.uniform(1, 60)))
        visit.status, visit.ended_at = "cancelled", max(at, visit.booked_at + timedelta(minutes=10))

    def visits(self) -> Iterator[Visit]:
        for person in self.people:
            yield from person.visits


def _plain(name: str) -> str:
    """Write a name in the letters of an e-mail address."""
    return "".join(c for c in normalize("NFD", name.lower()) if c.isascii() and c.isalpha())
