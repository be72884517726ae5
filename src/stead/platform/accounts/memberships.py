"""Who of the practice's people can sign in: the membership above the practices, its sessions and its tokens.

Roles are not here. Their one source is the row of the member of staff; the database copies them to the membership and
lets nothing else write them there (practice/sql/010_people.sql).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from stead.platform.accounts.factor_models import SignedIn
from stead.platform.accounts.models import ApiToken, Membership
from stead.platform.tenancy import context


def living(person_ids: Collection[UUID]) -> set[UUID]:
    """Return which of these members of staff can sign in."""
    with context.in_directory() as now:
        rows = Membership.objects.filter(practice_id=now.practice_id, kind="staff", ended_at=None)
        return set(rows.filter(person_id__in=list(person_ids)).values_list("person_id", flat=True))


def ever(person_ids: Collection[UUID]) -> set[UUID]:
    """Return which of these have ever been able to sign in."""
    with context.in_directory() as now:
        rows = Membership.objects.filter(practice_id=now.practice_id, kind="staff", person_id__in=list(person_ids))
        return set(rows.values_list("person_id", flat=True))


def rename(person_id: UUID, name: str) -> None:
    """Let the margin of the journal and the bar say the new name."""
    with context.in_directory() as now:
        Membership.objects.filter(practice_id=now.practice_id, kind="staff", person_id=person_id).update(name=name)


def end(person_id: UUID, at: datetime) -> None:
    """End what somebody signs in with, in the transaction in force: membership, open sessions, tokens of the API."""
    with context.in_directory() as now:
        end_in_directory(now.practice_id, person_id, at)


def end_in_directory(practice_id: UUID, person_id: UUID, at: datetime) -> int:
    """The same for a job, which is outside every practice when it calls this. Returns how many memberships ended."""
    mine = Membership.objects.filter(practice_id=practice_id, kind="staff", person_id=person_id)
    SignedIn.objects.filter(membership__in=mine).delete()
    ApiToken.objects.filter(membership__in=mine, revoked_at=None).update(revoked_at=at)
    return mine.filter(ended_at=None).update(ended_at=at)
