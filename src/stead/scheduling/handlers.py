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


@handles("staff_member.ended")
def restate_ended_work(entry: JournalEntry) -> None:
    """Offer no time of somebody after their last day. Booked visits stay: the person's page lists those to rebook."""
    said = [day for day in (entry.data["first_day_without"], entry.data["was"]) if day]
    first, newest = min(date.fromisoformat(day) for day in said), _built_until()
    if newest is not None and first <= newest:
        free.rebuild_free_days([UUID(str(entry.subject_id))], first, newest)


@handles("day.closed", "day.reopened")
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
