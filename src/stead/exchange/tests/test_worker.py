"""The jobs as the worker runs them: its own role, its own transaction, moves after the commit."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, connections

from stead.coverage.actions import ask_eligibility
from stead.coverage.models import EligibilityCheck
from stead.exchange.jobs import name_key
from stead.exchange.mailbox import mailbox_of
from stead.exchange.models import Interchange, MailboxFault
from stead.exchange.smtp import SmtpCarrier
from stead.exchange.tests import cast
from stead.exchange.tests.cast import Post, covered, profile
from stead.exchange.tests.test_mailbox import BROKEN
from stead.messaging.actions import queue_message
from stead.messaging.models import OutboxMessage
from stead.messaging.rules import LEAVES_WITHIN
from stead.messaging.terms import Delivery
from stead.messaging.tests.test_rules import VALUES
from stead.patients.actions import record_contact_consent
from stead.patients.models import Patient
from stead.platform import clock
from stead.platform.actors import Actor
from stead.platform.database.urls import DatabaseUrl
from stead.platform.jobs.queue import run_job
from stead.platform.tenancy.context import acting
from stead.simulation.mail_sink import MailSink, mails
from stead.simulation.payer import SandboxPayer

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def test_question_leaves_and_its_answer_is_read_and_archived(
    linden: UUID, olu: Actor, at: datetime, settings: Any, tmp_path: Path
) -> None:
    settings.STATE = tmp_path
    box = mailbox_of(linden)
    with clock.driven(at):
        with acting(linden, olu):
            check = _asked(Post(linden, olu, at))
        run_job("exchange.send_inquiry", linden, {"check_id": str(check.id)})
        with acting(linden, olu):
            row = Interchange.objects.get()
        run_job("exchange.upload", linden, {"interchange_id": str(row.id)})
        SandboxPayer(box.folder).run(at)
        (box.folder / "inbound" / "broken.x12").write_bytes(BROKEN["cut"])
        run_job("exchange.poll_mailbox", linden, {})
        for name in box.waiting():
            run_job("exchange.take_file", linden, {"key": name_key(name)})
        run_job("exchange.send_claims", linden, {})
    assert (box.count("inbound"), box.count("archive"), box.count("refused")) == (0, 1, 1)
    with acting(linden, olu):
        assert EligibilityCheck.objects.get().state == "active"
        assert MailboxFault.objects.count() == 1


def _asked(post: Post) -> EligibilityCheck:
    profile(post.practice)
    cast.linden()
    coverage = covered(post, "W1")
    return ask_eligibility(**post.door, coverage_id=coverage.id, service_date=post.at.date())


def _reminder(practice: UUID, by: Actor, at: datetime) -> OutboxMessage:
    door: dict[str, Any] = {"practice": practice, "by": by, "at": at}
    given: dict[str, Any] = {"channel": "email", "purpose": "care"}
    with acting(practice, by):
        patient = Patient.objects.create(
            number=1, first_name="Dee", last_name="Marsh", email="dee@example.org", created_at=at
        )
        record_contact_consent(**door, patient_id=patient.id, granted=True, **given)
        return queue_message(**door, key="k", template="reminder_1d", context=VALUES, patient_id=patient.id, **given)


@pytest.fixture
def sink(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MailSink]:
    with MailSink(tmp_path) as running:
        monkeypatch.setenv("STEAD_SMTP_HOST", "127.0.0.1")
        monkeypatch.setenv("STEAD_SMTP_PORT", str(running.port))
        yield running


def _now(practice: UUID, by: Actor) -> OutboxMessage:
    with acting(practice, by):
        return OutboxMessage.objects.get()


def test_message_leaves_over_smtp(linden: UUID, olu: Actor, at: datetime, sink: MailSink) -> None:
    row = _reminder(linden, olu, at)
    with clock.driven(at):
        for _ in range(2):
            run_job("messaging.deliver", linden, {"message_id": str(row.id)})
    (mail,) = mails(sink.folder)
    assert mail["To"] == "dee@example.org"
    assert _now(linden, olu).state == "sent"


def test_while_the_mail_server_talks_nobody_waits(
    linden: UUID, olu: Actor, at: datetime, sink: MailSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    carry = SmtpCarrier.carry

    def look(self: SmtpCarrier, message: OutboxMessage) -> Delivery:
        assert not connection.in_atomic_block
        with connections["owner"].cursor() as cursor:
            cursor.execute("select state from outbox_message where id = %s for update nowait", [row.id])
            assert cursor.fetchone() == ("leaving",)
        return carry(self, message)

    monkeypatch.setattr(SmtpCarrier, "carry", look)
    row = _reminder(linden, olu, at)
    with clock.driven(at):
        run_job("messaging.deliver", linden, {"message_id": str(row.id)})
    assert _now(linden, olu).state == "sent"


_WORKER = """
import os, signal, sys
from datetime import datetime
from uuid import UUID
import django
django.setup()
from stead.exchange.smtp import SmtpCarrier
from stead.platform import clock
from stead.platform.database.urls import DatabaseUrl
from stead.platform.jobs.queue import run_job

