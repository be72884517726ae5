"""The outbox: one message per key, taken back with its visit, obeying STOP."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction

from stead.config.rounds import ROUNDS
from stead.messaging import actions, queries, rules
from stead.messaging.jobs import sweep
from stead.messaging.models import OutboxMessage
from stead.messaging.ports import register
from stead.messaging.terms import SEALED_MARK, Delivery, Outcome
from stead.messaging.tests.test_rules import VALUES
from stead.patients.actions import record_contact_consent
from stead.patients.models import Patient
from stead.platform import clock
from stead.platform.actors import Actor, system
from stead.platform.identifiers import new_id
from stead.platform.jobs.queue import OutsideFailure, run_job
from stead.platform.journal.models import JournalEntry
from stead.platform.refusals import NotFound, NotPermitted
from stead.platform.tenancy.context import acting
from stead.practice.models import StaffMember
from stead.processes.models import Task
from stead.testing.clients import outside

pytestmark = pytest.mark.django_db


class Scripted:
    """A carrier that answers by script: a Delivery, or the failure to raise."""

    def __init__(self, *answers: Delivery | OutsideFailure) -> None:
        self.answers = list(answers)
        self.carried: list[UUID] = []

    def carry(self, message: OutboxMessage) -> Delivery:
        answer = self.answers.pop(0)
        if isinstance(answer, OutsideFailure):
            raise answer
        self.carried.append(message.id)
        return answer


YES = Delivery("<1@stead>", "250 kept")


@pytest.fixture
def carrier(monkeypatch: pytest.MonkeyPatch) -> Scripted:
    monkeypatch.setattr("stead.messaging.ports._carriers", {})
    scripted = Scripted(YES)
    register("email", lambda: scripted)
    return scripted


@pytest.fixture
def patient(inside: UUID, olu: Actor, at: datetime) -> Patient:
    row = Patient.objects.create(
        number=1, first_name="Dee", last_name="Marsh", email="dee@example.org", phone="+15025550142",
        time_zone="America/Kentucky/Louisville", created_at=at,
    )  # fmt: skip
    for channel in ("email", "sms"):
        record_contact_consent(
            practice=inside, by=olu, at=at, patient_id=row.id, channel=channel, purpose="care", granted=True
        )
    return row


def queue(practice: UUID, by: Actor, at: datetime, patient: Patient, **more: Any) -> OutboxMessage:
    given = {"key": "k1", "channel": "email", "purpose": "care", "template": "reminder_1d", "context": VALUES}
    return actions.queue_message(practice=practice, by=by, at=at, patient_id=patient.id, **(given | more))


def run(message: OutboxMessage, at: datetime) -> OutboxMessage:
    with clock.driven(at), outside():
        run_job("messaging.deliver", message.practice_id, {"message_id": str(message.id)})
    return queries.get_message(message.id)


def test_same_key_is_one_message(inside: UUID, olu: Actor, at: datetime, patient: Patient) -> None:
    first = queue(inside, olu, at, patient)
    assert queue(inside, olu, at, patient, template="reminder_3d").id == first.id
    assert OutboxMessage.objects.count() == 1
    assert JournalEntry.objects.filter(verb="message.queued").count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        OutboxMessage.objects.create(
            key="k1", channel="email", purpose="care", patient_id=patient.id, send_after=at, created_at=at
        )


def test_message_is_written_in_the_patients_language(inside: UUID, olu: Actor, at: datetime, patient: Patient) -> None:
    Patient.objects.filter(id=patient.id).update(language="es-MX")
    assert queue(inside, olu, at, patient).subject == "Mañana: su cita a las 10:00 am"


def test_message_has_one_receiver_and_only_a_colleagues_needs_no_consent(
    inside: UUID, olu: Actor, at: datetime, patient: Patient
) -> None:
    cho = StaffMember.objects.create(name="Grace Cho", email="cho@example.org")
    given: dict[str, Any] = {"channel": "email", "template": "reminder_1d", "send_after": at, "created_at": at}
    wrongs: tuple[dict[str, Any], ...] = (
        {"purpose": "staff", "patient_id": patient.id},
        {"purpose": "staff", "patient_id": patient.id, "staff_id": cho.id},
        {"purpose": "care", "staff_id": cho.id},
        {"purpose": "care"},
    )
    for n, wrong in enumerate(wrongs):
        with pytest.raises(IntegrityError, match="outbox_message_to_a_patient"), transaction.atomic():
            OutboxMessage.objects.create(key=f"w{n}", **given | wrong)
    with pytest.raises(IntegrityError, match="foreign key"), transaction.atomic():
        OutboxMessage.objects.create(key="nobody", purpose="care", patient_id=new_id(), **given)
    with pytest.raises(rules.PurposeWrong):
        queue(inside, olu, at, patient, purpose="staff")
    assert queue(inside, olu, at, patient).purpose == "care"


def test_wording_is_not_used_for_another_purpose(inside: UUID, olu: Actor, at: datetime, patient: Patient) -> None:
    with pytest.raises(rules.PurposeWrong):
        queue(inside, olu, at, patient, purpose="billing")
    with pytest.raises(rules.TemplateUnknown):
        queue(inside, olu, at, patient, template="greetings")


def test_sent_once_even_if_the_job_runs_twice(
    inside: UUID, olu: Actor, at: datetime, patient: Patient, carrier: Scripted
) -> None:
    message = queue(inside, olu, at, patient)
    for _ in range(2):
        row = run(message, at)
    assert (row.state, row.reply_code, row.attempts) == ("sent", "250 kept <1@stead>", 1)
    assert carrier.carried == [message.id]


def test_message_whose_worker_was_killed_is_handed_over_again_when_no_carrier_can_still_be_talking(
    inside: UUID, olu: Actor, at: datetime, patient: Patient, carrier: Scripted
) -> None:
    message = queue(inside, olu, at, patient)
    claimed = begin(message, at)
    assert claimed is not None
    assert (claimed.state, claimed.attempts) == ("leaving", 1)
    assert run(message, at + timedelta(minutes=4)).state == "leaving"
    assert carrier.carried == []
    row = run(message, at + rules.LEAVES_WITHIN)
    assert (row.state, row.attempts, carrier.carried) == ("sent", 2, [message.id])


def test_message_that_kills_every_worker_fails_in_the_open(
    inside: UUID, olu: Actor, at: datetime, patient: Patient, carrier: Scripted
) -> None:
    message = queue(inside, olu, at, patient)
    times = len(rules.WAITS_MINUTES) + 1
    for n in range(times):
        assert begin(message, at + n * rules.LEAVES_WITHIN) is not None
    row = run(message, at + times * rules.LEAVES_WITHIN)
    assert (row.state, row.attempts, carrier.carried) == ("failed", times, [])
    assert "was killed" in row.reply_code


def test_outcome_of_a_worker_that_was_overtaken_is_told_and_changes_nothing(
    inside: UUID, olu: Actor, at: datetime, patient: Patient, carrier: Scripted
) -> None:
    message = queue(inside, olu, at, patient)
    slow = begin(message, at)
    later = at + rules.LEAVES_WITHIN
    assert run(message, later).state == "sent"
    row = end(message, slow, later, Outcome("failed", "550 no mailbox"))
    assert (row.state, row.reply_code) == ("sent", "250 kept <1@stead>")
    assert JournalEntry.objects.get(verb="message.failed").data["overtaken"] is True


def test_message_taken_back_while_it_leaves_is_sent_if_it_was_taken_and_else_stays_stopped(
    inside: UUID, olu: Actor, at: datetime, patient: Patient
) -> None:
    for key, outcome, state in (
        ("k1", Outcome("sent", "250 kept"), "sent"),
        ("k2", Outcome("later", "451"), "stopped"),
    ):
        message = queue(inside, olu, at, patient, key=key)
        claimed = begin(message, at)
        stopped = actions.stop_message(practice=inside, by=olu, at=at, message_id=message.id)
        assert stopped.reply_code == "Stopped by Olu Adeyemi. It was on its way out and may have left."
        with pytest.raises(rules.StillLeaving):
            actions.send_again(practice=inside, by=olu, at=at, message_id=message.id)
        assert end(message, claimed, at, outcome).state == state


def begin(message: OutboxMessage, at: datetime) -> OutboxMessage | None:
    return actions.begin_delivery(practice=message.practice_id, by=system(), at=at, message_id=message.id)


def end(message: OutboxMessage, claimed: OutboxMessage | None, at: datetime, outcome: Outcome) -> OutboxMessage:
    assert claimed is not None
    door: dict[str, Any] = {"practice": message.practice_id, "by": system(), "at": at, "message_id": message.id}
    actions.record_delivery(**door, leaving_at=claimed.leaving_at, outcome=outcome)
    return queries.get_message(message.id)


def test_message_goes_where_the_person_is_written_to_on_the_day_it_leaves(
    inside: UUID, olu: Actor, at: datetime, patient: Patient, carrier: Scripted
) -> None:
    moved = queue(inside, olu, at, patient, send_after=at + timedelta(days=2))
    Patient.objects.filter(id=patient.id).update(email="")
    added = queue(inside, olu, at, patient, key="k2", send_after=at + timedelta(days=2))
    Patient.objects.filter(id=patient.id).update(email="new@example.org")
    carrier.answers = [YES, YES]
    assert [run(m, at + timedelta(days=2)).to for m in (moved, added)] == ["new@example.org"] * 2
    assert len(carrier.carried) == 2


def test_message_too_early_by_the_workers_clock_is_not_lost(
    inside: UUID, olu: Actor, at: datetime, patient: Patient, carrier: Scripted
) -> None:
    message = queue(inside, olu, at, patient)
    assert run(message, at - timedelta(minutes=3)).state == "queued"
    assert queries.overdue(at) == [message.id]
    assert run(message, at - timedelta(seconds=30)).state == "sent"


def test_message_whose_job_was_lost_is_found(
    inside: UUID, olu: Actor, at: datetime, patient: Patient, carrier: Scripted
) -> None:
    lost, killed, told = (queue(inside, olu, at, patient, key=key) for key in ("lost", "killed", "told"))
    later = queue(inside, olu, at, patient, key="later", send_after=at + timedelta(hours=1))
    assert run(told, at).state == "sent"
    begin(killed, at)
    with connection.cursor() as cursor:
        cursor.execute("update procrastinate_jobs set status = 'failed' where status = 'todo'")
    for minutes in (6, 10):
        with clock.driven(at + timedelta(minutes=minutes)):
            sweep()
    with connection.cursor() as cursor:
        cursor.execute(
            "select args->>'message_id' from procrastinate_jobs"
            " where status = 'todo' and task_name = 'messaging.deliver' and args->>'practice' = %s",
            [str(inside)],
        )
        found = [UUID(key) for (key,) in cursor.fetchall()]
    assert sorted(found) == sorted([lost.id, killed.id])
    assert later.id not in found
    assert ROUNDS["messaging.sweep"]


def test_failure_that_may_pass_is_tried_again_later_and_a_final_one_is_kept(
    inside: UUID, olu: Actor, at: datetime, patient: Patient, carrier: Scripted
) -> None:
    carrier.answers = [OutsideFailure("451 later", permanent=False), OutsideFailure("550 no mailbox", permanent=True)]
    message = queue(inside, olu, at, patient)
    row = run(message, at)
    assert (row.state, row.attempts, row.send_after) == ("queued", 1, at + timedelta(minutes=1))
    assert run(message, at - timedelta(minutes=1)).attempts == 1  # not before its time
    row = run(message, at + timedelta(minutes=1))
    assert (row.state, row.attempts, row.reply_code) == ("failed", 2, "550 no mailbox")
    carrier.answers = [YES]
    actions.send_again(practice=inside, by=olu, at=at, message_id=message.id)
    assert run(message, at + timedelta(minutes=2)).state == "sent"


def test_message_waits_for_the_morning(
    inside: UUID, olu: Actor, at: datetime, patient: Patient, carrier: Scripted
) -> None:
    night = at + timedelta(hours=12)
    row = run(queue(inside, olu, at, patient), night)
    assert (row.state, row.attempts, carrier.carried) == ("queued", 0, [])
    assert row.send_after == at.replace(hour=13, minute=0) + timedelta(days=1)
    assert "Quiet hours" in row.reply_code


def test_message_without_consent_or_address_stays_and_says_why(
    inside: UUID, olu: Actor, at: datetime, patient: Patient, carrier: Scripted
) -> None:
    billing = queue(inside, olu, at, patient, key="b", purpose="billing", template="statement_ready")
    Patient.objects.filter(id=patient.id).update(email="")
    nowhere = queue(inside, olu, at, patient, key="n")
    assert [run(m, at).state for m in (billing, nowhere)] == ["stopped", "stopped"]
    assert "No e-mail address" in queries.get_message(nowhere.id).reply_code
    assert carrier.carried == []


def test_channel_without_carrier_fails_in_the_open(
    inside: UUID, olu: Actor, at: datetime, patient: Patient, carrier: Scripted
) -> None:
    row = run(queue(inside, olu, at, patient, channel="sms"), at)
    assert (row.state, row.reply_code) == ("failed", "No carrier for text messages is set up.")


def test_what_only_the_receiver_may_see_is_sealed_until_the_message_leaves_and_then_gone(
    inside: UUID, olu: Actor, at: datetime, patient: Patient, carrier: Scripted
) -> None:
    link, carried = "https://x.test/p/linden/enter/opensesame/", []
    carrier.carry = lambda message: carried.append(message.body) or YES  # type: ignore[method-assign,func-returns-value]
    given: dict[str, Any] = {"template": "portal_invitation", "context": VALUES | {"link": SEALED_MARK}}
    message = queue(inside, olu, at, patient, **given, secret=link)
    assert "opensesame" not in str(vars(queries.get_message(message.id)))
    row = run(message, at)
    assert (row.state, link in carried[0], SEALED_MARK in carried[0]) == ("sent", True, False)
    assert (row.secret_encrypted, SEALED_MARK in row.body) == ("", True)
    stopped = queue(inside, olu, at, patient, key="k2", **given, secret=link)
    actions.stop_message(practice=inside, by=olu, at=at, message_id=stopped.id)
    assert queries.get_message(stopped.id).secret_encrypted == ""
    with pytest.raises(rules.SecretGone):
        actions.send_again(practice=inside, by=olu, at=at, message_id=stopped.id)


def test_messages_of_a_cancelled_visit_are_taken_back(
    inside: UUID, olu: Actor, at: datetime, patient: Patient, carrier: Scripted
) -> None:
    visit = new_id()
    message = queue(inside, olu, at, patient, appointment_id=visit, send_after=at + timedelta(days=3))
    actions.withdraw_messages(practice=inside, by=olu, at=at, appointment_id=visit, reason="The visit was cancelled.")
    row = run(message, at + timedelta(days=3))
    assert (row.state, row.reply_code, carrier.carried) == ("stopped", "The visit was cancelled.", [])
    with pytest.raises(rules.NotQueued):
        actions.stop_message(practice=inside, by=olu, at=at, message_id=message.id)


def text(practice: UUID, patient: Patient, at: datetime, minute: int, said: str) -> tuple[bool | None, bool | None]:
    """Take in a text; return what stands then about care and about bills."""
    number = "(502) 555-0142"  # as another carrier writes it
    later = at + timedelta(minutes=minute)
    assert actions.receive_text(practice=practice, by=system(), at=later, number=number, text=said) == [patient]
    return queries.is_granted(patient.id, "sms", "care"), queries.is_granted(patient.id, "sms", "billing")


def test_stop_ends_texts_of_both_purposes_and_start_brings_back_what_it_took(
    inside: UUID, at: datetime, patient: Patient
) -> None:
    assert text(inside, patient, at, 1, "STOP ALL") == (False, False)
    assert text(inside, patient, at, 2, "stop") == (False, False)
    assert text(inside, patient, at, 3, "what?") == (False, False)
    assert text(inside, patient, at, 4, "start") == (True, False)
    assert queries.is_granted(patient.id, "email", "care") is True
    said = JournalEntry.objects.filter(verb="text.received").order_by("at")
    assert [line.data["said"] for line in said] == ["stop", "stop", "other", "start"]


def test_start_gives_no_consent_that_was_never_given_or_was_taken_back_another_way(
    inside: UUID, olu: Actor, at: datetime, patient: Patient
) -> None:
    assert text(inside, patient, at, 1, "start") == (True, None)
    moment = at + timedelta(minutes=2)
    record_contact_consent(
        practice=inside, by=olu, at=moment, patient_id=patient.id, channel="sms", purpose="care", granted=False
    )
    assert text(inside, patient, at, 3, "start") == (False, None)


def test_text_that_says_something_else_becomes_a_call(inside: UUID, at: datetime, patient: Patient) -> None:
    for minute in (1, 2):
        text(inside, patient, at, minute, "I feel worse")
    task = Task.objects.get()
    assert (task.title, task.seat_key, task.patient_id) == ("Dee Marsh texted us: call back", "front_desk", patient.id)
    assert "worse" not in str(list(JournalEntry.objects.values_list("data", flat=True)))


@pytest.mark.parametrize("number", ["", "12345", "nonsense"])
def test_text_without_a_number_is_nobodys(inside: UUID, at: datetime, patient: Patient, number: str) -> None:
    Patient.objects.create(number=2, first_name="No", last_name="Phone", created_at=at)
    assert actions.receive_text(practice=inside, by=system(), at=at, number=number, text="STOP") == []
    assert queries.is_granted(patient.id, "sms", "care") is True


def test_text_of_a_number_nobody_has_is_journalled(inside: UUID, at: datetime) -> None:
    assert actions.receive_text(practice=inside, by=system(), at=at, number="+15025559999", text="STOP") == []
    assert JournalEntry.objects.get(verb="text.received").data == {"said": "stop"}


def test_patient_may_not_send_and_another_practice_sees_nothing(
    db: None, linden: UUID, elsewhere: UUID, olu: Actor, eve: Actor, at: datetime
) -> None:
    with acting(linden, olu):
        patient = Patient.objects.create(number=1, first_name="Dee", last_name="Marsh", created_at=at)
        message = queue(linden, olu, at, patient)
        me = Actor(patient.id, "patient", "Dee", frozenset({"patient"}))
        with pytest.raises(NotPermitted):
            queue(linden, me, at, patient, key="mine")
    with acting(elsewhere, eve), pytest.raises(NotFound):
        actions.stop_message(practice=elsewhere, by=eve, at=at, message_id=message.id)


def test_text_that_nobody_carries_gives_way_to_agreed_email_or_to_a_call(
    inside: UUID, olu: Actor, at: datetime, patient: Patient, carrier: Scripted
) -> None:
    def agree(channel: str, granted: bool) -> None:
        later = at + timedelta(hours=1)
        door: dict[str, Any] = {"practice": inside, "by": olu, "at": later, "patient_id": patient.id}
        record_contact_consent(**door, channel=channel, purpose="care", granted=granted)

    assert (queries.agreed_channel(patient, "care"), queries.unreached([patient.id], "care")) == ("email", set())
    agree("email", False)
    assert (queries.agreed_channel(patient, "care"), queries.unreached([patient.id], "care")) == ("", {patient.id})
    register("sms", lambda: carrier)
    assert (queries.agreed_channel(patient, "care"), queries.unreached([patient.id], "care")) == ("sms", set())
