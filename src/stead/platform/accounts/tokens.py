"""Tokens of the REST API: made once, shown once, kept as a hash, cut down to scopes."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F

from stead.platform import permissions
from stead.platform.accounts.models import Account, ApiToken, Membership
from stead.platform.actions import action
from stead.platform.actors import Actor
from stead.platform.journal.write import write
from stead.platform.refusals import InvalidInput, NotFound
from stead.platform.tenancy import context

PREFIX = "stead_"
MOST_DAYS = 366
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
    held = scopes_of(membership.roles)
    strange = [scope for scope in wanted if scope not in held]
    if membership.kind != "staff" or not wanted or strange:
        named = f" Not held: {', '.join(strange)}." if strange else " Name at least one."
        raise ScopeRefused(ScopeRefused.words + named, field="scopes")
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


def scopes_of(roles: Iterable[str]) -> set[str]:
    """Return the permissions that somebody of these roles may hand on."""
    return {p.key for p in permissions.table() if p.roles & set(roles)}


@action("issue_token", permission="tokens.manage", words="make a token of the API")
def issue_token(
    *, practice: UUID, by: Actor, at: datetime, person_id: UUID, name: str, scopes: list[str], days: int
) -> tuple[ApiToken, str]:
    """Make a token from the rights of one member of staff; it ends by itself. Refuses what the person does not hold,
    and what the maker does not: its text is shown to the maker, who could act by it."""
    if not 0 < days <= MOST_DAYS:
        raise InvalidInput("A token lives for a year at most.", field="days")
    if beyond := sorted(set(scopes) - scopes_of(by.roles)):
        raise ScopeRefused(f"{ScopeRefused.words} You do not hold: {', '.join(beyond)}.", field="scopes")
    with context.in_directory():
        member = Membership.objects.filter(
            practice_id=practice, kind="staff", person_id=person_id, ended_at=None
        ).first()
        if member is None:
            raise NotFound()
        made = create_token(membership=member, name=name, scopes=scopes, at=at, expires_at=at + timedelta(days=days))
    write("token.created", by=by, at=at, token=made[0].id, name=made[0].name, scopes=made[0].scopes, of=person_id)
    return made


@action("revoke_token", permission="tokens.manage", words="revoke a token of the API")
def revoke_token(*, practice: UUID, by: Actor, at: datetime, token_id: UUID) -> ApiToken:
    """End a token at once; one that has ended already stays as it is."""
    with context.in_directory():
        row = ApiToken.objects.filter(id=token_id, membership__practice_id=practice).first()
        if row is None:
            raise NotFound()
        ApiToken.objects.filter(id=row.id, revoked_at=None).update(revoked_at=at)
    write("token.revoked", by=by, at=at, token=row.id, name=row.name)
    return row


def revoke_tokens_of(account: Account, at: datetime) -> int:
    """End every token that acts as this person, wherever: a stolen password may have made one. Returns how many, and
    each practice's journal says so. Runs outside every practice, with the account's other changes."""
    rows = ApiToken.objects.select_related("membership").filter(membership__account=account, revoked_at=None)
    living = list(rows.select_for_update(of=("self",)).order_by("id"))
    for row in living:
        by = Actor(row.membership.person_id, "staff", row.membership.name)
        with context.acting(row.membership.practice_id, by):
            write("token.revoked", by=by, at=at, token=row.id, name=row.name)
    return ApiToken.objects.filter(id__in=[row.id for row in living]).update(revoked_at=at)


def tokens_of_practice(practice: UUID) -> list[ApiToken]:
    """Return the practice's tokens, living ones first, newest first."""
    with context.in_directory():
        rows = ApiToken.objects.filter(membership__practice_id=practice).select_related("membership")
        return list(rows.order_by(F("revoked_at").asc(nulls_first=True), "-created_at"))


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
