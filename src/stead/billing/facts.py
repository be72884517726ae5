"""What gates may ask about a patient's account and about a claim."""

from __future__ import annotations

from stead.billing import queries
from stead.billing.days import book_day
from stead.billing.models import Claim, Denial
from stead.care.models import Note
from stead.patients.models import Patient
from stead.platform import clock
from stead.platform.policy.facts import Cost, Fact, SharedLoader, facts
from stead.platform.policy.kinds import FactValue, Kind


def _of_patient(patient: Patient) -> dict[str, FactValue | None]:
    today = book_day(clock.now())
    return {
        "patient.card_on_file": queries.has_usable_card(patient.id, today),
        "patient.balance_cents": queries.balance_of(patient.id).cents,
        "patient.overdue_90_cents": queries.overdue_cents(patient.id, today),
        "patient.has_open_denial": Denial.objects.filter(patient_id=patient.id, state__in=("open", "resent")).exists(),
    }


def _of_claim(claim: Claim) -> dict[str, FactValue | None]:
    today = book_day(clock.now())
    visits = [line.charge.encounter_id for line in queries.claim_lines(claim.id)]
    signed = Note.objects.filter(encounter_id__in=visits, state="signed").count()
    return {
        "claim.notes_signed": bool(visits) and signed == len(set(visits)),
        "claim.days_left_to_file": (claim.file_before_date - today).days,
        "claim.owed_cents": queries.claim_owed(claim),
        "claim.has_open_denial": Denial.objects.filter(claim_id=claim.id, state="open").exists(),
    }


_patient, _claim = SharedLoader(_of_patient), SharedLoader(_of_claim)


def _asked(name: str, kind: Kind, meaning: str, subject: str, load: SharedLoader) -> Fact:
    return Fact(name, kind, meaning, subject=subject, cost=Cost.QUERY, load=load)


facts.declare(
    _asked("patient.card_on_file", Kind.BOOL, "A card is kept that has not expired", "patient", _patient),
    _asked("patient.balance_cents", Kind.MONEY, "What the patient owes", "patient", _patient),
    _asked("patient.overdue_90_cents", Kind.MONEY, "What the patient owes for over 90 days", "patient", _patient),
    _asked("patient.has_open_denial", Kind.BOOL, "A payer's refusal is not decided yet", "patient", _patient),
    Fact("claim.amount_cents", Kind.MONEY, "What the claim charges", subject="claim", load=lambda c: c.total_cents),
    Fact("claim.state", Kind.STRING, "Where the claim stands", subject="claim", load=lambda c: c.state),
    Fact("claim.frequency", Kind.STRING, "New (1) or replacement (7)", subject="claim", load=lambda c: c.frequency),
    Fact(
        "claim.has_payer_number",
        Kind.BOOL,
        "The payer's own claim number is known",
        subject="claim",
        load=lambda c: bool(c.payer_claim_number),
    ),
    _asked("claim.notes_signed", Kind.BOOL, "Every visit's note is signed", "claim", _claim),
    _asked("claim.days_left_to_file", Kind.INT, "Days left to file", "claim", _claim),
    _asked("claim.owed_cents", Kind.MONEY, "What the payer still owes", "claim", _claim),
    _asked("claim.has_open_denial", Kind.BOOL, "A refusal is not decided yet", "claim", _claim),
)
