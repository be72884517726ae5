"""Idempotency keys: a POST sent twice has one effect and one answer."""

from typing import ClassVar

from django.db import models

from stead.platform import clock
from stead.platform.tenancy.models import TenantModel, Writes


class IdempotencyKey(TenantModel):
    """One POST. `id` is derived from the sender and the key, so that the primary key itself is the guard."""

    writes: ClassVar[Writes] = "insert update delete"

    request_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=clock.now)
    status = models.IntegerField(null=True)
    location = models.TextField(default="")
    body = models.TextField(default="")
    content_type = models.CharField(max_length=100, default="")

    class Meta(TenantModel.Meta):
        db_table = "idempotency_key"
        indexes = [models.Index(fields=["practice_id", "created_at"], name="idempotency_created")]
