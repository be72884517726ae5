"""A session that starts or ends opens the record of its visit, in the same transaction; one taken back voids it."""

from __future__ import annotations

from stead.care.actions import open_encounter, void_encounter
from stead.platform import actors
from stead.platform.journal.follow import handles
from stead.platform.journal.models import JournalEntry


@handles("appointment.session_started", "appointment.finished")
def open_with_the_session(entry: JournalEntry) -> None:
    assert entry.subject_id is not None  # scheduling names the appointment as subject
    open_encounter(practice=entry.practice_id, by=actors.system(), at=entry.at, appointment_id=entry.subject_id)


@handles("appointment.start_undone")
def void_with_the_start(entry: JournalEntry) -> None:
    assert entry.subject_id is not None
    void_encounter(practice=entry.practice_id, by=actors.system(), at=entry.at, appointment_id=entry.subject_id)
