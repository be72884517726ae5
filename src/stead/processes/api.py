"""Cases and tasks over REST: the same queries and actions as the pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Router, Schema

from stead.platform.access import log
from stead.platform.web.door import PageRequest
from stead.platform.web.tokens import token
from stead.processes import actions, queries
from stead.processes.models import Case, CaseItem, Task

router = Router(tags=["cases"])
PAGE = 100


class ItemOut(Schema):
    key: str
    stage_key: str
    kind: str
    words: str
    required: bool
    asked_of: str
    state: str


class CaseOut(Schema):
    id: UUID
    number: int
    playbook_key: str
    title: str
    stage_key: str
    state: str
    waiting_on: str
    owner_seat_key: str
    owner_staff_id: UUID | None
    owner_reason: str
    due_at: datetime | None
    held_up_cents: int
    patient_id: UUID | None
    close_code: str


class CaseWithItems(CaseOut):
    items: list[ItemOut]


class TaskOut(Schema):
    id: UUID
    title: str
    seat_key: str
    staff_id: UUID | None
    case_id: UUID | None
    due_at: datetime | None
    state: str


class Reason(Schema):
    """One of the coded reasons an item goes back for."""

    reason: str


class Close(Schema):
    code: str


class HandOver(Schema):
    seat_key: str
    reason: str = ""


class Note(Schema):
    note: str = ""


@router.get("/cases", response=list[CaseOut])
@token("cases.read")
def cases(request: PageRequest, playbook: str = "", stage: str = "", page: int = 1) -> list[Case]:
    """List open cases, the soonest due first, 100 on a page."""
    rows = queries.open_cases()
    if playbook:
        rows = rows.filter(playbook_key=playbook)
    if stage:
        rows = rows.filter(stage_key=stage)
    first = (max(page, 1) - 1) * PAGE
    found = list(rows[first : first + PAGE])
    log.reads_all(case.patient_id for case in found)
    return found


@router.get("/cases/{uuid:case_id}", response=CaseWithItems)
@token("cases.read")
def case(request: PageRequest, case_id: UUID) -> dict[str, Any]:
    found = queries.get_case(case_id)
    log.reads(found.patient_id)
    return {**CaseOut.from_orm(found).dict(), "items": queries.items_of(found.id)}


@router.post("/cases/{uuid:case_id}/items/{str:key}/accept", response=ItemOut)
@token("cases.work")
def accept(request: PageRequest, case_id: UUID, key: str) -> CaseItem:
    return actions.accept_item(**_who(request), case_id=case_id, key=key)


@router.post("/cases/{uuid:case_id}/items/{str:key}/ask", response=ItemOut)
@token("cases.work")
def ask(request: PageRequest, case_id: UUID, key: str) -> CaseItem:
    return actions.ask_item(**_who(request), case_id=case_id, key=key)


@router.post("/cases/{uuid:case_id}/items/{str:key}/return", response=ItemOut)
@token("cases.work")
def send_back(request: PageRequest, case_id: UUID, key: str, body: Reason) -> CaseItem:
    return actions.return_item(**_who(request), case_id=case_id, key=key, reason=body.reason)


@router.post("/cases/{uuid:case_id}/hand-over", response=CaseOut)
@token("cases.work")
def hand_over(request: PageRequest, case_id: UUID, body: HandOver) -> Case:
    found = actions.hand_over_case(**_who(request), case_id=case_id, seat_key=body.seat_key, reason=body.reason)
    log.reads(found.patient_id)
    return found


@router.post("/cases/{uuid:case_id}/close", response=CaseOut)
@token("cases.work")
def close(request: PageRequest, case_id: UUID, body: Close) -> Case:
    found = actions.close_case(**_who(request), case_id=case_id, code=body.code)
    log.reads(found.patient_id)
    return found


@router.get("/tasks", response=list[TaskOut])
@token("tasks.work")
def tasks(request: PageRequest) -> list[Task]:
    """List the open tasks of the token's person."""
    found = list(queries.tasks_of(request.by.id))
    log.reads_all(task.patient_id for task in found)
    return found


@router.post("/tasks/{uuid:task_id}/done", response=TaskOut)
@token("tasks.work")
def done(request: PageRequest, task_id: UUID, body: Note) -> Task:
    found = actions.complete_task(**_who(request), task_id=task_id, note=body.note)
    log.reads(found.patient_id)
    return found


def _who(request: PageRequest) -> dict[str, Any]:
    return {"practice": request.practice.id, "by": request.by, "at": request.at}
