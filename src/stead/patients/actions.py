"""The only writers of patients."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from stead.patients import queries, rules
from stead.patients.models import ContactConsent, Patient, PatientIdentifier, RelatedPerson
from stead.patients.terms import ADDRESS_FIELDS, Address, PatientDetails, RelatedDetails
from stead.platform.actions import action
from stead.platform.actors import Actor
from stead.platform.encryption import seal
from stead.platform.identifiers import uuid7
from stead.platform.journal import write as journal
from stead.platform.refusals import Conflict, NotFound
from stead.practice.queries import practice_day

FIRST_NUMBER = 1001

_COUNT = """
insert into patient_number (practice_id, id, last) values (%s, %s, %s)
on conflict (practice_id, id) do update set last = patient_number.last + 1 returning last
"""


class IdentifierTaken(Conflict):
    words = "This number of the other system belongs to another patient already. Nothing was changed."


@action("register_patient", permission="patients.register", words="register a patient")
def register_patient(*, practice: UUID, by: Actor, at: datetime, details: PatientDetails) -> Patient:
    """Make the record of a new patient and give it the practice's next number."""
    clean = rules.normal_details(details, practice_day(at))
    row = Patient(id=uuid7(at), number=_next_number(practice), created_at=at, **_columns(clean))
    _seal_ssn(row, clean.ssn)
    row.save(force_insert=True)
    journal.write("patient.registered", by=by, at=at, subject=row, patient_id=row.id, status=row.status)
    return row


@action("update_patient", permission="patients.edit", words="change a patient's record", may_change_nothing=True)
def update_patient(
    *, practice: UUID, by: Actor, at: datetime, patient_id: UUID, details: PatientDetails,
    given: Collection[str] | None = None, version: str | None = None,
) -> Patient:  # fmt: skip
    """Change a patient's details: those named in `given`, all of them without it. The journal names the fields that
    changed, never their values.

    `version` is what stood on record when the form was opened (`queries.version_of`); refuses with RecordChanged when
    somebody, the patient included, has changed it since.
    """
    row = _locked(patient_id)
    if version is not None and version != queries.version_of(row):
        raise rules.RecordChanged()
    clean = rules.normal_details(details, practice_day(at))
    columns = {name: value for name, value in _columns(clean).items() if given is None or name in given}
    changed = sorted(name for name, value in columns.items() if getattr(row, name) != value)
    for name in changed:
        setattr(row, name, columns[name])
    if clean.ssn is not None and (given is None or "ssn" in given):
        changed.append("ssn")
        _seal_ssn(row, clean.ssn)
    if not changed:
        return row
    row.save(force_update=True)
    _say_updated(row, by, at, changed)
    return row


@action("give_address", permission="patients.give_address", words="say where a patient lives", may_change_nothing=True)
def give_address(*, practice: UUID, by: Actor, at: datetime, patient_id: UUID, address: Address) -> Patient:
    """Keep the whole postal address; a part is refused. A patient gives their own only."""
    if by.kind == "patient" and by.id != patient_id:
        raise NotFound()
    row = _locked(patient_id)
    columns = asdict(rules.whole_address(address))
    changed = sorted(name for name, value in columns.items() if getattr(row, name) != value)
    if changed:
        for name in changed:
            setattr(row, name, columns[name])
        row.save(update_fields=changed)
        _say_updated(row, by, at, changed)
    return row


def _say_updated(row: Patient, by: Actor, at: datetime, changed: list[str]) -> None:
    """Name the fields that changed, never their values; and say when the whole address is known by it."""
    given = ADDRESS_FIELDS & set(changed) and all(getattr(row, name) for name in ADDRESS_FIELDS)
    said: dict[str, Any] = {"address": "given"} if given else {}
    journal.write("patient.updated", by=by, at=at, subject=row, patient_id=row.id, fields=changed, **said)


