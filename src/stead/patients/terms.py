"""The vocabulary of the room: what is said about a patient when the record is made or changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

LANGUAGES = [("en", "English"), ("es", "Spanish"), ("ko", "Korean"), ("zh", "Chinese"), ("vi", "Vietnamese"),
             ("ar", "Arabic"), ("fr", "French"), ("ase", "American Sign Language")]  # fmt: skip
CHANNELS = (("email", "e-mail"), ("sms", "text message"), ("voice", "telephone"))
PURPOSES = (("reminder", "reminders"), ("billing", "bills and balances"), ("care", "messages about care"))


KINSHIPS = (
    ("parent", "parent"),
    ("guardian", "legal guardian"),
    ("partner", "spouse or partner"),
    ("child", "grown-up child"),
    ("agent", "agent under a power of attorney"),
    ("other", "somebody else"),
)
PROOFS = (
    ("birth_certificate", "birth certificate"),
    ("adoption_decree", "adoption decree"),
    ("custody_order", "custody order"),
    ("guardianship_order", "guardianship order"),
    ("power_of_attorney", "power of attorney for health care"),
)
"""Papers that say who may consent for somebody else; the desk has seen the paper before it says so."""


@dataclass(frozen=True)
class RelatedDetails:
    """Somebody around a patient. Who may consent, who may see and who pays are three separate facts; consent needs the
    paper that was seen, one of PROOFS."""

    name: str
    relation: str
    phone: str = ""
    email: str = ""
    may_consent: bool = False
    may_see: bool = False
    pays: bool = False
    proof: str = ""


@dataclass(frozen=True)
class PatientDetails:
    """Everything the practice says of a patient; an update replaces all of it.

    `phone` and `zip_code` come as people write them. `ssn` None leaves the stored number as it is, "" removes it.
    """

    first_name: str
    last_name: str
    birth_date: date | None = None
    middle_name: str = ""
    preferred_name: str = ""
    sex: str = "unknown"
    pronouns: str = ""
    language: str = "en"
    email: str = ""
    phone: str = ""
    line1: str = ""
    city: str = ""
    state: str = ""
    zip_code: str = ""
    time_zone: str = ""
    source: str = ""
    status: str = "prospect"
    pays_self: bool | None = None
    ssn: str | None = None
    home_location_id: UUID | None = None
    practitioner_id: UUID | None = None


@dataclass(frozen=True)
class Address:
    """Where somebody lives, as people write it."""

    line1: str
    city: str
    state: str
    zip_code: str


ADDRESS_FIELDS = frozenset({"line1", "city", "state", "zip_code"})
