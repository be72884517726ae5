"""One visit: where it stands, what can be done with it, and the next times it could move to."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.http import QueryDict

from stead.platform import permissions
from stead.platform.actors import Actor
from stead.platform.ui import words
from stead.platform.ui.parts import Step
from stead.practice.models import Location
from stead.scheduling import board, queries, rules
from stead.scheduling.models import Appointment
from stead.scheduling.shown import look as look_of
from stead.scheduling.terms import LATE_REASONS, REASONS

MOVE_SLOTS = 6


def shown_row(row: Appointment) -> dict[str, Any]:
    zone = queries.zone_of(row.location)

    def moment(value: datetime | None) -> str:
        return words.moment(value.astimezone(zone)) if value else ""

    begins, ends = row.starts_at.astimezone(zone), row.ends_at.astimezone(zone)
    modality = {"room": "in person", "video": "by video", "phone": "by telephone"}[row.modality]
    said = [
        ("When", f"{words.moment(begins)} to {words.clock(ends)}"),
        ("Service", f"{row.service.name}, {modality}"),
        ("With", row.practitioner.name),
        ("Where", ", ".join(p for p in (row.location.name, row.room.name if row.room_id else "") if p)),
        ("Booked", f"{moment(row.booked_at)} by {row.booked_by_name}"),
        ("Held until", moment(row.held_until)),
        ("Confirmed", moment(row.confirmed_at)),
        ("Checked in", moment(row.arrived_at)),
        ("Session began", moment(row.session_started_at)),
        ("Finished", moment(row.done_at)),
        ("Ended because", dict(REASONS).get(row.ended_reason, row.ended_reason)),
        ("Overbooked", f"lane {row.lane}, on purpose" if row.lane else ""),
    ]
    look = look_of(row.status)
    return {
        "id": row.id,
        "day": begins.date(),
        "facts": [(name, value) for name, value in said if value],
        "mark": look.mark,
        "word": look.word,
        "tone": look.tone,
        "sentence": f"{row.patient.shown_name}, {words.moment(begins)}: {look.word.lower()}.",
    }


def shown(row: Appointment, by: Actor, at: datetime) -> dict[str, Any]:
    may_move = row.status in rules.MOVES["reschedule"].came_from and permissions.holds(by, "appointments.book")
    may_cancel = row.status in rules.MOVES["cancel"].came_from and permissions.holds(by, "appointments.cancel")
    late = rules.cancelling("patient_asked", row.starts_at, at) == "cancel_late"
    return {
        "visit": shown_row(row),
        "steps": board.steps(row.id, row.status, (row.starts_at, row.ends_at), at, queries.zone_of(row.location)),
        "steps_back": _steps_back(row, by),
        "late": _late_form(row, by, at),
        "is_held": row.status == "held",
        "times": _times(row, at) if may_move else [],
        "may_move": may_move,
        "may_cancel": may_cancel,
        "is_late": late,
        "reasons": REASONS,
    }


def _steps_back(row: Appointment, by: Actor) -> list[Step]:
    needs = "appointments.check_in" if row.status == "arrived" else "appointments.run_session"
    return board.steps_back(row.id, row.status) if permissions.holds(by, needs) else []


def _late_form(row: Appointment, by: Actor, at: datetime) -> dict[str, Any] | None:
    """Return what the form of a late entry offers, once the planned end of a visit that nobody finished is over."""
    is_open = row.status in rules.MOVES["finish_late"].came_from and row.ends_at <= at
    if not is_open or not permissions.holds(by, "appointments.run_session"):
        return None
    zone = queries.zone_of(row.location)
    began = row.session_started_at or row.starts_at
    return {
        "day": words.long_day(row.starts_at.astimezone(zone).date()),
        "began": f"{began.astimezone(zone):%H:%M}",
        "ended": f"{row.ends_at.astimezone(zone):%H:%M}",
        "reasons": LATE_REASONS,
    }


def typed_session(said: QueryDict, row: Appointment) -> tuple[datetime, datetime] | None:
    """Read when a session began and ended on the clock of the visit's location on its day; an end before the beginning
    lies on the next day."""
    zone = queries.zone_of(row.location)
    day = row.starts_at.astimezone(zone).date()
    try:
        began, ended = time.fromisoformat(said.get("began", "")), time.fromisoformat(said.get("ended", ""))
    except ValueError:
        return None
    if began.tzinfo or ended.tzinfo:
        return None
    until = day + timedelta(days=1) if ended < began else day
    return rules.instant(day, began, zone), rules.instant(until, ended, zone)


def _times(row: Appointment, at: datetime) -> list[dict[str, Any]]:
    """Return the next times the same visit could move to, after the one it has if that lies ahead."""
    found = queries.find_slots(
        service_id=row.service_id, practitioner_ids=[row.practitioner_id], location_ids=None,
        earliest=max(at, row.starts_at), count=MOVE_SLOTS + 1, modality=row.modality, patient_id=row.patient_id,
        ignoring=row.id,
    )  # fmt: skip
    places = {p.id: p for p in _locations()}
    return [
        {
            "when": words.moment(slot.starts_at.astimezone(queries.zone_of(places[slot.location_id]))),
            "where": places[slot.location_id].name,
            "why": slot.why,
            "starts_at": slot.starts_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "location": slot.location_id,
        }
        for slot in found
        if slot.starts_at != row.starts_at
    ][:MOVE_SLOTS]


def typed_moment(said: QueryDict, row: Appointment) -> datetime | None:
    """Read a day and a time as they are on the clock of the visit's location."""
    try:
        day, wall = date.fromisoformat(said.get("day", "")), time.fromisoformat(said.get("time", ""))
    except ValueError:
        return None
    return rules.instant(day, wall, queries.zone_of(row.location)) if wall.tzinfo is None else None


def _locations() -> list[Location]:
    return list(Location.objects.all())
