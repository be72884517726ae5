"""A field for PostgreSQL's tstzmultirange, which Django does not bring."""

from typing import Any

from django.db import models
from psycopg.types.multirange import TimestamptzMultirange


class DateTimeMultiRangeField(models.Field):  # type: ignore[type-arg]  # not subscriptable at run time
    """Holds a psycopg TimestamptzMultirange: disjoint half-open ranges of instants, in order."""

    def db_type(self, connection: Any) -> str:
        return "tstzmultirange"

    def get_prep_value(self, value: Any) -> Any:
        return value if value is None or isinstance(value, TimestamptzMultirange) else TimestamptzMultirange(value)
