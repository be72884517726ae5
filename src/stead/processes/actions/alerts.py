"""Put a case before all others, and take a task upon oneself."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from stead.platform.actions import action
from stead.platform.actors import Actor, system
from stead.platform.journal.write import write
from stead.platform.refusals import Conflict, NotFound
from stead.practice.queries import get_staff
from stead.processes.actions.cases import taken
from stead.processes.models import Case, Task
from stead.processes.terms import Alert


@action("mark_case", permission="cases.work", words="put a case before all others")
def mark_case(
    *, practice: UUID, by: Actor, at: datetime, case_id: UUID, alert: Alert, alert_by: datetime | None = None
) -> Case:
    """Mark a case as urgent or as a crisis, with a limit on the clock, or take the mark away ("").

    A stage that would be due later is due by the limit.
    """
    hand = taken(case_id, at, by, alive=False)
    case, was = hand.case, hand.case.alert
    case.alert, case.alert_by = alert, alert_by if alert else None
    case.save(update_fields=["alert", "alert_by"])
    hand.hurry()
    write(
        "case.marked", by=by, at=at, subject=case, patient_id=case.patient_id, case_id=case.id, alert=alert, was=was,
        limit=alert_by.isoformat() if alert and alert_by else "",
    )  # fmt: skip
    if case.state == "open":
        hand.by = system()
        hand.advance()  # a crisis may have been all that held it
    return case


@action("take_task", permission="tasks.work", words="take a task")
def take_task(*, practice: UUID, by: Actor, at: datetime, task_id: UUID) -> Task:
    """Make an open task one's own, whoever's seat it was written for; a change of seats no longer moves it."""
    task = Task.objects.select_for_update().filter(id=task_id).first()
    if task is None:
        raise NotFound()
    if task.state != "open":
        raise Conflict(f"{task.ended_by_name} ended this task already.")
    was, task.staff_id, task.seat_key = task.staff_id, get_staff(by.id).id, ""
    task.save(update_fields=["staff_id", "seat_key"])
    write(
        "task.taken", by=by, at=at, subject=task, patient_id=task.patient_id, case_id=task.case_id,
        from_staff=str(was or ""), staff=str(by.id),
    )  # fmt: skip
    return task