@action("record_contact_consent", permission="patients.record_consent", words="record how a patient may be reached")
def record_contact_consent(
    *, practice: UUID, by: Actor, at: datetime, patient_id: UUID, channel: str, purpose: str, granted: bool
) -> ContactConsent:
    """Add what the patient said about one channel and purpose; the newest answer counts."""
    rules.check_consent(channel, purpose)
    if by.kind == "patient" and by.id != patient_id:
        raise NotFound()
    patient = _locked(patient_id)
    row = ContactConsent.objects.create(
        id=uuid7(at), patient_id=patient.id, channel=channel, purpose=purpose, granted=granted, at=at
    )
    verb = "contact_consent.given" if granted else "contact_consent.withdrawn"
    journal.write(verb, by=by, at=at, subject=row, patient_id=patient.id, channel=channel, purpose=purpose)
    return row


@action("add_related_person", permission="patients.relate", words="write down somebody around a patient")
def add_related_person(
    *, practice: UUID, by: Actor, at: datetime, patient_id: UUID, details: RelatedDetails
) -> RelatedPerson:
    """Write down a guardian, partner or payer. Whoever may consent is named as they sign; the journal says which paper
    was seen, never a name."""
    patient = _locked(patient_id)
    clean = rules.related_details(details)
    row = RelatedPerson.objects.create(
        id=uuid7(at), patient_id=patient.id, added_at=at, added_by_id=by.id, added_by_name=by.name, **asdict(clean)
    )
    said: dict[str, Any] = {
        "may_consent": row.may_consent,
        "may_see": row.may_see,
        "pays": row.pays,
        "proof": row.proof,
    }
    journal.write("related_person.added", by=by, at=at, subject=row, patient_id=patient.id, **said)
    return row


@action("end_related_person", permission="patients.relate", words="take somebody around a patient off the record")
def end_related_person(*, practice: UUID, by: Actor, at: datetime, patient_id: UUID, related_id: UUID) -> RelatedPerson:
    """End what somebody may do for a patient; what they signed before stays."""
    row = RelatedPerson.objects.select_for_update().filter(id=related_id, patient_id=patient_id).first()
    if row is None:
        raise NotFound()
    if row.ended_at is not None:
        raise rules.RelatedEnded()
    row.ended_at = at
    row.save(update_fields=["ended_at"])
    journal.write("related_person.ended", by=by, at=at, subject=row, patient_id=patient_id)
    return row


@action("add_identifier", permission="patients.edit", words="note a patient's number in another system",
        may_change_nothing=True)  # fmt: skip
def add_identifier(
    *, practice: UUID, by: Actor, at: datetime, patient_id: UUID, system: str, value: str
) -> PatientIdentifier:
    """Note how another system numbers the patient. The same number again changes nothing."""
    patient = _locked(patient_id)
    known = PatientIdentifier.objects.get_or_none(system=system, value=value)
    if known is not None:
        if known.patient_id != patient.id:
            raise IdentifierTaken()
        return known
    row = PatientIdentifier.objects.create(id=uuid7(at), patient_id=patient.id, system=system, value=value)
    journal.write("patient.identifier_added", by=by, at=at, subject=row, patient_id=patient.id, system=system)
    return row


def _locked(patient_id: UUID) -> Patient:
    """Lock the row, so that two people who edit at once are put in order."""
    row = Patient.objects.select_for_update().filter(id=patient_id).first()
    if row is None:
        raise NotFound()
    return row


def _columns(details: PatientDetails) -> dict[str, Any]:
    return {name: value for name, value in asdict(details).items() if name != "ssn"}


def _seal_ssn(row: Patient, digits: str | None) -> None:
    if digits is not None:
        bound = {"practice": row.practice_id, "record": row.id, "field": "ssn"}
        row.ssn_encrypted = seal(digits, **bound) if digits else ""  # type: ignore[arg-type]  # names match


def _next_number(practice: UUID) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [practice, practice, FIRST_NUMBER])
        return int(cursor.fetchone()[0])
