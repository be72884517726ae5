"""Queue messages, keep what became of them, take in what patients text back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from stead.messaging import queries, rules, wording
from stead.messaging.models import OutboxMessage
from stead.patients.actions import record_contact_consent
from stead.patients.models import Patient
from stead.platform import encryption
from stead.platform.actions import action
from stead.platform.actors import Actor
from stead.platform.identifiers import uuid7
from stead.platform.jobs.queue import enqueue
from stead.platform.journal.write import write
from stead.platform.refusals import NotFound
from stead.practice.models import StaffMember

REPLY_LENGTH = 200


@action("queue_message", permission="messages.send", words="send a message", may_change_nothing=True)
def queue_message(
    *,
    practice: UUID,
    by: Actor,
    at: datetime,
    key: str,
    channel: str,
    purpose: str,
    template: str,
    context: Mapping[str, str],
    patient_id: UUID | None = None,
    staff_id: UUID | None = None,
    appointment_id: UUID | None = None,
    send_after: datetime | None = None,
    secret: str = "",
) -> OutboxMessage:
    """Put one message in the outbox. The same `key` again returns the first message and sends nothing. Whether it may
    be sent is asked when it leaves, because consent and the clock may change until then. A `secret` is kept sealed and
    put in when the message leaves, where the context says SEALED_MARK."""
    found = wording.find_wording(template)
    if found is None:
        raise rules.TemplateUnknown()
    if purpose not in (found.purpose, "staff"):
        raise rules.PurposeWrong()
    before = OutboxMessage.objects.filter(key=key).first()
    if before is not None:
        return before
    patient = _one(Patient, patient_id)
    staff = _one(StaffMember, staff_id)
    language = rules.language_of(patient.language if patient else "en")
    text = wording.render(template, language=language, channel=channel, values=context)
    number = uuid7(at)
    row = OutboxMessage(
        id=number,
        key=key,
        patient_id=patient_id,
        staff_id=staff_id,
        appointment_id=appointment_id,
        channel=channel,
        purpose=purpose,
        template=template,
        language=language,
        to=queries.address_of(patient=patient, staff=staff, channel=channel),
        subject=text.subject[:200],
        body=text.body,
        secret_encrypted=encryption.seal(secret, practice=practice, record=number, field="secret") if secret else "",
        send_after=send_after or at,
        created_at=at,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        if "outbox_message_once" not in str(error):
            raise
        return OutboxMessage.objects.get(key=key)  # another worker was faster
    enqueue("messaging.deliver", at=row.send_after, message_id=row.id)
    write("message.queued", by=by, at=at, subject=row, patient_id=patient_id, template=template, channel=channel)
    return row


def _one[M: (Patient, StaffMember)](model: type[M], key: UUID | None) -> M | None:
    if key is None:
        return None
    row = model.objects.filter(id=key).first()
    if row is None:
        raise NotFound()
    return row


def _locked(message_id: UUID) -> OutboxMessage:
    row = OutboxMessage.objects.select_for_update().filter(id=message_id).first()
    if row is None:
        raise NotFound()
    return row


@action("record_delivery", permission="messages.deliver", words="keep what became of a message")
def record_delivery(
    *, practice: UUID, by: Actor, at: datetime, message_id: UUID, state: str, reply: str, attempts: int
) -> OutboxMessage:
    """Keep that a message was sent, failed for good or was not sent at all, with the other side's reply."""
    row = _locked(message_id)
    if row.state != "queued":
        raise rules.NotQueued()
    row.state, row.reply_code, row.attempts = state, reply[:REPLY_LENGTH], attempts
    row.sent_at = at if state == "sent" else None
    row.secret_encrypted = ""
    row.save(update_fields=["state", "reply_code", "attempts", "sent_at", "secret_encrypted"])
    write(f"message.{state}", by=by, at=at, subject=row, patient_id=row.patient_id, template=row.template)
    return row


