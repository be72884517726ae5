"""What processes does when other rooms have written a line. Runs afterwards, as jobs; bears repetition."""

from __future__ import annotations

from uuid import UUID

from django.apps import apps
from django.db.models import Q

from stead.patients.models import Patient
from stead.platform import clock
from stead.platform.actors import system
from stead.platform.journal.follow import follows
from stead.platform.journal.models import JournalEntry
from stead.processes import queries
from stead.processes.actions import note_arrival, open_case, reopen_case, reroute_cases
from stead.processes.models import Case, PlaybookVersion
from stead.processes.moving import take_turns
from stead.processes.terms import ARRIVALS, OPENINGS, REOPENINGS


@follows(*ARRIVALS)
def let_cases_look(entry: JournalEntry) -> None:
    """Let the line's own case, and the open cases of its patient or subject, settle what has arrived, and move."""
    about = Q()
    for name, column in (("patient_id", "patient_id"), ("subject_id", "subject_id"), ("case_id", "id")):
        if value := getattr(entry, name):
            about |= Q(**{column: value})
    if not about:
        return
    take_turns(entry.practice_id)
    for case_id in Case.objects.filter(about, state="open").order_by("id").values_list("id", flat=True):
        note_arrival(
            practice=entry.practice_id,
            by=system(),
            at=clock.now(),
            case_id=case_id,
            verb=entry.verb,
            codes=entry.data,
            subject_id=entry.subject_id,
            of_case=entry.case_id,
        )


@follows(*OPENINGS)
def open_cases_by_themselves(entry: JournalEntry) -> None:
    """Open a case for the line's subject under each playbook that asks for it, once per subject."""
    if entry.subject_id is None:
        return
    for version in PlaybookVersion.objects.filter(state="published").select_related("playbook"):
        document = queries.document_of(version)
        key = document.playbook
        if document.opens_on != entry.verb or entry.subject_type not in document.subjects:
            continue
        if Case.objects.filter(playbook_key=key, subject_id=entry.subject_id).exists():
            continue  # a follower bears repetition
        subject = apps.get_model(entry.subject_type).objects.get(id=entry.subject_id)
        patient = Patient.objects.get_or_none(id=entry.patient_id) if entry.patient_id else None
        open_case(
            practice=entry.practice_id, by=system(), at=clock.now(), playbook_key=key, subject=subject,
            patient_id=entry.patient_id, location_id=_place_of(subject, patient),
            title=f"{document.name}: {patient.shown_name}" if patient else document.name,
            held_up_cents=getattr(subject, "amount_cents", 0) or 0,
        )  # fmt: skip


def _place_of(subject: object, patient: Patient | None) -> UUID | None:
    """Return the place whose hours and seats the case goes by: the subject's own or its claim's, else the patient's."""
    owners = (subject, getattr(subject, "claim", None))
    places = (getattr(owner, "location_id", None) for owner in owners)
    return next((place for place in places if place), patient.home_location_id if patient else None)


@follows(*REOPENINGS)
def let_cases_come_back(entry: JournalEntry) -> None:
    """Bring the patient's newest case of each playbook back, where that says so: what was reached is gone."""
    if entry.patient_id is None:
        return
    take_turns(entry.practice_id)
    ended = Case.objects.filter(patient_id=entry.patient_id, state="closed").order_by("playbook_key", "-closed_at")
    for case_id in ended.distinct("playbook_key").values_list("id", flat=True):
        reopen_case(practice=entry.practice_id, by=system(), at=clock.now(), case_id=case_id, verb=entry.verb)


@follows(
    "absence.recorded", "absence.cancelled", "seat.assigned", "seat.vacated", "seat.backup_named", "staff_member.ended",
    "staff_member.access_ended",
)  # fmt: skip
def find_owners_again(entry: JournalEntry) -> None:
    """Give open cases to whoever is here now that seats or absences have changed."""
    reroute_cases(practice=entry.practice_id, by=system(), at=clock.now())
