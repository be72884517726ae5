"""What hangs on one row of a table that grows is found by an index, however long the history."""

from __future__ import annotations

import pytest
from django.db import connection

GROWING = (
    "patient", "appointment", "encounter", "charge", "claim", "remittance", "ledger_account", "ledger_transaction",
    "case_run",
)  # fmt: skip
NEVER_ASKED = {"safety_alarm", "carried_balance"}
"""Tables that stay small in any practice, or are read in another way only: carried balances by their close."""

_BARE = """
select conrelid::regclass::text, pg_get_constraintdef(oid) from pg_constraint c
where contype = 'f' and conparentid = 0 and confrelid::regclass::text = any(%s)
  and not exists (
    select from pg_index i where i.indrelid = c.conrelid
     and (i.indkey::int2[])[0:1] @> c.conkey[1:2] and (i.indkey::int2[])[0:1] <@ c.conkey[1:2])
"""


@pytest.mark.django_db
def test_every_link_to_a_row_that_gathers_others_has_an_index() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_BARE, [list(GROWING)])
        found = {(table, link) for table, link in cursor.fetchall() if table not in NEVER_ASKED}
    assert found == set(), "add an index of the practice and the link's column to the model"
