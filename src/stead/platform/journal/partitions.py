"""Monthly partitions of the journal, made by the owner; a default partition catches what no month fits, so that a line
is never refused for want of a partition."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db.backends.base.base import BaseDatabaseWrapper

from stead.platform.identifiers import floor_of


def next_month(at: datetime) -> datetime:
    return datetime(at.year + at.month // 12, at.month % 12 + 1, 1, tzinfo=UTC)


def months(first: datetime, last: datetime) -> list[datetime]:
    """Return the first instant of each month from first's to last's."""
    month, found = datetime(first.year, first.month, 1, tzinfo=UTC), []
    while month <= last:
        found.append(month)
        month = next_month(month)
    return found


def ensure_partitions(connection: BaseDatabaseWrapper, first: datetime, last: datetime) -> list[str]:
    """Create the missing monthly partitions and return their names. Lines already in the default partition stay there;
    such a month is left to it, because cutting it out would need a lock on the whole journal."""
    made = []
    with connection.cursor() as cursor:
        cursor.execute("create table if not exists journal_entry_rest partition of journal_entry default")
        for month in months(first, last):
            name = f"journal_entry_{month:%Y_%m}"
            low, high = floor_of(month), floor_of(next_month(month))
            cursor.execute("select to_regclass(%s) is not null", [name])
            if cursor.fetchone()[0]:
                continue
            cursor.execute("select exists (select from journal_entry_rest where id >= %s and id < %s)", [low, high])
            if cursor.fetchone()[0]:
                continue
            cursor.execute(f"create table {name} partition of journal_entry for values from ('{low}') to ('{high}')")
            made.append(name)
    return made
