"""Files on their way to and from payers: control numbers never used twice, and every file kept as it came."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from stead.platform.tenancy.models import DirectoryModel, TenantModel, Writes


class ControlNumber(TenantModel):
    """The last number given out of a series (ISA13, GS06, BHT03, claim, statement); locked while counting."""

    series = models.CharField(max_length=30)
    last = models.BigIntegerField(default=0)

    class Meta(TenantModel.Meta):
        db_table = "control_number"
        constraints = [models.UniqueConstraint(fields=["practice_id", "series"], name="control_number_series_once")]


class SenderNumber(DirectoryModel):
    """The last ISA13 given out under a sender identifier, which several practices may share."""

    sender = models.CharField(max_length=15, primary_key=True)
    last = models.BigIntegerField()

    class Meta:
        db_table = "sender_number"


class Interchange(TenantModel):
    """One X12 file, out or in. Inbound ones are known by their hash: the same file twice is read once."""

    direction = models.CharField(max_length=3, choices=[("out", "out"), ("in", "in")])
    kind = models.CharField(max_length=12)
    control_number = models.CharField(max_length=9, default="")
    file_name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    file_id = models.UUIDField(null=True)
    at = models.DateTimeField()
    state = models.CharField(
        max_length=10,
        choices=[
            ("built", "built"),
            ("sent", "sent"),
            ("read", "read"),
            ("refused", "refused"),
            ("answered", "answered"),
        ],
    )
    faults = models.JSONField(default=list)

    class Meta(TenantModel.Meta):
        db_table = "interchange"
        constraints = [
            models.UniqueConstraint(
                fields=["practice_id", "sha256"], condition=Q(direction="in"), name="interchange_in_once"
            ),
            models.UniqueConstraint(
                fields=["practice_id", "control_number"], condition=Q(direction="out"), name="interchange_out_once"
            ),
        ]


class MailboxFault(TenantModel):
    """A file that could not be taken from the mailbox, and why; shown until somebody deals with it."""

    writes: ClassVar[Writes] = "insert update"

    file_name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64, default="")
    reason = models.CharField(max_length=300)
    at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        db_table = "mailbox_fault"
