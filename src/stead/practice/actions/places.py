"""Where the practice works and how it names itself: profile, locations, rooms, closed days."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime
from uuid import UUID

from stead.platform.actions import action
from stead.platform.actors import Actor
from stead.platform.journal.write import write
from stead.platform.refusals import InvalidInput
from stead.practice.actions.rows import check_named, get_row, saved
from stead.practice.models import Closure, Location, PracticeProfile, Room
from stead.practice.rules import check_hours, check_npi, check_profile, check_time_zone
from stead.practice.terms import LocationDetails, ProfileDetails


@action("set_profile", permission="practice.configure", words="set how the practice names itself to payers")
def set_profile(*, practice: UUID, by: Actor, at: datetime, details: ProfileDetails) -> PracticeProfile:
    """Write the practice's name, identifiers and address for payers. The line holds what changed, old and new."""
    check_profile(details)
    wanted = dataclasses.asdict(details)
    known = PracticeProfile.objects.get_queryset().select_for_update().get_or_none(id=practice)
    was = {name: getattr(known, name) for name in wanted} if known else {}
    profile, _ = PracticeProfile.objects.update_or_create(practice_id=practice, id=practice, defaults=wanted)
    write("practice.profile_set", by=by, at=at, subject=profile, changed=_changed(was, wanted))
    return profile


def _changed(was: dict[str, object], now: dict[str, object]) -> dict[str, list[object]]:
    """Return each value that differs with [old, new]; old is "" where there was none."""
    return {name: [was.get(name, ""), value] for name, value in now.items() if was.get(name) != value}


def _location_values(details: LocationDetails) -> dict[str, object]:
    check_named(details.name)
    check_time_zone(details.time_zone)
    check_hours(details.hours)
    if details.npi:
        check_npi(details.npi)
    hours = {day: list(pair) for day, pair in details.hours.items()}
    return dataclasses.asdict(details) | {"name": details.name.strip(), "hours": hours}


@action("create_location", permission="practice.configure", words="open a location")
def create_location(*, practice: UUID, by: Actor, at: datetime, details: LocationDetails) -> Location:
    """Add a place where people are seen."""
    location = saved(Location(**_location_values(details)))
    write("location.created", by=by, at=at, subject=location)
    return location


@action("change_location", permission="practice.configure", words="change a location")
def change_location(
    *, practice: UUID, by: Actor, at: datetime, location_id: UUID, details: LocationDetails
) -> Location:
    """Write a location's name, address, hours and identifiers anew. Visits that are booked stay where they are."""
    row = get_row(Location, location_id, lock=True)
    wanted = _location_values(details)
    changed = _changed({name: getattr(row, name) for name in wanted}, wanted)
    for name, value in wanted.items():
        setattr(row, name, value)
    saved(row, changed=True)
    write("location.changed", by=by, at=at, subject=row, changed=changed)
    return row


@action("create_room", permission="practice.configure", words="add a consulting room")
def create_room(*, practice: UUID, by: Actor, at: datetime, location_id: UUID, name: str, capacity: int = 2) -> Room:
    """Add a room that appointments claim."""
    _check_room(name, capacity)
    get_row(Location, location_id)
    room = saved(Room(location_id=location_id, name=name.strip(), capacity=capacity))
    write("room.created", by=by, at=at, subject=room, location=str(location_id))
    return room


@action("change_room", permission="practice.configure", words="change a consulting room")
def change_room(*, practice: UUID, by: Actor, at: datetime, room_id: UUID, name: str, capacity: int) -> Room:
    """Give a room another name or number of chairs."""
    _check_room(name, capacity)
    room = get_row(Room, room_id, lock=True)
    was = [room.name, room.capacity]
    room.name, room.capacity = name.strip(), capacity
    saved(room, changed=True)
    write("room.changed", by=by, at=at, subject=room, was=was, now=[room.name, room.capacity])
    return room


def _check_room(name: str, capacity: int) -> None:
    check_named(name)
    if capacity < 1:
        raise InvalidInput("A room seats at least one person.", field="capacity")


@action("close_day", permission="practice.configure", words="close a day")
def close_day(
    *, practice: UUID, by: Actor, at: datetime, day: date, words: str, location_id: UUID | None = None
) -> Closure:
    """Close a location, or without one the whole practice, on a day: no deadline counts it. Visits stay booked."""
    check_named(words, "words")
    if location_id:
        get_row(Location, location_id)
    closure = saved(Closure(location_id=location_id, closed_on_date=day, words=words.strip()))
    write("day.closed", by=by, at=at, subject=closure, day=str(day), location=str(location_id or ""))
    return closure


@action("reopen_day", permission="practice.configure", words="open a closed day again")
def reopen_day(*, practice: UUID, by: Actor, at: datetime, closure_id: UUID) -> Closure:
    """Take a closed day back: it can be booked and counts again."""
    closure = get_row(Closure, closure_id, lock=True)
    Closure.objects.filter(id=closure_id).delete()
    write(
        "day.reopened", by=by, at=at, subject=closure, day=str(closure.closed_on_date),
        location=str(closure.location_id or ""), words=closure.words,
    )  # fmt: skip
    return closure
