"""Accounts, practices and memberships: the directory above the practices."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower

from stead.platform import clock
from stead.platform.identifiers import new_id
from stead.platform.tenancy.models import DirectoryModel


class Practice(DirectoryModel):
    """A practice in the directory: its name and address on the web; everything else of it is tenant rows."""

    app_reads: ClassVar[bool] = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=60, unique=True)
    time_zone = models.CharField(max_length=60, default="America/New_York")
    created_at = models.DateTimeField(default=clock.now)
    is_demo = models.BooleanField(default=False)
    second_step_from = models.JSONField(default=dict)
    """Role to the first day (ISO) on which a password alone no longer opens its seat."""


class AccountManager(BaseUserManager["Account"]):
    def get_by_natural_key(self, username: str | None) -> Account:
        return self.get(email=(username or "").lower())


class Account(AbstractBaseUser, DirectoryModel):
    """A person who signs in. The e-mail is stored lower-case, because no ICU collation is relied on (stack.md)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(unique=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=clock.now)
    theme = models.CharField(max_length=10, default="")
    density = models.CharField(max_length=12, default="")

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    objects = AccountManager()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(email=Lower("email")), name="account_email_lower")]


class Membership(DirectoryModel):
    """What an account is in a practice: a member of staff with roles, or a patient. `person_id` is the tenant row."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="memberships")
    practice = models.ForeignKey(Practice, models.CASCADE, related_name="memberships")
    kind = models.CharField(max_length=10, choices=[("staff", "staff"), ("patient", "patient")])
    person_id = models.UUIDField()
    name = models.CharField(max_length=200)
    roles = ArrayField(models.CharField(max_length=20), default=list)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "account", "kind", "person_id"], name="membership_once"),
        ]


class ApiToken(DirectoryModel):
    """A token of the REST API: only its hash is kept. `scopes` are the permissions it was cut down to."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    membership = models.ForeignKey(Membership, models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100)
    token_sha256 = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=60), default=list)
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
