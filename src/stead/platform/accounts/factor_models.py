"""What an account signs in with beside its password, its open sessions, and the count of tries."""

from __future__ import annotations

from django.db import models

from stead.platform import clock
from stead.platform.accounts.models import Account, Membership, Practice
from stead.platform.identifiers import new_id
from stead.platform.tenancy.models import DirectoryModel


class Passkey(DirectoryModel):
    """A WebAuthn credential (W3C WebAuthn level 3): `data` is the attested credential data with the public key."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="passkeys")
    name = models.CharField(max_length=60)
    credential_id = models.BinaryField(unique=True)
    data = models.BinaryField()
    sign_count = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now)
    last_used_at = models.DateTimeField(null=True)


class Totp(DirectoryModel):
    """An authenticator app (RFC 6238). `last_step` is the newest 30-second step that was accepted: none works twice."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.OneToOneField(Account, models.CASCADE, related_name="totp")
    secret_encrypted = models.TextField()
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=0)


class RecoveryCode(DirectoryModel):
    """One of ten codes to print. 80 random bits, so that a plain hash is enough to keep."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="recovery_codes")
    code_sha256 = models.CharField(max_length=64, unique=True)
    used_at = models.DateTimeField(null=True)


class SignInTry(DirectoryModel):
    """How often one address has tried one account since `since`. `key` is a keyed hash: no e-mail address is kept of
    people who have no account."""

    key = models.CharField(max_length=64, primary_key=True)
    tries = models.IntegerField()
    since = models.DateTimeField()


class SignedIn(DirectoryModel):
    """One open session: the page that lists sessions reads it, and its clock ends it (idle, absolute)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="sessions")
    membership = models.ForeignKey(Membership, models.CASCADE, null=True, related_name="sessions")
    session_key = models.CharField(max_length=40, unique=True)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    device = models.CharField(max_length=120, default="")
    way = models.CharField(max_length=20, default="password")


class LinkVisit(DirectoryModel):
    """A patient's visit by a link and the birth date, without an account: what it reaches is the permissions that are
    open by a link, and the papers of one case. It stands beside the sessions of accounts, so that nothing which asks
    for an account ever takes it for one (ADR 8)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.ForeignKey(Practice, models.CASCADE, related_name="+")
    person_id = models.UUIDField()
    name = models.CharField(max_length=200)
    invitation_id = models.UUIDField()
    case_id = models.UUIDField(null=True)
    session_key = models.CharField(max_length=40, unique=True)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["practice", "person_id"], name="link_visit_person")]
