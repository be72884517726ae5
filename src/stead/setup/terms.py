"""The vocabulary of setting a practice up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

INVITED_FOR: Final = timedelta(days=7)
RESET_FOR: Final = timedelta(hours=1)

Goal = Literal["booking", "claim"]
State = Literal["done", "missing", "look"]


@dataclass(frozen=True)
class Facts:
    """What is there so far: numbers of rows, counted by `queries.facts`. Nothing here is a setting."""

    has_profile: bool
    locations: int
    locations_without_address: int
    can_send_mail: bool
    people_who_sign_in: int
    practitioners: int
    practitioners_without_npi: int
    practitioners_without_license: int
    practitioners_without_hours: int
    services: int
    services_without_practitioner: int
    services_without_code: int
    payers: int
    seats: int
    blank_seats: int
    agreements: int
    playbooks: int


@dataclass(frozen=True)
class Step:
    """One thing to set up. `needed_for` says what does not happen without it; None is good to have."""

    key: str
    name: str
    state: State
    words: str
    needed_for: Goal | None
