"""The jobs as the worker runs them: its own role, its own transaction, moves after the commit."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from stead.coverage.actions import ask_eligibility
from stead.coverage.models import EligibilityCheck
from stead.exchange.jobs import name_key
from stead.exchange.mailbox import mailbox_of
from stead.exchange.models import Interchange, MailboxFault
from stead.exchange.tests import cast
from stead.exchange.tests.cast import Post, covered, profile
from stead.exchange.tests.test_mailbox import BROKEN
from stead.messaging.actions import queue_message
from stead.messaging.models import OutboxMessage
from stead.messaging.tests.test_rules import VALUES
from stead.patients.actions import record_contact_consent
from stead.patients.models import Patient
from stead.platform import clock
from stead.platform.actors import Actor
from stead.platform.jobs.queue import run_job
from stead.platform.tenancy.context import acting
from stead.simulation.mail_sink import MailSink, mails
from stead.simulation.payer import SandboxPayer

pytestmark = pytest.mark.django_db(transaction=True)


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


def test_message_leaves_over_smtp(
    linden: UUID, olu: Actor, at: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with MailSink(tmp_path) as sink, clock.driven(at):
        monkeypatch.setenv("STEAD_SMTP_HOST", "127.0.0.1")
        monkeypatch.setenv("STEAD_SMTP_PORT", str(sink.port))
        door: dict[str, Any] = {"practice": linden, "by": olu, "at": at}
        with acting(linden, olu):
            patient = Patient.objects.create(
                number=1, first_name="Dee", last_name="Marsh", email="dee@example.org", created_at=at
            )
            given: dict[str, Any] = {"channel": "email", "purpose": "care"}
            record_contact_consent(**door, patient_id=patient.id, granted=True, **given)
            row = queue_message(**door, key="k", template="reminder_1d", context=VALUES, patient_id=patient.id, **given)
        for _ in range(2):
            run_job("messaging.deliver", linden, {"message_id": str(row.id)})
        (mail,) = mails(sink.folder)
    assert mail["To"] == "dee@example.org"
    with acting(linden, olu):
        assert OutboxMessage.objects.get().state == "sent"
