"""The job that settles a card payment, as the worker runs it: a kill between any two steps, and no double charge."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, connections

from stead.billing import actions, jobs, ports, queries
from stead.billing.models import LedgerTransaction, Payment
from stead.billing.ports import ChargeOutcome
from stead.billing.terms import CardToken
from stead.billing.tests.conftest import Processor
from stead.config.rounds import ROUNDS
from stead.patients.models import Patient
from stead.platform import clock
from stead.platform.actors import Actor
from stead.platform.database.urls import DatabaseUrl
from stead.platform.jobs import queue
from stead.platform.jobs.queue import OutsideFailure, run_job
from stead.platform.journal.models import JournalEntry
from stead.platform.journal.write import write
from stead.platform.money import Money
from stead.platform.tenancy.context import acting
from stead.simulation.cards import SandboxCards

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


class Started:
    """A card payment of $30.00 that was committed as started, in a practice of its own."""

    def __init__(self, practice: UUID, by: Actor, at: datetime) -> None:
        self.practice, self.by, self.at = practice, by, at
        with acting(practice, by):
            door: dict[str, Any] = {"practice": practice, "by": by, "at": at}
            self.patient_id = Patient.objects.create(number=1, first_name="Dee", last_name="Marsh", created_at=at).id
            card = CardToken("tok_ok_1", "Visa", "4242", 4, 2029)
            actions.vault_card(**door, patient_id=self.patient_id, card=card)
            self.row = actions.take_payment(
                **door, patient_id=self.patient_id, amount=Money(3000), method="card", key="form-1"
            )

    def run(self) -> None:
        run_job("billing.settle_payment", self.practice, {"payment_id": str(self.row.id)})

    def now(self) -> Payment:
        with acting(self.practice, self.by):
            return queries.get_payment(self.row.id)

    def posted(self) -> int:
        with acting(self.practice, self.by):
            return LedgerTransaction.objects.filter(kind="patient_payment").count()


@pytest.fixture
def started(practice_row: Any, linden: UUID, ben: Actor, at: datetime) -> Started:
    return Started(linden, ben, at)


class Killed(BaseException):
    """What a test raises where a worker is killed."""


def test_job_charges_the_card_and_posts_the_money(started: Started, processor: Processor) -> None:
    started.run()
    row = started.now()
    assert (row.state, row.processor_reference, row.asked_at) == ("paid", "ch_1", started.at)
    assert (list(processor.charges.values()), started.posted()) == ([3000], 1)
    with acting(started.practice, started.by):
        said = set(JournalEntry.objects.filter(subject_id=row.id).values_list("verb", flat=True))
    assert said == {"payment.started", "payment.asked", "payment.taken"}


def test_job_run_again_charges_and_posts_nothing(started: Started, processor: Processor) -> None:
    for _ in range(3):
        started.run()
    assert (list(processor.charges.values()), started.posted()) == ([3000], 1)


def test_while_the_processor_is_asked_no_transaction_is_open_and_no_row_is_locked(
    started: Started, processor: Processor
) -> None:
    charge = processor.charge

    def look(**given: Any) -> ChargeOutcome:
        assert not connection.in_atomic_block
        with connections["owner"].cursor() as cursor:
            cursor.execute("select state from payment where id = %s for update nowait", [started.row.id])
            assert cursor.fetchone() == ("started",)
        return charge(**given)

    processor.charge = look  # type: ignore[method-assign]
    started.run()
    assert started.now().state == "paid"


def test_killed_before_the_processor_is_asked_the_next_try_charges_once(
    started: Started, processor: Processor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(request: object) -> ChargeOutcome:
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(ports, "ask", killed)
        started.run()
    assert (started.now().state, processor.charges) == ("started", {})
    started.run()
    assert (started.now().state, list(processor.charges.values()), started.posted()) == ("paid", [3000], 1)


def test_killed_after_the_charge_the_next_try_finds_it_by_its_key(started: Started, processor: Processor) -> None:
    charge = processor.charge

    def taken_then_killed(**given: Any) -> ChargeOutcome:
        charge(**given)
        raise Killed

    processor.charge = taken_then_killed  # type: ignore[method-assign]
    with pytest.raises(Killed):
        started.run()
    assert (started.now().state, started.posted()) == ("started", 0)
    processor.charge = lambda **given: pytest.fail("charged a second time")  # type: ignore[method-assign]
    started.run()
    assert (started.now().state, list(processor.charges.values()), started.posted()) == ("paid", [3000], 1)


def test_killed_while_the_answer_is_written_nothing_is_half_written(
    started: Started, processor: Processor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(verb: str, **given: Any) -> None:
        if verb == "payment.taken":
            raise Killed
        write(verb, **given)

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr("stead.billing.actions.payments.write", killed)
        started.run()
    assert (started.now().state, started.posted()) == ("started", 0)
    started.run()
    assert (started.now().state, list(processor.charges.values()), started.posted()) == ("paid", [3000], 1)


_WORKER = """
import os, signal, sys
from pathlib import Path
from uuid import UUID
import django
django.setup()
from stead.billing import ports
from stead.platform.jobs.queue import run_job
from stead.simulation.cards import SandboxCards

