"""What reaches back into closed weeks: a visit whose outcome is recorded late, an encounter made late.

Most events happen now and touch the running week only, which is never kept. These may not: they mark the weeks that the
visit's own moments fall in, one measure each, in the transaction of the event. Everything else that a measure reads is
stamped with the moment it was written, so it cannot change a closed week: signing a note after 72 hours, a later answer
of a payer, a task done later, a booking on the eighth day.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from stead.care.models import Encounter
from stead.operating import figures
from stead.platform.journal.follow import handles
from stead.platform.journal.models import JournalEntry
from stead.scheduling.models import Appointment

OUTCOMES = (
    "appointment.finished", "appointment.start_undone", "appointment.no_show", "appointment.cancelled",
    "appointment.rescheduled",
)  # fmt: skip
_WIDEST_ZONE = timedelta(hours=14)


@handles(*OUTCOMES)
def outcome_recorded(entry: JournalEntry) -> None:
    """Mark what a visit counts in, if its week may be over; on most days this costs one read."""
    visit = Appointment.objects.get_or_none(id=entry.subject_id)
    if visit is not None and not _same_week_anywhere(visit.starts_at, entry.at):
        figures.mark_stale(_weeks_of_visit(visit), entry.at)


def _same_week_anywhere(began: datetime, at: datetime) -> bool:
    """Say whether both moments lie in one week whatever the practice's zone, without asking for it."""
    first, last = (began - _WIDEST_ZONE).astimezone(UTC), (at + _WIDEST_ZONE).astimezone(UTC)
    return first.isocalendar()[:2] == last.isocalendar()[:2]


def _weeks_of_visit(visit: Appointment) -> Iterator[tuple[str, datetime]]:
    """A visit moves its own week, and its patient's first visit: which is the first, and the 45 days after it."""
    yield "visits_kept", visit.starts_at
    yield "no_show_rate", visit.starts_at
    kept = Appointment.objects.filter(patient_id=visit.patient_id, status="done").exclude(id=visit.id)
    firsts = [visit.starts_at, *kept.order_by("starts_at").values_list("starts_at", flat=True)[:1]]
    for first in firsts:
        yield "new_patients", first
        yield "kept_to_third", first + timedelta(days=45)


@handles("encounter.opened", "encounter.ended", "encounter.voided")
def visit_held(entry: JournalEntry) -> None:
    """Mark the week in which the note's 72 hours ended, if the encounter is written down later than that."""
    encounter = Encounter.objects.get_or_none(id=entry.subject_id)
    if encounter is None:
        return
    # Until its end was known the visit counted from its start.
    moments = {m + timedelta(hours=72) for m in (encounter.starts_at, encounter.ends_at) if m is not None}
    figures.mark_stale([("notes_72h", m) for m in moments if m < entry.at], entry.at)


@handles("encounter.imported")
def history_arrived(entry: JournalEntry) -> None:
    """An imported visit may mean that a patient of ours was not new: mark the weeks of their first kept visit here."""
    if entry.patient_id is None:
        return
    first = Appointment.objects.filter(patient_id=entry.patient_id, status="done").order_by("starts_at").first()
    if first is not None:
        since = (("new_patients", first.starts_at), ("kept_to_third", first.starts_at + timedelta(days=45)))
        figures.mark_stale(since, entry.at)
