"""Bring in visits that took place elsewhere: a history, without notes, charges or deadlines."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from stead.care.models import Encounter
from stead.patients.models import Patient
from stead.platform.actions import action
from stead.platform.actors import Actor
from stead.platform.identifiers import uuid7
from stead.platform.journal.write import write
from stead.platform.refusals import InvalidInput, NotFound
from stead.practice.models import StaffMember


class VisitBackwards(InvalidInput):
    words = "The visit ends before it begins."


class VisitInFuture(InvalidInput):
    words = "A visit that took place cannot begin in the future."


@action("import_encounter", permission="care.import", words="bring in a visit of another system")
def import_encounter(
    *,
    practice: UUID,
    by: Actor,
    at: datetime,
    patient_id: UUID,
    practitioner_id: UUID,
    starts_at: datetime,
    ends_at: datetime | None,
    service_date: date,
    source: str,
) -> Encounter:
    """Write down a visit that another system documented. It owes no note here and earns no charge."""
    if (
        not Patient.objects.filter(id=patient_id).exists()
        or not StaffMember.objects.filter(id=practitioner_id).exists()
    ):
        raise NotFound()
    if ends_at is not None and ends_at < starts_at:
        raise VisitBackwards()
    if starts_at > at:
        raise VisitInFuture()
    row = Encounter.objects.create(
        id=uuid7(at),
        patient_id=patient_id,
        practitioner_id=practitioner_id,
        starts_at=starts_at,
        ends_at=ends_at,
        service_date=service_date,
        source=source,
    )
    write("encounter.imported", by=by, at=at, subject=row, patient_id=patient_id, source=source)
    return row
