"""Messages on their way out, and their wording."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import ForeignObject

from stead.platform.tenancy.models import PortalView, TenantModel, tenant_fk


class OutboxMessage(TenantModel):
    """One message to one person, a patient or a colleague. `key` is unique: the same reminder is never written twice.
    What only the receiver may see (a link that opens a page once) stands sealed beside the body until the message has
    left, and in it as a mark.

    `to` is the address of the moment it was written, and of the moment it left once it has. `send_after` is when a
    worker looks at it next. `leaving_at` names the handing over in force: while it lasts no row is locked, so what
    comes back is kept only if it still speaks of that one. `appointment_id` is of a higher room, so it has no link.
    """

    portal: ClassVar[PortalView] = "own"

    key = models.CharField(max_length=200)
    patient_id = models.UUIDField(null=True)
    patient: ForeignObject[Any, Any] = tenant_fk("patients.Patient", "patient_id", null=True)
    staff_id = models.UUIDField(null=True)
    staff: ForeignObject[Any, Any] = tenant_fk("practice.StaffMember", "staff_id", null=True)
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
        choices=[
            ("queued", "queued"),
            ("leaving", "leaving"),
            ("sent", "sent"),
            ("failed", "failed"),
            ("stopped", "stopped"),
        ],
    )
    send_after = models.DateTimeField()
    leaving_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    attempts = models.IntegerField(default=0)
    reply_code = models.CharField(max_length=200, default="")

    class Meta(TenantModel.Meta):
        db_table = "outbox_message"
        constraints = [
            models.UniqueConstraint(fields=["practice_id", "key"], name="outbox_message_once"),
            models.CheckConstraint(
                name="outbox_message_to_a_patient_or_a_colleague",
                condition=models.Q(purpose="staff", staff_id__isnull=False, patient_id__isnull=True)
                | (~models.Q(purpose="staff") & models.Q(staff_id__isnull=True, patient_id__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(
                fields=["practice_id", "send_after"],
                name="outbox_due",
                condition=models.Q(state__in=["queued", "leaving"]),
            ),
            models.Index(
                fields=["practice_id", "patient_id"],
                name="outbox_patient",
                condition=models.Q(patient_id__isnull=False),
            ),
        ]
