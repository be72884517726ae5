"""Queue messages, keep what became of them, take in what patients text back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from stead.messaging import queries, rules, wording
from stead.messaging.models import OutboxMessage
from stead.messaging.terms import Outcome
from stead.patients.actions import record_contact_consent
from stead.patients.models import Patient
from stead.patients.rules import PhoneNotReadable, phone_number
from stead.platform import encryption
from stead.platform.actions import action
from stead.platform.actors import Actor
from stead.platform.identifiers import uuid7
from stead.platform.jobs.queue import enqueue
from stead.platform.journal.write import write
from stead.platform.refusals import NotFound
from stead.practice.models import StaffMember

REPLY_LENGTH = 200
TEXTED_PURPOSES = ("care", "billing")
MAY_HAVE_LEFT = " It was on its way out and may have left."


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
    if purpose != found.purpose or (purpose == "staff") != (staff_id is not None):
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


@action("begin_delivery", permission="messages.deliver", words="hand a message over", may_change_nothing=True)
def begin_delivery(*, practice: UUID, by: Actor, at: datetime, message_id: UUID) -> OutboxMessage | None:
    """Claim a waiting message for handing over, to the address that is on record now. None where it is not to leave
    now: it was withdrawn or has left, its time has not come, or the patient sleeps or does not agree; then it is put
    off or stopped, with the reason.

    One whose handing over has lasted longer than it can was left by a worker that was killed, perhaps after the other
    side's yes. It is handed over again under the same Message-ID: a second copy of a reminder harms less than none.
    """
    row = _locked(message_id)
    if row.state not in ("queued", "leaving"):
        return None
    if row.send_after > (at + rules.CLOCKS_DIFFER_BY if row.state == "queued" else at):
        return None  # put off, and a later job waits; or this clock is wrong, and the sweep finds it in time
    if row.state == "leaving" and rules.next_try(row.attempts, at) is None:
        _end(row, "failed", "Every worker that handed it over was killed before the answer came.")
        write("message.failed", by=by, at=at, subject=row, patient_id=row.patient_id, template=row.template)
        return None
    recipient = queries.recipient_of(row)
    may = rules.may_send(channel=row.channel, purpose=row.purpose, recipient=recipient, now=at)
    if may.when == "never":
        _end(row, "stopped", may.words)
        write("message.stopped", by=by, at=at, subject=row, patient_id=row.patient_id, template=row.template)
        return None
    if may.when == "later" and may.at is not None:
        _postpone(row, may.at, may.words)
        write("message.postponed", by=by, at=at, subject=row, patient_id=row.patient_id, attempts=row.attempts)
        return None
    row.state, row.to, row.leaving_at = "leaving", recipient.address, at
    row.attempts, row.send_after = row.attempts + 1, at + rules.LEAVES_WITHIN
    row.save(update_fields=["state", "to", "leaving_at", "attempts", "send_after"])
    write("message.leaving", by=by, at=at, subject=row, patient_id=row.patient_id, attempts=row.attempts)
    return row


@action("record_delivery", permission="messages.deliver", words="keep what became of a message")
def record_delivery(
    *, practice: UUID, by: Actor, at: datetime, message_id: UUID, leaving_at: datetime | None, outcome: Outcome
) -> OutboxMessage:
    """Keep that a message that was leaving since `leaving_at` was taken, was refused for good, or is to be tried again.
    One that was taken back meanwhile is "sent" if it was taken after all, and else stays stopped. Where another worker
    has begun anew, its outcome counts, and ours stands in the journal only."""
    row = _locked(message_id)
    again = rules.next_try(row.attempts, at) if outcome.state == "later" else None
    state = "failed" if outcome.state == "later" and again is None else outcome.state
    said: dict[str, Any] = {"template": row.template, "attempts": row.attempts}
    if row.leaving_at is None or row.leaving_at != leaving_at:
        said["overtaken"] = True
    elif row.state == "stopped" and state != "sent":
        row.leaving_at = None
        row.save(update_fields=["leaving_at"])
        said["taken_back"] = True
    elif again is not None:
        _postpone(row, again, outcome.reply)
    else:
        _end(row, state, outcome.reply, sent_at=at if state == "sent" else None)
    verb = "message.postponed" if state == "later" else f"message.{state}"
    write(verb, by=by, at=at, subject=row, patient_id=row.patient_id, **said)
    return row


def _postpone(row: OutboxMessage, until: datetime, reply: str) -> None:
    row.state, row.send_after, row.reply_code, row.leaving_at = "queued", until, reply[:REPLY_LENGTH], None
    row.save(update_fields=["state", "send_after", "reply_code", "leaving_at"])
    enqueue("messaging.deliver", at=until, message_id=row.id)


def _end(row: OutboxMessage, state: str, reply: str, sent_at: datetime | None = None) -> None:
    row.state, row.reply_code, row.sent_at, row.leaving_at = state, reply[:REPLY_LENGTH], sent_at, None
    row.secret_encrypted = ""
    row.save(update_fields=["state", "reply_code", "sent_at", "leaving_at", "secret_encrypted"])


@action("stop_message", permission="messages.send", words="stop a message")
def stop_message(*, practice: UUID, by: Actor, at: datetime, message_id: UUID, reason: str = "") -> OutboxMessage:
    """Take one waiting message back. One that is leaving at this moment may have left; if it has, that is kept."""
    row = _locked(message_id)
    if row.state not in ("queued", "leaving"):
        raise rules.NotQueued()
    reason = reason or f"Stopped by {by.name}."
    if row.state == "leaving":
        reason = f"{reason[: REPLY_LENGTH - len(MAY_HAVE_LEFT)]}{MAY_HAVE_LEFT}"
    row.state, row.reply_code = "stopped", reason[:REPLY_LENGTH]
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
    waiting = OutboxMessage.objects.filter(appointment_id=appointment_id, state__in=("queued", "leaving"))
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
    if row.leaving_at is not None and row.leaving_at + rules.LEAVES_WITHIN > at:
        raise rules.StillLeaving()
    row.to = queries.recipient_of(row).address
    row.state, row.attempts, row.send_after, row.reply_code, row.leaving_at = "queued", 0, at, "", None
    row.save(update_fields=["to", "state", "attempts", "send_after", "reply_code", "leaving_at"])
    enqueue("messaging.deliver", message_id=row.id)
    write("message.requeued", by=by, at=at, subject=row, patient_id=row.patient_id, template=row.template)
    return row


def _patients_with(number: str) -> list[Patient]:
    """Return whose telephone it is, however the carrier writes it. A short code, or no number, is nobody's."""
    try:
        phone = phone_number(number)
    except PhoneNotReadable:
        return []
    return list(Patient.objects.filter(phone=phone).order_by("number")) if phone else []


@action("receive_text", permission="messages.receive", words="take in a text")
def receive_text(*, practice: UUID, by: Actor, at: datetime, number: str, text: str) -> list[Patient]:
    """Obey STOP and START for every patient with that number; whoever says anything else is called back. Returns them.

    STOP ends every purpose. START gives back what STOP took and nothing that was never agreed to. No carrier of texts
    is part of Stead yet: whoever writes one hands each incoming text to this action.
    """
    patients = _patients_with(number)
    said = "stop" if rules.is_stop(text) else "start" if rules.is_start(text) else "other"
    for patient in patients:
        door: dict[str, Any] = {"practice": practice, "by": by, "at": at, "patient_id": patient.id, "channel": "sms"}
        for purpose in TEXTED_PURPOSES:
            if said == "stop":
                record_contact_consent(**door, purpose=purpose, granted=False)
            elif said == "start" and queries.was_stopped_by_text(patient.id, purpose):
                record_contact_consent(**door, purpose=purpose, granted=True)
        write("text.received", by=by, at=at, subject=patient, patient_id=patient.id, said=said)
    if not patients:
        write("text.received", by=by, at=at, said=said)
    return patients
