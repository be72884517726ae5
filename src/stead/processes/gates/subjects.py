"""Which records a gate's question is about: what is handed over, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from stead.patients.models import Patient
from stead.processes.models import Case


def location_of(subjects: Mapping[str, object]) -> UUID | None:
    location = getattr(subjects.get("appointment"), "location", None)
    found: UUID | None = getattr(location, "id", None)
    return found


def patient_id_of(subjects: Mapping[str, object]) -> UUID | None:
    for name in ("patient", "appointment", "case", "claim", "note"):
        row = subjects.get(name)
        found: UUID | None = getattr(row, "id" if name == "patient" else "patient_id", None)
        if found is not None:
            return found
    return None


def subject_id_of(subjects: Mapping[str, object]) -> UUID | None:
    """Return the record an override belongs to, besides the patient: what is acted on has no row before it is made."""
    for name in ("claim", "note", "case"):
        found: UUID | None = getattr(subjects.get(name), "id", None)
        if found is not None:
            return found
    return None


def case_id_of(subjects: Mapping[str, object]) -> UUID | None:
    """Return the case in hand, else the patient's newest open one, so that its timeline shows what was refused."""
    if (case := subjects.get("case")) is not None:
        found: UUID | None = getattr(case, "id", None)
        return found
    patient_id = patient_id_of(subjects)
    if patient_id is None:
        return None
    rows = Case.objects.filter(patient_id=patient_id, state="open").order_by("-opened_at")
    return rows.values_list("id", flat=True).first()


def subject(name: str, subjects: Mapping[str, object]) -> Any:
    """Return a record by its name, also one that follows from another: a claim's patient, a patient's open case."""
    found = subjects.get(name)
    if found is not None:
        return found
    if name == "patient" and (patient_id := patient_id_of(subjects)):
        return Patient.objects.get_or_none(id=patient_id)
    if name == "case" and (case_id := case_id_of(subjects)):
        return Case.objects.get_or_none(id=case_id)
    return None
