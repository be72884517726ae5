"""The vocabulary of the practice: what is said when a place, a person or a seat is set up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DEFAULT_TIME_ZONE = "America/New_York"
DEFAULT_HOURS: Mapping[str, Sequence[str]] = dict.fromkeys(WEEKDAYS[:5], ("08:00", "17:00"))
"""Where a practice has told no hours yet: deadlines must count something, and these err on the early side."""

NO_ONE = "No one"


@dataclass(frozen=True)
class ProfileDetails:
    """How the practice names itself to payers (837P loop 2010AA)."""

    legal_name: str
    npi: str
    tax_id: str
    taxonomy: str
    phone: str
    email: str
    line1: str
    city: str
    state: str
    zip_code: str


@dataclass(frozen=True)
class LocationDetails:
    """`hours` maps "mon".."sun" to ("08:00", "19:00"), half-open; "24:00" is the day's end. An absent day is closed."""

    name: str
    time_zone: str
    hours: Mapping[str, Sequence[str]]
    line1: str = ""
    city: str = ""
    state: str = ""
    zip_code: str = ""
    phone: str = ""
    npi: str = ""


@dataclass(frozen=True)
class StaffDetails:
    """Somebody who works here. `npi` and `taxonomy` matter only for practitioners."""

    name: str
    roles: Sequence[str] = ()
    credentials: str = ""
    email: str = ""
    phone: str = ""
    is_practitioner: bool = False
    npi: str = ""
    taxonomy: str = ""
    languages: Sequence[str] = ("en",)
    accepts_new: bool = True
    home_location_id: UUID | None = None
    started_date: date | None = None


@dataclass(frozen=True)
class PersonDetails:
    """What may be changed about somebody who works here without asking what they sign in with."""

    name: str
    credentials: str = ""
    phone: str = ""
    is_practitioner: bool = False
    npi: str = ""
    taxonomy: str = ""
    languages: Sequence[str] = ("en",)
    accepts_new: bool = True
    home_location_id: UUID | None = None


@dataclass(frozen=True)
class SeatDetails:
    """A seat to create. A seat of one location has the key "front_desk.new_albany": playbooks say "front_desk"."""

    key: str
    name: str
    duties: Sequence[str] = field(default_factory=tuple)
    reports_to_key: str = ""
    location_id: UUID | None = None
    write_off_limit_cents: int | None = None
    refund_limit_cents: int | None = None
    spend_limit_cents: int | None = None
    fill_within_days: int = 10
    position: int = 0


@dataclass(frozen=True)
class Holder:
    """Whose something is today. `staff_id` is None and `name` "No one" where nobody is; `reason` says why this one."""

    seat_key: str
    seat_name: str
    staff_id: UUID | None
    name: str
    reason: str
