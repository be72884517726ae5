"""Visits opened by the book, drafts, signatures, amendments; and what refuses them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, IntegrityError, connections, transaction

from stead.care import actions, queries, rules
from stead.care.models import Encounter, Note, NoteAmendment
from stead.care.tests.cast import GOOD, draft_of, service, session_of, visit
from stead.care.text import amendment_text, body_of, digest_of
from stead.patients.models import Patient
from stead.platform import clock
from stead.platform.actors import Actor
from stead.platform.journal.models import JournalEntry
from stead.platform.policy.facts import SharedLoader, facts
from stead.platform.refusals import NotFound, NotPermitted
from stead.platform.tenancy.context import acting
from stead.testing.clients import outside

pytestmark = pytest.mark.django_db


def verbs() -> list[str]:
    return list(JournalEntry.objects.order_by("id").values_list("verb", flat=True))


def test_started_session_opens_the_visit_once(patient: Patient, cho: Actor, ana: Actor, at: datetime) -> None:
    booked = visit(patient, cho, at)
    encounter = session_of(booked, ana, at)
    assert Encounter.objects.count() == 1
    assert encounter.patient_id == patient.id
    assert encounter.service_date == at.date()
    assert encounter.due_at == booked.ends_at + timedelta(hours=72)
    assert verbs().count("encounter.opened") == 1


@pytest.mark.parametrize("status", ["held", "booked", "confirmed", "arrived", "no_show", "cancelled", "released"])
def test_visit_that_has_not_started_has_no_record(
    inside: UUID, patient: Patient, cho: Actor, ana: Actor, at: datetime, status: str
) -> None:
    booked = visit(patient, cho, at, status=status, session_started_at=None)
    with pytest.raises(rules.VisitNotStarted):
        actions.open_encounter(practice=inside, by=ana, at=at, appointment_id=booked.id)
    assert not Encounter.objects.exists()


def test_visit_late_in_the_evening_belongs_to_the_local_day(
    patient: Patient, cho: Actor, ana: Actor, at: datetime
) -> None:
    evening = at.replace(hour=23) + timedelta(hours=3)
    encounter = session_of(visit(patient, cho, evening), ana, evening)
    assert encounter.service_date == at.date()


def test_a_visit_has_one_record(held: Encounter) -> None:
    with pytest.raises(IntegrityError, match="encounter_once"), transaction.atomic():
        Encounter.objects.create(
            appointment_id=held.appointment_id,
            patient_id=held.patient_id,
            practitioner_id=held.practitioner_id,
            starts_at=held.starts_at,
            service_date=held.service_date,
        )


def test_note_starts_with_the_right_template_and_is_the_same_when_started_again(
    inside: UUID, held: Encounter, cho: Actor, at: datetime
) -> None:
    note = actions.start_note(practice=inside, by=cho, at=at, encounter_id=held.id)
    assert (note.template, note.state) == ("dap", "draft")
    assert actions.start_note(practice=inside, by=cho, at=at, encounter_id=held.id).id == note.id
    assert verbs().count("note.started") == 1


def test_first_visit_gets_the_intake_template(
    inside: UUID, patient: Patient, cho: Actor, ana: Actor, at: datetime
) -> None:
    first = service("First visit, 60 min", minutes=60, is_first_visit=True)
    encounter = session_of(visit(patient, cho, at, first), ana, at)
    assert actions.start_note(practice=inside, by=cho, at=at, encounter_id=encounter.id).template == "intake"


def test_last_plan_and_diagnosis_are_carried(
    inside: UUID, patient: Patient, held: Encounter, cho: Actor, ana: Actor, at: datetime
) -> None:
    note = draft_of(inside, cho, at, held)
    actions.sign_note(practice=inside, by=cho, at=at, note_id=note.id)
    later = at + timedelta(days=7)
    again = session_of(visit(patient, cho, later), ana, later)
    carried = actions.start_note(practice=inside, by=cho, at=later, encounter_id=again.id)
    assert body_of(carried) == {"data": "", "assessment": "", "plan": GOOD["plan"]}
    assert again.diagnosis_codes == ["F41.1"]


def test_somebody_elses_session_is_not_theirs_to_write(inside: UUID, held: Encounter, cho: Actor, at: datetime) -> None:
    other = Actor(id=held.id, kind="staff", name="Marcus Bell", roles=frozenset({"clinician"}))
    with pytest.raises(rules.NotTheAuthor):
        actions.start_note(practice=inside, by=other, at=at, encounter_id=held.id)
    note = draft_of(inside, cho, at, held)
    with pytest.raises(rules.NotTheAuthor):
        actions.sign_note(practice=inside, by=other, at=at, note_id=note.id)


@pytest.mark.parametrize("seat", ["ana", "ben", "mona", "olu"])
def test_only_clinicians_sign(
    inside: UUID, held: Encounter, cho: Actor, at: datetime, seat: str, request: pytest.FixtureRequest
) -> None:
    note = draft_of(inside, cho, at, held)
    with pytest.raises(NotPermitted):
        actions.sign_note(practice=inside, by=request.getfixturevalue(seat), at=at, note_id=note.id)


def test_text_is_stored_encrypted_only(inside: UUID, held: Encounter, cho: Actor, at: datetime) -> None:
    note = draft_of(inside, cho, at, held)
    assert "week" not in Note.objects.get(id=note.id).body_encrypted
    assert body_of(note) == GOOD
    assert not any("week" in str(line) for line in JournalEntry.objects.values_list("data", flat=True))


def test_saving_over_a_newer_version_is_refused_and_replaces_nothing(
    inside: UUID, held: Encounter, cho: Actor, at: datetime
) -> None:
    note = draft_of(inside, cho, at, held)
    with pytest.raises(rules.NoteChanged):
        actions.save_note(
            practice=inside, by=cho, at=at, note_id=note.id, version_no=note.version_no - 1,
            body={"data": "older window"}, diagnosis_codes=[],
        )  # fmt: skip
    assert body_of(Note.objects.get(id=note.id)) == GOOD


@pytest.mark.parametrize("codes", [["anxiety"], ["F41.1", "drop table"], ["F41"] * 13, [""]])
def test_code_that_is_no_diagnosis_is_refused_by_the_action_itself(
    inside: UUID, held: Encounter, cho: Actor, at: datetime, codes: list[str]
) -> None:
    note = actions.start_note(practice=inside, by=cho, at=at, encounter_id=held.id)
    with pytest.raises(rules.DiagnosisNotReadable):
        actions.save_note(
            practice=inside, by=cho, at=at, note_id=note.id, version_no=note.version_no, body=GOOD,
            diagnosis_codes=codes,
        )  # fmt: skip
    assert body_of(Note.objects.get(id=note.id)) != GOOD


def test_saving_the_same_again_changes_nothing(inside: UUID, held: Encounter, cho: Actor, at: datetime) -> None:
    note = draft_of(inside, cho, at, held)
    again = actions.save_note(
        practice=inside, by=cho, at=at, note_id=note.id, version_no=note.version_no, body=GOOD,
        diagnosis_codes=["F41.1"],
    )  # fmt: skip
    assert again.version_no == note.version_no
    assert verbs().count("note.saved") == 1


def test_signing_fixes_who_when_and_the_hash(inside: UUID, held: Encounter, cho: Actor, at: datetime) -> None:
    note = draft_of(inside, cho, at, held)
    signed = actions.sign_note(practice=inside, by=cho, at=at, note_id=note.id)
    assert (signed.state, signed.signed_at, signed.signed_by_name) == ("signed", at, cho.name)
    assert signed.signed_sha256 == digest_of(signed)
    line = JournalEntry.objects.get(verb="note.signed")
    assert line.data["encounter_id"] == str(held.id)
    assert line.patient_id == held.patient_id


def test_visit_owes_its_note_until_the_note_is_signed(inside: UUID, held: Encounter, cho: Actor, at: datetime) -> None:
    note = draft_of(inside, cho, at, held)
    assert [due.encounter_id for due in queries.notes_due(cho.id)] == [held.id]
    assert Encounter.objects.get(id=held.id).signed_at is None
    actions.sign_note(practice=inside, by=cho, at=at, note_id=note.id)
    assert queries.notes_due(cho.id) == []
    assert Encounter.objects.get(id=held.id).signed_at == at


def test_signature_is_refused_while_a_part_is_empty(inside: UUID, held: Encounter, cho: Actor, at: datetime) -> None:
    note = draft_of(inside, cho, at, held, GOOD | {"plan": ""}, diagnoses=())
    with pytest.raises(rules.NoteNotComplete, match="Still empty: Plan, Diagnosis"):
        actions.sign_note(practice=inside, by=cho, at=at, note_id=note.id)
    assert Note.objects.get(id=note.id).state == "draft"
    assert "note.signed" not in verbs()


def test_signed_note_is_refused_by_the_action(inside: UUID, held: Encounter, cho: Actor, at: datetime) -> None:
    note = draft_of(inside, cho, at, held)
    actions.sign_note(practice=inside, by=cho, at=at, note_id=note.id)
    with pytest.raises(rules.NoteSigned):
        actions.sign_note(practice=inside, by=cho, at=at, note_id=note.id)
    with pytest.raises(rules.NoteSigned):
        actions.save_note(
            practice=inside, by=cho, at=at, note_id=note.id, version_no=note.version_no, body=GOOD, diagnosis_codes=[]
        )


@pytest.mark.parametrize(
    "change", [{"body_encrypted": "x"}, {"state": "draft"}, {"signed_by_name": "Eve"}, {"signed_sha256": ""}]
)
def test_the_database_refuses_to_change_a_signed_note(
    inside: UUID, held: Encounter, cho: Actor, at: datetime, change: dict[str, str]
) -> None:
    note = draft_of(inside, cho, at, held)
    actions.sign_note(practice=inside, by=cho, at=at, note_id=note.id)
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Note.objects.filter(id=note.id).update(**change)


def test_signed_without_a_moment_is_refused_by_the_database(
    inside: UUID, held: Encounter, cho: Actor, at: datetime
) -> None:
    note = draft_of(inside, cho, at, held)
    with pytest.raises(IntegrityError, match="note_signed_when"), transaction.atomic():
        Note.objects.filter(id=note.id).update(state="signed")


def test_a_visit_has_one_note(inside: UUID, held: Encounter, cho: Actor, at: datetime) -> None:
    draft_of(inside, cho, at, held)
    with pytest.raises(IntegrityError, match="note_one_per_encounter"), transaction.atomic():
        Note.objects.create(
            encounter_id=held.id, patient_id=held.patient_id, author_id=cho.id, template="dap", body_encrypted="",
            created_at=at, saved_at=at,
        )  # fmt: skip


def test_amendment_stands_beside_the_signed_text(inside: UUID, held: Encounter, cho: Actor, at: datetime) -> None:
    note = draft_of(inside, cho, at, held)
    with pytest.raises(rules.NoteNotSigned):
        actions.amend_note(practice=inside, by=cho, at=at, note_id=note.id, text="More")
    actions.sign_note(practice=inside, by=cho, at=at, note_id=note.id)
    with pytest.raises(rules.AmendmentEmpty):
        actions.amend_note(practice=inside, by=cho, at=at, note_id=note.id, text="  ")
    row = actions.amend_note(practice=inside, by=cho, at=at, note_id=note.id, text="Called the sister back.")
    assert amendment_text(row) == "Called the sister back."
    assert "sister" not in row.body_encrypted
    assert body_of(Note.objects.get(id=note.id)) == GOOD
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        NoteAmendment.objects.filter(id=row.id).update(author_name="Eve")


def test_another_practice_finds_nothing(
    inside: UUID, held: Encounter, cho: Actor, at: datetime, elsewhere: UUID, eve: Actor
) -> None:
    note = draft_of(inside, cho, at, held)
    attempts: list[Callable[[dict[str, Any]], object]] = [
        lambda door: actions.start_note(**door, encounter_id=held.id),
        lambda door: actions.sign_note(**door, note_id=note.id),
        lambda door: actions.amend_note(**door, note_id=note.id, text="x"),
        lambda door: actions.open_encounter(**door, appointment_id=held.appointment_id or held.id),
        lambda door: queries.get_note(note.id),
    ]
    with outside(), acting(elsewhere, eve):
        for attempt in attempts:
            with pytest.raises(NotFound):
                attempt({"practice": elsewhere, "by": eve, "at": at})


def test_notes_due_say_age_and_money_and_shrink_when_signed(
    inside: UUID, held: Encounter, cho: Actor, at: datetime
) -> None:
    (due,) = queries.notes_due(cho.id)
    assert (due.encounter_id, due.held_cents, due.patient_name) == (held.id, 15000, "D. Marsh")
    assert due.hours_over(due.due_at + timedelta(hours=5)) == 5
    note = draft_of(inside, cho, at, held)
    assert queries.notes_due()[0].note_id == note.id
    actions.sign_note(practice=inside, by=cho, at=at, note_id=note.id)
    assert queries.notes_due() == []


def test_facts_of_a_note(inside: UUID, held: Encounter, cho: Actor, at: datetime) -> None:
    note = draft_of(inside, cho, at, held, diagnoses=())

    def fact(name: str) -> object:
        load = facts.get(name).load
        assert load is not None
        return load.learn(note)[name] if isinstance(load, SharedLoader) else load(note)

    assert fact("note.signed") is False
    assert fact("note.complete") is False
    assert fact("note.has_diagnosis") is False
    assert fact("note.has_end_time") is True
    assert fact("note.days_since_visit") == (clock.now() - held.starts_at).days


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_owner_may_reseal_the_same_text_and_nothing_else(
    linden: UUID, practice_row: Any, cho: Actor, ana: Actor, at: datetime
) -> None:
    from stead.care.tests.cast import dee

    with acting(linden, cho):
        encounter = session_of(visit(dee(at), cho, at), ana, at)
        note = draft_of(linden, cho, at, encounter)
        actions.sign_note(practice=linden, by=cho, at=at, note_id=note.id)
    with connections["owner"].cursor() as cursor:
        cursor.execute("update note set body_encrypted = body_encrypted || '' where id = %s", [note.id])
        assert cursor.rowcount == 1
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic(using="owner"):
            cursor.execute("update note set signed_by_name = 'Eve' where id = %s", [note.id])