@action("postpone_message", permission="messages.deliver", words="send a message later")
def postpone_message(
    *, practice: UUID, by: Actor, at: datetime, message_id: UUID, until: datetime, reply: str, attempts: int
) -> OutboxMessage:
    """Wait, for the end of the quiet hours or after a failure that may pass."""
    row = _locked(message_id)
    if row.state != "queued":
        raise rules.NotQueued()
    row.send_after, row.reply_code, row.attempts = until, reply[:REPLY_LENGTH], attempts
    row.save(update_fields=["send_after", "reply_code", "attempts"])
    enqueue("messaging.deliver", at=until, message_id=row.id)
    write("message.postponed", by=by, at=at, subject=row, patient_id=row.patient_id, attempts=attempts)
    return row


@action("stop_message", permission="messages.send", words="stop a message")
def stop_message(*, practice: UUID, by: Actor, at: datetime, message_id: UUID, reason: str = "") -> OutboxMessage:
    """Take one waiting message back."""
    row = _locked(message_id)
    if row.state != "queued":
        raise rules.NotQueued()
    row.state, row.reply_code = "stopped", (reason or f"Stopped by {by.name}.")[:REPLY_LENGTH]
    row.secret_encrypted = ""
    row.save(update_fields=["state", "reply_code", "secret_encrypted"])
    write("message.stopped", by=by, at=at, subject=row, patient_id=row.patient_id, template=row.template)
    return row


@action("withdraw_messages", permission="messages.send", words="take back messages of a visit", may_change_nothing=True)
def withdraw_messages(
    *, practice: UUID, by: Actor, at: datetime, appointment_id: UUID, reason: str, keep: str = ""
) -> list[OutboxMessage]:
    """Take back every message of a visit that still waits, as the visit was moved or cancelled; those whose key ends in
    `keep` stay."""
    waiting = OutboxMessage.objects.filter(appointment_id=appointment_id, state="queued")
    rows = [key for key, name in waiting.values_list("id", "key") if not keep or not name.endswith(keep)]
    door: dict[str, Any] = {"practice": practice, "by": by, "at": at}
    return [stop_message(**door, message_id=key, reason=reason) for key in rows]


@action("send_again", permission="messages.send", words="send a message again")
def send_again(*, practice: UUID, by: Actor, at: datetime, message_id: UUID) -> OutboxMessage:
    """Try a failed or stopped message anew, to the address that is on record now."""
    row = _locked(message_id)
    if row.state not in ("failed", "stopped"):
        raise rules.NotFailed()
    if queries.carried_secret(row):
        raise rules.SecretGone()
    patient, staff = _one(Patient, row.patient_id), _one(StaffMember, row.staff_id)
    row.to = queries.address_of(patient=patient, staff=staff, channel=row.channel)
    row.state, row.attempts, row.send_after, row.reply_code = "queued", 0, at, ""
    row.save(update_fields=["to", "state", "attempts", "send_after", "reply_code"])
    enqueue("messaging.deliver", message_id=row.id)
    write("message.requeued", by=by, at=at, subject=row, patient_id=row.patient_id, template=row.template)
    return row


@action("receive_text", permission="messages.receive", words="take in a text")
def receive_text(*, practice: UUID, by: Actor, at: datetime, number: str, text: str) -> list[Patient]:
    """Obey STOP and START for every patient with that number, for all purposes; a text that says anything else is
    journalled without its words, so that somebody calls. Returns the patients."""
    patients = list(Patient.objects.filter(phone=number).order_by("number"))
    granted = False if rules.is_stop(text) else True if rules.is_start(text) else None
    if granted is not None:
        for patient in patients:
            for purpose in ("care", "billing"):
                record_contact_consent(
                    practice=practice,
                    by=by,
                    at=at,
                    patient_id=patient.id,
                    channel="sms",
                    purpose=purpose,
                    granted=granted,
                )
    said = {None: "other", True: "start", False: "stop"}[granted]
    for patient in patients:
        write("text.received", by=by, at=at, subject=patient, patient_id=patient.id, said=said)
    if not patients:
        write("text.received", by=by, at=at, said=said)
    return patients
