"""The agreements a practice asks for, and the values that pass through the forms room's doors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from stead.platform.files.store import Upload

FINANCIAL_AGREEMENT: Final = "financial_agreement"
CONSENT_TREATMENT: Final = "consent_treatment"
CONSENT_TELEHEALTH: Final = "consent_telehealth"
PRIVACY_NOTICE: Final = "privacy_notice"
CARD_AUTHORIZATION: Final = "card_authorization"
ELECTRONIC_RECORDS: Final = "electronic_records"

KINDS: Final[dict[str, str]] = {
    FINANCIAL_AGREEMENT: "Financial agreement",
    CONSENT_TREATMENT: "Consent to treatment",
    CONSENT_TELEHEALTH: "Consent to telehealth",
    PRIVACY_NOTICE: "Privacy notice",
    CARD_AUTHORIZATION: "Card authorization",
    ELECTRONIC_RECORDS: "Consent to electronic records",
}
"""Kind to the name that staff use. The title that patients read belongs to the wording. The last one says what a person
must be told before they agree to sign and to receive papers electronically (15 USC 7001(c)(1)); it is signed with the
first paper that is signed on a screen of the patient's own."""

LANGUAGES: Final = ("en", "es")
RELATIONS: Final[dict[str, str]] = {"self": "the patient", "guardian": "a parent or guardian"}
ADULT_AGE: Final = 18
WAYS: Final[dict[str, str]] = {
    "own": "on their own device",
    "screen": "on the practice's screen",
    "paper": "on paper",
}
"""How a signature was given."""


@dataclass(frozen=True)
class Wording:
    """One language of an agreement's new version."""

    language: str
    title: str
    text: str


@dataclass(frozen=True)
class Signer:
    """Who may sign by the record: `name` as the record has it; `may_consent` is a fact of a related person."""

    name: str
    may_consent: bool
    id: UUID | None = None


@dataclass(frozen=True)
class Signed:
    """What a rule needs to know of a signature: the version's number and who signed."""

    number: int
    relation: str


@dataclass(frozen=True)
class Given:
    """How a signature was given at the desk: on the practice's screen or on paper, on which day, with which scan."""

    way: str
    on: date
    paper: Upload | None = None
