"""Stored files: content-addressed, encrypted, their type agreed with their content."""

from typing import ClassVar

from django.db import models

from stead.platform.tenancy.models import PortalView, TenantModel, Writes


class StoredFile(TenantModel):
    """One file. The bytes lie encrypted under their SHA-256; the row says whose it is and what it was called."""

    writes: ClassVar[Writes] = "insert"
    portal: ClassVar[PortalView] = "own"

    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    content_type = models.CharField(max_length=100)
    name = models.CharField(max_length=200)
    purpose = models.CharField(max_length=40)
    patient_id = models.UUIDField(null=True)
    stored_at = models.DateTimeField()
    stored_by_name = models.CharField(max_length=200)
    key_id = models.CharField(max_length=20)

    class Meta(TenantModel.Meta):
        db_table = "stored_file"
        constraints = [
            # What names a file of one patient names the patient beside it.
            models.UniqueConstraint(fields=["practice_id", "id", "patient_id"], name="stored_file_of_patient"),
        ]
        indexes = [
            models.Index(fields=["practice_id", "sha256"], name="stored_file_sha256"),
            models.Index(fields=["practice_id", "patient_id"], name="stored_file_patient"),
        ]
