"""Change the record of care: visits, notes, signatures, amendments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from stead.care import rules
from stead.care.models import Encounter, Note, NoteAmendment
from stead.care.terms import TEMPLATES, Template
from stead.care.text import body_of, digest_of, sealed, sealed_amendment
from stead.platform.actions import action
from stead.platform.actors import Actor
from stead.platform.identifiers import uuid7
from stead.platform.journal.write import write
from stead.platform.refusals import NotFound
from stead.processes import gates
from stead.scheduling.models import Appointment, Service
from stead.scheduling.rules import has_started


@action("open_encounter", permission="care.open", words="open the record of a visit", may_change_nothing=True)
def open_encounter(*, practice: UUID, by: Actor, at: datetime, appointment_id: UUID) -> Encounter:
    """Open the record of a visit that has started; when it has ended, write down when its note is due. The visit stays
    locked, so that two who open it at once open one record."""
    rows = Appointment.objects.select_for_update(of=("self",)).select_related("location")
    visit = rows.filter(id=appointment_id).first()
    if visit is None:
        raise NotFound()
    if not has_started(visit.status):
        raise rules.VisitNotStarted()
    found = Encounter.objects.filter(appointment_id=visit.id).first() or _encounter_of(visit, by, at)
    if found.voided_at:
        _take_up_again(found, visit, by, at)
    if visit.done_at and found.ends_at != visit.done_at:
        found.starts_at = visit.session_started_at or found.starts_at
        found.ends_at, found.due_at = visit.done_at, rules.due_at(visit.done_at)
        found.save(update_fields=["starts_at", "ends_at", "due_at"])
        write("encounter.ended", by=by, at=at, subject=found, patient_id=found.patient_id)
    return found


def _take_up_again(row: Encounter, visit: Appointment, by: Actor, at: datetime) -> None:
    """Let the record live that a start taken back had voided, with the draft that may have been begun."""
    row.voided_at, row.starts_at = None, visit.session_started_at or visit.starts_at
    row.service_date, row.due_at = _local_day(visit), rules.due_at(visit.ends_at)
    row.save(update_fields=["voided_at", "starts_at", "service_date", "due_at"])
    write("encounter.opened", by=by, at=at, subject=row, patient_id=row.patient_id)


@action("void_encounter", permission="care.open", words="void the record of a visit", may_change_nothing=True)
def void_encounter(*, practice: UUID, by: Actor, at: datetime, appointment_id: UUID) -> Encounter | None:
    """Void the record of a visit whose start was taken back; a draft stays with it. Refuses once its note is signed."""
    row = Encounter.objects.select_for_update().filter(appointment_id=appointment_id, voided_at=None).first()
    if row is None:
        return None
    if row.signed_at is not None:
        raise rules.NoteSignedForGood()
    row.voided_at, row.due_at, row.ends_at = at, None, None
    row.save(update_fields=["voided_at", "due_at", "ends_at"])
    write("encounter.voided", by=by, at=at, subject=row, patient_id=row.patient_id)
    return row


def _encounter_of(visit: Appointment, by: Actor, at: datetime) -> Encounter:
    """The date of service is the day the visit is booked for at its location, however late somebody presses Start."""
    row = Encounter.objects.create(
        id=uuid7(at),
        appointment_id=visit.id,
        patient_id=visit.patient_id,
        practitioner_id=visit.practitioner_id,
        service_id=visit.service_id,
        location_id=visit.location_id,
        starts_at=visit.session_started_at or visit.starts_at,
        service_date=_local_day(visit),
        diagnosis_codes=_last_diagnoses(visit.patient_id),
        # A session that nobody ends still owes a note: count from its planned end until it is ended.
        due_at=rules.due_at(visit.ends_at),
    )
    write("encounter.opened", by=by, at=at, subject=row, patient_id=row.patient_id)
    return row


def _local_day(visit: Appointment) -> date:
    return visit.starts_at.astimezone(ZoneInfo(visit.location.time_zone)).date()


def _last_diagnoses(patient_id: UUID) -> list[str]:
    rows = Encounter.objects.filter(patient_id=patient_id).exclude(diagnosis_codes=[]).order_by("-starts_at")
    return list(rows.values_list("diagnosis_codes", flat=True).first() or [])


@action("start_note", permission="care.write", words="start a note", may_change_nothing=True)
def start_note(*, practice: UUID, by: Actor, at: datetime, encounter_id: UUID) -> Note:
    """Start the note of a visit with the right template and the last plan carried; the one that is there, if any. The
    record stays locked, so that two windows at once start one note and both are given it."""
    visit = Encounter.objects.select_for_update().filter(id=encounter_id).first()
    if visit is None:
        raise NotFound()
    if visit.practitioner_id != by.id:
        raise rules.NotTheAuthor()
    if visit.voided_at is not None:
        raise rules.VisitTakenBack()
    found = Note.objects.filter(encounter_id=visit.id).first()
    if found:
        return found
    template = rules.template_for(_is_first_visit(visit))
    note = Note(
        id=uuid7(at),
        encounter_id=visit.id,
        patient_id=visit.patient_id,
        author_id=visit.practitioner_id,
        template=template.key,
        created_at=at,
        saved_at=at,
    )
    note.body_encrypted = sealed(note, _carried(template, visit))
    note.save(force_insert=True)
    write("note.started", by=by, at=at, subject=note, patient_id=note.patient_id, template=template.key)
    return note


def _is_first_visit(visit: Encounter) -> bool:
    if visit.service_id is None:
        return False
    return Service.objects.filter(id=visit.service_id, is_first_visit=True).exists()


def _carried(template: Template, visit: Encounter) -> dict[str, str]:
    last = (
        Note.objects.filter(patient_id=visit.patient_id, author_id=visit.practitioner_id, state="signed")
        .order_by("-signed_at")
        .first()
    )
    said = body_of(last) if last else {}
    return {part.key: said.get(part.key, "") if part.carries else "" for part in template.parts}


def _own_note(note_id: UUID, by: Actor) -> Note:
    note = Note.objects.select_for_update().filter(id=note_id).first()
    if note is None:
        raise NotFound()
    if note.author_id != by.id:
        raise rules.NotTheAuthor()
    return note


def _standing_visit(note: Note) -> Encounter:
    """Lock the visit of a note, so that nobody takes its start back meanwhile; refuses one that was taken back."""
    visit = Encounter.objects.select_for_update().get(id=note.encounter_id)
    if visit.voided_at is not None:
        raise rules.VisitTakenBack()
    return visit


@action("save_note", permission="care.write", words="save a note as a draft", may_change_nothing=True)
def save_note(
    *,
    practice: UUID,
    by: Actor,
    at: datetime,
    note_id: UUID,
    version_no: int,
    body: Mapping[str, str],
    diagnosis_codes: Sequence[str],
) -> Note:
    """Keep a draft. Refuses when it was saved elsewhere since `version_no`, when it is signed, and a code that is no
    diagnosis."""
    codes = rules.checked_diagnoses(diagnosis_codes)
    note = _own_note(note_id, by)
    if note.state == "signed":
        raise rules.NoteSigned()
    if note.version_no != version_no:
        raise rules.NoteChanged()
    kept = rules.cleaned(TEMPLATES[note.template], body)
    visit = _standing_visit(note)
    if kept == body_of(note) and codes == visit.diagnosis_codes:
        return note
    note.body_encrypted, note.saved_at, note.version_no = sealed(note, kept), at, note.version_no + 1
    note.save(update_fields=["body_encrypted", "saved_at", "version_no"])
    visit.diagnosis_codes = codes
    visit.save(update_fields=["diagnosis_codes"])
    write("note.saved", by=by, at=at, subject=note, patient_id=note.patient_id, version=note.version_no)
    return note


@action("sign_note", permission="care.sign", words="sign a note", gated=True, hands=("note",))
def sign_note(*, practice: UUID, by: Actor, at: datetime, note_id: UUID) -> Note:
    """Sign a note for good. Refuses while a part is missing, and for anybody but its author.

    The charge and the claim of the visit are made in the same transaction, by billing, which hears `note.signed`.
    """
    note = _own_note(note_id, by)
    if note.state == "signed":
        raise rules.NoteSigned()
    visit = _standing_visit(note)
    rules.check_ended(visit.ends_at)
    rules.check_complete(TEMPLATES[note.template], body_of(note), visit.diagnosis_codes)
    gates.ask("sign_note", {"note": note}, by=by, at=at)
    note.signed_sha256 = digest_of(note)
    note.state, note.signed_at, note.signed_by_name = "signed", at, by.name
    note.save(update_fields=["state", "signed_at", "signed_by_name", "signed_sha256"])
    write(
        "note.signed",
        by=by,
        at=at,
        subject=note,
        patient_id=note.patient_id,
        encounter_id=str(visit.id),
        template=note.template,
        hours_since_visit=round((at - (visit.ends_at or visit.starts_at)).total_seconds() / 3600, 1),
    )
    return note


@action("amend_note", permission="care.write", words="amend a signed note")
def amend_note(
    *, practice: UUID, by: Actor, at: datetime, note_id: UUID, text: str, diagnosis_codes: Sequence[str] | None = None
) -> NoteAmendment:
    """Add to a signed note, with name and time; the note itself stays as it was signed.

    Another diagnosis is an amendment like any other: it stands in its text, and the visit is billed with it from then
    on.
    """
    note = _own_note(note_id, by)
    if note.state != "signed":
        raise rules.NoteNotSigned()
    if not text.strip():
        raise rules.AmendmentEmpty(field="text")
    if len(text) > rules.MOST_CHARACTERS:
        raise rules.NoteTooLong(field="text")
    row = NoteAmendment(
        id=uuid7(at), note_id=note.id, patient_id=note.patient_id, author_id=by.id, author_name=by.name, at=at
    )
    before, codes = _amend_diagnosis(note, diagnosis_codes)
    said = f"Diagnosis: {', '.join(codes)} instead of {', '.join(before) or 'none'}.\n\n" if codes != before else ""
    row.body_encrypted = sealed_amendment(row, said + text.strip())
    row.save(force_insert=True)
    changed = {"diagnosis_from": before, "diagnosis_to": codes} if codes != before else {}
    write(
        "note.amended", by=by, at=at, subject=note, patient_id=note.patient_id, encounter_id=str(note.encounter_id),
        changed=changed,
    )  # fmt: skip
    return row


def _amend_diagnosis(note: Note, said: Sequence[str] | None) -> tuple[list[str], list[str]]:
    """Give the visit the diagnosis of an amendment; return what it was and what it is."""
    visit = Encounter.objects.select_for_update(of=("self",)).get(id=note.encounter_id)
    before = list(visit.diagnosis_codes)
    codes = rules.checked_diagnoses(said) if said is not None else before
    if not codes and before:
        raise rules.DiagnosisNotReadable(field="diagnosis")
    if codes != before:
        visit.diagnosis_codes = codes
        visit.save(update_fields=["diagnosis_codes"])
    return before, codes
