"""End access on the day it ends; answer who asked for a new password."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import Q

from stead.platform import actors, clock
from stead.platform.accounts import memberships
from stead.platform.accounts.models import Membership
from stead.platform.jobs.queue import job
from stead.platform.tenancy.context import acting
from stead.practice import actions as practice_actions
from stead.practice import queries as practice_queries
from stead.setup import reset


@job("setup.end_access", own_transactions=True)
def end_access(*, practice: UUID, staff_id: UUID) -> None:
    """Let go of one person whose last day is over. Bears repetition; a day that was moved is left to its own job."""
    _let_go(practice, Q(person_id=staff_id))


@job("setup.end_due_access", own_transactions=True)
def end_due_access(*, practice: UUID) -> None:
    """Look for anybody whose last day is over and who can still sign in: their job was lost, or the zone moved."""
    _let_go(practice, Q())


def _let_go(practice: UUID, whom: Q) -> None:
    """The practice's rows and the directory of accounts are written in one transaction: the line says what is so. The
    memberships come first, so that of two jobs at once the second finds nobody."""
    at, by = clock.now(), actors.system()
    with transaction.atomic():
        living = Membership.objects.filter(whom, practice_id=practice, kind="staff", ended_at=None)
        people = set(living.select_for_update().order_by("id").values_list("person_id", flat=True))
        with acting(practice, by, kind="worker"):
            gone = [p.id for p in practice_queries.gone(practice_queries.practice_day(at)) if p.id in people]
            for person_id in gone:
                practice_actions.note_access_ended(practice=practice, by=by, at=at, staff_id=person_id)
        for person_id in gone:
            memberships.end_in_directory(practice, person_id, at)


@job("setup.answer_reset", own_transactions=True)
def answer_reset(*, practice: UUID, request_id: UUID) -> None:
    """Send the link that somebody asked for, if the address is an account's; the asking is forgotten either way."""
    reset.answer(request_id, clock.now())
