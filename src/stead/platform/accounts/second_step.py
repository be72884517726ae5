"""Which seats a password alone does not open: a floor that the deployment sets, and what the practice's owner adds.

The floor (STEAD_SECOND_STEP_ROLES) holds at once. What the owner adds holds from a day on, so that people have time to
set up a passkey or an app; until then every page tells those whom it will concern.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings

from stead.platform.accounts.models import Membership, Practice
from stead.platform.actions import action
from stead.platform.actors import STAFF_ROLES, Actor
from stead.platform.journal.write import write
from stead.platform.refusals import InvalidInput
from stead.platform.tenancy import context

MOST_DAYS = 60


class UnknownRole(InvalidInput):
    words = "A second step can be asked of staff's roles only."


def asked_from(membership: Membership) -> date | None:
    """Return the day from which a role of this member of staff needs more than a password: `date.min` for the
    deployment's floor, None for never."""
    if membership.kind != "staff":
        return None
    if not settings.STEAD_SECOND_STEP_ROLES.isdisjoint(membership.roles):
        return date.min
    kept = membership.practice.second_step_from
    return min((date.fromisoformat(kept[role]) for role in membership.roles if role in kept), default=None)


def is_asked(membership: Membership, at: datetime) -> bool:
    """Answer whether it is asked today, by the practice's own day."""
    day = asked_from(membership)
    return day is not None and day <= local_day(membership.practice, at)


def local_day(practice: Practice, at: datetime) -> date:
    return at.astimezone(ZoneInfo(practice.time_zone)).date()


@action("require_second_step", permission="security.set", words="say which roles need a second step")
def require_second_step(
    *, practice: UUID, by: Actor, at: datetime, roles: Collection[str], days: int
) -> dict[str, str]:
    """Ask the roles for a second step, those newly named after so many days of grace, and the others no longer. Returns
    each role with its day. A role that was named before keeps the day it was given."""
    if strange := set(roles) - set(STAFF_ROLES):
        raise UnknownRole(f"{UnknownRole.words} Not {', '.join(sorted(strange))}.", field="roles")
    if not 0 <= days <= MOST_DAYS:
        raise InvalidInput(f"The time to set it up is {MOST_DAYS} days at most.", field="days")
    with context.in_directory() as now:
        row = Practice.objects.select_for_update().get(id=now.practice_id)
        given = (local_day(row, at) + timedelta(days=days)).isoformat()
        asked = {str(role): str(row.second_step_from.get(role, given)) for role in STAFF_ROLES if role in roles}
        Practice.objects.filter(id=row.id).update(second_step_from=asked)
    write("security.second_step_set", by=by, at=at, asked_from=asked)
    return asked
