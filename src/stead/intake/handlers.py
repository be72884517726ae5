"""What intake does because of lines of other rooms."""

from __future__ import annotations

from uuid import UUID

from stead.intake.actions import note_safety_task_done
from stead.platform.actors import system
from stead.platform.journal.follow import handles
from stead.platform.journal.models import JournalEntry
from stead.processes.models import Task


@handles("task.done")
def end_of_a_safety_task(entry: JournalEntry) -> None:
    """Ending the task says as much as taking the alarm: a person has it."""
    task = Task.objects.get_or_none(id=entry.subject_id, key__startswith="safety:")
    if task is not None and entry.actor_kind == "staff":
        note_safety_task_done(
            practice=entry.practice_id,
            by=system(),
            at=entry.at,
            request_id=UUID(task.key.removeprefix("safety:")),
            staff_id=entry.actor_id,
            name=entry.actor_name,
        )
