"""`stead drill isolation`: attack the wall between practices, as each serving role, and count what came through.

Every statement runs as a request would: in `acting`, on a reused connection. The control runs the same reads on a
connection that row-level security does not bind; if it saw no foreign row, the attack would prove nothing.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
from django.db import Error, connections, transaction

from stead.platform.actors import Actor
from stead.platform.identifiers import new_id
from stead.platform.tenancy import context
from stead.platform.tenancy.attacks import READS, WRITES, Attack, Target
from stead.platform.tenancy.standalone import Progress, own_database

KINDS: tuple[context.Kind, ...] = ("app", "worker", "portal")
_AT = datetime(2026, 11, 24, 15, 42, tzinfo=UTC)


@dataclass(frozen=True)
class Practice:
    """One of the drill's practices, with two patients, so that a portal has a neighbour to look at."""

    id: UUID = field(default_factory=new_id)
    location: UUID = field(default_factory=new_id)
    closure: UUID = field(default_factory=new_id)
    patients: tuple[UUID, UUID] = field(default_factory=lambda: (new_id(), new_id()))


@dataclass
class Tally:
    """What the attack got: rows seen, foreign ones among them, refusals, by kind of statement."""

    statements: int = 0
    seen: int = 0
    foreign: int = 0
    refused: int = 0
    kinds: set[str] = field(default_factory=set)
    leaks: Counter[str] = field(default_factory=Counter)


def drill_isolation(n: int = 1000, seed: int = 1, progress: Progress = lambda words: None) -> dict[str, Any]:
    """Run `n` hostile statements on a database of our own; `ok` is False if anything foreign was seen or changed, or
    if the control saw nothing."""
    with own_database(progress, shared_buffers="64MB", max_connections="20"):
        practices = plant(4)
        progress(f"Attacking with {n} statements of {len(READS) + len(WRITES)} kinds")
        tally = attack(practices, n, seed)
        changed, leaked = changed_rows(practices), control(practices)
    return {
        "name": "isolation",
        "value": tally.foreign,
        "unit": "foreign rows",
        "n": tally.statements,
        "kinds": len(tally.kinds),
        "rows_seen": tally.seen,
        "refused": tally.refused,
        "changed": changed,
        "control_failed": leaked > 0,
        "ok": tally.foreign == 0 and changed == 0 and leaked > 0,
    }


_PLANT = (
    "insert into location (practice_id, id, name, time_zone, hours, line1, city, state, zip_code, phone, npi)"
    " values (%(p)s, %(l)s, 'Main', 'UTC', '{}', '', '', '', '', '', '')",
    "insert into room (practice_id, id, location_id, name, capacity) values (%(p)s, %(r)s, %(l)s, 'One', 2)",
    "insert into closure (practice_id, id, closed_on_date, words) values (%(p)s, %(c)s, '2026-12-25', 'Holiday')",
)
_ACCOUNT = (
    "insert into platform_account (id, email, password, is_active, created_at, theme, density)"
    " values (%(a)s, %(e)s, '!', true, %(at)s, '', '')"
)
_PATIENT = (
    "insert into patient (practice_id, id, number, status, first_name, middle_name, last_name, preferred_name, sex,"
    " pronouns, language, email, phone, line1, city, state, zip_code, time_zone, source, ssn_encrypted, created_at)"
    " values (%(p)s, %(i)s, %(n)s, 'active', 'M', '', 'M', '', 'unknown', '', 'en', '', '', '', '', '', '', '', '',"
    " '', %(at)s)",
    "insert into contact_consent (practice_id, id, patient_id, channel, purpose, granted, at)"
    " values (%(p)s, %(k)s, %(i)s, 'sms', 'reminder', true, %(at)s)",
)


