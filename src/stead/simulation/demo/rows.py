"""Rows in bulk: gathered in memory, written by COPY in one transaction as owner, under all constraints.

In a database where nobody has worked yet the tables are filled bare (`simulation.bare`): each constraint is proven once
over all rows, which takes a third of what it takes row by row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connections, models, transaction

from stead.platform.tenancy.models import TenantModel
from stead.simulation.bare import bare

_as_json = DjangoJSONEncoder().encode


class Ids:
    """Identifiers of version 7 for given instants, the same for the same seed."""

    def __init__(self, random: Random) -> None:
        self._bits = random.getrandbits

    def at(self, moment: datetime) -> UUID:
        micros = int(moment.timestamp() * 1_000_000)
        millis, rest = divmod(micros, 1000)
        high = (millis << 80) | (0x7 << 76) | (((rest << 2) | self._bits(2)) << 64)
        return UUID(int=high | (0b10 << 62) | self._bits(62))


@dataclass(frozen=True)
class Shape:
    """A table's columns in order: with the value each takes if none is given, and those whose value is made anew."""

    given: dict[str, Any]
    made: tuple[tuple[str, Callable[[], Any]], ...]


class Rows:
    """Rows of many tables of one practice. A column that is not given takes its model's default."""

    def __init__(self, practice: UUID) -> None:
        self.practice = practice
        self._rows: dict[type[TenantModel], list[tuple[Any, ...]]] = defaultdict(list)
        self._shape: dict[type[TenantModel], Shape] = {}

    def add(self, model: type[TenantModel], **given: Any) -> None:
        shape = self._shape.get(model) or self._learn(model)
        row = shape.given | given
        if len(row) != len(shape.given):
            raise ValueError(f"{model.__name__} has no {sorted(set(given) - set(shape.given))}")
        for name, make in shape.made:
            if name not in given:
                row[name] = make()
        self._rows[model].append(tuple(row.values()))

    def _learn(self, model: type[TenantModel]) -> Shape:
        fields = [
            f for f in model._meta.concrete_fields if not f.generated and not isinstance(f, models.CompositePrimaryKey)
        ]
        defaults = {str(f.column): self.practice if f.column == "practice_id" else _default(f) for f in fields}
        made = tuple((name, default) for name, default in defaults.items() if callable(default))
        self._shape[model] = Shape(defaults, made)
        return self._shape[model]

    def count(self, model: type[TenantModel]) -> int:
        return len(self._rows[model])

    def write(self, order: Sequence[type[TenantModel]], progress: Callable[[str], None]) -> dict[str, int]:
        """Write the tables in `order` (referenced ones first) in one transaction; return rows by table."""
        forgotten = set(self._rows) - set(order)
        if forgotten:
            raise ValueError(f"No order for {sorted(m.__name__ for m in forgotten)}")
        filled = [model for model in order if self._rows[model]]
        tables = [model._meta.db_table for model in filled]
        with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
            with nullcontext() if _is_in_use(cursor, tables[0]) else bare(cursor, tables, progress):
                for model in filled:
                    _copy(cursor, model, self._shape[model].given, self._rows[model])
            # Before the commit: what is checked there is planned by what the tables hold now, not by what others left.
            cursor.execute("analyze " + ", ".join(f'"{table}"' for table in tables))
        return {model._meta.db_table: len(self._rows[model]) for model in filled}


def _is_in_use(cursor: Any, table: str) -> bool:
    """Say if another practice has rows: its people should neither wait for the load nor see a table undressed."""
    cursor.execute(f'select exists (select from "{table}")')  # noqa: S608 - a table of ours
    return bool(cursor.fetchone()[0])


def _default(field: Any) -> Any:
    if not field.has_default():
        return "" if isinstance(field, models.CharField | models.TextField) and not field.null else None
    return field.default


def _copy(cursor: Any, model: type[TenantModel], names: Iterable[str], rows: list[tuple[Any, ...]]) -> None:
    columns = ", ".join(f'"{name}"' for name in names)
    json_columns = [
        index for index, name in enumerate(names) if isinstance(model._meta.get_field(name), models.JSONField)
    ]
    with cursor.copy(f'copy "{model._meta.db_table}" ({columns}) from stdin') as copy:
        for row in rows:
            copy.write_row(_with_json(row, json_columns) if json_columns else row)


def _with_json(row: tuple[Any, ...], indexes: list[int]) -> tuple[Any, ...]:
    changed = list(row)
    for index in indexes:
        if changed[index] is not None:
            changed[index] = _as_json(changed[index])
    return tuple(changed)
