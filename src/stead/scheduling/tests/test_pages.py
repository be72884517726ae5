"""The pages of the book: the day, its list, booking, one visit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from stead.patients.actions import record_contact_consent, register_patient
from stead.patients.models import Patient
from stead.patients.terms import PatientDetails
from stead.platform import clock
from stead.platform.access.models import PatientAccess
from stead.platform.actors import Role
from stead.scheduling import actions, queries
from stead.scheduling.models import Appointment
from stead.scheduling.tests.book import Book, louisville
from stead.testing.clients import SeatClient

pytestmark = pytest.mark.django_db
ClientAs = Callable[[Role], SeatClient]
NINE = louisville(30, 9)
STAMP = "%Y-%m-%dT%H:%M:%SZ"


@pytest.fixture(autouse=True)
def _moment(at: datetime) -> Any:
    with clock.driven(at):
        yield


def booked(book: Book, starts_at: datetime = NINE, **changes: Any) -> Appointment:
    return actions.book_appointment(**book.acting(), request=book.request(starts_at, **changes))


def form(book: Book, starts_at: datetime = NINE, **changes: Any) -> dict[str, Any]:
    said: dict[str, Any] = {
        "patient": book.dee.id, "service": book.session.id, "practitioner": book.cho.id, "location": book.street.id,
        "starts_at": starts_at.strftime(STAMP), "modality": "room",
    }  # fmt: skip
    return said | changes


def day_address(book: Book, day: str = "2026-11-30") -> str:
    return f"{reverse('calendar_day', args=[day])}?location={book.street.id}"


def test_day_shows_columns_and_logs_whom_it_showed(client_as: ClientAs, book: Book) -> None:
    booked(book)
    answer = client_as("front_desk").get(day_address(book))
    assert answer.status_code == 200
    for said in ("Dr Grace Cho", "Marcus Bell", "D. Marsh", "Booked", "1 visit"):
        assert said in answer.text
    assert PatientAccess.objects.get().patient_ids == [book.dee.id]


def test_calendar_opens_at_today_of_the_location(client_as: ClientAs, book: Book) -> None:
    answer = client_as("front_desk").get(reverse("calendar_today"))
    assert answer["Location"].startswith("/calendar/day/2026-11-24/")


@pytest.mark.parametrize("address", ["/calendar/day/2026-13-01/", "/calendar/day/today/"])
def test_day_that_is_none_is_not_found(client_as: ClientAs, book: Book, address: str) -> None:
    assert client_as("front_desk").get(address).status_code == 404


def test_day_asks_the_same_number_of_queries_for_more_visits(client_as: ClientAs, book: Book) -> None:
    client = client_as("front_desk")

    def count() -> int:
        with CaptureQueriesContext(connection) as caught:
            client.get(day_address(book))
        return len(caught)

    booked(book)
    one = count()
    for hour, practitioner in ((10, book.cho), (11, book.cho), (13, book.cho), (14, book.cho)):
        booked(book, louisville(30, hour), practitioner_id=practitioner.id)
    assert count() == one
    assert one <= 24


def test_visit_is_led_through_the_day_from_the_board(client_as: ClientAs, book: Book) -> None:
    row = booked(book, book.at + timedelta(minutes=3))
    client = client_as("front_desk")
    today = day_address(book, "2026-11-24")
    assert "Check in" in client.get(today).text
    for step, status in (("check-in", "arrived"), ("start", "in_session"), ("finish", "done")):
        answer = client.post(reverse("calendar_step", args=[row.id, step]), {"next": today})
        assert answer.redirect_chain[0][0].startswith(today)
        assert queries_status(row) == status
    assert client.post(reverse("calendar_step", args=[row.id, "start"]), {"next": today}).status_code == 409


def queries_status(row: Appointment) -> str:
    return queries.get_appointment(row.id).status


def test_step_returns_to_our_pages_only(client_as: ClientAs, book: Book) -> None:
    row = booked(book)
    answer = client_as("front_desk").post(
        reverse("calendar_step", args=[row.id, "confirm"]), {"next": "https://elsewhere.test/"}
    )
    assert answer.redirect_chain[0][0].startswith(reverse("calendar_visit", args=[row.id]))


def test_unknown_step_is_not_found(client_as: ClientAs, book: Book) -> None:
    row = booked(book)
    assert client_as("front_desk").post(reverse("calendar_step", args=[row.id, "dance"])).status_code == 404


def test_htmx_gets_the_board_alone(client_as: ClientAs, book: Book) -> None:
    booked(book)
    answer = client_as("front_desk").get(day_address(book), headers={"HX-Request": "true", "HX-Target": "div#board"})
    assert "D. Marsh" in answer.text
    assert "<html" not in answer.text


def test_list_filters_sorts_and_exports(client_as: ClientAs, book: Book) -> None:
    booked(book)
    later = booked(book, louisville(30, 14), patient_id=book.ada.id)
    actions.cancel_appointment(**book.acting(), appointment_id=later.id, reason="ill")
    client = client_as("manager")
    address = f"{reverse('calendar_list')}?day=2026-11-30"
    assert "One visit on Monday, November 30, one cancelled." in client.get(address).text
    assert "Ada Nwosu" not in client.get(f"{address}&status=due").text
    assert "Ada Nwosu" in client.get(f"{address}&status=lost&sort=-patient").text
    assert "Dee Marsh" in client.get(f"{address}&format=csv").text
    assert client_as("front_desk").get(f"{address}&format=csv").status_code == 403


def test_list_names_whom_no_reminder_reaches(client_as: ClientAs, book: Book) -> None:
    booked(book)
    later = booked(book, louisville(30, 14), patient_id=book.ada.id)
    Patient.objects.filter(id=book.ada.id).update(email="ada@example.org")
    consent: dict[str, Any] = {"channel": "email", "purpose": "care", "granted": True}
    record_contact_consent(**book.acting(), patient_id=book.ada.id, **consent)
    client, address = client_as("front_desk"), f"{reverse('calendar_list')}?day=2026-11-30"
    assert "Two visits on Monday, November 30. No reminder reaches one; call them." in client.get(address).text
    page = client.get(f"{address}&reminder=none").text
    assert "No reminder can be sent for one visit on Monday, November 30." in page
    assert "Dee Marsh" in page and "Ada Nwosu" not in page
    taken_back = book.acting() | {"at": book.acting()["at"] + timedelta(minutes=1)}
    record_contact_consent(**taken_back, patient_id=book.ada.id, **consent | {"granted": False})
    assert str(later.id) in client.get(f"{address}&reminder=none").text


@pytest.mark.parametrize("query", ["day=never", "location=1", "status=';", "sort=zzz"])
def test_nonsense_in_the_address_shows_a_list(client_as: ClientAs, book: Book, query: str) -> None:
    assert client_as("front_desk").get(f"{reverse('calendar_list')}?{query}").status_code == 200


def test_patient_in_hand_is_offered_the_next_times_at_once(client_as: ClientAs, book: Book) -> None:
    answer = client_as("front_desk").get(f"{reverse('calendar_book')}?patient={book.dee.id}")
    assert "Times that fit" in answer.text
    assert "Tue Nov 24, 1:00 pm" in answer.text
    assert answer.text.count('name="starts_at"') == 8


def test_patient_is_found_on_the_page(client_as: ClientAs, book: Book) -> None:
    answer = client_as("front_desk").get(f"{reverse('calendar_book')}?q=marsh")
    assert f"?patient={book.dee.id}" in answer.text


def test_booking_says_so_and_can_be_undone(client_as: ClientAs, book: Book) -> None:
    client = client_as("front_desk")
    answer = client.post(reverse("calendar_book"), form(book))
    assert "Booked Mon Nov 30, 9:00 am with Dr Grace Cho." in answer.text
    row = Appointment.objects.get()
    undone = client.post(reverse("calendar_step", args=[row.id, "undo"]))
    assert "Taken back" in undone.text
    assert queries_status(row) == "cancelled"


def test_double_click_books_once(client_as: ClientAs, book: Book) -> None:
    client = client_as("front_desk")
    said = form(book) | {"_key": "5f6f2d0e-0000-4000-8000-000000000001"}
    first = client.post(reverse("calendar_book"), said, follow=False)
    again = client.post(reverse("calendar_book"), said, follow=False)
    assert (first.status_code, again.status_code) == (302, 302)
    assert first["Location"] == again["Location"]
    assert Appointment.objects.count() == 1


def test_taken_time_offers_three_others(client_as: ClientAs, book: Book) -> None:
    booked(book, patient_id=book.ada.id)
    answer = client_as("front_desk").post(reverse("calendar_book"), form(book))
    assert answer.status_code == 409
    assert "This time was taken a moment ago." in answer.text
    assert "Dr Grace Cho has another visit then." in answer.text
    assert answer.text.count('name="starts_at"') == 3


@pytest.mark.parametrize(
    "changes", [{"starts_at": ""}, {"starts_at": "2026-11-30T09:00:00"}, {"starts_at": "x"}, {"practitioner": ""}]
)
def test_unfinished_request_is_answered_on_the_page(client_as: ClientAs, book: Book, changes: dict[str, Any]) -> None:
    answer = client_as("front_desk").post(reverse("calendar_book"), form(book) | changes)
    assert answer.status_code == 422
    assert "Choose a patient and one of the times." in answer.text


def test_time_outside_work_is_refused_with_the_reason(client_as: ClientAs, book: Book) -> None:
    answer = client_as("front_desk").post(reverse("calendar_book"), form(book, louisville(30, 20)))
    assert answer.status_code == 422
    assert "does not work at Linden Street at that time." in answer.text


def test_biller_may_not_book(client_as: ClientAs, book: Book) -> None:
    assert client_as("biller").get(reverse("calendar_book")).status_code == 403
    assert client_as("biller").post(reverse("calendar_book"), form(book)).status_code == 403


def test_hold_is_kept_until_noon(client_as: ClientAs, book: Book) -> None:
    answer = client_as("front_desk").post(reverse("calendar_hold"), form(book))
    assert "Held Mon Nov 30, 9:00 am with Dr Grace Cho until Thu Nov 26, 12:00 pm." in answer.text
    assert Appointment.objects.get().status == "held"


def test_visit_page_moves_and_cancels(client_as: ClientAs, book: Book) -> None:
    row = booked(book)
    client = client_as("front_desk")
    page = client.get(reverse("calendar_visit", args=[row.id]))
    assert "Dee Marsh, Mon Nov 30, 9:00 am: booked." in page.text
    moved = client.post(reverse("calendar_move", args=[row.id]), {"day": "2026-12-01", "time": "10:00"})
    assert "Moved to Tue Dec 1, 10:00 am." in moved.text
    assert client.post(reverse("calendar_move", args=[row.id]), {"day": "soon"}).status_code == 422
    refused = client.post(reverse("calendar_cancel", args=[row.id]), {"reason": "none"})
    assert refused.status_code == 422
    assert "Say why the visit is given up" in refused.text
    done = client.post(reverse("calendar_cancel", args=[row.id]), {"reason": "ill"})
    assert "Cancelled; the time is free again." in done.text


def test_stranger_finds_nothing(eve_client: SeatClient, book: Book) -> None:
    row = booked(book)
    for name in ("calendar_visit",):
        assert eve_client.get(reverse(name, args=[row.id])).status_code == 404
    for name in ("calendar_move", "calendar_cancel"):
        answer = eve_client.post(reverse(name, args=[row.id]), {"reason": "ill", "starts_at": "2026-12-01T15:00:00Z"})
        assert answer.status_code == 404
    assert eve_client.post(reverse("calendar_step", args=[row.id, "confirm"])).status_code == 404
    assert eve_client.post(reverse("calendar_book"), form(book)).status_code == 404
    assert eve_client.get(day_address(book)).status_code == 404


def test_record_shows_visits_and_the_slip_the_next(client_as: ClientAs, book: Book) -> None:
    booked(book)
    answer = client_as("front_desk").get(reverse("patients_record", args=[book.dee.id]))
    assert "Next visit Mon Nov 30, 9:00 am" in answer.text
    assert "Individual" in answer.text


def test_search_by_new_patient_without_a_visit_takes_the_first_visit(client_as: ClientAs, book: Book) -> None:
    new = register_patient(**book.acting(), details=PatientDetails("Noor", "Haddad"))
    answer = client_as("front_desk").get(f"{reverse('calendar_book')}?patient={new.id}")
    assert f'value="{book.first.id}" selected' in answer.text


@pytest.fixture
def gate(book: Book) -> Any:
    """The practice asks for a telephone number and a state before a visit is booked."""
    from stead.processes.models import Gate

    def clause(key: str, words: str, expression: str) -> dict[str, Any]:
        return {"id": key, "words": words, "expression": expression, "seat": "front_desk"}

    return Gate.objects.create(
        key="before_booking",
        name="Before a visit is booked",
        action="book_appointment",
        mode="enforce",
        clauses=[
            clause("phone", "A telephone number is known", "patient.has_phone"),
            clause("state", "The state is known", 'patient.state != ""'),
        ],
    )


def test_gate_refuses_with_clauses_and_times_to_hold(client_as: ClientAs, book: Book, gate: Any) -> None:
    answer = client_as("front_desk").post(reverse("calendar_book"), form(book))
    assert answer.status_code == 422
    assert "Not booked. One of two clauses is not met." in answer.text
    assert "A telephone number is known" in answer.text
    assert "the time you asked for" in answer.text
    assert answer.text.count("Hold to Thu noon") == 3
    assert not Appointment.objects.exists()
    held = client_as("front_desk").post(reverse("calendar_hold"), form(book))
    assert "Give it back" in held.text


def test_override_needs_a_reason_and_then_books(client_as: ClientAs, book: Book, gate: Any) -> None:
    client = client_as("manager")
    refused = client.post(reverse("calendar_book"), form(book, reason=""))
    assert refused.status_code == 422
    assert "A reason has at least" in refused.text
    assert "A telephone number is known" in refused.text
    assert not Appointment.objects.exists()
    done = client.post(reverse("calendar_book"), form(book, reason="She calls back with the number at noon."))
    assert "Booked Mon Nov 30, 9:00 am" in done.text
