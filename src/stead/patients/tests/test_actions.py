"""Patients made and changed: rows, journal lines, refusals, the other practice."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from stead.patients import actions, queries
from stead.patients.models import ContactConsent, Patient, PatientIdentifier
from stead.patients.tests.conftest import DEE
from stead.platform.actors import Actor
from stead.platform.encryption import unseal
from stead.platform.identifiers import new_id
from stead.platform.journal.models import JournalEntry
from stead.platform.refusals import NotFound, NotPermitted
from stead.platform.tenancy.context import acting

pytestmark = pytest.mark.django_db


def test_registering_numbers_patients_in_order(inside: UUID, dee: Patient, ana: Actor, at: datetime) -> None:
    second = actions.register_patient(practice=inside, by=ana, at=at, details=replace(DEE, first_name="Ada"))
    assert (dee.number, second.number) == (1001, 1002)
    line = JournalEntry.objects.get(verb="patient.registered", patient_id=dee.id)
    assert (line.actor_name, line.subject_id) == ("Ana Ruiz", dee.id)
    assert "Marsh" not in str(line.data)


def test_numbers_of_practices_are_counted_apart(dee: Patient, elsewhere: UUID) -> None:
    assert dee.number == 1001


def test_stored_details_are_normalised(dee: Patient) -> None:
    dee.refresh_from_db()
    assert (dee.phone, dee.state, dee.zip_code) == ("+15025550143", "IN", "471300042")
    assert dee.name_key == "marsh deirdre dee"
    assert dee.shown_name == "Dee Marsh"


def test_update_names_changed_fields_and_no_values(inside: UUID, dee: Patient, ana: Actor, at: datetime) -> None:
    actions.update_patient(practice=inside, by=ana, at=at, patient_id=dee.id, details=replace(DEE, city="Clarksville"))
    assert JournalEntry.objects.get(verb="patient.updated").data == {"fields": ["city"], "address": "given"}
    assert queries.get_patient(dee.id).city == "Clarksville"


def test_update_without_a_change_writes_nothing(inside: UUID, dee: Patient, ana: Actor, at: datetime) -> None:
    actions.update_patient(practice=inside, by=ana, at=at, patient_id=dee.id, details=DEE)
    assert not JournalEntry.objects.filter(verb="patient.updated").exists()


def test_ssn_is_stored_encrypted_and_kept_when_not_said(inside: UUID, dee: Patient, ana: Actor, at: datetime) -> None:
    known = {"practice": inside, "by": ana, "at": at, "patient_id": dee.id}
    actions.update_patient(**known, details=replace(DEE, ssn="900-12-3456"))  # type: ignore[arg-type]
    actions.update_patient(**known, details=replace(DEE, city="Sellersburg"))  # type: ignore[arg-type]
    row = queries.get_patient(dee.id)
    assert "3456" not in row.ssn_encrypted
    assert unseal(row.ssn_encrypted, practice=inside, record=row.id, field="ssn") == "900123456"
    actions.update_patient(**known, details=replace(DEE, ssn=""))  # type: ignore[arg-type]
    assert queries.get_patient(dee.id).ssn_encrypted == ""


def test_biller_registers_nobody(inside: UUID, ben: Actor, at: datetime) -> None:
    with pytest.raises(NotPermitted, match="register a patient"):
        actions.register_patient(practice=inside, by=ben, at=at, details=DEE)
    assert not Patient.objects.exists()


def test_patient_of_another_practice_is_not_found(linden: UUID, elsewhere: UUID, olu: Actor, eve: Actor, db: None,
                                                  at: datetime) -> None:  # fmt: skip
    with acting(linden, olu):
        dee = actions.register_patient(practice=linden, by=olu, at=at, details=DEE)
    with acting(elsewhere, eve):
        given = {"practice": elsewhere, "by": eve, "at": at, "patient_id": dee.id}
        with pytest.raises(NotFound):
            actions.update_patient(**given, details=DEE)  # type: ignore[arg-type]
        with pytest.raises(NotFound):
            actions.record_contact_consent(**given, channel="sms", purpose="care", granted=True)  # type: ignore[arg-type]
        assert queries.search_ids("marsh", 20) == []


def test_newest_consent_counts(inside: UUID, dee: Patient, ana: Actor, at: datetime) -> None:
    def answer(granted: bool, when: datetime) -> None:
        actions.record_contact_consent(
            practice=inside, by=ana, at=when, patient_id=dee.id, channel="sms", purpose="reminder", granted=granted
        )

    assert not queries.may_reach(dee.id, "sms", "reminder")
    answer(True, at)
    assert queries.may_reach(dee.id, "sms", "reminder")
    answer(False, at + timedelta(minutes=1))
    assert not queries.may_reach(dee.id, "sms", "reminder")
    assert not queries.may_reach(dee.id, "sms", "billing")
    assert ContactConsent.objects.count() == 2
    assert [c.granted for c in queries.consents_of(dee.id)] == [False]


def test_patient_answers_only_for_herself(inside: UUID, dee: Patient, at: datetime) -> None:
    stranger = Actor(id=new_id(), kind="patient", name="Somebody", roles=frozenset({"patient"}))
    with pytest.raises(NotFound):
        actions.record_contact_consent(
            practice=inside, by=stranger, at=at, patient_id=dee.id, channel="sms", purpose="care", granted=True
        )


def test_identifier_names_one_patient(inside: UUID, dee: Patient, ana: Actor, at: datetime) -> None:
    other = actions.register_patient(practice=inside, by=ana, at=at, details=replace(DEE, first_name="Ada"))
    said = {"practice": inside, "by": ana, "at": at, "system": "urn:mrn", "value": "7"}
    first = actions.add_identifier(**said, patient_id=dee.id)  # type: ignore[arg-type]
    assert actions.add_identifier(**said, patient_id=dee.id).id == first.id  # type: ignore[arg-type]
    with pytest.raises(actions.IdentifierTaken):
        actions.add_identifier(**said, patient_id=other.id)  # type: ignore[arg-type]
    assert queries.find_by_identifier("urn:mrn", "7") == dee
    assert PatientIdentifier.objects.count() == 1


def test_a_number_is_given_once(dee: Patient, at: datetime) -> None:
    with pytest.raises(IntegrityError, match="patient_number_once"), transaction.atomic():
        Patient.objects.create(number=dee.number, first_name="A", last_name="B", created_at=at)
