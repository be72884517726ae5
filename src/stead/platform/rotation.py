"""Rewrite every encrypted value under the newest key.

Each room declares its encrypted columns; a test fails on a column named `*_encrypted` that nobody declared. Rotation
runs as owner, in batches, beside a running practice: a value is replaced only if it is still the one that was read, so
an edit made meanwhile wins. It may be stopped and started again at any time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db import connections

from stead.platform import encryption

BATCH = 500


@dataclass(frozen=True)
class SealedColumn:
    """A model's encrypted column; `field` is the word its values are bound to."""

    model: str
    column: str
    field: str

    @property
    def table(self) -> str:
        return str(apps.get_model(self.model)._meta.db_table)


_columns: dict[tuple[str, str], SealedColumn] = {}


def declare(model: str, column: str, field: str) -> None:
    """Declare an encrypted column, once."""
    if (model, column) in _columns:
        raise ValueError(f"{model}.{column} is declared twice.")
    _columns[model, column] = SealedColumn(model, column, field)


def columns() -> list[SealedColumn]:
    return [_columns[key] for key in sorted(_columns)]


def rotate_column(sealed: SealedColumn) -> int:
    """Rewrite what is not under the newest key; return how many values were."""
    newest, done = encryption.newest_key(), 0
    table, column = sealed.table, sealed.column  # names of our own models, never input
    choose = (
        f"select practice_id, id, {column} from {table} where {column} <> '' and {column} not like %s limit {BATCH}"  # noqa: S608
    )
    replace = f"update {table} set {column} = %s where practice_id = %s and id = %s and {column} = %s"  # noqa: S608
    with connections["owner"].cursor() as cursor:
        while True:
            cursor.execute(choose, [f"{newest}:%"])
            rows = cursor.fetchall()
            if not rows:
                return done
            for practice, record, value in rows:
                fresh = encryption.reseal(value, practice=practice, record=record, field=sealed.field)
                cursor.execute(replace, [fresh, practice, record, value])
                done += cursor.rowcount


def rotate_all() -> Iterator[tuple[str, int]]:
    """Yield (what, how many) for each column and for the stored files."""
    for sealed in columns():
        yield f"{sealed.model}.{sealed.column}", rotate_column(sealed)
    yield "stored files", rotate_files()


def rotate_files() -> int:
    """Rewrite stored files that lie under an older key: to a temporary name, then rename."""
    newest, done = encryption.newest_key(), 0
    for path in (Path(settings.STATE) / "files").glob("*/*/*"):
        name, _, body = path.read_bytes().partition(b"\n")
        if path.suffix or name.decode() == newest:
            continue
        bound = encryption.bound(UUID(path.parts[-3]), UUID(path.name[:32]), "file")
        key, fresh = encryption.seal_bytes(encryption.open_bytes(name.decode(), body, bound), bound)
        part = path.with_suffix(".part")
        part.write_bytes(key.encode() + b"\n" + fresh)
        part.replace(path)
        done += 1
    return done
