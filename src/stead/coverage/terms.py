"""The vocabulary of coverage: what a policy and a payer's answer hold.

`filing code` and `relation` are coded as on the claim. Source: 005010X222A1 SBR09 and PAT01, in our words.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal
from uuid import UUID

FILING_CODES = {
    "CI": "commercial insurance",
    "BL": "Blue plan",
    "HM": "health maintenance organization",
    "12": "preferred provider organization",
    "16": "Medicare Advantage",
    "MB": "Medicare",
    "MC": "Medicaid",
    "CH": "TRICARE",
    "ZZ": "other",
}
RELATIONS = {"self": "the patient", "spouse": "spouse", "child": "parent", "other": "somebody else"}
"""Whose policy it is, seen from the patient: a "child" is covered by a parent's policy."""
RANKS = {1: "billed first", 2: "billed second", 3: "billed third"}

AnswerState = Literal["active", "inactive", "rejected", "failed"]


@dataclass(frozen=True)
class PayerDetails:
    """An insurer as the clearinghouse names it; the clocks come from the contract, in days."""

    name: str
    edi_id: str
    filing_code: str = "CI"
    is_medicaid: bool = False
    timely_filing_days: int = 90
    appeal_days: int = 90
    silent_after_days: int = 21


@dataclass(frozen=True)
class Subscriber:
    """The policy's holder when it is not the patient."""

    first_name: str = ""
    last_name: str = ""
    birth_date: date | None = None


@dataclass(frozen=True)
class EligibilityAnswer:
    """What a payer said, judged. None is "did not say", which is never zero. `rows` are the lines the person may read:
    label and what was said, in the payer's order."""

    state: AnswerState
    copay_cents: int | None = None
    deductible_left_cents: int | None = None
    coinsurance_percent: int | None = None
    authorization_required: bool | None = None
    carve_out: str = ""
    reject_code: str = ""
    words: str = ""
    rows: tuple[tuple[str, str], ...] = ()
    source: str = "payer"


@dataclass(frozen=True)
class AuthorizationDetails:
    """The payer's yes: so many units of service between two dates, both included."""

    coverage_id: UUID
    number: str
    units: int
    starts_date: date
    ends_date: date


@dataclass(frozen=True)
class Standing:
    """Where a patient's first coverage stands on a day; the values the facts give out."""

    is_present: bool
    card_verified: bool | None = None
    verified: bool | None = None
    active: bool | None = None
    verified_age_days: int | None = None
    copay_cents: int | None = None
    authorization_required: bool | None = None
    carve_out: str = ""
    payer_name: str = ""
    words: str = field(default="no coverage on record")
