"""Rewrite every encrypted value under the newest key.

Each room declares its encrypted columns; a test fails on a column named `*_encrypted` that nobody declared. Rotation
runs as owner, in batches, beside a running practice: a value is replaced only if it is still the one that was read, so
an edit made meanwhile wins. It may be stopped and started again at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db import connections

from stead.platform import encryption
from stead.platform.files import store

BATCH = 500


@dataclass(frozen=True)
class SealedColumn:
    """A model's encrypted column; `field` is the word its values are bound to. A row above the practices, where
    `of_practice` is False, is bound to no practice; `record` is the column whose value it is bound to."""

    model: str
    column: str
    field: str
    record: str = "id"
    of_practice: bool = True

    @property
    def table(self) -> str:
        return str(apps.get_model(self.model)._meta.db_table)


_columns: dict[tuple[str, str], SealedColumn] = {}


def declare(model: str, column: str, field: str, *, record: str = "id", of_practice: bool = True) -> None:
    """Declare an encrypted column, once."""
    if (model, column) in _columns:
        raise ValueError(f"{model}.{column} is declared twice.")
    _columns[model, column] = SealedColumn(model, column, field, record, of_practice)


def columns() -> list[SealedColumn]:
    return [_columns[key] for key in sorted(_columns)]


def rotate_column(sealed: SealedColumn) -> int:
    """Rewrite what is not under the newest key; return how many values were."""
    newest, done = encryption.newest_key(), 0
    table, column, record = sealed.table, sealed.column, sealed.record  # names of our own models, never input
    practice = "practice_id" if sealed.of_practice else f"'{encryption.NOWHERE}'::uuid"
    choose = (
        f"select {practice}, {record}, {column} from {table}"  # noqa: S608
        f" where {column} <> '' and {column} not like %s limit {BATCH}"
    )
    replace = f"update {table} set {column} = %s where {practice} = %s and {record} = %s and {column} = %s"  # noqa: S608
    with connections["owner"].cursor() as cursor:
        while True:
            cursor.execute(choose, [f"{newest}:%"])
            rows = cursor.fetchall()
            if not rows:
                return done
            for whose, row, value in rows:
                fresh = encryption.reseal(value, practice=whose, record=row, field=sealed.field)
                cursor.execute(replace, [fresh, whose, row, value])
                done += cursor.rowcount


def everything() -> Iterator[tuple[str, Callable[[], int]]]:
    """Yield what there is to rewrite and what does it and returns how many: each column, then the stored files."""
    for sealed in columns():
        yield f"{sealed.model}.{sealed.column}", partial(rotate_column, sealed)
    yield "stored files", rotate_files


def rotate_files() -> int:
    """Rewrite stored files that lie under an older key. What a killed upload left beside them is no stored file."""
    newest, done = encryption.newest_key(), 0
    for path in (Path(settings.STATE) / "files").glob("*/*/*"):
        if not store.is_address(path.name):
            continue
        name, _, body = path.read_bytes().partition(b"\n")
        if name.decode() == newest:
            continue
        bound = encryption.bound(UUID(path.parts[-3]), UUID(path.name[:32]), "file")
        key, fresh = encryption.seal_bytes(encryption.open_bytes(name.decode(), body, bound), bound)
        store.write_whole(path, key.encode() + b"\n" + fresh)
        done += 1
    return done
