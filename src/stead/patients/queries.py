"""Reads of patients."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from stead.patients import rules
from stead.patients.models import ContactConsent, Patient, RelatedPerson
from stead.patients.terms import PatientDetails
from stead.platform.refusals import NotFound
from stead.platform.tenancy import context

_DATE_FORMATS = ("%m/%d/%Y", "%m-%d-%Y", "%Y-%m-%d", "%m/%d/%y", "%b %d %Y", "%B %d %Y")


def get_patient(patient_id: UUID) -> Patient:
    """Return the patient or refuse with NotFound, for another practice's row too."""
    row = Patient.objects.get_or_none(id=patient_id)
    if row is None:
        raise NotFound()
    return row


def patients() -> QuerySet[Patient]:
    return Patient.objects.order_by("name_key", "id")


def search_ids(text: str, limit: int) -> list[UUID]:
    """Return the ids of patients found by parts of the name, a telephone number or its last four to nine digits, birth
    date or number, best first."""
    said = text.strip()[:100].replace("\0", "")
    if not said:
        return []
    digits = re.sub(r"\D", "", said) if re.fullmatch(r"[#+()\-.\s\d]+", said) else ""
    with connection.cursor() as cursor:
        cursor.execute(
            "select id from stead.search_patients(%s, %s, %s, %s, %s)",
            [context.practice_id(), said, digits[:18], _said_date(said), limit],
        )
        return [row[0] for row in cursor.fetchall()]


def search_patients(text: str, limit: int = 20) -> list[Patient]:
    """Return patients found by name parts, spelling near it, telephone, birth date or number; best first."""
    ids = search_ids(text, limit)
    rows = {row.id: row for row in Patient.objects.filter(id__in=ids)}
    return [rows[i] for i in ids if i in rows]


def possible_duplicates(first_name: str, last_name: str, birth_date: date | None, phone: str = "") -> list[Patient]:
    """Return at most five patients of the same name who share the birth date or, without one, the telephone."""
    same = Patient.objects.filter(name_key__startswith=f"{last_name} {first_name}".strip().lower())
    same = same.filter(birth_date=birth_date) if birth_date else same.filter(phone=phone)
    return list(same.order_by("number")[:5])


def find_by_identifier(system: str, value: str) -> Patient | None:
    return Patient.objects.get_or_none(identifiers__system=system, identifiers__value=value)


def consents_of(patient_id: UUID) -> list[ContactConsent]:
    """Return the newest answer of each channel and purpose."""
    rows = ContactConsent.objects.filter(patient_id=patient_id).order_by("channel", "purpose", "-at", "-id")
    return list(rows.distinct("channel", "purpose"))


def details_of(row: Patient) -> PatientDetails:
    """Return what is on record of a patient, in the shape of an update; the social security number stays as it is."""
    return PatientDetails(**{f.name: getattr(row, f.name) for f in fields(PatientDetails) if f.name != "ssn"})


def version_of(row: Patient) -> str:
    """Return the name of what is on record now; see `rules.version_of`."""
    return rules.version_of(details_of(row), row.ssn_encrypted)


def related_people(patient_id: UUID) -> list[RelatedPerson]:
    """Return who stands around the patient now, the newest last."""
    return list(RelatedPerson.objects.filter(patient_id=patient_id, ended_at=None).order_by("added_at", "id"))


def may_reach(patient_id: UUID, channel: str, purpose: str) -> bool:
    """Answer whether the newest answer allows the channel for the purpose; no answer is a no."""
    row = ContactConsent.objects.filter(patient_id=patient_id, channel=channel, purpose=purpose)
    newest = row.order_by("-at", "-id").values_list("granted", flat=True).first()
    return bool(newest)


def names_of(patient_ids: Sequence[UUID]) -> dict[UUID, str]:
    rows = Patient.objects.filter(id__in=list(patient_ids))
    return {row.id: row.shown_name for row in rows}


def slip_of(patient_id: UUID) -> dict[str, Any]:
    """Return the patient in hand for the frame of a page."""
    from stead.patients import slip

    return slip.of(get_patient(patient_id))


def _said_date(text: str) -> date | None:
    for form in _DATE_FORMATS:
        try:
            return datetime.strptime(text.replace(",", ""), form).date()  # a calendar day, no moment
        except ValueError:
            continue
    return None
