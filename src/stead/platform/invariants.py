"""What must be true of a whole database, whatever happened: `stead verify` counts what breaks each sentence.

    declare("ledger_balances", "Every posting sums to zero", "select count(*) from (…) broken")

A check is one SQL query that counts offenders over all practices, run as owner, and knows nothing of the code that it
checks: where the product keeps a promise by a constraint or a stored value, the check works the truth out anew. Rooms
declare theirs in an `invariants` module that their AppConfig imports.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connections


@dataclass(frozen=True)
class Invariant:
    """`sql` counts offenders: one row, one number."""

    name: str
    words: str
    sql: str


@dataclass(frozen=True)
class Finding:
    """One invariant and how many rows break it."""

    name: str
    words: str
    count: int


_declared: dict[str, Invariant] = {}


def declare(name: str, words: str, sql: str) -> Invariant:
    """Add a sentence. Refuses a second one of the same name."""
    if name in _declared:
        raise ValueError(f"The invariant {name} is declared twice.")
    _declared[name] = Invariant(name, words, sql)
    return _declared[name]


def declared() -> list[Invariant]:
    return sorted(_declared.values(), key=lambda i: i.name)


def check() -> Iterator[Finding]:
    """Count the offenders of each invariant over the whole database; needs the owner's connection."""
    for invariant in declared():
        with connections["owner"].cursor() as cursor:
            cursor.execute(invariant.sql)
            yield Finding(invariant.name, invariant.words, int(cursor.fetchone()[0]))
