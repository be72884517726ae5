"""Tasks: one thing one person does."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from stead.platform.actions import action
from stead.platform.actors import Actor
from stead.platform.refusals import Conflict, InvalidInput, NotFound
from stead.practice.queries import get_staff
from stead.processes import tasks
from stead.processes.models import Case, Task


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
