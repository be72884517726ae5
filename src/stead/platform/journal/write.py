"""Write journal lines: the last step of every action."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from stead.platform.actors import Actor
from stead.platform.identifiers import uuid7
from stead.platform.journal import follow
from stead.platform.journal.models import JournalEntry
from stead.platform.tenancy import context
from stead.platform.tenancy.models import TenantModel

CHANNEL = "stead_journal"

_MOVE_HEAD = """
insert into journal_head (practice_id, id, last_id, last_at, last_verb, last_actor_id)
values (%s, %s, %s, %s, %s, %s)
on conflict (practice_id, id) do update set last_id = excluded.last_id, last_at = excluded.last_at,
  last_verb = excluded.last_verb, last_actor_id = excluded.last_actor_id
returning old.last_id, old.last_at, old.last_verb, old.last_actor_id
"""


def write(
    verb: str,
    *,
    by: Actor,
    at: datetime,
    subject: TenantModel | None = None,
    patient_id: UUID | None = None,
    case_id: UUID | None = None,
    **data: Any,
) -> JournalEntry:
    """Append one line (`verb` is `noun.past_tense`) and wake whoever follows the journal.

    The line knows its predecessor in the same case, or else of the same patient: what, who and how long ago.
    """
    practice = context.practice_id()
    entry = JournalEntry(
        practice_id=practice,
        id=uuid7(at),
        at=at,
        verb=verb,
        actor_kind=by.kind,
        actor_id=by.id,
        actor_name=by.name,
        subject_type=subject._meta.label_lower if subject is not None else "",
        subject_id=subject.id if subject is not None else None,
        patient_id=patient_id,
        case_id=case_id,
        data=data,
    )
    stream = case_id or patient_id
    if stream is not None:
        _take_predecessor(entry, stream)
    entry.save(force_insert=True)
    with connection.cursor() as cursor:
        # The payload names only the practice, so that the lines of one transaction wake a listener once.
        cursor.execute("select pg_notify(%s, %s)", [CHANNEL, str(practice)])
    context.current().written += 1
    follow.tell(entry)
    return entry


def _take_predecessor(entry: JournalEntry, stream: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_MOVE_HEAD, [entry.practice_id, stream, entry.id, entry.at, entry.verb, entry.actor_id])
        last_id, last_at, last_verb, last_actor = cursor.fetchone()
    if last_id is not None:
        entry.previous_id = last_id
        entry.previous_verb = last_verb
        entry.previous_actor_id = last_actor
        entry.waited_seconds = max(0, int((entry.at - last_at).total_seconds()))
