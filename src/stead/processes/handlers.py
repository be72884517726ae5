"""What processes does when other rooms have written a line. Runs afterwards, as jobs; bears repetition."""

from __future__ import annotations

from django.db.models import Q

from stead.platform import clock
from stead.platform.actors import system
from stead.platform.journal.follow import follows
from stead.platform.journal.models import JournalEntry
from stead.processes.actions import note_arrival, reroute_cases
from stead.processes.models import Case
from stead.processes.terms import ARRIVALS


@follows(*ARRIVALS)
def let_cases_look(entry: JournalEntry) -> None:
    """Let the open cases of the same patient or subject settle what has arrived, and move."""
    about = Q()
    for name in ("patient_id", "subject_id"):
        if value := getattr(entry, name):
            about |= Q(**{name: value})
    if not about:
        return
    for case_id in Case.objects.filter(about, state="open").order_by("id").values_list("id", flat=True):
        note_arrival(
            practice=entry.practice_id, by=system(), at=clock.now(), case_id=case_id, verb=entry.verb, codes=entry.data
        )


@follows("absence.recorded", "absence.cancelled", "seat.assigned", "seat.vacated", "seat.backup_named")
def find_owners_again(entry: JournalEntry) -> None:
    """Give open cases to whoever is here now that seats or absences have changed."""
    reroute_cases(practice=entry.practice_id, by=system(), at=clock.now())
