"""Visits on the patient's page: confirm, move, book, cancel."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse

from stead.patients.models import Patient
from stead.platform import clock
from stead.platform.actors import Actor
from stead.scheduling.actions import book_appointment
from stead.scheduling.models import Appointment
from stead.scheduling.tests.book import Book, louisville, open_book
from stead.testing.clients import SeatClient

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def ten_forty_two(at: datetime) -> Iterator[None]:
    with clock.driven(at):
        yield


@pytest.fixture
def book(practice_row: Any, inside: UUID, olu: Actor, at: datetime) -> Book:
    made = open_book(inside, olu, at)
    Patient.objects.filter(id=made.dee.id).update(status="active", practitioner_id=made.cho.id)
    return made


@pytest.fixture
def visit(book: Book) -> Appointment:
    return book_appointment(**book.acting(), request=book.request(louisville(30, 10)))


@pytest.fixture
def client(patient_client: Callable[[Any], SeatClient], book: Book) -> SeatClient:
    return patient_client(book.dee)


def chosen(page: str) -> dict[str, str]:
    """Return what the first offered time would post."""
    form = page[page.index(reverse("portal_book")) :]
    return dict(re.findall(r'name="(service|replaces|location|starts_at)" value="([^"]*)"', form)[:4])


def test_visit_is_shown_and_confirmed(client: SeatClient, visit: Appointment) -> None:
    page = client.get(reverse("portal_visits")).content.decode()
    assert "Monday, November 30, 10:00 am" in page
    client.post(reverse("portal_confirm", args=[visit.id]))
    assert Appointment.objects.get(id=visit.id).status == "confirmed"


def test_visit_is_cancelled_after_reading_what_it_means(client: SeatClient, visit: Appointment) -> None:
    url = reverse("portal_cancel", args=[visit.id])
    assert "There is no fee." in client.get(url).content.decode()
    client.post(url)
    assert Appointment.objects.get(id=visit.id).status == "cancelled"


def test_known_patient_books_and_moves_a_visit_alone(client: SeatClient, book: Book) -> None:
    page = client.post(reverse("portal_find"), {"service": str(book.session.id)}).content.decode()
    client.post(reverse("portal_book"), chosen(page))
    made = Appointment.objects.get()
    assert (made.patient_id, made.practitioner_id) == (book.dee.id, book.cho.id)
    page = client.post(reverse("portal_find"), {"replaces": str(made.id)}).content.decode()
    client.post(reverse("portal_book"), chosen(page))
    assert Appointment.objects.get().starts_at != made.starts_at


def test_time_that_was_taken_meanwhile_offers_others(client: SeatClient, book: Book) -> None:
    given = chosen(client.post(reverse("portal_find"), {"service": str(book.session.id)}).content.decode())
    taken = book.request(datetime.fromisoformat(given["starts_at"]), patient_id=book.ada.id)
    book_appointment(**book.acting(), request=taken)
    answer = client.post(reverse("portal_book"), given)
    assert answer.status_code == 409
    assert "This time was taken a moment ago." in answer.content.decode()
    assert not Appointment.objects.filter(patient_id=book.dee.id).exists()


def test_prospect_books_nothing_alone(client: SeatClient, book: Book) -> None:
    Patient.objects.filter(id=book.dee.id).update(status="prospect")
    assert client.post(reverse("portal_find"), {"service": str(book.session.id)}).status_code == 404


def test_visits_of_others_are_not_there(
    patient_client: Callable[[Any], SeatClient], book: Book, visit: Appointment
) -> None:
    other = patient_client(book.ada)
    assert "November 30" not in other.get(reverse("portal_visits")).content.decode()
    for name in ("portal_confirm", "portal_cancel"):
        assert other.post(reverse(name, args=[visit.id])).status_code == 404
    assert other.post(reverse("portal_find"), {"replaces": str(visit.id)}).status_code == 404
    assert Appointment.objects.get(id=visit.id).status == "booked"


def test_visit_that_has_begun_is_not_cancelled_here_and_the_page_says_so(
    client: SeatClient, visit: Appointment, at: datetime
) -> None:
    begun = {"starts_at": at - timedelta(minutes=5), "ends_at": at + timedelta(minutes=45)}
    Appointment.objects.filter(id=visit.id).update(**begun)
    answer = client.post(reverse("portal_cancel", args=[visit.id]))
    assert "This visit has already begun. Please call us." in answer.content.decode()
    assert answer.status_code in (409, 422)
    assert Appointment.objects.get(id=visit.id).status == "booked"
