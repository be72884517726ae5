"""Messages on their way out, and their wording."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from stead.platform.tenancy.models import PortalView, TenantModel


class OutboxMessage(TenantModel):
    """One message to one person. `key` is unique: the same reminder is never sent twice. What only the receiver may see
    (a link that opens a page once) stands sealed beside the body until the message has left, and in it as a mark."""

    portal: ClassVar[PortalView] = "own"

    key = models.CharField(max_length=200)
    patient_id = models.UUIDField(null=True)
    staff_id = models.UUIDField(null=True)
    appointment_id = models.UUIDField(null=True)
    channel = models.CharField(max_length=8, choices=[("email", "e-mail"), ("sms", "text"), ("portal", "portal")])
    purpose = models.CharField(max_length=12, choices=[("care", "care"), ("billing", "billing"), ("staff", "staff")])
    template = models.CharField(max_length=60)
    language = models.CharField(max_length=10, default="en")
    to = models.CharField(max_length=254)
    subject = models.CharField(max_length=200, default="")
    body = models.TextField()
    secret_encrypted = models.TextField(default="")
    state = models.CharField(
        max_length=10,
        default="queued",
        choices=[("queued", "queued"), ("sent", "sent"), ("failed", "failed"), ("stopped", "stopped")],
    )
    send_after = models.DateTimeField()
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    attempts = models.IntegerField(default=0)
    reply_code = models.CharField(max_length=200, default="")

    class Meta(TenantModel.Meta):
        db_table = "outbox_message"
        constraints = [models.UniqueConstraint(fields=["practice_id", "key"], name="outbox_message_once")]
        indexes = [
            models.Index(fields=["practice_id", "send_after"], name="outbox_due", condition=models.Q(state="queued"))
        ]