carry = SmtpCarrier.carry

def taken_then_killed(self, message):
    assert carry(self, message).reply.startswith("250")
    os.kill(os.getpid(), signal.SIGKILL)

SmtpCarrier.carry = taken_then_killed
practice, message, at = sys.argv[1:]
with clock.driven(datetime.fromisoformat(at)):
    run_job("messaging.deliver", UUID(practice), {"message_id": message})
"""


def test_worker_killed_after_the_servers_yes_leaves_one_mail_that_a_second_copy_can_be_known_by(
    linden: UUID, olu: Actor, at: datetime, sink: MailSink, settings: Any
) -> None:
    row = _reminder(linden, olu, at)
    named = settings.DATABASES["default"]
    url = DatabaseUrl(named["NAME"], named["USER"], named["PASSWORD"], named["HOST"], int(named["PORT"] or 5432))
    environment = os.environ | {
        "STEAD_RUNTIME_URL": url.compose(), "DJANGO_SETTINGS_MODULE": "stead.config.settings",
        "STEAD_SECRET_KEY": settings.SECRET_KEY,
    }  # fmt: skip
    command = [sys.executable, "-c", _WORKER, str(linden), str(row.id), at.isoformat()]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    (first,) = mails(sink.folder)
    assert (_now(linden, olu).state, _now(linden, olu).attempts) == ("leaving", 1)
    for path in sink.folder.iterdir():
        path.unlink()
    with clock.driven(at + timedelta(minutes=1)):  # as the queue gives it back, while the carrier might still talk
        run_job("messaging.deliver", linden, {"message_id": str(row.id)})
    assert mails(sink.folder) == []
    with clock.driven(at + LEAVES_WITHIN):
        run_job("messaging.deliver", linden, {"message_id": str(row.id)})
    (second,) = mails(sink.folder)
    assert second["Message-ID"] == first["Message-ID"]
    assert (_now(linden, olu).state, _now(linden, olu).attempts) == ("sent", 2)


def test_two_workers_with_one_message_send_it_once(
    linden: UUID, olu: Actor, at: datetime, sink: MailSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    carry, carried = SmtpCarrier.carry, list[UUID]()

    def slowly(self: SmtpCarrier, message: OutboxMessage) -> Delivery:
        carried.append(message.id)
        if len(carried) == 1:
            other = threading.Thread(target=work)
            other.start()
            other.join(timeout=20)
            assert not other.is_alive()
        return carry(self, message)

    def work() -> None:
        try:
            with clock.driven(at):
                run_job("messaging.deliver", linden, {"message_id": str(row.id)})
        finally:
            connections.close_all()

    monkeypatch.setattr(SmtpCarrier, "carry", slowly)
    row = _reminder(linden, olu, at)
    with clock.driven(at):
        run_job("messaging.deliver", linden, {"message_id": str(row.id)})
    assert carried == [row.id]
    assert (_now(linden, olu).state, _now(linden, olu).attempts) == ("sent", 1)
