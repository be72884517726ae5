"""Fill tables bare and dress them again: what is checked row by row during a load is checked once over all rows.

Foreign keys, unique and exclusion constraints, indexes and the triggers named here are taken off, in the transaction
that fills the tables, and put back before it ends. PostgreSQL proves each constraint over every row as it is put back;
what the triggers keep is proven by the invariants that `stead verify` declares of it. Whatever fails, or is killed,
undoes the whole load, and at no moment does anybody else see a table without its constraints: they wait for the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from stead.platform import invariants

TRIGGERS = ("ledger_statement_balances", "ledger_transaction_balances", "note_signs_encounter")
PROVEN = ("ledger_balances", "visits_know_their_signature", "charges_have_signed_notes", "claims_equal_lines")

_CONSTRAINTS = """
select conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid), contype from pg_constraint
where contype in ('f', 'u', 'x') and conparentid = 0
  and (conrelid = any(%(tables)s::regclass[]) or (contype = 'f' and confrelid = any(%(tables)s::regclass[])))
order by contype <> 'f', conname
"""
_INDEXES = """
select i.indexrelid::regclass::text, replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON ')
from pg_index i where i.indrelid = any(%(tables)s::regclass[]) and not i.indisprimary
  and not exists (select from pg_constraint c where c.conindid = i.indexrelid and c.contype in ('u', 'x'))
order by 1
"""
_TRIGGERS = """
select tgrelid::regclass::text, quote_ident(tgname), pg_get_triggerdef(oid) from pg_trigger
where tgrelid = any(%(tables)s::regclass[]) and tgname = any(%(names)s)
"""


class LoadBroken(RuntimeError):
    """A load holds rows that the product would have refused."""


@contextmanager
def bare(cursor: Any, tables: Sequence[str], say: Callable[[str], None]) -> Iterator[None]:
    """Take off what is checked row by row; at the end put it back, build the indexes, and prove the invariants."""
    given = {"tables": list(tables), "names": list(TRIGGERS)}
    constraints, indexes, triggers = (_all(cursor, sql, given) for sql in (_CONSTRAINTS, _INDEXES, _TRIGGERS))
    for table, name, _, _ in constraints:
        cursor.execute(f"alter table {table} drop constraint {name}")
    for name, _ in indexes:
        cursor.execute(f"drop index {name}")
    for table, name, _ in triggers:
        cursor.execute(f"drop trigger {name} on {table}")
    yield
    say("Indexes and constraints")
    cursor.execute("set local maintenance_work_mem = '512MB'")
    for _, definition in indexes:
        cursor.execute(definition)
    for table, name, definition, _ in reversed(constraints):  # keys before what refers to them
        cursor.execute(f"alter table {table} add constraint {name} {definition}")
    for _, _, definition in triggers:
        cursor.execute(definition)
    _prove(cursor)


def _all(cursor: Any, statement: str, given: dict[str, Any]) -> list[tuple[Any, ...]]:
    cursor.execute(statement, given)
    return list(cursor.fetchall())


def _prove(cursor: Any) -> None:
    declared = {invariant.name: invariant for invariant in invariants.declared()}
    for name in PROVEN:
        cursor.execute(declared[name].sql)  # one that nobody declared is a fault, never a proof
        (broken,) = cursor.fetchone()
        if broken:
            raise LoadBroken(f"{declared[name].words}: {broken} rows break it.")
