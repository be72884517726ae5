"""Days somebody is away."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from stead.platform.actions import action
from stead.platform.actors import Actor
from stead.platform.journal.write import write
from stead.platform.refusals import Conflict, InvalidInput
from stead.practice.actions.rows import get_row
from stead.practice.models import Absence, StaffMember


class DatesReversed(InvalidInput):
    words = "The last day is before the first."


@action("record_absence", permission="practice.record_absence", words="record an absence")
def record_absence(
    *, practice: UUID, by: Actor, at: datetime, staff_id: UUID, first_date: date, last_date: date,
    planned: bool = True, words: str = "",
) -> Absence:  # fmt: skip
    """Write down the days somebody is away, both ends included. The reason in words stays out of the journal."""
    get_row(StaffMember, staff_id)
    if last_date < first_date:
        raise DatesReversed(field="last_date")
    absence = Absence.objects.create(
        staff_id=staff_id, first_date=first_date, last_date=last_date, planned=planned, words=words.strip()[:200]
    )
    write(
        "absence.recorded", by=by, at=at, subject=absence, staff=str(staff_id), first_date=str(first_date),
        last_date=str(last_date), planned=planned,
    )  # fmt: skip
    return absence


@action("cancel_absence", permission="practice.record_absence", words="cancel an absence")
def cancel_absence(*, practice: UUID, by: Actor, at: datetime, absence_id: UUID) -> Absence:
    """Take an absence back: somebody is here after all."""
    absence = get_row(Absence, absence_id)
    if absence.cancelled_at is not None:
        raise Conflict("This absence was cancelled already.")
    absence.cancelled_at = at
    absence.save(update_fields=["cancelled_at"])
    write("absence.cancelled", by=by, at=at, subject=absence, staff=str(absence.staff_id))
    return absence
