"""Write journal lines: the last step of every action."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
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
_APPEND_ALL = """
select a.before_id, a.before_verb, a.before_actor, a.waited
from unnest(%(ids)s::uuid[], %(verbs)s::text[], %(about)s::text[], %(about_ids)s::uuid[], %(patients)s::uuid[],
  %(cases)s::uuid[], %(data)s::text[]) with ordinality as n(id, verb, about, about_id, patient, case_run, data, place)
cross join lateral stead.journal_append(%(practice)s, n.id, %(at)s, n.verb, %(kind)s, %(actor)s, %(actor_name)s,
  n.about, n.about_id, n.patient, n.case_run, n.data::jsonb, %(channel)s) a
order by n.place
"""


@dataclass(frozen=True, slots=True)
class Line:
    """One of many lines that are written together: what `write` takes besides who and when."""

    verb: str
    subject: TenantModel | None = None
    patient_id: UUID | None = None
    case_id: UUID | None = None
    data: dict[str, Any] = field(default_factory=dict)


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
    entry = _entry(Line(verb, subject, patient_id, case_id, data), by, at)
    _append(entry)
    context.current().written += 1
    follow.tell([entry])
    return entry


def write_all(lines: Sequence[Line], *, by: Actor, at: datetime) -> list[JournalEntry]:
    """Append many lines of one moment in one round trip, in their order, each the next one's predecessor where they
    share a case or patient. Their handlers run when all are written."""
    entries = [_entry(line, by, at) for line in lines]
    if not entries:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            _APPEND_ALL,
            {
                "practice": context.practice_id(), "at": at, "kind": by.kind, "actor": by.id, "actor_name": by.name,
                "channel": CHANNEL, "ids": [e.id for e in entries], "verbs": [e.verb for e in entries],
                "about": [e.subject_type for e in entries], "about_ids": [e.subject_id for e in entries],
                "patients": [e.patient_id for e in entries], "cases": [e.case_id for e in entries],
                "data": [_json(e) for e in entries],
            },
        )  # fmt: skip
        for entry, row in zip(entries, cursor.fetchall(), strict=True):
            _learn(entry, row)
    context.current().written += len(entries)
    follow.tell(entries)
    return entries


def _entry(line: Line, by: Actor, at: datetime) -> JournalEntry:
    return JournalEntry(
        practice_id=context.practice_id(),
        id=uuid7(at),
        at=at,
        verb=line.verb,
        actor_kind=by.kind,
        actor_id=by.id,
        actor_name=by.name,
        subject_type=line.subject._meta.label_lower if line.subject is not None else "",
        subject_id=line.subject.id if line.subject is not None else None,
        patient_id=line.patient_id,
        case_id=line.case_id,
        data=line.data,
    )


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
                _json(entry),
                CHANNEL,
            ],
        )
        _learn(entry, cursor.fetchone())


def _json(entry: JournalEntry) -> str:
    return json.dumps(entry.data, cls=DjangoJSONEncoder)


def _learn(entry: JournalEntry, row: tuple[Any, ...]) -> None:
    """Take the predecessor from the database's answer."""
    entry.previous_id, entry.previous_verb, entry.previous_actor_id, entry.waited_seconds = row
    entry.previous_verb = entry.previous_verb or ""
    entry._state.adding = False
