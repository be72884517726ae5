"""Cases: the intakes that ended in a first visit, by COPY; those that are open, and the open denials, by actions.

The leak: ten people were made ready, and nobody has offered them a time since.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from stead.billing.models import Denial
from stead.patients.models import Patient
from stead.platform import actors, clock
from stead.platform.files import store
from stead.platform.tenancy import context
from stead.processes import actions
from stead.processes.models import Case, CaseItem, CaseNumber, PlaybookVersion
from stead.simulation.demo.history import Person, Story
from stead.simulation.demo.journal import Lines
from stead.simulation.demo.people import OLU, PRIYA
from stead.simulation.demo.rows import Ids, Rows
from stead.simulation.demo.structure import Structure

INTAKE = "new_patient_intake"
STAGES = ("received", "agreement", "documents", "eligibility", "match", "booking")
SHARES = (0.0, 0.1, 0.38, 0.69, 0.87, 1.0)
"""When each stage was entered, as a share of the time from request to ready."""
SEATS = {"eligibility": "benefits", "match": "clinical_director"}
PIXEL = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==")


def write_closed(rows: Rows, lines: Lines, ids: Ids, made: Structure, story: Story) -> None:
    """Write the intakes that are over, each with the line of every stage."""
    version = PlaybookVersion.objects.get(playbook__key=INTAKE, state="published")
    number = 0
    for person in story.people:
        if not person.visits or person.created_at < story.now - timedelta(weeks=story.weeks):
            continue
        number += 1
        _closed(rows, lines, ids, made, person, version.id, number)
    rows.add(CaseNumber, id=rows.practice, last=number)


def _closed(rows: Rows, lines: Lines, ids: Ids, made: Structure, person: Person, version: UUID, number: int) -> None:
    opened, booked = person.created_at, max(v.booked_at for v in person.visits[:1])
    case = ids.at(opened)
    length = max(booked - opened, timedelta(minutes=30))
    ready = min(person.ready_after, length * 0.95)
    rows.add(
        Case, id=case, number=number, version_id=version, playbook_key=INTAKE, subject_type="patients.patient",
        subject_id=person.id, patient_id=person.id, location_id=made.locations[person.place].id,
        title=f"{person.first_name} {person.last_name}", stage_key="booking", stage_entered_at=opened + ready,
        owner_seat_key="intake_coordinator", owner_staff_id=made.staff[PRIYA].id, owner_reason="holds the seat",
        state="closed", close_code="started", opened_at=opened, closed_at=opened + length,
    )  # fmt: skip
    about = ("processes.case", case, person.id, case)
    lines.add("case.opened", opened, "", *about, playbook=INTAKE, number=number)
    before = ""
    for stage, share in zip(STAGES, SHARES, strict=True):
        if stage == "eligibility" and person.insurer is None:
            continue
        who = {"match": OLU, "eligibility": "Joyce Amadi"}.get(before, PRIYA)
        seat = SEATS.get(stage, "intake_coordinator")
        at = opened + ready * share
        lines.add("case.stage_entered", at, who, *about, stage=stage, came_from=before, seat=seat, staff="", due_at="")
        before = stage
    lines.add("case.closed", opened + length, PRIYA, *about, code="started", stage="booking")


def open_intakes(practice: UUID, story: Story) -> None:
    """Open the intakes that are on their way, each at its own moment, and take them as far as they came."""
    for person in story.waiting:
        with clock.driven(person.created_at), context.acting(practice, actors.system()):
            door: dict[str, Any] = {"practice": practice, "by": actors.system(), "at": person.created_at}
            patient = Patient.objects.get(id=person.id)
            case = actions.open_case(
                **door, playbook_key=INTAKE, subject=patient, title=f"{person.first_name} {person.last_name}",
                patient_id=person.id, location_id=patient.home_location_id,
            )  # fmt: skip
        _take_along(practice, case.id, person, story.now)


def _take_along(practice: UUID, case_id: UUID, person: Person, now: datetime) -> None:
    """Settle what each stage asks for, some hours apart, until the stage where this one stands today."""
    at = person.created_at
    while True:
        at += timedelta(hours=5)
        if at >= now:
            return
        with clock.driven(at), context.acting(practice, actors.system()):
            case = Case.objects.get(id=case_id)
            if case.state != "open" or case.stage_key == person.stands_at:
                return
            before = case.stage_key
            _settle_stage(practice, case, person.id, at)
            if Case.objects.get(id=case_id).stage_key == before:
                return


def _settle_stage(practice: UUID, case: Case, patient: UUID, at: datetime) -> None:
    door: dict[str, Any] = {"practice": practice, "by": actors.system(), "at": at, "case_id": case.id}
    items = CaseItem.objects.filter(case_id=case.id, stage_key=case.stage_key, required=True).order_by("key")
    for item in items.exclude(state__in=["accepted", "waived"]):
        if item.kind == "document":
            file = store.store(
                PIXEL, name=f"{item.key}.png", purpose="case", by=actors.system(), at=at, patient_id=patient
            )
            actions.receive_item(**door, key=item.key, file_id=file.id)
        actions.accept_item(**door, key=item.key)


def open_denials(practice: UUID, progress: Callable[[str], None]) -> int:
    """Open a case for every denial that nobody has settled, at the moment the payer denied it."""
    with context.acting(practice, actors.system()):
        rows = list(Denial.objects.filter(state="open").select_related("claim").order_by("denied_at", "id"))
    for denial in rows:
        with clock.driven(denial.denied_at), context.acting(practice, actors.system()):
            actions.open_case(
                practice=practice, by=actors.system(), at=denial.denied_at, playbook_key="denial_management",
                subject=denial, title=f"Claim {denial.claim.number}", patient_id=denial.patient_id,
                location_id=denial.claim.location_id, held_up_cents=denial.amount_cents,
            )  # fmt: skip
    progress(f"Demo: {len(rows)} denials are open")
    return len(rows)
