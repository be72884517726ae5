"""The words of a request for care, and the values that pass through the intake room's doors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from django.utils.translation import gettext_lazy as _

REQUIRED: Final = _("We need an answer here.")
DATE_WRONG: Final = _("Write the date like this: 03/14/1991.")
"""What every form for people outside says of an empty or unreadable answer."""
PLAYBOOK: Final = "new_patient_intake"
CHANNELS: Final = {"website": "website", "telephone": "telephone", "walk_in": "walk-in", "referral": "referral"}
SAFETY: Final = ("no", "yes")
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
"""Who is told that somebody may be in danger: the first of these that anybody holds that day."""
INVITATION_DAYS: Final = 7
INVITATION_TRIES: Final = 5
REQUESTS_PER_HOUR: Final = 5
URGENT_PER_HOUR: Final = 60
SECONDS_AT_LEAST: Final = 3


@dataclass(frozen=True)
class IntakeDetails:
    """What a person asks for. `safety` "yes" means in danger now or thinking of suicide; it makes the request urgent.

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
