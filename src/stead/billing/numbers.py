"""Numbers of claims and statements: counted under a lock, never used again."""

from __future__ import annotations

from django.db import connection

from stead.platform.identifiers import new_id
from stead.platform.tenancy import context

FIRST_CLAIM, FIRST_STATEMENT = 20_000, 1_000

_NEXT = """
insert into billing_number (practice_id, id, series, last) values (%s, %s, %s, %s)
on conflict (practice_id, series) do update set last = billing_number.last + 1 returning last
"""


def next_number(series: str, first: int) -> int:
    """Give out the next number of a series. Two transactions wait for each other here, so none is given twice."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [context.practice_id(), new_id(), series, first + 1])
        return int(cursor.fetchone()[0])


def claim_number() -> str:
    """Return the next CLM01: "CL-20417"; at most 20 characters, and it says nothing about the patient."""
    return f"CL-{next_number('claim', FIRST_CLAIM)}"
