"""What a patient writes to the practice: it becomes a task with one owner and a time."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.urls import reverse

from stead.intake import rules, terms
from stead.intake.models import PatientMessage
from stead.patients.models import Patient
from stead.platform import actors, encryption
from stead.platform.actions import action
from stead.platform.actors import Actor
from stead.platform.identifiers import uuid7
from stead.platform.journal.write import write
from stead.platform.refusals import NotFound
from stead.practice.queries import calendar_of
from stead.processes.actions import create_task
from stead.processes.models import Case


@action("ask_practice", permission="intake.write", words="write to the practice")
def ask_practice(*, practice: UUID, by: Actor, at: datetime, patient_id: UUID, about: str, text: str) -> PatientMessage:
    """Keep the patient's words and give them to whoever works their case, else to the front desk, due within four
    office hours. The journal and the task's title know that something was written, not what."""
    patient = Patient.objects.get_or_none(id=patient_id)
    if patient is None or (by.kind == "patient" and by.id != patient_id) or about not in terms.ABOUT:
        raise NotFound()
    if not text.strip():
        raise rules.MessageEmpty(field="text")
    key = uuid7(at)
    row = PatientMessage.objects.create(
        id=key,
        patient_id=patient_id,
        about=about,
        text_encrypted=encryption.seal(text.strip(), practice=practice, record=key, field="text"),
        written_at=at,
    )
    write("patient.wrote", by=by, at=at, subject=row, patient_id=patient_id, about=about)
    _give_out(practice, at, row, patient)
    return row


def _give_out(practice: UUID, at: datetime, row: PatientMessage, patient: Patient) -> None:
    case = Case.objects.filter(patient_id=patient.id, state="open").order_by("-opened_at").first()
    location = case.location_id if case else patient.home_location_id
    create_task(
        practice=practice,
        by=actors.system(),
        at=at,
        key=f"patient_wrote:{row.id}",
        title=f"{patient.shown_name} {terms.ABOUT[row.about]}",
        seat_key=case.owner_seat_key if case else terms.DESK_SEAT,
        case_id=case.id if case else None,
        patient_id=patient.id,
        url=reverse("intake_message", args=[row.id]),
        due_at=calendar_of(location).add_hours(at, terms.ANSWER_HOURS),
    )
