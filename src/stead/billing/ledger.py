"""The one way into the ledger, and what can be read from it.

`post` is the only writer of ledger rows. A posting arrives whole, in one statement per table, and is refused when its
key was posted before. Balances are sums; no balance is stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, Sum

from stead.billing import rules
from stead.billing.models import LedgerAccount, LedgerEntry, LedgerTransaction
from stead.billing.terms import Account, AccountKind, Posting, Side
from stead.platform.actors import Actor
from stead.platform.identifiers import uuid7
from stead.platform.tenancy import context


def post(posting: Posting, *, by: Actor, at: datetime) -> LedgerTransaction:
    """Write one posting. Raises AlreadyPosted when its key is there already."""
    return post_all([posting], by=by, at=at)[0]


def post_all(postings: Sequence[Posting], *, by: Actor, at: datetime) -> list[LedgerTransaction]:
    """Write many postings with four statements, all or none."""
    if not postings:
        return []
    accounts = _accounts_of(postings)
    written = [_row(posting, by, at) for posting in postings]
    _insert_transactions(written)
    LedgerEntry.objects.bulk_create(
        LedgerEntry(
            id=uuid7(at),
            transaction_id=row.id,
            account_id=accounts[side.account],
            patient_id=side.patient_id,
            amount_cents=side.cents,
        )
        for posting, row in zip(postings, written, strict=True)
        for side in posting.sides
    )
    return written


def _row(posting: Posting, by: Actor, at: datetime) -> LedgerTransaction:
    return LedgerTransaction(
        id=uuid7(at),
        key=posting.key,
        kind=posting.kind,
        at=at,
        effective_date=posting.effective_date,
        patient_id=posting.patient_id,
        claim_id=posting.claim_id,
        charge_id=posting.charge_id,
        reverses_id=posting.reverses_id,
        words=posting.words[:200],
        by_name=by.name,
    )


def _insert_transactions(rows: list[LedgerTransaction]) -> None:
    """Insert and find out in the same statement who was first: two workers may read the same file."""
    known = set(LedgerTransaction.objects.filter(key__in=[row.key for row in rows]).values_list("key", flat=True))
    if known:
        raise rules.AlreadyPosted()
    LedgerTransaction.objects.bulk_create(rows)


def _accounts_of(postings: Sequence[Posting]) -> dict[Account, UUID]:
    wanted = {side.account for posting in postings for side in posting.sides}
    found = _find_accounts(wanted)
    if missing := wanted - found.keys():
        LedgerAccount.objects.bulk_create(
            # Sorted, so that two postings of the same moment take the locks in the same order.
            [_account_row(account) for account in sorted(missing, key=repr)],
            ignore_conflicts=True,
        )
        found = _find_accounts(wanted)
    return found


def _account_row(account: Account) -> LedgerAccount:
    return LedgerAccount(kind=account.kind, patient_id=account.patient_id, payer_id=account.payer_id)


def _find_accounts(wanted: Iterable[Account]) -> dict[Account, UUID]:
    patients = {a.patient_id for a in wanted if a.patient_id}
    rows = LedgerAccount.objects.filter(Q(patient_id__in=patients) | Q(patient_id=None))
    return {
        account: row_id
        for kind, patient_id, payer_id, row_id in rows.values_list("kind", "patient_id", "payer_id", "id")
        if (account := Account(_kind(kind), patient_id, payer_id)) in wanted
    }


def posting_of(row: LedgerTransaction) -> Posting:
    """Read a posting back, as a reversal needs it."""
    entries = LedgerEntry.objects.filter(transaction_id=row.id).select_related("account")
    sides = tuple(
        Side(
            Account(_kind(entry.account.kind), entry.account.patient_id, entry.account.payer_id),
            entry.amount_cents,
            entry.patient_id,
        )
        for entry in entries
    )
    kind: Any = row.kind
    return Posting(row.key, kind, row.effective_date, sides, row.words, row.patient_id, row.claim_id, row.charge_id)


def _kind(kind: str) -> AccountKind:
    return kind  # type: ignore[return-value]  # the column's choices are AccountKind


def balance(account: Account) -> int:
    """Return what stands on an account, in cents; a debit balance is positive."""
    rows = LedgerEntry.objects.filter(
        account__kind=account.kind, account__patient_id=account.patient_id, account__payer_id=account.payer_id
    )
    return int(rows.aggregate(total=Sum("amount_cents"))["total"] or 0)


def balances(kind: AccountKind) -> dict[UUID | None, int]:
    """Return every balance of one kind that is not zero, by patient or payer."""
    owner = "account__patient_id" if kind == "patient" else "account__payer_id"
    rows = LedgerEntry.objects.filter(account__kind=kind).values(owner).annotate(total=Sum("amount_cents"))
    return {row[owner]: int(row["total"]) for row in rows if row["total"]}


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One line of a patient's account: what happened, what it changed, what stands after it. `paid_cents` is the money
    that came in by it, from the payer or the patient."""

    transaction_id: UUID
    on: date
    at: datetime
    kind: str
    words: str
    by_name: str
    claim_id: UUID | None
    charge_id: UUID | None
    change_cents: int
    payer_change_cents: int
    balance_cents: int
    reversed: bool
    paid_cents: int


_LINES = """
with moved as (
  select t.id, t.effective_date, t.at, t.kind, t.words, t.by_name, t.claim_id, t.charge_id,
    coalesce(sum(e.amount_cents) filter (where a.kind = 'patient'), 0)::bigint as patient,
    coalesce(sum(e.amount_cents) filter (where a.kind = 'payer'), 0)::bigint as payer,
    coalesce(sum(e.amount_cents) filter (where a.kind in ('cash', 'unapplied')), 0)::bigint as paid
  from ledger_transaction t
  join ledger_entry e on e.practice_id = t.practice_id and e.transaction_id = t.id
  join ledger_account a on a.practice_id = e.practice_id and a.id = e.account_id
  where t.practice_id = %(practice)s and t.patient_id = %(patient)s
  group by t.id, t.effective_date, t.at, t.kind, t.words, t.by_name, t.claim_id, t.charge_id
)
select m.id, m.effective_date, m.at, m.kind, m.words, m.by_name, m.claim_id, m.charge_id, m.patient, m.payer,
  (sum(m.patient) over (order by m.at, m.effective_date, m.id))::bigint,
  exists (select from ledger_transaction r where r.practice_id = %(practice)s and r.reverses_id = m.id), m.paid
from moved m order by m.at, m.effective_date, m.id
"""


def account_lines(patient_id: UUID) -> list[LedgerLine]:
    """Return a patient's account, oldest first; the changes add up to the balance of the last line."""
    with connection.cursor() as cursor:
        cursor.execute(_LINES, {"practice": context.practice_id(), "patient": patient_id})
        return [LedgerLine(*row) for row in cursor.fetchall()]
