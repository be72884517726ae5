"""A booked visit writes its messages; a moved or cancelled one takes them back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from stead.exchange import reminders
from stead.messaging import ports
from stead.messaging.models import OutboxMessage
from stead.messaging.terms import Delivery
from stead.patients.actions import record_contact_consent
from stead.patients.models import Patient
from stead.platform import clock
from stead.platform.actors import Actor
from stead.platform.journal.models import JournalEntry
from stead.scheduling import actions as scheduling
from stead.scheduling.models import Appointment
from stead.scheduling.tests.book import Book, louisville
from stead.scheduling.tests.conftest import book, when

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("practice_row")]
__all__ = ["book", "when"]
MONDAY = louisville(30, 10)


def follow(verb: str, at: datetime) -> None:
    """Run the follower of the newest line of the verb, twice, as a job may."""
    entry = JournalEntry.objects.filter(verb=verb).order_by("-at", "-id")[0]
    react = reminders.take_back_reminders if verb == "appointment.cancelled" else reminders.write_reminders
    with clock.driven(at):
        react(entry)
        react(entry)


def booked(book: Book, starts_at: datetime = MONDAY) -> Appointment:
    row = scheduling.book_appointment(**book.acting(), request=book.request(starts_at))
    follow("appointment.booked", book.at)
    return row


def waiting() -> list[tuple[str, datetime]]:
    rows = OutboxMessage.objects.filter(state="queued").order_by("send_after", "template")
    return [(row.template, row.send_after) for row in rows]


def test_visit_is_told_and_reminded_of_once_each(book: Book) -> None:
    booked(book)
    assert waiting() == [
        ("appointment_booked", book.at),
        ("reminder_3d", MONDAY - timedelta(days=3)),
        ("reminder_1d", MONDAY - timedelta(days=1)),
    ]
    row = OutboxMessage.objects.get(template="reminder_3d")
    assert "Monday, November 30 at 10:00 am, Linden Street" in row.body


def test_visit_of_tomorrow_needs_no_reminder_that_lies_behind(book: Book) -> None:
    booked(book, louisville(25, 9))
    assert [template for template, _ in waiting()] == ["appointment_booked"]


def test_hour_is_told_where_the_visit_is_held(book: Book) -> None:
    request = book.request(louisville(30, 16), practitioner_id=book.stein.id, location_id=book.green.id)
    scheduling.book_appointment(**book.acting(), request=request)
    follow("appointment.booked", book.at)
    assert "3:00 pm, Bowling Green" in OutboxMessage.objects.get(template="reminder_1d").body


def test_spanish_speaker_reads_spanish(book: Book) -> None:
    Patient.objects.filter(id=book.dee.id).update(language="es")
    booked(book)
    assert "Lunes 30 de noviembre a las 10:00 a. m." in OutboxMessage.objects.get(template="reminder_3d").body


def test_moved_visit_takes_its_old_reminders_back_and_gets_new_ones(book: Book) -> None:
    row = booked(book)
    later = MONDAY + timedelta(days=1)
    scheduling.reschedule_appointment(**book.acting(), appointment_id=row.id, starts_at=later)
    follow("appointment.rescheduled", book.at)
    assert [(t, w) for t, w in waiting() if t.startswith("reminder")] == [
        ("reminder_3d", later - timedelta(days=3)),
        ("reminder_1d", later - timedelta(days=1)),
    ]
    assert OutboxMessage.objects.filter(state="stopped", reply_code="The visit was moved.").count() == 3


def test_cancelled_visit_reminds_nobody_and_is_told_unless_the_patient_did_it(
    book: Book, ana: Actor, when: Callable[..., datetime]
) -> None:
    row = booked(book)
    scheduling.cancel_appointment(**book.acting(ana), appointment_id=row.id, reason="practitioner_away")
    follow("appointment.cancelled", book.at)
    assert [template for template, _ in waiting()] == ["appointment_cancelled"]
    other = scheduling.book_appointment(**book.acting(), request=book.request(when(30, 14)))
    follow("appointment.booked", book.at)
    me = Actor(book.dee.id, "patient", "Dee Marsh", frozenset({"patient"}))
    moment = book.at + timedelta(minutes=1)
    scheduling.cancel_appointment(**book.acting(me, moment), appointment_id=other.id, reason="patient_asked")
    follow("appointment.cancelled", moment)
    assert [template for template, _ in waiting()] == ["appointment_cancelled"]


def test_text_is_sent_where_only_text_was_agreed_and_somebody_carries_it(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    Patient.objects.filter(id=book.dee.id).update(phone="+15025550142")
    record_contact_consent(**book.acting(), patient_id=book.dee.id, channel="sms", purpose="care", granted=True)
    monkeypatch.setitem(ports._carriers, "sms", Carrier)
    booked(book)
    assert OutboxMessage.objects.filter(channel="sms", to="+15025550142").count() == 3


class Carrier:
    """Stands for a telephone company; nothing is handed over here."""

    def carry(self, message: OutboxMessage) -> Delivery:
        raise AssertionError(message.id)
