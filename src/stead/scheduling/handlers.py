"""What the practice's own changes do to the book: absences and closed days open and close free days."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from stead.platform.journal.follow import handles
from stead.platform.journal.models import JournalEntry
from stead.practice.models import Absence
from stead.scheduling import free
from stead.scheduling.models import FreeDay, WorkPattern


@handles("absence.recorded", "absence.cancelled")
def restate_absence(entry: JournalEntry) -> None:
    """Close or open the practitioner's days. Booked visits stay: the absence page says what has to be moved."""
    absence = Absence.objects.get(id=UUID(str(entry.subject_id)))
    newest = _built_until()
    if newest is not None:
        free.rebuild_free_days([absence.staff_id], absence.first_date, min(absence.last_date, newest))


@handles("day.closed")
def restate_closed_day(entry: JournalEntry) -> None:
    day = date.fromisoformat(entry.data["day"])
    staff: list[UUID] = list(WorkPattern.objects.order_by("staff_id").values_list("staff_id", flat=True).distinct())
    newest = _built_until()
    if newest is not None and day <= newest:
        free.rebuild_free_days(staff, day, day)


def _built_until() -> date | None:
    """Days beyond the last one built are stated when the nightly job reaches them."""
    day: date | None = FreeDay.objects.order_by("-day").values_list("day", flat=True).first()
    return day
