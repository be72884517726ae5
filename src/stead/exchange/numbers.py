"""Control numbers, counted in a locked row: never given out twice, also not after a rejection.

The row stays locked until the transaction ends, so numbers are taken as late as possible. A transaction that is rolled
back gives its number back, which is sound because nothing leaves before the commit (`jobs.upload`).
"""

from __future__ import annotations

from django.db import connection

from stead.exchange.rules import check_number
from stead.platform.identifiers import new_id
from stead.platform.tenancy import context

_NEXT = """
insert into control_number (practice_id, id, series, last) values (%s, %s, %s, 1)
on conflict (practice_id, series) do update set last = control_number.last + 1 returning last
"""
_RAISE = "update control_number set last = %s where practice_id = %s and series = 'interchange'"


def next_control(sender: str) -> int:
    """Give out the next ISA13: new for the practice, and new for the sender, which other practices may share. The
    practice's own row is locked first, always, so that two never wait for each other crosswise."""
    own = next_number()
    with connection.cursor() as cursor:
        cursor.execute("select stead.next_control_number(%s, %s)", [sender, own])
        number = check_number(int(cursor.fetchone()[0]))
        cursor.execute(_RAISE, [number, context.practice_id()])
    return number


def next_number(series: str = "interchange") -> int:
    """Give out the next number of a series."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [context.practice_id(), new_id(), series])
        return check_number(int(cursor.fetchone()[0]))