def plant(number: int) -> list[Practice]:
    """Make the practices and their rows, as owner."""
    practices = [Practice() for _ in range(number)]
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        for practice in practices:
            given: dict[str, Any] = {
                "p": practice.id,
                "l": practice.location,
                "r": new_id(),
                "c": practice.closure,
                "at": _AT,
            }
            cursor.execute(_ACCOUNT, {"a": new_id(), "e": f"{practice.id}@example.test", "at": _AT})
            for statement in _PLANT:
                cursor.execute(statement, given)
            for n, patient in enumerate(practice.patients, start=1):
                for statement in _PATIENT:
                    cursor.execute(statement, given | {"i": patient, "n": n, "k": new_id()})
    return practices


def attack(practices: list[Practice], n: int, seed: int = 1) -> Tally:
    """Run the statements in a shuffled order: every kind as every role, again and again, until n."""
    chance = random.Random(seed)  # noqa: S311  a repeatable order, no secret
    every = [(kind, name, run) for kind in KINDS for name, run in (READS | WRITES).items()]
    tally = Tally()
    while tally.statements < n:
        chance.shuffle(every)
        for kind, name, run in every[: n - tally.statements]:
            mine, other = chance.sample(practices, 2)
            _try(tally, kind, name, run, mine, other)
    return tally


def _target(alias: str, mine: Practice, other: Practice) -> Target:
    return Target(
        alias=alias,
        mine=mine.id,
        patient=mine.patients[0],
        other=other.id,
        other_location=other.location,
        other_closure=other.closure,
        other_patient=other.patients[0],
        own_location=mine.location,
    )


def _try(tally: Tally, kind: context.Kind, name: str, run: Attack, mine: Practice, other: Practice) -> None:
    patient = mine.patients[0] if kind == "portal" else None
    by = Actor(id=patient or new_id(), kind="patient" if patient else "staff", name="Attacker")
    tally.statements += 1
    tally.kinds.add(name)
    with context.acting(mine.id, by, kind=kind, patient_id=patient):
        try:
            with transaction.atomic():
                seen = list(run(_target("default", mine, other)))
                connections["default"].check_constraints()
        except (Error, psycopg.Error) as error:
            if _code(error) in _MISTAKES:
                raise
            tally.refused += 1
            return
    strange = [s for s in seen if s[0] != mine.id or (patient and s[1] not in (None, patient))]
    tally.seen += len(seen)
    tally.foreign += len(strange)
    tally.leaks.update([name] * len(strange))


_MISTAKES = ("42601", "42703", "42P01", "42883", "42804", "42P18", "22P02", "23502")
"""Syntax, unknown names, types, a value left out: such an attack is broken, not refused."""


def _code(error: Exception) -> str:
    cause = error if isinstance(error, psycopg.Error) else error.__cause__
    return str(getattr(cause, "sqlstate", ""))


def control(practices: list[Practice]) -> int:
    """Run the same reads where row-level security does not bind, and return how many foreign rows they see."""
    mine, other = practices[0], practices[1]
    foreign = 0
    for name in ("orm all", "orm join", "raw or 1=1", "raw union", "copy out", "raw exists"):
        with transaction.atomic(using="owner"):
            foreign += sum(1 for practice, _ in READS[name](_target("owner", mine, other)) if practice != mine.id)
    return foreign


_UNCHANGED = """
select
  (select count(*) from closure c where c.practice_id = any(%(p)s) and c.words not in ('Holiday', c.practice_id::text))
+ (select count(*) from location l where l.practice_id = any(%(p)s) and l.city not in ('', l.practice_id::text))
+ (select count(*) from patient t where t.practice_id = any(%(p)s) and t.city not in ('', t.practice_id::text))
+ (select count(*) from room r where r.practice_id = any(%(p)s) and r.name = 'x')
+ (select count(*) from unnest(%(p)s, %(c)s) as k(p, c)
   where not exists (select from closure x where x.practice_id = k.p and x.id = k.c))
"""
"""A row may carry its own practice's mark, which its own attacker left; any other mark came from outside."""


def changed_rows(practices: list[Practice]) -> int:
    """Count rows that somebody of another practice changed, added or removed."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(_UNCHANGED, {"p": [p.id for p in practices], "c": [p.closure for p in practices]})
        return int(cursor.fetchone()[0])
