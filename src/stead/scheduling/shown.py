"""How a visit looks: its mark, pattern and word by status, and its name on the page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from stead.platform.ui import words
from stead.scheduling.queries import DayVisit

State = Literal[
    "confirmed", "booked", "waiting", "session", "done", "noshow", "cancelled", "offered", "held", "refused"
]


@dataclass(frozen=True)
class Look:
    """`state` picks edge and pattern of a block, `mark` the shape, `word` what stands beside it."""

    state: State
    mark: str
    word: str
    tone: str = ""


_LOOKS = {
    "held": Look("held", "held", "Held"),
    "booked": Look("booked", "booked", "Booked"),
    "confirmed": Look("confirmed", "confirmed", "Confirmed"),
    "arrived": Look("waiting", "waiting", "Waiting", "ochre"),
    "in_session": Look("session", "session", "In session", "pine"),
    "done": Look("done", "met", "Done"),
    "no_show": Look("noshow", "noshow", "No-show", "brick"),
    "late_cancel": Look("cancelled", "cancelled", "Cancelled late"),
    "cancelled": Look("cancelled", "cancelled", "Cancelled"),
    "released": Look("cancelled", "cancelled", "Released"),
}


def look(status: str) -> Look:
    return _LOOKS[status]


def patient_name(visit: DayVisit) -> str:
    return f"{visit.preferred_name or visit.first_name} {visit.last_name}"


def short_name(visit: DayVisit) -> str:
    """Write "D. Marsh": a wall calendar is read over a shoulder."""
    return f"{(visit.preferred_name or visit.first_name)[:1]}. {visit.last_name}"


def status_words(visit: DayVisit, now: datetime, local_clock: str) -> tuple[str, str]:
    """Return what the block says of its status, and in which tone."""
    seen = look(visit.status)
    late = int((now - visit.ends_at).total_seconds() // 60)
    if visit.status == "in_session" and late > 0:
        return f"Over by {words.length(late)}", "brick"
    if visit.status == "in_session":
        return f"In session to {local_clock.split()[0]}", seen.tone
    if visit.status == "arrived" and visit.arrived_at is not None:
        waited = waiting_minutes(visit, now)
        return (f"Waits {words.length(waited)}" if waited >= 1 else "Just arrived"), seen.tone
    return seen.word, seen.tone


def waiting_minutes(visit: DayVisit, now: datetime) -> int:
    """Minutes since arrival, but not before the visit's own time: who comes early does not wait on us."""
    if visit.arrived_at is None:
        return 0
    return max(0, int((now - max(visit.arrived_at, visit.starts_at)).total_seconds() // 60))
