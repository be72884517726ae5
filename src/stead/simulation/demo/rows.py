"""Rows in bulk: gathered in memory, written by COPY in one transaction as owner, under all constraints."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connections, models, transaction

from stead.platform.tenancy.models import TenantModel


class Ids:
    """Identifiers of version 7 for given instants, the same for the same seed."""

    def __init__(self, random: Random) -> None:
        self._bits = random.getrandbits

    def at(self, moment: datetime) -> UUID:
        micros = int(moment.timestamp() * 1_000_000)
        millis, rest = divmod(micros, 1000)
        high = (millis << 80) | (0x7 << 76) | (((rest << 2) | self._bits(2)) << 64)
        return UUID(int=high | (0b10 << 62) | self._bits(62))


class Rows:
    """Rows of many tables of one practice. A column that is not given takes its model's default."""

    def __init__(self, practice: UUID) -> None:
        self.practice = practice
        self._rows: dict[type[TenantModel], list[tuple[Any, ...]]] = defaultdict(list)
        self._shape: dict[type[TenantModel], tuple[list[str], list[Any]]] = {}

    def add(self, model: type[TenantModel], **given: Any) -> None:
        names, defaults = self._shape.get(model) or self._learn(model)
        self._rows[model].append(
            tuple(
                given[name] if name in given else (default() if callable(default) else default)
                for name, default in zip(names, defaults, strict=True)
            )
        )

    def _learn(self, model: type[TenantModel]) -> tuple[list[str], list[Any]]:
        fields = [
            f for f in model._meta.concrete_fields if not f.generated and not isinstance(f, models.CompositePrimaryKey)
        ]
        names = [str(f.column) for f in fields]
        defaults: list[Any] = [self.practice if f.column == "practice_id" else _default(f) for f in fields]
        self._shape[model] = names, defaults
        return names, defaults

    def count(self, model: type[TenantModel]) -> int:
        return len(self._rows[model])

    def write(self, order: Sequence[type[TenantModel]]) -> dict[str, int]:
        """Write the tables in `order` (referenced ones first) in one transaction; return rows by table."""
        forgotten = set(self._rows) - set(order)
        if forgotten:
            raise ValueError(f"No order for {sorted(m.__name__ for m in forgotten)}")
        with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
            for model in order:
                if self._rows[model]:
                    _copy(cursor, model, self._shape[model][0], self._rows[model])
        with connections["owner"].cursor() as cursor:  # without it the planner believes the tables empty
            cursor.execute("analyze " + ", ".join(f'"{m._meta.db_table}"' for m in order if self._rows[m]))
        return {model._meta.db_table: len(rows) for model, rows in self._rows.items()}


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
            changed[index] = json.dumps(changed[index], cls=DjangoJSONEncoder)
    return tuple(changed)
