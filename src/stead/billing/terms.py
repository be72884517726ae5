"""The biller's vocabulary: accounts, postings, and the frozen values that actions take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

AccountKind = Literal["patient", "payer", "cash", "revenue", "contractual", "write_off", "unapplied", "interest"]
PostingKind = Literal[
    "charge",
    "insurer",
    "patient_payment",
    "write_off",
    "reversal",
    "unmatched",
    "applied",
    "provider",
    "to_patient",
    "to_payer",
    "next_payer",
    "refund",
]
PayMethod = Literal["card", "cash", "check"]
LinkWay = Literal["kept_card", "new_card", "sign_in"]
LINK_WAYS: dict[LinkWay, str] = {
    "kept_card": "pays with the card on file, or with a card that is typed there",
    "new_card": "takes a card that is typed there; the card on file asks for a sign-in",
    "sign_in": "asks to sign in first",
}
"""What the link in a statement's message does, by the practice's choice (ADR 8). The first is what holds unasked."""
LinkState = Literal["open", "on_the_way", "paid", "replaced", "expired", "locked", "sign_in"]
LINK_DAYS = 45
LINK_DECLINES = 3
"""So many cards may be declined over one link; then it ends, because somebody may be trying out cards."""


@dataclass(frozen=True, slots=True)
class Account:
    """One account of the ledger, by what it stands for. `patient` names the patient, `payer` the payer."""

    kind: AccountKind
    patient_id: UUID | None = None
    payer_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a posting in cents: positive is a debit, negative a credit."""

    account: Account
    cents: int
    patient_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Posting:
    """One transaction to be. `key` says what is posted; the same key is never posted twice."""

    key: str
    kind: PostingKind
    effective_date: date
    sides: tuple[Side, ...]
    words: str = ""
    patient_id: UUID | None = None
    claim_id: UUID | None = None
    charge_id: UUID | None = None
    reverses_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """What a payer decided about one claim, in cents. `open` is refused or not understood: it stays with the payer
    until a person decides. charged = paid + contractual + patient + open."""

    paid: int = 0
    contractual: int = 0
    patient: int = 0
    open: int = 0

    def __add__(self, other: Share) -> Share:
        return Share(
            self.paid + other.paid,
            self.contractual + other.contractual,
            self.patient + other.patient,
            self.open + other.open,
        )


@dataclass(frozen=True, slots=True)
class CardToken:
    """A card as the processor keeps it. The number itself never reaches Stead."""

    token: str
    brand: str
    last4: str
    expires_month: int
    expires_year: int


@dataclass(frozen=True, slots=True)
class Correction:
    """What a biller changes before a claim leaves again; None keeps what the charge or the claim says. Another policy
    of the patient makes it a new claim to that policy's payer, under its member number."""

    diagnosis_codes: tuple[str, ...] | None = None
    modifiers: tuple[str, ...] | None = None
    place_of_service: str | None = None
    authorization_number: str | None = None
    procedure_code: str | None = None
    coverage_id: UUID | None = None
    payer_claim_number: str | None = None


WAITING_WORDS = {
    "not_found": "It names no claim of ours.",
    "second_answer": "The claim has an answer already, and this one takes nothing back.",
    "other_payer": "The claim was sent to another payer, which has not answered yet.",
    "nothing_to_reverse": "It takes an answer back that was never posted.",
    "above_owed": "It settles more than is still owed for the visit.",
}
"""Why an answer of a payer was not posted to a claim and waits for a person."""

CLAIM_WORDS = {
    "held": "held",
    "ready": "ready to leave",
    "sent": "sent",
    "accepted": "accepted",
    "rejected": "rejected",
    "paid": "paid",
    "part_paid": "paid in part",
    "denied": "denied",
    "closed": "closed",
}
