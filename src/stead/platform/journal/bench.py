"""`stead bench journal`: what an action with its journal line costs, against a plain insert of the same row.

All ways write one row in one durable transaction that opens a practice's context and a savepoint. The first is an
action: the right is checked, the line linked to its predecessor, hashed, listed for its seal and announced. The
second inserts the same columns into a table with the same indexes and nothing else: no hash, no list, no partitions,
no row-level security. The third, `same_table_ratio`, inserts into the journal itself past
the action. Rounds alternate and medians count, because the machine has neighbours.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection, connections, transaction

from stead.platform import actions
from stead.platform.actors import Actor
from stead.platform.identifiers import new_id, uuid7
from stead.platform.journal.write import write
from stead.platform.tenancy.context import acting
from stead.platform.tenancy.standalone import Progress, own_database

_DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "shared_buffers": "256MB"}
_NAME, _PERMISSION = "bench_event", "search.use"
_COLUMNS = (
    "practice_id, id, at, verb, actor_kind, actor_id, actor_name, subject_type, subject_id, patient_id, case_id, data,"
    " previous_id, previous_verb, previous_actor_id, waited_seconds"
)
_PLAIN = "bench_plain"


def bench_journal(progress: Progress, full: bool = False) -> dict[str, Any]:
    """Return events per second through an action, and the ratios to the plain inserts."""
    rounds, each = (40, 200) if full else (16, 100)
    practice = new_id()
    by = Actor(id=new_id(), kind="staff", name="Bench", roles=frozenset({"front_desk"}))
    with own_database(progress, **_DURABLE):
        _make_plain_table()
        act = _declared()

        def through_action(patient: UUID) -> None:
            act(practice=practice, by=by, at=datetime.now(UTC), patient_id=patient)

        ways: list[Callable[[UUID], None]] = [
            through_action,
            lambda patient: _insert(_PLAIN, practice, by, patient),
            lambda patient: _insert("journal_entry", practice, by, patient),
        ]
        progress(f"{rounds} rounds of {each} events, each way by turns")
        _round(ways, practice, by, each)  # warm: plans, connections, first pages
        seconds = [_round(ways, practice, by, each) for _ in range(rounds)]
    action, plain, same = (statistics.median(column) for column in zip(*seconds, strict=True))
    return {
        "value": round(each / action),
        "unit": "events/s through an action",
        "ratio": round(plain / action, 2),
        "against": "plain insert of the same row, same transaction, table without triggers",
        "n": rounds * each,
        "plain_per_s": round(each / plain),
        "same_table_ratio": round(same / action, 2),
    }


def _make_plain_table() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"create table {_PLAIN} (like journal_entry including defaults including indexes)")
        cursor.execute(f"grant insert on {_PLAIN} to stead_app")


def _declared() -> Callable[..., None]:
    """Declare the action here and not on import: it is no part of the product's catalogue."""

    def bench_event(*, practice: UUID, by: Actor, at: datetime, patient_id: UUID) -> None:
        write("bench.happened", by=by, at=at, patient_id=patient_id, code="A", amount_cents=1500)

    known = actions.find(_NAME) is not None
    name = f"{_NAME}_{new_id().hex[:8]}" if known else _NAME
    return actions.action(name, permission=_PERMISSION, words="be measured")(bench_event)


def _round(ways: list[Callable[[UUID], None]], practice: UUID, by: Actor, each: int) -> list[float]:
    return [_seconds(way, practice, by, each) for way in ways]


def _seconds(way: Callable[[UUID], None], practice: UUID, by: Actor, each: int) -> float:
    patients = [new_id() for _ in range(10)]
    started = time.perf_counter()
    for number in range(each):
        with acting(practice, by):
            way(patients[number % len(patients)])
    return time.perf_counter() - started


def _insert(table: str, practice: UUID, by: Actor, patient: UUID) -> None:
    at = datetime.now(UTC)
    row = (
        practice, uuid7(at), at, "bench.happened", by.kind, by.id, by.name, "", None, patient, None,
        json.dumps({"code": "A", "amount_cents": 1500}), patient, "bench.happened", by.id, 1,
    )  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:  # the savepoint that every action has
        cursor.execute(f"insert into {table} ({_COLUMNS}) values ({', '.join(['%s'] * len(row))})", row)  # noqa: S608
