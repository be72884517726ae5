"""Find times that can be booked, and say of a time that is not offered why not.

Free days come from the database by ranges in one statement, nearest day first; which starts within them are offered is
arithmetic (`rules.starts`). What is offered holds for the same reasons a booking holds: free time of the practitioner
(with pause and travel in it), a free room, the patient not elsewhere. Somebody may still be faster.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from stead.platform.tenancy import context
from stead.practice.models import Room
from stead.scheduling import ranking, rules
from stead.scheduling.models import Service, ServicePractitioner
from stead.scheduling.terms import Slot

HORIZON_DAYS = 180

_FREE = """
select staff_id, location_id, room_id, day, open, free from free_day
where practice_id = %(p)s and day >= %(first)s and day <= %(last)s and staff_id = any(%(staff)s)
  and (%(places)s::uuid[] is null or location_id = any(%(places)s))
  and exists (select from unnest(free) r where upper(r) - greatest(lower(r), %(earliest)s) >= %(length)s)
order by day fetch first %(most)s rows with ties
"""
_BUSY = """
select c.resource_id, lower(c.during), upper(c.during) from appointment a
join resource_claim c on c.practice_id = a.practice_id and c.appointment_id = a.id and c.lane = 0
where a.practice_id = %(p)s and a.starts_at >= %(since)s and a.starts_at < %(until)s
  and a.id is distinct from %(ignoring)s
  and ((c.resource_kind = 'room' and a.location_id = any(%(places)s)) or c.resource_id = %(patient)s)
"""

_KNOWN_VISITS = 6
_NEAR = """
select p.practitioner_id, p.home_location_id, a.practitioner_id, a.location_id from patient p
left join lateral (
  select v.practitioner_id, v.location_id, v.starts_at from appointment v
  where v.practice_id = p.practice_id and v.patient_id = p.id and v.status in ('arrived', 'in_session', 'done')
  order by v.starts_at desc limit %(most)s) a on true
where p.practice_id = %(p)s and p.id = %(patient)s
order by a.starts_at desc
"""


@dataclass(frozen=True)
class Search:
    """What is asked for. `ignoring` is a visit that is being moved: its own time does not stand in its way. `desk` is
    the location that whoever asks works at."""

    service: Service
    practitioner_ids: Sequence[UUID]
    location_ids: Sequence[UUID] | None
    earliest: datetime
    count: int
    modality: str
    patient_id: UUID | None = None
    ignoring: UUID | None = None
    desk: UUID | None = None


@dataclass
class _Busy:
    """What rooms and the patient are doing, by resource."""

    rooms: dict[UUID, list[UUID]]
    taken: dict[UUID, list[rules.Stretch]] = field(default_factory=dict)

    def is_free(self, resource: UUID | None, start: datetime, end: datetime) -> bool:
        return resource is None or not rules.touches(self.taken.get(resource, ()), start, end)

    def room(self, location_id: UUID, own: UUID | None, start: datetime, end: datetime) -> tuple[bool, UUID | None]:
        """Return whether a room is free, and which: the practitioner's own first. A place without rooms needs none."""
        rooms = self.rooms.get(location_id, [])
        if not rooms:
            return True, None
        order = [own, *(r for r in rooms if r != own)] if own in rooms else rooms
        found = next((r for r in order if self.is_free(r, start, end)), None)
        return found is not None, found


def practitioners_of(service_id: UUID, wanted: Sequence[UUID] | None) -> list[UUID]:
    """Return who performs the service, of those wanted or of all."""
    rows = ServicePractitioner.objects.filter(service_id=service_id)
    able = set(rows.values_list("staff_id", flat=True))
    return sorted(able if wanted is None else able & set(wanted))


