"""The templates of notes, in words of our own, and what a list of notes shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a note. `carries` starts with what the last signed note of the patient said there."""

    key: str
    label: str
    hint: str = ""
    required: bool = True
    carries: bool = False
    rows: int = 5


@dataclass(frozen=True, slots=True)
class Template:
    key: str
    name: str
    parts: tuple[Part, ...]


PROGRESS = Template(
    "dap",
    "Progress note",
    (
        Part("data", "What happened", "what was said, seen and done in the session"),
        Part("assessment", "Assessment", "how the patient is doing against the goals, and any risk"),
        Part("plan", "Plan", "carried from the last note; change what is new", carries=True),
    ),
)
INTAKE = Template(
    "intake",
    "Intake note",
    (
        Part("concern", "What brings the patient", "in the patient's own words where you can"),
        Part("history", "History", "health, treatment, family, work"),
        Part("risk", "Risk", "what was asked, what was answered", rows=3),
        Part("impression", "Impression", "what it looks like and why"),
        Part("plan", "Plan", "goals, how often, what comes next"),
        Part("strengths", "Strengths and support", required=False, rows=3),
    ),
)
TEMPLATES: Mapping[str, Template] = {template.key: template for template in (PROGRESS, INTAKE)}


@dataclass(frozen=True, slots=True)
class NoteDue:
    """One visit whose note is not signed, with what it holds up."""

    encounter_id: UUID
    note_id: UUID | None
    patient_id: UUID
    patient_name: str
    practitioner_id: UUID
    practitioner_name: str
    service_name: str
    starts_at: datetime
    due_at: datetime
    time_zone: str
    held_cents: int

    def hours_over(self, at: datetime) -> float:
        return (at - self.due_at).total_seconds() / 3600


@dataclass(frozen=True, slots=True)
class Visit:
    """One row of a clinician's day."""

    appointment_id: UUID
    patient_id: UUID
    patient_name: str
    service_name: str
    starts_at: datetime
    ends_at: datetime
    status: str
    modality: str
    where: str
    time_zone: str
    encounter_id: UUID | None
    note_id: UUID | None
    note_state: str
    template_name: str
