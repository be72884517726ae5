"""The journal's tables.

`JournalEntry` is partitioned by month. Its identifiers are UUID version 7 of the entry's own instant, so the ranges are
cut by `id` and the primary key stays (practice_id, id). The row hash is made by a trigger; `JournalPending` lists the
rows that no seal covers yet, `JournalSeal` and `JournalSealed` are the chain. `JournalHead` knows the last entry of
each case or patient, so that an entry knows its predecessor without a search.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from stead.platform import clock
from stead.platform.tenancy.models import PortalView, TenantModel, Writes


class JournalEntry(TenantModel):
    """One thing that happened: who did what to whom, when, and what was known. `data` holds identifiers, codes and
    amounts, never free clinical text."""

    writes: ClassVar[Writes] = "insert"
    portal: ClassVar[PortalView] = "own"

    at = models.DateTimeField()
    verb = models.CharField(max_length=60)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.UUIDField()
    actor_name = models.CharField(max_length=200)
    subject_type = models.CharField(max_length=40, default="")
    subject_id = models.UUIDField(null=True)
    patient_id = models.UUIDField(null=True)
    case_id = models.UUIDField(null=True)
    data = models.JSONField(default=dict)
    previous_id = models.UUIDField(null=True)
    previous_verb = models.CharField(max_length=60, default="")
    previous_actor_id = models.UUIDField(null=True)
    waited_seconds = models.BigIntegerField(null=True)
    hash = models.BinaryField(null=True, editable=False)

    class Meta(TenantModel.Meta):
        db_table = "journal_entry"
        indexes = [
            models.Index(
                fields=["practice_id", "case_id", "id"], name="journal_case", condition=models.Q(case_id__isnull=False)
            ),
            models.Index(
                fields=["practice_id", "patient_id", "id"],
                name="journal_patient",
                condition=models.Q(patient_id__isnull=False),
            ),
            models.Index(fields=["practice_id", "verb", "at"], name="journal_verb"),
            models.Index(
                fields=["practice_id", "subject_id", "id"],
                name="journal_subject",
                condition=models.Q(subject_id__isnull=False),
            ),
        ]


class JournalHead(TenantModel):
    """The newest entry of one stream; `id` is the case's or the patient's identifier."""

    last_id = models.UUIDField()
    last_at = models.DateTimeField()
    last_verb = models.CharField(max_length=60)
    last_actor_id = models.UUIDField()

    class Meta(TenantModel.Meta):
        db_table = "journal_head"


class JournalPending(TenantModel):
    """An entry that is visible and not sealed; `id` is the entry's identifier. Filled by trigger."""

    writes: ClassVar[Writes] = "insert update delete"

    class Meta(TenantModel.Meta):
        db_table = "journal_pending"


class JournalSeal(TenantModel):
    """One link of the chain: a hash over the previous seal and the row hashes of its batch, in order of identifier."""

    writes: ClassVar[Writes] = "insert"

    number = models.BigIntegerField()
    sealed_at = models.DateTimeField(default=clock.now)
    rows = models.IntegerField()
    last_line = models.BigIntegerField()
    hash = models.BinaryField()

    class Meta(TenantModel.Meta):
        db_table = "journal_seal"
        constraints = [models.UniqueConstraint(fields=["practice_id", "number"], name="journal_seal_number")]


class JournalSealed(TenantModel):
    """Which seal covers an entry, and its line number in the practice's book; `id` is the entry's identifier."""

    writes: ClassVar[Writes] = "insert"

    seal_number = models.BigIntegerField()
    line = models.BigIntegerField()

    class Meta(TenantModel.Meta):
        db_table = "journal_sealed"
        constraints = [models.UniqueConstraint(fields=["practice_id", "line"], name="journal_sealed_line")]
        indexes = [models.Index(fields=["practice_id", "seal_number"], name="journal_sealed_seal")]
