"""The access log: who saw whose data, on which page."""

from datetime import timedelta
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from stead.platform.tenancy.models import TenantModel, Writes


class PatientAccess(TenantModel):
    """One request's reads of patient data: a row per page with every patient it showed (45 CFR 164.312(b))."""

    writes: ClassVar[Writes] = "insert"
    portal_inserts: ClassVar[bool] = True

    at = models.DateTimeField()
    actor_id = models.UUIDField()
    actor_name = models.CharField(max_length=200)
    page = models.CharField(max_length=120)
    patient_ids = ArrayField(models.UUIDField())
    reason = models.CharField(max_length=400, default="")

    class Meta(TenantModel.Meta):
        db_table = "patient_access"
        indexes = [
            GinIndex(fields=["patient_ids"], name="patient_access_patients"),
            models.Index(fields=["practice_id", "at"], name="patient_access_at"),
        ]


class BreakGlass(TenantModel):
    """A grant somebody gave themselves, in need, with a reason: at most 60 minutes, every read in it is reviewed
    (45 CFR 164.312(a)(2)(ii))."""

    actor_id = models.UUIDField()
    actor_name = models.CharField(max_length=200)
    reason = models.CharField(max_length=400)
    started_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by_name = models.CharField(max_length=200, default="")

    class Meta(TenantModel.Meta):
        db_table = "break_glass"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__lte=models.F("started_at") + timedelta(minutes=60)),
                name="break_glass_an_hour_at_most",
            )
        ]
        indexes = [models.Index(fields=["practice_id", "actor_id", "ends_at"], name="break_glass_of_actor")]
