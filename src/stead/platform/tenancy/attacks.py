"""Hostile statements, by kind: each tries to read or change what belongs to another practice or patient.

An attack yields the (practice, patient or None) of every row it got to see; a refusal of the database is an exception.
The ORM attacks build their own QuerySet, without the manager's filter: the question is what the database lets through
when the program forgets.
"""

from __future__ import annotations

# ruff: noqa: S608  # hostile statements are what this module is for
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connections
from django.db.models import Count, QuerySet

from stead.platform.identifiers import new_id

Seen = tuple[UUID, UUID | None]


@dataclass(frozen=True)
class Target:
    """What the attacker is (`mine`, `patient`) and what it goes for: rows of `other`, of which it knows identifiers."""

    alias: str
    mine: UUID
    patient: UUID
    other: UUID
    other_location: UUID
    other_closure: UUID
    other_patient: UUID
    own_location: UUID

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run the statement (several, parted by "; ") and return the rows of the last."""
        with connections[self.alias].cursor() as cursor:
            for part in statement.split("; "):
                cursor.execute(part, values or None)
            return list(cursor.fetchall()) if cursor.description else []

    def read(self, statement: str, *values: Any) -> Iterator[Seen]:
        """Run a statement whose first column is a practice and whose second, if any, is a patient."""
        for row in self.rows(statement, *values):
            yield row[0], row[1] if len(row) > 1 else None

    def unfiltered(self, label: str) -> QuerySet[Any]:
        return QuerySet(apps.get_model(label), using=self.alias)


Attack = Callable[[Target], Iterator[Seen]]
READS: dict[str, Attack] = {}
WRITES: dict[str, Attack] = {}


def attack(kinds: dict[str, Attack], name: str) -> Callable[[Attack], Attack]:
    def declare(function: Attack) -> Attack:
        kinds[name] = function
        return function

    return declare


def _practices(rows: Any) -> Iterator[Seen]:
    for row in rows:
        yield row.practice_id, None


def _reading(name: str, statement: str, *fields: str) -> None:
    def run(target: Target) -> Iterator[Seen]:
        return target.read(statement, *(getattr(target, field) for field in fields))

    READS[name] = run


def _writing(name: str, statement: str, *fields: str) -> None:
    def run(target: Target) -> Iterator[Seen]:
        return target.read(statement, *(new_id() if f == "new" else getattr(target, f) for f in fields))

    WRITES[name] = run


@attack(READS, "orm filter")
def orm_filter(target: Target) -> Iterator[Seen]:
    return _practices(target.unfiltered("practice.Location").filter(practice_id=target.other))


@attack(READS, "orm get")
def orm_get(target: Target) -> Iterator[Seen]:
    return _practices(target.unfiltered("practice.Location").filter(pk=(target.other, target.other_location)))


@attack(READS, "orm all")
def orm_all(target: Target) -> Iterator[Seen]:
    for row in target.unfiltered("patients.Patient").all():
        yield row.practice_id, row.id


@attack(READS, "orm join")
def orm_join(target: Target) -> Iterator[Seen]:
    for room in target.unfiltered("practice.Room").select_related("location"):
        yield room.location.practice_id, None


@attack(READS, "orm aggregate")
def orm_aggregate(target: Target) -> Iterator[Seen]:
    counted = target.unfiltered("practice.Location").order_by().values("practice_id").annotate(n=Count("id"))
    for row in counted:
        yield row["practice_id"], None


@attack(READS, "orm for update")
def orm_for_update(target: Target) -> Iterator[Seen]:
    return _practices(target.unfiltered("practice.Location").select_for_update())


@attack(READS, "copy out")
def copy_out(target: Target) -> Iterator[Seen]:
    with connections[target.alias].cursor() as cursor, cursor.copy("copy location (practice_id) to stdout") as copy:
        for (text,) in copy.rows():
            yield UUID(text), None


@attack(READS, "named cursor")
def named_cursor(target: Target) -> Iterator[Seen]:
    target.rows("declare thief cursor for select practice_id from location")
    found = list(target.read("fetch all from thief"))
    target.rows("close thief")
    return iter(found)


_reading("raw or 1=1", "select practice_id, id from patient where id = %s or 1=1", "other_patient")
_reading("raw union", "select practice_id from location union all select practice_id from room")
_reading("raw cte", "with all_of_them as (select practice_id from location) select practice_id from all_of_them")
_reading("raw subquery", "select l.practice_id from (select %s::uuid p) x, lateral (select * from location) l", "other")
_reading("raw exists", "select %s::uuid where exists (select from location where practice_id = %s)", "other", "other")
_reading("raw partition", "select practice_id from journal_entry_rest")
_reading("raw consent", "select practice_id, patient_id from contact_consent")
_reading("raw whole row", "select (l).practice_id from location l order by random()")
_reading("search function", "select %s::uuid, id from stead.search_patients(%s, 'm', '', null, 9)", "other", "other")
_reading("row security off", "set local row_security = off; select practice_id from location")
_reading("become owner", "set local role stead_owner; select practice_id from location")
_reading("become login", "set local role none; select practice_id from location")

_NOBODYS = f"'{UUID(int=1)}'::uuid"
"""Stands for the practice of an account, which belongs to none: whoever sees one has seen what is foreign."""
_reading("become login, read accounts", f"set local role none; select {_NOBODYS} from platform_account")
_reading(
    "become login inside one statement",
    f"select {_NOBODYS} where set_config('role', 'none', true) is not null"
    " and query_to_xml('select email from platform_account', false, false, '')::text like '%@%'",
)
_reading(
    "become login, with a directory's context of one's own",
    "select set_config('stead.context', 'directory||||9999999999|00', true); set local role none;"
    f" select {_NOBODYS} from platform_account",
)
_FORGED = {
    "forged context": "app|{0}|{0}||9999999999|00",
    "context without signature": "app|{0}|{0}||9999999999",
    "context without expiry": "app|{0}|{0}|",
    "context of three parts": "app|{0}|{0}",
    "context of two parts": "app|{0}",
    "context with an empty signature": "app|{0}|{0}||9999999999|",
    "context with parts too many": "app|{0}|{0}||9999999999|00|00",
    "portal context of another's patient": "portal|{0}|{1}|{1}",
}


def _forging(name: str, token: str) -> None:
    def run(target: Target) -> Iterator[Seen]:
        target.rows("select set_config('stead.context', %s, true)", token.format(target.other, target.other_patient))
        yield from target.read("select practice_id from location")
        yield from target.read("select practice_id, id from patient")

    READS[name] = run


for _name, _token in _FORGED.items():
    _forging(_name, _token)


@attack(WRITES, "orm bulk create")
def orm_bulk_create(target: Target) -> Iterator[Seen]:
    model: Any = apps.get_model("practice.Closure")
    rows = [model(practice_id=target.other, closed_on_date="2026-12-01", words="x") for _ in range(2)]
    QuerySet(model, using=target.alias).bulk_create(rows)
    return iter(())


@attack(WRITES, "orm update")
def orm_update(target: Target) -> Iterator[Seen]:
    target.unfiltered("practice.Location").update(city=str(target.mine)[:60])
    return iter(())


@attack(WRITES, "orm delete")
def orm_delete(target: Target) -> Iterator[Seen]:
    target.unfiltered("practice.Closure").filter(practice_id=target.other)._raw_delete(target.alias)
    return iter(())


@attack(WRITES, "copy in")
def copy_in(target: Target) -> Iterator[Seen]:
    columns = "closure (practice_id, id, closed_on_date, words)"
    with connections[target.alias].cursor() as cursor, cursor.copy(f"copy {columns} from stdin") as copy:
        copy.write_row((target.other, new_id(), "2026-12-02", str(target.mine)))
    return iter(())


_CLOSURE = "closure (practice_id, id, closed_on_date, words)"
_writing("raw insert", f"insert into {_CLOSURE} values (%s, %s, '2026-12-03', 'x')", "other", "new")
_writing(
    "raw insert select",
    f"insert into {_CLOSURE} select practice_id, %s::uuid, '2026-12-04', 'x' from closure where practice_id = %s",
    "new",
    "other",
)
_writing("raw update all", "update patient set city = %s::text returning practice_id, id", "mine")
_writing("raw update or 1=1", "update closure set words = %s::text where id = %s or 1=1", "mine", "other_closure")
_writing(
    "raw delete or 1=1", "delete from closure where practice_id <> %s and (id = %s or 1=1)", "mine", "other_closure"
)
_writing(
    "writable cte",
    "with gone as (delete from closure where practice_id <> %s returning practice_id) select practice_id from gone",
    "mine",
)
_writing("move away", "update closure set practice_id = %s where practice_id = %s", "other", "mine")
_writing("move here", "update closure set practice_id = %s where practice_id = %s", "mine", "other")
_writing(
    "upsert",
    f"insert into {_CLOSURE} values (%s, %s, '2026-12-05', 'x')"
    " on conflict (practice_id, id) do update set words = 'stolen'",
    "other",
    "other_closure",
)
_writing(
    "merge",
    "merge into closure c using (select %s::uuid p, %s::uuid i) s on c.practice_id = s.p and c.id = s.i"
    f" when matched then update set words = 'stolen' when not matched then insert {_CLOSURE.removeprefix('closure ')}"
    " values (s.p, s.i, '2026-12-06', 'stolen')",
    "other",
    "other_closure",
)
_writing(
    "attach to a foreign row",
    "insert into room (practice_id, id, location_id, name, capacity) values (%s, %s, %s, 'x', 1)",
    "mine",
    "new",
    "other_location",
)
_writing("change the journal", "update journal_entry set actor_name = 'x' where practice_id = %s", "other")
_writing("truncate", "truncate closure")
_writing("drop the wall", "alter table location no force row level security")
_writing("policy of one's own", "create policy mine on location for select to public using (true)")
_writing("read the key", "select id, null from stead.context_key where %s::uuid is not null", "mine")
_writing(
    "become login, lock accounts",
    f"set local role none; update platform_account set is_active = false returning {_NOBODYS}",
)
