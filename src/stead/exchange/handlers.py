"""What the exchange does when other rooms have done something."""

from __future__ import annotations

from stead.patients.queries import get_patient
from stead.platform.actors import system
from stead.platform.jobs.queue import enqueue
from stead.platform.journal.follow import handles
from stead.platform.journal.models import JournalEntry
from stead.practice.queries import calendar_of
from stead.processes.actions import create_task

ANSWER_WITHIN_HOURS = 4
DESK = "front_desk"


@handles("text.received")
def have_them_called(entry: JournalEntry) -> None:
    """Write the desk a task to call whoever texted something that is neither STOP nor START. The words stay with the
    carrier: a text is no safe place for what a patient may say."""
    if entry.patient_id is None or entry.data["said"] != "other":
        return
    patient = get_patient(entry.patient_id)
    create_task(
        practice=entry.practice_id, by=system(), at=entry.at, key=f"text:{patient.id}", seat_key=DESK,
        title=f"{patient.shown_name} texted us: call back", patient_id=patient.id,
        due_at=calendar_of(patient.home_location_id).add_hours(entry.at, ANSWER_WITHIN_HOURS),
    )  # fmt: skip


@handles("eligibility.asked")
def send_question(entry: JournalEntry) -> None:
    """Queue the 270 in the question's own transaction: asked and queued are one."""
    enqueue("exchange.send_inquiry", check_id=entry.subject_id)
