"""The vocabulary of the book: what is asked for, what is offered, and why a visit ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

MOST_LANES = 3
PATIENT_NOTICE_HOURS = 2
"""A patient books and moves a visit no nearer than this; the front desk may."""
LATE_HOURS = 24
UNDO_SECONDS = 180
MOST_HOLD_HOURS = 72
MOST_HOLDS = 20
"""Times that one person may hold at a moment, for whomever."""
MOST_HOLDS_OF_A_PATIENT = 3
"""Times that may be held at a moment for one patient: as many as a refusal offers."""
TRAVEL_MINUTES = 30
"""Between two locations on one day, when the practitioner has to be there in person."""

REASONS = (
    ("patient_asked", "the patient asked"),
    ("ill", "the patient is ill"),
    ("no_transport", "the patient could not get here"),
    ("practitioner_away", "the practitioner is away"),
    ("practice_closed", "the practice is closed"),
    ("booked_in_error", "it was booked in error"),
    ("other", "another reason"),
)
LATE_REASONS = (
    ("not_pressed", "nobody pressed Start and Finish that day"),
    ("wrong_visit", "another visit was started in its place"),
    ("system_down", "the system could not be reached"),
    ("away_from_desk", "it took place away from the practice"),
)
"""Why a visit is written down after it took place."""
MOST_SESSION_HOURS = 12
FINISH_WITHIN_HOURS = 4
"""How long after its planned end a session may still be finished by the button; later its end is typed."""
OURS = frozenset({"practitioner_away", "practice_closed", "booked_in_error"})
"""Reasons that are not the patient's: such a cancellation is never late."""


@dataclass(frozen=True)
class BookingRequest:
    """One visit asked for. Lane 0 is the normal book; a higher lane is a deliberate overbooking.

    `override` goes to the gate as it is; `replaces_id` names the visit this one is booked instead of.
    """

    patient_id: UUID
    service_id: UUID
    practitioner_id: UUID
    location_id: UUID
    starts_at: datetime
    modality: str = "room"
    override: Any = None
    lane: int = 0
    replaces_id: UUID | None = None


RECORD, SEEN, DESK, USUAL = "practitioner", "seen_before", "desk_place", "usual_place"
"""What a time is preferred for among those that begin with it, nearest first."""


@dataclass(frozen=True)
class Slot:
    """A time that can be booked now; `why` says in words what speaks for it. `room_id` None: no room is needed.

    `orphan_minutes` is what it leaves after itself that is too short for another visit. `preferred` says why it comes
    before others that begin with it (RECORD to USUAL), if the patient or the desk is the reason.
    """

    practitioner_id: UUID
    location_id: UUID
    room_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    why: str
    orphan_minutes: int = 0
    preferred: str = ""


@dataclass(frozen=True)
class NotOffered:
    """One reason why a time is not offered: a code for machines and words for the screen."""

    code: str
    words: str


@dataclass(frozen=True)
class ServiceDetails:
    """What can be booked. `price_cents` is the practice's own fee; `procedure_code` stays opaque."""

    name: str
    minutes: int
    price_cents: int
    buffer_minutes: int = 0
    modality: str = "room"
    is_first_visit: bool = False
    procedure_code: str = ""
    name_es: str = ""


@dataclass(frozen=True)
class WorkHours:
    """A weekly block at a location in its own wall-clock time; weekday 0 is Monday, `until_date` is not included."""

    staff_id: UUID
    location_id: UUID
    weekday: int
    starts: time
    ends: time
    from_date: date
    until_date: date | None = None
    room_id: UUID | None = None


COUNTED = ("booked", "confirmed", "arrived", "in_session", "done", "no_show")
"""What a day counts as its visits: not what was cancelled or is only held."""
DAY_GROUPS = {
    "counted": COUNTED,
    "sure": ("confirmed", "arrived", "in_session", "done"),
    "waiting": ("arrived",),
    "session": ("in_session",),
    "missed": ("no_show",),
    "due": ("booked", "confirmed"),
    "here": ("arrived", "in_session"),
    "done": ("done",),
    "lost": ("no_show", "late_cancel", "cancelled"),
    "held": ("held",),
}
"""What the list of a day can be narrowed to; whoever counts a day's visits elsewhere counts them by these."""
