"""The words of a request for care, and the values that pass through the intake room's doors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

PLAYBOOK: Final = "new_patient_intake"
CHANNELS: Final = {"website": "website", "telephone": "telephone", "walk_in": "walk-in", "referral": "referral"}
SAFETY: Final = ("no", "soon", "yes")
"""Safe, safe but in need of help within two days, in danger now."""
SOURCES: Final = {
    "doctor": "a doctor or another therapist",
    "insurance": "the insurance plan",
    "friend": "a friend or family",
    "search": "a search on the web",
    "school": "a school or work",
    "other": "somewhere else",
}

ABOUT: Final = {
    "message": "wrote to us",
    "visit": "asks for another time",
    "card": "has no insurance card at hand",
    "paper": "has a question about a paper",
}
"""What a patient's message is about, as the task's title goes on after the name."""

ANSWER_HOURS: Final = 4
DESK_SEAT: Final = "front_desk"
SAFETY_SEATS: Final = ("on_call", "clinical_director", "supervisor", "owner", "practice_manager", "intake_coordinator")
"""Who is told that somebody may be in danger: the first of these seats that the practice has, its backups, the seats
above it up to the owner, then the rest of these."""
SAFETY_ROLES: Final = ("owner", "manager", "clinician")
"""Who is told where no seat leads to anybody: whoever has one of these roles."""
OUTCOMES: Final = {
    "emergency": "emergency services have taken over",
    "seen": "seen, or a visit within 24 hours is agreed",
    "called": "spoken with; safe until the next visit",
    "no_danger": "spoken with; there is no danger",
    "not_reached": "not reached after every try; the next step by risk was taken",
}
"""What a clinician says came of a safety request, coded; the words themselves belong into the note."""
URGENT_HOURS: Final = 48
"""By when somebody urgent is seen, on the clock. Source: references, playbook 1 stage 2 (our default)."""
INVITATION_DAYS: Final = 7
INVITATION_TRIES: Final = 5
RENEWAL_DAYS: Final = 30
"""How long after it was sent an old link still lets its receiver ask for a new one, to the address on the record."""
RENEWAL_MINUTES: Final = 10
RENEWALS_A_DAY: Final = 5
REQUESTS_PER_HOUR: Final = 5
URGENT_PER_HOUR: Final = 60
SECONDS_AT_LEAST: Final = 3


@dataclass(frozen=True)
class IntakeDetails:
    """What a person asks for. `safety` "yes" means in danger now or thinking of suicide, "soon" means safe and in need
    of help within two days.

    `asker_name` and `asker_relation` are set when somebody asks for another person (a parent for a child).
    """

    first_name: str
    last_name: str
    birth_date: date
    need: str
    phone: str = ""
    email: str = ""
    preferred_name: str = ""
    language: str = "en"
    visit_state: str = ""
    payer_words: str = ""
    self_pay: bool = False
    preferred_times: str = ""
    preferred_location_id: UUID | None = None
    source: str = ""
    safety: str = "no"
    may_text: bool = False
    may_email: bool = False
    may_call: bool = False
    asker_name: str = ""
    asker_relation: str = ""
    channel: str = "website"


@dataclass(frozen=True)
class Minutes:
    """How long each person of the safety ladder has, by the clock. `again` passes before everybody is told once more.

    Defaults: 5 minutes in hours and 15 after (playbook 21, crisis message handling, stage 1; ours, editable).
    """

    while_open: int = 5
    while_closed: int = 15
    again: int = 15


@dataclass(frozen=True)
class Rung:
    """One step of the safety ladder: somebody of a seat, or nobody. `why` finishes "You are told because …"."""

    seat_key: str
    seat_name: str
    staff_id: UUID | None
    name: str
    email: str
    why: str


@dataclass(frozen=True)
class Invited:
    """A new invitation. The token is here once and nowhere else; the row keeps its hash."""

    invitation_id: UUID
    token: str


STATE_NAMES: Final = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado",
    "CT": "Connecticut", "DE": "Delaware", "DC": "District of Columbia", "FL": "Florida", "GA": "Georgia",
    "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "IA": "Iowa", "KS": "Kansas", "KY": "Kentucky",
    "LA": "Louisiana", "ME": "Maine", "MD": "Maryland", "MA": "Massachusetts", "MI": "Michigan", "MN": "Minnesota",
    "MS": "Mississippi", "MO": "Missouri", "MT": "Montana", "NE": "Nebraska", "NV": "Nevada", "NH": "New Hampshire",
    "NJ": "New Jersey", "NM": "New Mexico", "NY": "New York", "NC": "North Carolina", "ND": "North Dakota",
    "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon", "PA": "Pennsylvania", "PR": "Puerto Rico", "RI": "Rhode Island",
    "SC": "South Carolina", "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VT": "Vermont",
    "VA": "Virginia", "WA": "Washington", "WV": "West Virginia", "WI": "Wisconsin", "WY": "Wyoming",
}  # fmt: skip
