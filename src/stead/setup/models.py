"""Invitations to work here, and links that let somebody back in."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import ForeignObject, Q

from stead.platform.accounts.models import Account
from stead.platform.identifiers import new_id
from stead.platform.tenancy.models import DirectoryModel, TenantModel, tenant_fk


class StaffInvitation(TenantModel):
    """A single-use link for somebody who is to work here: only the token's hash is kept. Ends when used, withdrawn,
    expired, or when a newer one is sent."""

    staff_id = models.UUIDField()
    staff: ForeignObject[Any, Any] = tenant_fk("practice.StaffMember", "staff_id", related_name="invitations")
    token_sha256 = models.CharField(max_length=64)
    email = models.EmailField()
    sent_at = models.DateTimeField()
    sent_by_name = models.CharField(max_length=200)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        db_table = "staff_invitation"
        constraints = [
            models.UniqueConstraint(fields=["practice_id", "token_sha256"], name="staff_invitation_token_once"),
            models.UniqueConstraint(
                fields=["practice_id", "staff_id"], condition=Q(used_at=None, ended_at=None),
                name="staff_invitation_one_open",
            ),
            models.UniqueConstraint(
                fields=["practice_id", "email"], condition=Q(used_at=None, ended_at=None),
                name="staff_invitation_email_once",
            ),
        ]  # fmt: skip


class ResetRequest(DirectoryModel):
    """Somebody asked for a link to a new password. It stands only until a job has answered, and the address is sealed:
    it may belong to nobody here."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email_encrypted = models.TextField()
    site = models.CharField(max_length=300)
    asked_at = models.DateTimeField()

    class Meta:
        db_table = "reset_request"


class PasswordReset(DirectoryModel):
    """A single-use link to a new password: only the token's hash is kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="resets")
    token_sha256 = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "password_reset"
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(used_at=None, ended_at=None), name="password_reset_one_open"
            )
        ]
