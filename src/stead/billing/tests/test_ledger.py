"""The ledger: what the database refuses, and a state machine that compares every balance with a model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, IntegrityError, ProgrammingError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from stead.billing import ledger, queries, rules
from stead.billing.models import LedgerAccount, LedgerEntry, LedgerTransaction
from stead.billing.terms import Account, Posting, Share, Side
from stead.platform.actors import Actor
from stead.platform.identifiers import new_id

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)


def charge(patient: UUID, cents: int = 15000, payer: UUID | None = None) -> Posting:
    return rules.charge_posting(new_id(), patient, cents, TODAY, payer_id=payer, words="Individual session")


def check_now() -> None:
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("set constraints all deferred")


def bare_transaction(at: datetime) -> LedgerTransaction:
    return LedgerTransaction.objects.create(
        key=str(new_id()), kind="charge", at=at, effective_date=TODAY, by_name="Ben Whitlock"
    )


def entries(row: LedgerTransaction, account: LedgerAccount, *cents: int) -> list[LedgerEntry]:
    return [LedgerEntry(transaction_id=row.id, account_id=account.id, amount_cents=c) for c in cents]


def test_posting_gives_each_account_its_balance(inside: UUID, ben: Actor, at: datetime) -> None:
    patient, payer = new_id(), new_id()
    ledger.post(charge(patient, payer=payer), by=ben, at=at)
    share = Share(paid=8000, contractual=4000, patient=3000)
    answer = rules.insurer_posting(
        "era:1", share, TODAY, payer_id=payer, patient_id=patient, claim_id=new_id(), words="", source=rules.CASH
    )
    assert answer is not None
    ledger.post(answer, by=ben, at=at)
    ledger.post(rules.patient_payment_posting("pay:1", patient, 3000, TODAY, "card"), by=ben, at=at)
    check_now()
    assert ledger.balance(rules.payer_account(payer)) == 0
    assert ledger.balance(rules.patient_account(patient)) == 0
    assert ledger.balance(rules.CASH) == 11000
    assert ledger.balance(rules.REVENUE) == -15000
    assert ledger.balance(rules.CONTRACTUAL) == 4000


def test_account_lines_add_up_to_the_balance(inside: UUID, ben: Actor, at: datetime) -> None:
    patient = new_id()
    payment = rules.patient_payment_posting("pay:1", patient, 5000, TODAY, "cash")
    for minute, posting in enumerate([charge(patient, 15000), charge(patient, 12000), payment]):
        ledger.post(posting, by=ben, at=at + timedelta(minutes=minute))
    lines = ledger.account_lines(patient)
    assert [line.change_cents for line in lines] == [15000, 12000, -5000]
    assert [line.balance_cents for line in lines] == [15000, 27000, 22000]
    assert lines[-1].balance_cents == ledger.balance(rules.patient_account(patient))


def test_same_key_is_posted_once(inside: UUID, ben: Actor, at: datetime) -> None:
    once = charge(new_id())
    ledger.post(once, by=ben, at=at)
    with pytest.raises(rules.AlreadyPosted):
        ledger.post(once, by=ben, at=at)
    assert LedgerTransaction.objects.count() == 1


def test_the_database_itself_refuses_a_second_posting_of_a_key(inside: UUID, ben: Actor, at: datetime) -> None:
    row = ledger.post(charge(new_id()), by=ben, at=at)
    with pytest.raises(IntegrityError, match="ledger_transaction_once"), transaction.atomic():
        LedgerTransaction.objects.create(key=row.key, kind="charge", at=at, effective_date=TODAY, by_name="Ben")


def test_unbalanced_entries_are_refused_at_their_statement(inside: UUID, at: datetime) -> None:
    account = LedgerAccount.objects.create(kind="cash")
    with pytest.raises(DatabaseError, match="does not balance: 2 entries sum to 1"), transaction.atomic():
        row = bare_transaction(at)
        LedgerEntry.objects.bulk_create(entries(row, account, 100, -99))


def test_a_single_entry_is_refused(inside: UUID, at: datetime) -> None:
    account = LedgerAccount.objects.create(kind="cash")
    with pytest.raises(DatabaseError, match="does not balance"), transaction.atomic():
        row = bare_transaction(at)
        LedgerEntry.objects.bulk_create(entries(row, account, 100))


def test_entry_of_nothing_is_refused(inside: UUID, at: datetime) -> None:
    account = LedgerAccount.objects.create(kind="cash")
    with pytest.raises(IntegrityError, match="ledger_entry_amount"), transaction.atomic():
        row = bare_transaction(at)
        LedgerEntry.objects.bulk_create(entries(row, account, 0, 0))


def test_transaction_without_entries_is_refused_at_commit(inside: UUID, at: datetime) -> None:
    with pytest.raises(DatabaseError, match="0 entries sum to 0"), transaction.atomic():
        bare_transaction(at)
        check_now()


def test_entries_cannot_be_added_to_what_is_posted(inside: UUID, ben: Actor, at: datetime) -> None:
    row = ledger.post(charge(new_id()), by=ben, at=at)
    account = LedgerAccount.objects.create(kind="cash")
    with pytest.raises(DatabaseError, match="is already posted"), transaction.atomic():
        LedgerEntry.objects.bulk_create(entries(row, account, 100, -100))


@pytest.mark.parametrize("model", [LedgerTransaction, LedgerEntry, LedgerAccount])
def test_ledger_rows_are_never_changed_nor_removed(inside: UUID, ben: Actor, at: datetime, model: Any) -> None:
    ledger.post(charge(new_id()), by=ben, at=at)
    changes: list[Callable[[Any], object]] = [
        lambda rows: rows.update(practice_id=new_id()),
        lambda rows: rows.delete(),
    ]
    for change in changes:
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            change(model.objects.all())


def test_an_account_exists_once(inside: UUID) -> None:
    LedgerAccount.objects.create(kind="cash")
    with pytest.raises(IntegrityError, match="ledger_account_once"), transaction.atomic():
        LedgerAccount.objects.create(kind="cash")


def test_a_posting_is_taken_back_once(inside: UUID, ben: Actor, at: datetime) -> None:
    patient = new_id()
    row = ledger.post(charge(patient), by=ben, at=at)
    undo = rules.reversal_posting(row.id, ledger.posting_of(row), TODAY, "Wrong patient")
    ledger.post(undo, by=ben, at=at + timedelta(minutes=1))
    assert ledger.balance(rules.patient_account(patient)) == 0
    assert [line.reversed for line in ledger.account_lines(patient)] == [True, False]
    with pytest.raises(rules.AlreadyPosted):
        ledger.post(undo, by=ben, at=at)


cents = st.integers(1, 1_000_00)


class LedgerMachine(RuleBasedStateMachine):
    """Charges, answers, duplicates, payments, reversals and unbalanced attempts, against plain counters."""

    by: Actor
    at: datetime

    def __init__(self) -> None:
        super().__init__()
        self.patients, self.payer = [new_id(), new_id()], new_id()
        self.model: Counter[Account] = Counter()
        self.posted: list[tuple[Posting, LedgerTransaction]] = []
        self.undone: set[UUID] = set()

    def write(self, posting: Posting) -> None:
        row = ledger.post(posting, by=self.by, at=self.at)
        self.posted.append((posting, row))
        for side in posting.sides:
            self.model[side.account] += side.cents

    @rule(who=st.integers(0, 1), amount=cents, insured=st.booleans())
    def charge(self, who: int, amount: int, insured: bool) -> None:
        self.write(charge(self.patients[who], amount, self.payer if insured else None))

    @rule(who=st.integers(0, 1), paid=cents, contractual=st.integers(0, 5000), patient=st.integers(0, 5000))
    def remittance(self, who: int, paid: int, contractual: int, patient: int) -> None:
        posting = rules.insurer_posting(
            f"era:{new_id()}", Share(paid, contractual, patient), TODAY, payer_id=self.payer,
            patient_id=self.patients[who], claim_id=new_id(), words="", source=rules.CASH,
        )  # fmt: skip
        assert posting is not None
        self.write(posting)

    @rule(who=st.integers(0, 1), amount=cents)
    def patient_payment(self, who: int, amount: int) -> None:
        key = f"pay:{new_id()}"
        self.write(rules.patient_payment_posting(key, self.patients[who], amount, TODAY, "card"))

    @precondition(lambda self: self.posted)
    @rule(data=st.data())
    def duplicate(self, data: st.DataObject) -> None:
        posting, _ = data.draw(st.sampled_from(self.posted))
        with pytest.raises(rules.AlreadyPosted):
            ledger.post(posting, by=self.by, at=self.at)

    @precondition(lambda self: self.posted)
    @rule(data=st.data())
    def reversal(self, data: st.DataObject) -> None:
        _, row = data.draw(st.sampled_from(self.posted))
        undo = rules.reversal_posting(row.id, ledger.posting_of(row), TODAY, "Taken back")
        if row.id in self.undone:
            with pytest.raises(rules.AlreadyPosted):
                ledger.post(undo, by=self.by, at=self.at)
        else:
            self.undone.add(row.id)
            self.write(undo)

    @rule(amount=cents, off=st.integers(1, 100))
    def unbalanced(self, amount: int, off: int) -> None:
        sides = (Side(rules.CASH, amount), Side(rules.REVENUE, -amount - off))
        with pytest.raises(DatabaseError, match="does not balance"), transaction.atomic():
            ledger.post(Posting(f"bad:{new_id()}", "charge", TODAY, sides), by=self.by, at=self.at)

    @invariant()
    def balances_are_those_of_the_model(self) -> None:
        for account in [rules.CASH, rules.REVENUE, rules.CONTRACTUAL, rules.payer_account(self.payer)]:
            assert ledger.balance(account) == self.model[account]
        for patient in self.patients:
            assert ledger.balance(rules.patient_account(patient)) == self.model[rules.patient_account(patient)]

    def teardown(self) -> None:
        check_now()


def test_every_history_balances(inside: UUID, ben: Actor, at: datetime) -> None:
    def machine() -> LedgerMachine:
        # Histories share the transaction of the test; each starts with its own accounts but for those of the house.
        made = LedgerMachine()
        for account in (rules.CASH, rules.REVENUE, rules.CONTRACTUAL):
            made.model[account] = ledger.balance(account)
        return made

    LedgerMachine.by, LedgerMachine.at = ben, at
    run_state_machine_as_test(
        machine,  # type: ignore[arg-type]  # called like the class
        settings=settings(
            max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(moves=st.lists(st.tuples(st.integers(0, 130), st.integers(-5000, 5000).filter(bool)), min_size=1, max_size=8))
def test_accounts_are_aged_by_the_database_as_by_hand(
    inside: UUID, ben: Actor, at: datetime, moves: list[tuple[int, int]]
) -> None:
    with transaction.atomic():
        patient, even = new_id(), new_id()
        ordered = sorted(moves, reverse=True)
        for ago, cents in ordered:
            sides = (Side(rules.patient_account(patient), cents, patient), Side(rules.REVENUE, -cents))
            day = TODAY - timedelta(days=ago)
            ledger.post(Posting(str(new_id()), "charge", day, sides, patient_id=patient), by=ben, at=at)
        ledger.post(charge(even), by=ben, at=at)
        ledger.post(rules.patient_payment_posting(str(new_id()), even, 15000, TODAY, "cash"), by=ben, at=at)
        by_hand = rules.aged([(TODAY - timedelta(days=ago), cents) for ago, cents in ordered], TODAY)
        found = {row.owner_id: row.buckets for row in queries.ageing(TODAY)}
        assert found == ({patient: by_hand} if any(by_hand.values()) else {})
        transaction.set_rollback(True)
