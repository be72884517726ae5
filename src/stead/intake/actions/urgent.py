"""Somebody is safe and needs help within two days: a limit on the clock, and a voice when it passes."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.urls import reverse

from stead.intake import terms
from stead.platform.actions import action
from stead.platform.actors import Actor
from stead.platform.jobs.queue import once_only
from stead.platform.journal.write import write
from stead.platform.refusals import NotFound
from stead.processes.actions import create_task, mark_case
from stead.processes.models import Case


@action("mark_urgent", permission="intake.screen", words="mark a request as urgent")
def mark_urgent(*, practice: UUID, by: Actor, at: datetime, case_id: UUID) -> Case:
    """Give a request 48 hours by the clock, weekends and nights counted, from the moment it is known to be urgent. A
    crisis stays one, and what is urgent keeps its limit."""
    case = Case.objects.filter(id=case_id, playbook_key=terms.PLAYBOOK).first()
    if case is None:
        raise NotFound()
    limit = case.alert_by if case.alert else at + timedelta(hours=terms.URGENT_HOURS)
    return mark_case(
        practice=practice, by=by, at=at, case_id=case_id, alert="crisis" if case.alert == "crisis" else "urgent",
        alert_by=limit,
    )  # fmt: skip


@action(
    "say_urgent_late", permission="intake.ring", words="say that an urgent request is late", may_change_nothing=True
)
def say_urgent_late(*, practice: UUID, by: Actor, at: datetime, case_id: UUID) -> Case:
    """Write the practice manager a task, once for each limit that passed."""
    case = Case.objects.select_for_update().filter(id=case_id).first()
    if case is None:
        raise NotFound()
    late = case.state == "open" and case.alert == "urgent" and case.alert_by is not None and case.alert_by <= at
    if not late or not once_only(f"urgent_late:{case_id}:{case.alert_by}"):
        return case
    create_task(
        practice=practice,
        by=by,
        at=at,
        key=f"urgent_late:{case_id}",
        title=f"Urgent and not seen within {terms.URGENT_HOURS} hours: {case.title}",
        seat_key="practice_manager",
        case_id=case.id,
        patient_id=case.patient_id,
        url=reverse("processes_case", args=[case.id]),
        due_at=at,
    )
    write("request.urgent_late", by=by, at=at, subject=case, patient_id=case.patient_id, case_id=case.id)
    return case
