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
from stead.platform.identifiers import new_id
from stead.practice.models import Location
from stead.processes.models import Gate
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


def last_offered(page: str) -> dict[str, str]:
    """Return what the last offered time would post: days from now, so that it may still be moved."""
    return chosen(page[page.rindex(f'action="{reverse("portal_book")}"') :])


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
    client.post(reverse("portal_book"), last_offered(page))
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


@pytest.fixture
def tomorrow(book: Book, at: datetime) -> Appointment:
    """A visit 23 hours from now, with a telephone at its place."""
    Location.objects.filter(id=book.street.id).update(phone="5025550142")
    Patient.objects.filter(id=book.dee.id).update(home_location_id=book.street.id)
    row = book_appointment(**book.acting(), request=book.request(louisville(30, 10)))
    Appointment.objects.filter(id=row.id).update(
        starts_at=at + timedelta(hours=23), ends_at=at + timedelta(hours=23, minutes=50)
    )
    return row


@pytest.mark.parametrize(("language", "words"), [("en", "so we move it together with you"), ("es", "junto con usted")])
def test_visit_inside_the_notice_is_moved_by_telephone(
    client: SeatClient, tomorrow: Appointment, language: str, words: str
) -> None:
    client.cookies["django_language"] = language
    for url in (reverse("portal_visits"), reverse("portal_cancel", args=[tomorrow.id])):
        page = client.get(url).content.decode()
        assert words in page
        assert "tel:5025550142" in page
        assert reverse("portal_find") not in page.split(words)[0]


@pytest.mark.parametrize("name", ["portal_find", "portal_book"])
def test_asking_for_the_move_all_the_same_changes_nothing(client: SeatClient, tomorrow: Appointment, name: str) -> None:
    given = {"replaces": str(tomorrow.id), "location": str(tomorrow.location_id)}
    answer = client.post(reverse(name), given | {"starts_at": louisville(30, 14).isoformat()})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "To move it, please call us." in page and "tel:5025550142" in page
    assert f'action="{reverse("portal_book")}"' not in page
    assert Appointment.objects.get(id=tomorrow.id).starts_at < louisville(30, 0)


def stop_moves(words: dict[str, Any]) -> None:
    """Stand a gate at booking whose clauses never hold: one with the words given, one without any."""
    clauses = [
        {"id": "papers", "words": "Balance over 500 dollars goes to Ben", "expression": "1 == 2", "patient": words},
        {"id": "inner", "words": "The clinical director approves", "expression": "1 == 2"},
    ]
    Gate.objects.create(
        id=new_id(), key="strict", name="Ben's own gate", action="book_appointment", mode="enforce",
        clauses=clauses if words else clauses[1:], not_overridable=[],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", "Please pay your last bill first."), ("es", "Primero pague su última factura.")],
)
def test_gate_speaks_to_the_patient_in_words_for_patients(
    client: SeatClient, visit: Appointment, language: str, told: str
) -> None:
    client.cookies["django_language"] = language
    offers = client.post(reverse("portal_find"), {"replaces": str(visit.id)}).content.decode()
    stop_moves({"en": "Please pay your last bill first.", "es": "Primero pague su última factura."})
    page = client.post(reverse("portal_book"), chosen(offers)).content.decode()
    assert told in page
    for inside in ("Balance", "Ben", "clinical director", "gate"):
        assert inside not in page


@pytest.mark.parametrize(("language", "told"), [("en", "we sort it out together"), ("es", "lo resolvemos juntos")])
def test_gate_without_words_for_patients_asks_to_call(
    client: SeatClient, visit: Appointment, language: str, told: str
) -> None:
    client.cookies["django_language"] = language
    offers = client.post(reverse("portal_find"), {"replaces": str(visit.id)}).content.decode()
    stop_moves({})
    page = client.post(reverse("portal_book"), chosen(offers)).content.decode()
    assert told in page
    assert "clinical director" not in page and "Ben" not in page


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
