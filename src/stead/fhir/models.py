"""What came from other systems, so that a second import changes nothing."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from stead.platform.tenancy.models import TenantModel, Writes


class ForeignResource(TenantModel):
    """One resource of another system and the row it became here. `reference` is like "Encounter/451d2f06"."""

    writes: ClassVar[Writes] = "insert"

    source = models.CharField(max_length=60)
    reference = models.CharField(max_length=200)
    row_type = models.CharField(max_length=40)
    row_id = models.UUIDField()
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        db_table = "foreign_resource"
        constraints = [
            models.UniqueConstraint(fields=["practice_id", "source", "reference"], name="foreign_resource_once")
        ]
