"""Messages about a visit: booked, reminded three days and one day before, moved, cancelled.

Each runs as a job after the visit's own transaction and bears repetition: a message's key holds the journal line it
answers, so one line writes each message once, and a visit that moves away and back is reminded of again. A visit in
the past, as an import brings, writes nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from stead.messaging.actions import queue_message, withdraw_messages
from stead.messaging.queries import agreed_channel
from stead.messaging.rules import language_of
from stead.platform import actors, clock
from stead.platform.journal.follow import follows
from stead.platform.journal.models import JournalEntry
from stead.platform.ui import words
from stead.practice.models import PracticeProfile
from stead.scheduling.models import Appointment

REMINDERS = {"reminder_3d": timedelta(days=3), "reminder_1d": timedelta(days=1)}
LIVE = ("booked", "confirmed")
WHERE_ELSE = {"video": ("by video", "por video"), "phone": ("by telephone", "por teléfono")}


@follows("appointment.booked", "appointment.rescheduled")
def write_reminders(entry: JournalEntry) -> None:
    """Write that a visit was booked or moved, and its reminders that still lie ahead."""
    visit = _visit(entry)
    now = clock.now()
    if visit is None or visit.status not in LIVE or visit.starts_at <= now:
        return
    if entry.verb == "appointment.rescheduled":
        _withdraw(visit, entry, now, "The visit was moved.")
        _queue(visit, entry, "appointment_moved", now, now)
    else:
        _queue(visit, entry, "appointment_booked", now, now)
    for template, before in REMINDERS.items():
        if visit.starts_at - before > now:
            _queue(visit, entry, template, visit.starts_at - before, now)


@follows("appointment.cancelled", "appointment.booking_undone", "appointment.released")
def take_back_reminders(entry: JournalEntry) -> None:
    """Take the waiting reminders back; tell the patient where the visit lay ahead and the practice cancelled it."""
    visit = _visit(entry)
    if visit is None:
        return
    now = clock.now()
    _withdraw(visit, entry, now, "The visit was cancelled.")
    if entry.verb == "appointment.cancelled" and visit.starts_at > now and entry.actor_id != visit.patient_id:
        _queue(visit, entry, "appointment_cancelled", now, now)


def _visit(entry: JournalEntry) -> Appointment | None:
    if entry.subject_id is None:
        return None
    return Appointment.objects.filter(id=entry.subject_id).select_related("patient", "location").first()


def _withdraw(visit: Appointment, entry: JournalEntry, now: datetime, reason: str) -> None:
    """Take back what earlier lines wrote; what this line wrote in an earlier run stays."""
    door: dict[str, Any] = {"practice": visit.practice_id, "by": actors.system(), "at": now}
    withdraw_messages(**door, appointment_id=visit.id, reason=reason, keep=f":{entry.id}")


def _queue(visit: Appointment, entry: JournalEntry, template: str, send_after: datetime, now: datetime) -> None:
    queue_message(
        practice=visit.practice_id,
        by=actors.system(),
        at=now,
        key=f"{template}:{entry.id}",
        patient_id=visit.patient_id,
        appointment_id=visit.id,
        channel=agreed_channel(visit.patient, "care") or "email",  # e-mail is asked again when it leaves
        purpose="care",
        template=template,
        context=values_of(visit),
        send_after=send_after,
    )


def values_of(visit: Appointment) -> dict[str, Any]:
    """What a wording says of a visit: in the patient's language, in the time of the place where it is held."""
    language = language_of(visit.patient.language)
    local = visit.starts_at.astimezone(ZoneInfo(visit.location.time_zone))
    profile = PracticeProfile.objects.first()
    elsewhere = WHERE_ELSE.get(visit.modality)
    return {
        "first_name": visit.patient.preferred_name or visit.patient.first_name,
        "practice": profile.legal_name if profile else visit.location.name,
        "day": words.long_day(local.date(), language),
        "time": words.clock(local, language),
        "location": elsewhere[language == "es"] if elsewhere else visit.location.name,
        "phone": phone_words(visit.location.phone or (profile.phone if profile else "")) or visit.location.name,
    }


def phone_words(phone: str) -> str:
    digits = "".join(c for c in phone if c.isdigit())[-10:]
    return f"({digits[:3]}) {digits[3:6]}-{digits[6:]}" if len(digits) == 10 else phone
