"""Tasks: one thing one person does."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from stead.patients.queries import get_patient
from stead.platform.actions import action
from stead.platform.actors import Actor
from stead.platform.refusals import Conflict, InvalidInput, NotFound
from stead.practice.queries import calendar_of, get_staff
from stead.processes import queries, tasks
from stead.processes.models import Case, Gate, Task

ANSWER_HOURS = 4
"""Business hours within which somebody answers who was asked for something that holds a patient up."""


@action("create_task", permission="tasks.work", words="write a task", may_change_nothing=True)
def create_task(
    *, practice: UUID, by: Actor, at: datetime, key: str, title: str, seat_key: str = "",
    staff_id: UUID | None = None, case_id: UUID | None = None, patient_id: UUID | None = None, url: str = "",
    due_at: datetime | None = None,
) -> Task:  # fmt: skip
    """Write a task for a seat or a person. `key` makes the same open task once."""
    if not title.strip():
        raise InvalidInput("A task says what to do.", field="title")
    if not seat_key and staff_id is None:
        raise InvalidInput("A task is somebody's: name a seat or a person.", field="seat_key")
    if staff_id is not None:
        get_staff(staff_id)
    case = Case.objects.get_or_none(id=case_id) if case_id else None
    if case_id and case is None:
        raise NotFound()
    return tasks.create(
        key=key, title=title, seat_key=seat_key, staff_id=staff_id, case=case, patient_id=patient_id, url=url,
        due_at=due_at, by=by, at=at,
    )  # fmt: skip


@action("complete_task", permission="tasks.work", words="finish a task")
def complete_task(*, practice: UUID, by: Actor, at: datetime, task_id: UUID, note: str = "") -> Task:
    """Mark a task done, with a note if there is one."""
    task = Task.objects.select_for_update().filter(id=task_id).first()
    if task is None:
        raise NotFound()
    if task.state != "open":
        raise Conflict(f"{task.ended_by_name} ended this task already.")
    return tasks.end(task, "done", by, at, note)


@action("ask_to_mend", permission="tasks.work", words="ask a seat to mend what a gate lacks", may_change_nothing=True)
def ask_to_mend(
    *, practice: UUID, by: Actor, at: datetime, gate_key: str, clause_id: str, patient_id: UUID, url: str = ""
) -> Task:
    """Write the seat of a gate's clause a task that opens the form; asking twice for one patient is one task."""
    gate = Gate.objects.get_or_none(key=gate_key, retired_at=None)
    clause = next((c for c in gate.clauses if c["id"] == clause_id), None) if gate else None
    patient = get_patient(patient_id)
    if clause is None:
        raise NotFound()
    if not clause.get("seat"):
        raise InvalidInput("This clause is nobody's in particular; whoever keeps the playbooks can name a seat for it.")
    case = queries.open_cases_of(patient_id).first()
    calendar = calendar_of(case.location_id if case else patient.home_location_id)
    return tasks.create(
        key=queries.mending_task_key(gate_key, clause_id, patient_id), title=f"{patient.shown_name}: {clause['words']}",
        seat_key=clause["seat"], case=case, patient_id=patient_id, url=url, by=by, at=at,
        due_at=calendar.add_hours(at, ANSWER_HOURS),
    )  # fmt: skip
