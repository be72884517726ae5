"""Read the outbox."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from copy import copy
from datetime import datetime
from uuid import UUID

from django.db.models import Count, QuerySet

from stead.messaging import rules
from stead.messaging.models import OutboxMessage
from stead.messaging.ports import find_carrier
from stead.messaging.terms import SEALED_MARK, Recipient
from stead.patients.models import ContactConsent, Patient
from stead.platform import encryption
from stead.platform.journal.models import JournalEntry
from stead.platform.refusals import NotFound
from stead.practice.models import Location, StaffMember
from stead.practice.queries import practice_zone

FALLBACK_ZONE = "America/New_York"
SWEPT_AT_ONCE = 500


def outbox(state: str = "", channel: str = "", patient_id: UUID | None = None) -> QuerySet[OutboxMessage]:
    """Messages, newest first."""
    rows = OutboxMessage.objects.get_queryset().order_by("-created_at", "-id")
    if state:
        rows = rows.filter(state=state)
    if channel:
        rows = rows.filter(channel=channel)
    return rows.filter(patient_id=patient_id) if patient_id else rows


def get_message(message_id: UUID) -> OutboxMessage:
    row = OutboxMessage.objects.filter(id=message_id).first()
    if row is None:
        raise NotFound()
    return row


def carried_secret(message: OutboxMessage) -> bool:
    """Answer whether a part of the message was for its receiver alone, and so is not kept."""
    return SEALED_MARK in message.body


def as_it_leaves(message: OutboxMessage) -> OutboxMessage:
    """Return a copy that is never saved, with what only the receiver may see put in."""
    whole = copy(message)
    if message.secret_encrypted:
        bound = {"practice": message.practice_id, "record": message.id}
        secret = encryption.unseal(message.secret_encrypted, **bound, field="secret")
        whole.body = message.body.replace(SEALED_MARK, secret)
    return whole


def counts() -> dict[str, int]:
    """How many messages stand in each state."""
    rows = OutboxMessage.objects.values_list("state").annotate(Count("id"))
    return dict(rows.order_by("state"))


def names_of(messages: list[OutboxMessage]) -> dict[UUID, str]:
    """Names of the patients of these messages, by id."""
    ids = {m.patient_id for m in messages if m.patient_id}
    rows = Patient.objects.filter(id__in=ids).values_list("id", "first_name", "last_name")
    return {key: f"{first} {last}" for key, first, last in rows}


def is_granted(patient_id: UUID, channel: str, purpose: str) -> bool | None:
    """The patient's newest answer about the channel and purpose, None if never asked."""
    rows = ContactConsent.objects.filter(patient_id=patient_id, channel=channel, purpose=purpose)
    return rows.order_by("-at", "-id").values_list("granted", flat=True).first()


def was_stopped_by_text(patient_id: UUID, purpose: str) -> bool:
    """Answer whether the newest answer about texts is a STOP by text that ended a yes."""
    rows = ContactConsent.objects.filter(patient_id=patient_id, channel="sms", purpose=purpose)
    answers = rows.order_by("-at", "-id").values_list("granted", "at")
    ended = None
    for granted, at in answers:
        if granted:
            return ended is not None
        stop = JournalEntry.objects.filter(verb="text.received", patient_id=patient_id, at=at, data__said="stop")
        if not stop.exists():
            return False  # said no another way
        ended = at
    return False


def agreed_channel(patient: Patient, purpose: str) -> str:
    """The way to write to a patient about a purpose, e-mail before text: one that they agreed to, that has an address
    and that this deployment carries. Empty when there is none."""
    addresses = {way: address_of(patient=patient, staff=None, channel=way) for way in rules.WAYS}
    return rules.agreed_way(addresses, _granted({patient.id}, purpose)[patient.id], _carried())


def unreached(patient_ids: Collection[UUID], purpose: str) -> set[UUID]:
    """Return which of these patients no message about the purpose can reach, in two queries however many they are."""
    granted, carried = _granted(patient_ids, purpose), _carried()
    rows = Patient.objects.filter(id__in=patient_ids).values_list("id", "email", "phone")
    ways = (
        (key, rules.agreed_way({"email": email, "sms": phone}, granted[key], carried)) for key, email, phone in rows
    )
    return {key for key, way in ways if not way}


def _granted(patient_ids: Collection[UUID], purpose: str) -> dict[UUID, dict[str, bool]]:
    """The newest answer of each patient about each way."""
    rows = ContactConsent.objects.filter(patient_id__in=patient_ids, purpose=purpose, channel__in=rules.WAYS)
    answers: dict[UUID, dict[str, bool]] = defaultdict(dict)
    for patient_id, channel, granted in rows.order_by("at", "id").values_list("patient_id", "channel", "granted"):
        answers[patient_id][channel] = granted
    return answers


def _carried() -> set[str]:
    """The ways that messages can leave by. E-mail counts without its server: that is told where Stead is set up."""
    return {"email"} | {way for way in rules.WAYS if find_carrier(way) is not None}


def zone_of(patient: Patient) -> str:
    """The patient's own zone, else that of the home location, else of any of ours."""
    if patient.time_zone:
        return patient.time_zone
    rows = Location.objects.filter(id=patient.home_location_id) if patient.home_location_id else None
    zone = rows.values_list("time_zone", flat=True).first() if rows is not None else None
    return zone or practice_zone().key


def recipient_of(message: OutboxMessage) -> Recipient:
    """What the rule must know of who gets the message, as it is on record now: the address may have changed since the
    message was written, weeks ago."""
    if message.staff_id is not None:
        colleague = StaffMember.objects.get(id=message.staff_id)
        return Recipient(address_of(patient=None, staff=colleague, channel=message.channel), FALLBACK_ZONE)
    assert message.patient_id is not None  # by the table's own check
    patient = Patient.objects.get(id=message.patient_id)
    return Recipient(
        address_of(patient=patient, staff=None, channel=message.channel),
        zone_of(patient),
        is_granted(patient.id, message.channel, message.purpose),
        patient.deceased_at is not None or patient.status == "deceased",
    )


def overdue(at: datetime) -> list[UUID]:
    """Messages whose time to be looked at had come by then, and that still wait or are still leaving; oldest first."""
    rows = OutboxMessage.objects.filter(state__in=("queued", "leaving"), send_after__lte=at).order_by("send_after")
    return list(rows.values_list("id", flat=True)[:SWEPT_AT_ONCE])


def address_of(*, patient: Patient | None, staff: StaffMember | None, channel: str) -> str:
    who = patient or staff
    if who is None or channel == "portal":
        return ""
    return who.email if channel == "email" else who.phone
