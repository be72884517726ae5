"""The record's own words, ready to print."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from stead.patients.models import SEXES, Patient, RelatedPerson
from stead.patients.queries import consents_of, related_people
from stead.patients.rules import age_years, phone_words, zip_words
from stead.patients.terms import CHANNELS, KINSHIPS, LANGUAGES, PROOFS, PURPOSES
from stead.platform.ui import words
from stead.platform.ui.parts import Receipt

_STATES = {"prospect": "asked for care", "active": "is in care", "discharged": "is no longer in care"}
_DONE = {
    "registered": "Registered. The record is open.",
    "saved": "The record is saved.",
    "consent": "Noted. The newest answer counts from now on.",
    "related": "Written down. What they may do counts from now on.",
    "ended": "Taken off. They can no longer act for the patient.",
}


def shown(patient: Patient, at: datetime, zone: ZoneInfo) -> dict[str, Any]:
    born = patient.birth_date
    city = " ".join(p for p in (f"{patient.city}," if patient.city else "", patient.state) if p)
    address = [p for p in (patient.line1, f"{city} {zip_words(patient.zip_code)}".strip()) if p]
    return {
        "id": patient.id,
        "number": patient.number,
        "sentence": _sentence(patient),
        "facts": [
            ("Legal name", patient.legal_name),
            (
                "Birth date",
                f"{words.day(born, year=True)}, {age_years(born, at.astimezone(zone).date())} years" if born else "",
            ),
            ("Sex, as the payer has it", dict(SEXES)[patient.sex]),
            ("Language", dict(LANGUAGES).get(patient.language, patient.language)),
            ("Telephone", phone_words(patient.phone)),
            ("E-mail", patient.email),
            ("Address", "\n".join(address)),
            ("Social security number", "kept encrypted" if patient.ssn_encrypted else ""),
            ("Usual location", patient.home_location.name if patient.home_location_id else ""),
            ("Practitioner", patient.practitioner.name if patient.practitioner_id else ""),
            ("How they found us", patient.source),
            ("With us since", words.day(patient.created_at.astimezone(zone).date(), year=True)),
        ],
    }


def consents(patient_id: UUID, zone: ZoneInfo) -> list[dict[str, Any]]:
    channels, purposes = dict(CHANNELS), dict(PURPOSES)
    return [
        {
            "channel": channels[row.channel],
            "purpose": purposes[row.purpose],
            "mark": "met" if row.granted else "cancelled",
            "word": "may be reached" if row.granted else "may not",
            "since": words.day(row.at.astimezone(zone).date(), year=True),
        }
        for row in consents_of(patient_id)
    ]


def people(patient_id: UUID, zone: ZoneInfo) -> list[dict[str, Any]]:
    """Return who stands around the patient, with what each may do and which paper says so."""
    kinships, proofs = dict(KINSHIPS), dict(PROOFS)

    def line(row: RelatedPerson) -> dict[str, Any]:
        may = [w for w, yes in (("consent", row.may_consent), ("see the record", row.may_see)) if yes]
        does = [*([f"may {words.listed(may)}"] if may else []), *(["pays"] if row.pays else [])]
        seen = words.day(row.added_at.astimezone(zone).date(), year=True) if row.added_at else ""
        return {
            "id": row.id,
            "name": row.name,
            "relation": kinships.get(row.relation, row.relation),
            "does": ", ".join(does) or "is known, and may do nothing yet",
            "proof": f"{proofs[row.proof]} seen by {row.added_by_name}, {seen}" if row.proof else "",
            "reach": ", ".join(p for p in (phone_words(row.phone), row.email) if p),
        }

    return [line(row) for row in related_people(patient_id)]


def receipts(done: str) -> list[Receipt]:
    return [Receipt(_DONE[done])] if done in _DONE else []


def _sentence(patient: Patient) -> str:
    name = patient.shown_name
    if patient.status == "deceased":
        return f"{name} has died."
    missing = [
        word
        for word, known in (
            ("birth date", patient.birth_date),
            ("telephone number", patient.phone),
            ("state", patient.state),
        )
        if not known
    ]
    if missing:
        return f"{name}'s {words.listed(missing)} {'is' if len(missing) == 1 else 'are'} not known yet."
    return f"{name} {_STATES[patient.status]}."
