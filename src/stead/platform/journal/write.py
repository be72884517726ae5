"""Write journal lines: the last step of every action."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

from stead.platform.actors import Actor
from stead.platform.identifiers import uuid7
from stead.platform.journal import follow
from stead.platform.journal.models import JournalEntry
from stead.platform.tenancy import context
from stead.platform.tenancy.models import TenantModel

CHANNEL = "stead_journal"

_APPEND = """
select before_id, before_verb, before_actor, waited
from stead.journal_append(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s)
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
    _append(entry)
    context.current().written += 1
    follow.tell(entry)
    return entry


def _append(entry: JournalEntry) -> None:
    """Write the line in one round trip and take its predecessor from the answer."""
    with connection.cursor() as cursor:
        cursor.execute(
            _APPEND,
            [
                entry.practice_id,
                entry.id,
                entry.at,
                entry.verb,
                entry.actor_kind,
                entry.actor_id,
                entry.actor_name,
                entry.subject_type,
                entry.subject_id,
                entry.patient_id,
                entry.case_id,
                json.dumps(entry.data, cls=DjangoJSONEncoder),
                CHANNEL,
            ],
        )
        row = cursor.fetchone()
    entry.previous_id, entry.previous_verb, entry.previous_actor_id, entry.waited_seconds = row
    entry.previous_verb = entry.previous_verb or ""
    entry._state.adding = False
