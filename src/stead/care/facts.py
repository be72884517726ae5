"""What gates may ask about a note."""

from __future__ import annotations

from stead.care import rules
from stead.care.models import Encounter, Note
from stead.care.terms import TEMPLATES
from stead.care.text import body_of
from stead.platform import clock
from stead.platform.policy.facts import Cost, Fact, SharedLoader, facts
from stead.platform.policy.kinds import FactValue, Kind


def _of_note(note: Note) -> dict[str, FactValue | None]:
    visit = Encounter.objects.get(id=note.encounter_id)
    missing = rules.missing_parts(TEMPLATES[note.template], body_of(note), visit.diagnosis_codes)
    return {
        "note.complete": not missing,
        "note.has_diagnosis": bool(visit.diagnosis_codes),
        "note.has_end_time": visit.ends_at is not None,
        "note.days_since_visit": (clock.now() - visit.starts_at).days,
    }


_note = SharedLoader(_of_note)

facts.declare(
    Fact("note.signed", Kind.BOOL, "The note is signed", subject="note", load=lambda note: note.state == "signed"),
    Fact("note.complete", Kind.BOOL, "No required part is empty", subject="note", cost=Cost.QUERY, load=_note),
    Fact("note.has_diagnosis", Kind.BOOL, "The visit names a diagnosis", subject="note", cost=Cost.QUERY, load=_note),
    Fact("note.has_end_time", Kind.BOOL, "The session's end is known", subject="note", cost=Cost.QUERY, load=_note),
    Fact("note.days_since_visit", Kind.INT, "Days since the session", subject="note", cost=Cost.QUERY, load=_note),
)
