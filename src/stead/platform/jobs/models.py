"""Effects: what jobs have done to the world outside, each with a unique key, because delivery is at least once."""

from typing import ClassVar

from django.db import models

from stead.platform import clock
from stead.platform.tenancy.models import TenantModel, Writes


class Effect(TenantModel):
    """One effect outside (a message sent, a file left in a mailbox). A second row of the same key cannot exist."""

    writes: ClassVar[Writes] = "insert"

    key = models.CharField(max_length=200)
    done_at = models.DateTimeField(default=clock.now)
    answer = models.JSONField(default=dict)

    class Meta(TenantModel.Meta):
        db_table = "effect"
        constraints = [models.UniqueConstraint(fields=["practice_id", "key"], name="effect_once")]
