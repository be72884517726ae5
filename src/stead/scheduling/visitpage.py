"""One visit: where it stands, what can be done with it, and the next times it could move to."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

from django.http import QueryDict

from stead.platform import permissions
from stead.platform.actors import Actor
from stead.platform.ui import words
from stead.practice.models import Location
from stead.scheduling import board, queries, rules
from stead.scheduling.models import Appointment
from stead.scheduling.shown import look as look_of
from stead.scheduling.terms import REASONS

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
        "steps": board.steps(row.id, row.status, row.starts_at, at),
        "is_held": row.status == "held",
        "times": _times(row, at) if may_move else [],
        "may_move": may_move,
        "may_cancel": may_cancel,
        "is_late": late,
        "reasons": REASONS,
    }


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
