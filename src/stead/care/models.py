"""Encounters and notes: as much documentation as operations need."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import ForeignObject, Q

from stead.platform.tenancy.models import TenantModel, Writes, tenant_fk


class Encounter(TenantModel):
    """A visit that took place; one whose start was taken back is `voided_at` and owes nothing. `due_at` is when its
    note must be signed, `signed_at` when it was: the database keeps it by trigger on the note, so that what is owed is
    found by an index of its own, however long the history."""

    appointment_id = models.UUIDField(null=True)
    patient_id = models.UUIDField()
    patient: ForeignObject[Any, Any] = tenant_fk("patients.Patient", "patient_id", related_name="encounters")
    practitioner_id = models.UUIDField()
    practitioner: ForeignObject[Any, Any] = tenant_fk("practice.StaffMember", "practitioner_id")
    service_id = models.UUIDField(null=True)
    location_id = models.UUIDField(null=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    service_date = models.DateField()
    diagnosis_codes = ArrayField(models.CharField(max_length=8), default=list)
    due_at = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True, editable=False)
    voided_at = models.DateTimeField(null=True)
    source = models.CharField(max_length=20, default="stead")

    class Meta(TenantModel.Meta):
        db_table = "encounter"
        constraints = [
            models.UniqueConstraint(
                fields=["practice_id", "appointment_id"],
                condition=Q(appointment_id__isnull=False),
                name="encounter_once",
            ),
            models.CheckConstraint(
                condition=Q(voided_at=None) | Q(due_at=None, signed_at=None), name="encounter_voided_owes_nothing"
            ),
        ]
        indexes = [
            models.Index(fields=["practice_id", "starts_at"], name="encounter_day"),
            models.Index(fields=["practice_id", "practitioner_id", "starts_at"], name="encounter_practitioner"),
            models.Index(fields=["practice_id", "patient_id", "starts_at"], name="encounter_patient"),
            models.Index(
                fields=["practice_id", "practitioner_id", "starts_at"],
                name="encounter_owes_note",
                condition=Q(signed_at__isnull=True, due_at__isnull=False),
            ),
        ]


class Note(TenantModel):
    """The note of an encounter. `body_encrypted` is sealed with the field key; a signed note is never edited, only
    amended (45 CFR 164.526): the database refuses the update by trigger."""

    encounter_id = models.UUIDField()
    encounter: ForeignObject[Any, Encounter] = tenant_fk("care.Encounter", "encounter_id", related_name="notes")
    patient_id = models.UUIDField()
    author_id = models.UUIDField()
    author: ForeignObject[Any, Any] = tenant_fk("practice.StaffMember", "author_id")
    template = models.CharField(max_length=40)
    body_encrypted = models.TextField()
    state = models.CharField(max_length=8, default="draft", choices=[("draft", "draft"), ("signed", "signed")])
    created_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True)
    signed_by_name = models.CharField(max_length=200, default="")
    signed_sha256 = models.CharField(max_length=64, default="")
    version_no = models.IntegerField(default=1)

    class Meta(TenantModel.Meta):
        db_table = "note"
        constraints = [
            models.UniqueConstraint(fields=["practice_id", "encounter_id"], name="note_one_per_encounter"),
            models.CheckConstraint(condition=Q(state="draft") | Q(signed_at__isnull=False), name="note_signed_when"),
        ]


class NoteAmendment(TenantModel):
    """What was added to a signed note, by whom and why."""

    writes: ClassVar[Writes] = "insert"

    note_id = models.UUIDField()
    note: ForeignObject[Any, Note] = tenant_fk("care.Note", "note_id", related_name="amendments")
    patient_id = models.UUIDField()
    author_id = models.UUIDField()
    author_name = models.CharField(max_length=200)
    body_encrypted = models.TextField()
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        db_table = "note_amendment"