class KillsTheWorker(SandboxCards):
    def charge(self, **given):
        super().charge(**given)
        os.kill(os.getpid(), signal.SIGKILL)

folder, practice, payment = sys.argv[1:]
ports.provide(lambda: KillsTheWorker(Path(folder)))
run_job("billing.settle_payment", UUID(practice), {"payment_id": payment})
"""


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxCards]:
    made, before = SandboxCards(tmp_path / "cards"), list(ports._provide)
    ports.provide(lambda: made)
    yield made
    ports._provide[:] = before


def test_worker_killed_for_real_between_charge_and_record_is_recovered(
    started: Started, sandbox: SandboxCards, settings: Any
) -> None:
    named = settings.DATABASES["default"]
    url = DatabaseUrl(named["NAME"], named["USER"], named["PASSWORD"], named["HOST"], int(named["PORT"] or 5432))
    environment = os.environ | {
        "STEAD_RUNTIME_URL": url.compose(), "DJANGO_SETTINGS_MODULE": "stead.config.settings",
        "STEAD_SECRET_KEY": settings.SECRET_KEY,
    }  # fmt: skip
    command = [sys.executable, "-c", _WORKER, str(sandbox.folder), str(started.practice), str(started.row.id)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    taken = list(sandbox.folder.glob("*.json"))
    assert (started.now().state, started.posted(), len(taken)) == ("started", 0, 1)
    started.run()
    assert (started.now().state, started.posted()) == ("paid", 1)
    assert list(sandbox.folder.glob("*.json")) == taken


def test_declined_card_is_written_down_and_never_asked_again(started: Started, processor: Processor) -> None:
    processor.declines = "Not enough money on the card."
    for _ in range(2):
        started.run()
        processor.declines = ""
    row = started.now()
    assert (row.state, row.declined_because) == ("declined", "Not enough money on the card.")
    assert (processor.charges, started.posted()) == ({}, 0)


def test_silent_processor_leaves_the_payment_started_and_is_asked_again(started: Started, processor: Processor) -> None:
    charge = processor.charge

    def silent(**given: Any) -> ChargeOutcome:
        raise OutsideFailure("The card processor does not answer.", permanent=False)

    processor.charge = silent  # type: ignore[method-assign]
    with pytest.raises(OutsideFailure):
        started.run()
    assert started.now().state == "started"
    processor.charge = charge  # type: ignore[method-assign]
    started.run()
    assert started.now().state == "paid"


def waiting(practice: UUID) -> int:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "select count(*) from procrastinate_jobs where task_name = 'billing.settle_payment' and status = 'todo'"
            " and args->>'practice' = %s",
            [str(practice)],
        )
        return int(cursor.fetchone()[0])


@pytest.fixture
def dead_job(started: Started) -> Callable[[], None]:
    def die() -> None:
        with connections["owner"].cursor() as cursor:
            cursor.execute("update procrastinate_jobs set status = 'failed' where status = 'todo'")

    return die


def test_payment_whose_job_died_is_asked_for_again_once(
    started: Started, processor: Processor, dead_job: Callable[[], None]
) -> None:
    dead_job()
    with clock.driven(started.at + timedelta(minutes=14)):
        run_job("billing.settle_forgotten", started.practice, {})
    assert waiting(started.practice) == 0
    with clock.driven(started.at + timedelta(minutes=16)):
        for _ in range(2):
            run_job("billing.settle_forgotten", started.practice, {})
    assert waiting(started.practice) == 1


def test_settled_payment_is_not_forgotten(started: Started, processor: Processor, dead_job: Callable[[], None]) -> None:
    started.run()
    dead_job()
    with clock.driven(started.at + timedelta(days=1)):
        run_job("billing.settle_forgotten", started.practice, {})
    assert waiting(started.practice) == 0


def test_the_forgotten_are_looked_for_by_themselves() -> None:
    assert "billing.settle_forgotten" in ROUNDS
    assert {"billing.settle_forgotten", "billing.settle_payment"} <= set(queue.names())
    assert timedelta(minutes=5) <= jobs.FORGOTTEN_AFTER <= timedelta(hours=1)
