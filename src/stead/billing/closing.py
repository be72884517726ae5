"""Add up the ledger to the end of each month, so that what was owed at a moment reads one month and not ten years.

A close holds what stood on each account at a moment, carried forward from the close before it. What an account holds at
any later moment is its carried balance and the entries since; without any close it is the sum of all entries, which is
always the same number. For a ledger of two months:

    close 1 March  = all entries before 1 March
    close 1 April  = close 1 March + entries of March
    on 9 April     = close 1 April + entries of 1 to 9 April

Of the last fifteen months each is closed, which is what scorecards and reports ask about; of older years only the whole
year stays closed, so that the sums do not outgrow the ledger.

Entries are stamped with the moment they are written, so a month that is over stays as it is. Should one be dated back
all the same, the trigger `ledger_reopens_closes` takes away every close after it, and the next round makes them anew.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from stead.billing.models import LedgerClose, LedgerTransaction
from stead.platform.identifiers import new_id
from stead.platform.tenancy import context

SETTLES_AFTER = timedelta(hours=1)
"""A month is closed only this long after it ended: no posting of its last minute can still be uncommitted then."""

MONTHS_KEPT = 15

_CARRY = """
insert into carried_balance (practice_id, id, close_id, account_id, amount_cents)
select %(practice)s, uuidv7(), %(close)s, moved.account_id, sum(moved.amount_cents)
from (
  select b.account_id, b.amount_cents from carried_balance b
  where b.practice_id = %(practice)s and b.close_id = %(before)s
  union all
  select e.account_id, e.amount_cents from ledger_transaction t
  join ledger_entry e on e.practice_id = t.practice_id and e.transaction_id = t.id
  where t.practice_id = %(practice)s and t.at >= %(since)s and t.at < %(until)s) moved
group by moved.account_id having sum(moved.amount_cents) <> 0
"""


def close_months(at: datetime) -> int:
    """Close what is over and not closed yet, oldest first; return how many closes were made. Bears repetition."""
    first = LedgerTransaction.objects.order_by("at").values_list("at", flat=True).first()
    if first is None:
        return 0
    last = LedgerClose.objects.order_by("-until").first()
    before, since = (last.id, last.until) if last else (None, first)
    made, recent = 0, _months_before(at, MONTHS_KEPT)
    while (until := _next_close(since, recent)) <= at - SETTLES_AFTER:
        close = _close({"practice": context.practice_id(), "before": before, "since": since, "until": until})
        if close is None:
            return made  # another worker is at it
        before, since, made = close, until, made + 1
    _forget_months_before(recent)
    return made


def _close(given: dict[str, Any]) -> Any:
    """Write one close; None when somebody else wrote it a moment ago."""
    close = new_id()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "insert into ledger_close (practice_id, id, until) values (%(practice)s, %(close)s, %(until)s)"
            " on conflict (practice_id, until) do nothing",
            given | {"close": close},
        )
        if not cursor.rowcount:
            return None
        cursor.execute(_CARRY, given | {"close": close})
    return close


def _forget_months_before(recent: datetime) -> None:
    """Keep of older years the whole years only; the carried balances go with their closes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from ledger_close where practice_id = %s and until < %s"
            " and extract(month from until at time zone 'UTC') <> 1",
            [context.practice_id(), recent],
        )


def _next_close(since: datetime, recent: datetime) -> datetime:
    """Return the end of the year after `since` while that is long ago, else the end of the month."""
    year = _month(since.astimezone(UTC).year + 1, 1)
    if year <= recent:
        return year
    return _months_before(since, -1)


def _months_before(at: datetime, months: int) -> datetime:
    """Return the first instant of the month so many months before that of `at`, in UTC."""
    day = at.astimezone(UTC)
    number = day.year * 12 + day.month - 1 - months
    return _month(number // 12, number % 12 + 1)


def _month(year: int, month: int) -> datetime:
    return datetime(year, month, 1, tzinfo=UTC)