def find(search: Search) -> list[Slot]:
    """Return the next slots, earliest first; of those that begin together the nearest to the patient comes first."""
    found: list[Slot] = []
    first, last = (search.earliest - timedelta(days=1)).date(), search.earliest.date() + timedelta(days=HORIZON_DAYS)
    while search.practitioner_ids and len(found) < search.count and first <= last:
        rows = _free_days(search, first, last)
        if not rows:
            break
        busy = _busy(search, rows)
        found.extend(slot for row in rows for slot in _of_day(search, row, busy))
        first = max(row[3] for row in rows) + timedelta(days=1)
    return ranking.ranked(found, _preference(search, found))[: search.count]


def _preference(search: Search, found: Sequence[Slot]) -> ranking.Preference:
    """Return who and where is nearest. Asked only when times begin together, so mostly not at all."""
    if len({slot.starts_at for slot in found}) == len(found):
        return ranking.NONE
    rows: list[tuple[Any, ...]] = []
    if search.patient_id is not None:
        with connection.cursor() as cursor:
            given: dict[str, Any] = {"p": context.practice_id(), "patient": search.patient_id, "most": _KNOWN_VISITS}
            cursor.execute(_NEAR, given)
            rows = cursor.fetchall()
    practitioner, home = rows[0][:2] if rows else (None, None)
    visits = [(who, where) for _, _, who, where in rows if who is not None]
    return ranking.preference(practitioner=practitioner, home=home, visits=visits, desk=search.desk)


def _free_days(search: Search, first: date, last: date) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        given: dict[str, Any] = {
            "p": context.practice_id(),
            "first": first,
            "last": last,
            "staff": list(search.practitioner_ids),
            "places": list(search.location_ids) if search.location_ids is not None else None,
            "earliest": search.earliest,
            "length": timedelta(minutes=search.service.minutes),
            "most": max(search.count, 8),
        }
        cursor.execute(_FREE, given)
        return list(cursor.fetchall())


def _busy(search: Search, rows: list[tuple[Any, ...]]) -> _Busy:
    places = sorted({row[1] for row in rows})
    rooms: dict[UUID, list[UUID]] = {}
    if search.modality == "room":
        for room_id, location_id in (
            Room.objects.filter(location_id__in=places).order_by("name").values_list("id", "location_id")
        ):
            rooms.setdefault(location_id, []).append(room_id)
    busy = _Busy(rooms)
    if not rooms and search.patient_id is None:
        return busy
    with connection.cursor() as cursor:
        cursor.execute(
            _BUSY,
            {
                "p": context.practice_id(),
                "since": min(row[4][0].lower for row in rows) - timedelta(hours=12),
                "until": max(row[4][-1].upper for row in rows),
                "places": places if rooms else [],
                "patient": search.patient_id,
                "ignoring": search.ignoring,
            },
        )
        for resource, start, end in cursor.fetchall():
            busy.taken.setdefault(resource, []).append((start, end))
    return busy


def _of_day(search: Search, row: tuple[Any, ...], busy: _Busy) -> Iterator[Slot]:
    staff_id, location_id, own_room, _, open_time, free = row
    ends_of_work = {span.upper for span in open_time}
    service = search.service
    for span in free:
        tail = span.upper in ends_of_work
        stretch = (span.lower, span.upper)
        for start in rules.starts(stretch, service.minutes, service.buffer_minutes, search.earliest, tail=tail):
            end = start + timedelta(minutes=service.minutes)
            room_free, room_id = busy.room(location_id, own_room, start, end)
            if room_free and busy.is_free(search.patient_id, start, end):
                left = stretch[1] - end - timedelta(minutes=service.buffer_minutes)
                orphan = rules.orphan_minutes(left, service.minutes)
                why = _why(orphan, fills=start == stretch[0] and left <= timedelta(0))
                yield Slot(staff_id, location_id, room_id, start, end, why, orphan)


def _why(orphan: int, *, fills: bool) -> str:
    if orphan:
        return f"leaves {orphan} min after it"
    return "fills the gap" if fills else "leaves no gap"


__all__ = ["HORIZON_DAYS", "Search", "find", "practitioners_of"]
