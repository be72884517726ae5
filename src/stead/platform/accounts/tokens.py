"""Tokens of the REST API: made once, shown once, kept as a hash, cut down to scopes."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from stead.platform import permissions
from stead.platform.accounts.models import ApiToken, Membership
from stead.platform.refusals import InvalidInput

PREFIX = "stead_"
_USED_EVERY = timedelta(minutes=1)


class ScopeRefused(InvalidInput):
    words = "A token can be given only permissions that its person holds."


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def create_token(
    *, membership: Membership, name: str, scopes: Iterable[str], at: datetime, expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """Make a token of a member of staff and return its row and its text, which is kept nowhere. Refuses scopes that
    are unknown or that the person's roles do not hold."""
    wanted = sorted(set(scopes))
    held = {p.key for p in permissions.table() if p.roles & set(membership.roles)}
    strange = [scope for scope in wanted if scope not in held]
    if membership.kind != "staff" or not wanted or strange:
        named = f" Not held: {', '.join(strange)}." if strange else " Name at least one."
        raise ScopeRefused(ScopeRefused.words + named)
    text = PREFIX + secrets.token_urlsafe(32)
    row = ApiToken.objects.create(
        membership=membership,
        name=name[:100],
        token_sha256=_hash(text),
        scopes=wanted,
        created_at=at,
        expires_at=expires_at,
    )
    return row, text


def find_token(text: str, at: datetime) -> ApiToken | None:
    """Return the living token of this text: not revoked, not expired, its person still here."""
    row = (
        ApiToken.objects.select_related("membership__practice", "membership__account")
        .filter(token_sha256=_hash(text), revoked_at=None, membership__ended_at=None)
        .filter(membership__account__is_active=True)
        .first()
    )
    if row is None or (row.expires_at is not None and row.expires_at <= at):
        return None
    if row.last_used_at is None or at - row.last_used_at >= _USED_EVERY:
        ApiToken.objects.filter(id=row.id).update(last_used_at=at)
    return row


def revoke_token(row: ApiToken, at: datetime) -> None:
    ApiToken.objects.filter(id=row.id, revoked_at=None).update(revoked_at=at)
