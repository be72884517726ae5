"""Insert a table's rows from a query: named columns by expression, every other one by its model's default."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models

from stead.platform.tenancy.models import TenantModel


class Filler:
    """Writes rows of one practice through one cursor and counts them by table."""

    def __init__(self, cursor: Any, practice: UUID, values: dict[str, Any]) -> None:
        self.cursor = cursor
        self.values = {"p": practice, **values}
        self.counted: dict[str, int] = {}

    def run(self, statement: str) -> int:
        self.cursor.execute(statement, self.values)
        return int(self.cursor.rowcount)

    def fill(self, model: type[TenantModel], source: str, /, **given: str) -> None:
        """Insert one row of `model` for each row of `source`, a FROM clause with what follows it."""
        fields = [
            f for f in model._meta.concrete_fields if not f.generated and not isinstance(f, models.CompositePrimaryKey)
        ]
        unknown = set(given) - {f.column for f in fields}
        if unknown:
            raise ValueError(f"{model.__name__} has no {sorted(unknown)}")
        columns = ", ".join(f'"{f.column}"' for f in fields)
        expressions = ", ".join(
            "%(p)s" if f.column == "practice_id" else given.get(str(f.column)) or _default(f) for f in fields
        )
        table = model._meta.db_table
        made = self.run(f'insert into "{table}" ({columns}) select {expressions} from {source}')  # noqa: S608
        self.counted[table] = self.counted.get(table, 0) + made


def _default(field: Any) -> str:
    """Return the field's default as an SQL literal; only plain ones, anything else must be given."""
    if not field.has_default():
        if field.null:
            return "null"
        if isinstance(field, models.CharField | models.TextField):
            return "''"
        raise ValueError(f"{field.model.__name__}.{field.column} must be given")
    default = field.default() if field.default in (list, dict) else field.default
    if isinstance(default, list):
        return "'{}'" if isinstance(field, ArrayField) else "'[]'"
    if isinstance(default, dict):
        return "'{}'"
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, int):
        return str(default)
    if isinstance(default, str):
        return "'" + default.replace("'", "''").replace("%", "%%") + "'"
    if default is None:
        return "null"
    raise ValueError(f"{field.model.__name__}.{field.column} must be given")
