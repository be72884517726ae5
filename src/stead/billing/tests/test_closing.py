"""Closed months: the same balances by a shorter way, and no posting that they do not know."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, connections

from stead.billing import closing, ledger, rules
from stead.billing.models import CarriedBalance, LedgerClose
from stead.billing.terms import Share
from stead.config import invariants as _across_rooms  # noqa: F401  declares them
from stead.platform import invariants
from stead.platform.actors import Actor, system
from stead.platform.identifiers import new_id
from stead.platform.jobs.queue import run_job
from stead.platform.tenancy.context import acting
from stead.testing.clients import outside

PAYER = UUID(int=7)


def moment(month: int, day: int, hour: int = 9) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


NOW = moment(11, 24)


def charged(by: Actor, at: datetime, cents: int, patient: UUID | None = None) -> UUID:
    who = patient or new_id()
    ledger.post(rules.charge_posting(new_id(), who, cents, at.date(), payer_id=PAYER, words=""), by=by, at=at)
    return who


def paid_by_payer(by: Actor, at: datetime, cents: int, patient: UUID) -> None:
    posting = rules.insurer_posting(
        f"era:{new_id()}", Share(paid=cents, contractual=0, patient=0), at.date(), payer_id=PAYER,
        patient_id=patient, claim_id=new_id(), words="", source=rules.CASH,
    )  # fmt: skip
    assert posting is not None
    ledger.post(posting, by=by, at=at)


def carried() -> dict[datetime, dict[str, int]]:
    """Return what each close carries, by kind of account."""
    rows = CarriedBalance.objects.values_list("close__until", "account__kind", "amount_cents")
    found: dict[datetime, dict[str, int]] = {close.until: {} for close in LedgerClose.objects.all()}
    for until, kind, cents in rows:
        found[until][kind] = found[until].get(kind, 0) + cents
    return found


@pytest.mark.django_db
def test_each_month_that_is_over_carries_what_stood_at_its_end(inside: UUID, ben: Actor) -> None:
    patient = charged(ben, moment(9, 3), 15000)
    charged(ben, moment(9, 30, 23), 10000, patient)
    paid_by_payer(ben, moment(10, 1, 0), 15000, patient)
    charged(ben, moment(11, 2), 7000, patient)
    assert closing.close_months(NOW) == 2
    assert carried() == {
        moment(10, 1, 0): {"payer": 25000, "revenue": -25000},
        moment(11, 1, 0): {"payer": 10000, "cash": 15000, "revenue": -25000},
    }
    assert closing.close_months(NOW) == 0


@pytest.mark.django_db
def test_account_that_is_even_is_carried_by_no_row(inside: UUID, ben: Actor) -> None:
    patient = charged(ben, moment(9, 3), 15000)
    paid_by_payer(ben, moment(9, 20), 15000, patient)
    closing.close_months(NOW)
    assert carried()[moment(10, 1, 0)] == {"cash": 15000, "revenue": -15000}


@pytest.mark.django_db
def test_month_is_closed_an_hour_after_its_end(inside: UUID, ben: Actor) -> None:
    charged(ben, moment(10, 3), 15000)
    assert closing.close_months(datetime(2026, 11, 1, 0, 59, tzinfo=UTC)) == 0
    assert closing.close_months(datetime(2026, 11, 1, 1, 0, tzinfo=UTC)) == 1


@pytest.mark.django_db
def test_ledger_without_a_posting_has_nothing_to_close(inside: UUID) -> None:
    assert closing.close_months(NOW) == 0


@pytest.mark.django_db
def test_posting_dated_back_takes_away_the_closes_after_it_and_no_other(
    inside: UUID, ben: Actor, elsewhere: UUID, eve: Actor
) -> None:
    patient = charged(ben, moment(8, 3), 15000)
    closing.close_months(NOW)
    with outside(), acting(elsewhere, eve):
        charged(eve, moment(8, 3), 500)
        closing.close_months(NOW)
    paid_by_payer(ben, moment(9, 15), 4000, patient)
    assert set(carried()) == {moment(9, 1, 0)}
    assert closing.close_months(NOW) == 2
    assert carried()[moment(10, 1, 0)] == {"payer": 11000, "cash": 4000, "revenue": -15000}
    with outside(), acting(elsewhere, eve):
        assert len(carried()) == 3


@pytest.mark.django_db
def test_posting_of_today_leaves_every_close(inside: UUID, ben: Actor) -> None:
    charged(ben, moment(9, 3), 15000)
    closing.close_months(NOW)
    charged(ben, NOW, 9000)
    assert len(carried()) == 2


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_round_closes_the_months_and_verify_finds_a_close_that_is_wrong(linden: UUID, ben: Actor) -> None:
    with acting(linden, ben):
        charged(ben, moment(9, 3), 15000)
    run_job("billing.close_months", linden, {})
    assert broken() == 0
    with acting(linden, system()):
        assert LedgerClose.objects.count() == 2
        row = CarriedBalance.objects.filter(amount_cents__gt=0).order_by("-close__until")[0]
        row.amount_cents += 1
        row.save()
    assert broken() == 1
    with acting(linden, system()):
        CarriedBalance.objects.filter(id=row.id).delete()
    assert broken() == 1


def broken() -> int:
    return next(found.count for found in invariants.check() if found.name == "closes_equal_postings")


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_check_at_commit_reads_each_posting_alone_though_its_plan_was_made_on_an_empty_ledger(
    linden: UUID, elsewhere: UUID, ben: Actor, eve: Actor
) -> None:
    """A plan made while the ledger was a page long, by statistics that know another practice only, is kept by the
    connection; it must not read the whole ledger for each posting later."""
    with acting(elsewhere, eve):
        post_now(eve, 2)
    with connections["owner"].cursor() as owner:
        owner.execute("analyze ledger_entry, ledger_transaction")
    with acting(linden, ben):
        for _ in range(12):
            post_now(ben, 1)
    with acting(linden, ben):
        read = reads_of(lambda: post_now(ben, 300))
    assert read <= 300 * 2 * 4, "two triggers read the two entries of each of 300 postings, index and row"


def post_now(by: Actor, number: int) -> None:
    postings = [
        rules.charge_posting(new_id(), new_id(), 100, NOW.date(), payer_id=PAYER, words="") for _ in range(number)
    ]
    ledger.post_all(postings, by=by, at=NOW)
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("set constraints all deferred")


def reads_of(work: Callable[[], Any]) -> int:
    """Count the entries that the server looks at in this transaction, whichever way."""
    with connection.cursor() as cursor:
        counted = (
            "select pg_stat_get_xact_tuples_returned(oid) + pg_stat_get_xact_tuples_fetched(oid)"
            " + (select sum(pg_stat_get_xact_tuples_returned(indexrelid)) from pg_index where indrelid = c.oid)"
            " from pg_class c where oid = 'ledger_entry'::regclass"
        )
        cursor.execute(counted)
        before = int(cursor.fetchone()[0])
        work()
        cursor.execute(counted)
        return int(cursor.fetchone()[0]) - before


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (datetime(2026, 11, 3, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)),
        (datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)),
        (datetime(2019, 5, 7, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC)),
        (datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)),
        (datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 2, 1, tzinfo=UTC)),
    ],
)
def test_old_years_are_closed_whole_and_the_last_fifteen_months_one_by_one(since: datetime, until: datetime) -> None:
    assert closing._next_close(since, closing._months_before(NOW, closing.MONTHS_KEPT)) == until


@pytest.mark.django_db
def test_months_that_grew_old_give_way_to_their_year(inside: UUID, ben: Actor) -> None:
    charged(ben, datetime(2025, 11, 5, tzinfo=UTC), 15000)
    closing.close_months(datetime(2026, 3, 2, tzinfo=UTC))
    assert len(carried()) == 4
    closing.close_months(datetime(2027, 6, 2, tzinfo=UTC))
    left = sorted(carried())
    assert left[:2] == [datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)]
    assert len(left) == 17
    assert all(balances == {"payer": 15000, "revenue": -15000} for balances in carried().values())
