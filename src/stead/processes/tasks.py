"""How tasks are written and ended: private to the actions."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.urls import reverse

from stead.platform.actors import Actor
from stead.platform.journal.write import write
from stead.practice import queries as practice
from stead.processes.models import Case, Task


def create(
    *, key: str, title: str, by: Actor, at: datetime, seat_key: str = "", staff_id: UUID | None = None,
    case: Case | None = None, patient_id: UUID | None = None, url: str = "", due_at: datetime | None = None,
) -> Task:  # fmt: skip
    """Write a task for a person, or for whoever holds the seat today. The same open key is the same task."""
    if known := Task.objects.filter(key=key, state="open").first():
        return known
    if staff_id is None and seat_key:
        location_id = case.location_id if case else None
        today = at.astimezone(practice.zone_of(location_id)).date()
        staff_id = practice.holder_of(seat_key, today, location_id).staff_id
    task = Task(
        key=key, title=title[:200], seat_key=seat_key, staff_id=staff_id, due_at=due_at, created_at=at,
        case_id=case.id if case else None, patient_id=patient_id or (case.patient_id if case else None),
        url=url or (reverse("processes_case", args=[case.id]) if case else ""),
    )  # fmt: skip
    try:
        with transaction.atomic():
            task.save(force_insert=True)
    except IntegrityError as error:
        if "task_open_once" not in str(error):
            raise
        return Task.objects.get(key=key, state="open")  # somebody wrote the same a moment ago
    _line("task.created", task, by, at, seat=seat_key)
    return task


def end(task: Task, state: str, by: Actor, at: datetime, note: str = "") -> Task:
    task.state, task.ended_at, task.ended_by_name, task.note = state, at, by.name, note[:1000]
    task.save(update_fields=["state", "ended_at", "ended_by_name", "note"])
    _line("task.done" if state == "done" else "task.cancelled", task, by, at)
    return task


def _line(verb: str, task: Task, by: Actor, at: datetime, **data: str) -> None:
    write(
        verb, by=by, at=at, subject=task, patient_id=task.patient_id, case_id=task.case_id,
        staff=str(task.staff_id or ""), **data,
    )  # fmt: skip
