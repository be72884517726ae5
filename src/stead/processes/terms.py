"""The vocabulary of processes: coded choices that playbooks, cases and pages share."""

from __future__ import annotations

from typing import Final, Literal

WaitingOn = Literal["us", "patient", "payer", "other"]
ItemKind = Literal["document", "field", "check", "signature"]
AskedOf = Literal["us", "patient"]
Act = Literal["remind", "task", "escalate", "close"]
On = Literal["enter", "late", "waiting"]
Alert = Literal["", "urgent", "crisis"]

ALERT_WORDS: Final = {"": "", "urgent": "urgent", "crisis": "crisis: a person may be in danger"}
"""What stands beside a case that goes before all others."""

SETTLED: Final = frozenset({"accepted", "waived"})
"""States of an item that no longer hold a case up."""

RETURN_REASONS: Final = {
    "unreadable": "it cannot be read",
    "expired": "it has expired",
    "wrong_person": "it belongs to another person",
    "unsigned": "the signature is missing",
    "back_missing": "the back is missing",
    "name_mismatch": "the name differs from ours",
    "other": "it is not what was asked for",
}
"""Why an item goes back, coded; the words finish "Returned: …"."""

ARRIVALS: Final = (
    "agreement.signed", "agreement.revoked", "card.vaulted", "coverage.added", "coverage.card_attached",
    "coverage.card_verified", "coverage.retired", "eligibility.asked", "eligibility.answered", "authorization.added",
    "appointment.booked", "appointment.cancelled", "appointment.finished", "patient.updated", "request.self_pay",
    "claim.sent", "claim.acknowledged", "claim.rejected", "claim.resubmitted", "claim.paid", "write_off.made",
    "denial.paid", "denial.written_off", "denial.billed_to_patient", "denial.reversed", "denial.answered",
    "denial.voided", "remittance.posted", "statement.made", "payment.taken",
)  # fmt: skip
"""Journal verbs of other rooms after which the open cases of the same patient or subject look again whether they move.
An item may name one of them (`accepted_by`) and is then accepted by the event itself."""

OPENINGS: Final = ("denial.opened",)
"""Journal verbs after which a playbook may open a case by itself (`opens_on`): the line's subject is the case's."""

REOPENINGS: Final = ("appointment.cancelled", "appointment.no_show", "appointment.booking_undone")
"""Journal verbs after which a case that was done may come back (`reopens`): what it had reached is gone again."""

OVERRIDE_DAYS: Final = 30
OVERRIDE_REASON_CHARACTERS: Final = 10

# New York, General Business Law 519-a: a card on file must not be required before medically necessary care.
NO_REQUIRED_CARD: Final = frozenset({"NY"})
"""States (two letters) whose law forbids to require a card on file."""
