"""From a refused booking to the form that mends it, and back; moved visits are held to the gates of booking."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from stead.platform import clock
from stead.platform.actors import Role
from stead.platform.refusals import NotFound
from stead.practice import actions as practice
from stead.practice.models import License
from stead.processes.gates import GateRefused, OverrideRequest
from stead.processes.models import Gate, GateOverride, Task
from stead.scheduling import actions
from stead.scheduling.models import Appointment
from stead.scheduling.tests.book import Book, louisville
from stead.scheduling.tests.test_pages import form
from stead.testing.clients import SeatClient

pytestmark = pytest.mark.django_db
ClientAs = Callable[[Role], SeatClient]
NINE, TEN = louisville(30, 9), louisville(30, 10)


@pytest.fixture(autouse=True)
def _moment(at: Any) -> Any:
    with clock.driven(at):
        yield


@pytest.fixture
def gate(book: Book) -> Gate:
    """Before a visit: a telephone number, which the desk adds, and a licence, which only the manager writes down."""
    clauses = [
        {"id": "phone", "words": "A telephone number is known", "expression": "patient.has_phone",
         "seat": "front_desk", "fix": "record:phone"},
        {"id": "licensed", "words": "The practitioner is licensed there", "expression": "practitioner.licensed",
         "seat": "credentialing", "fix": ["licence"]},
    ]  # fmt: skip
    return Gate.objects.create(
        key="before_booking", name="Before a visit is booked", action="book_appointment", mode="enforce",
        clauses=clauses, not_overridable=["licensed"],
    )  # fmt: skip


def licensed(book: Book, staff: Any) -> None:
    practice.add_license(
        **book.acting(), staff_id=staff.id, state="KY", number="1234", expires_date=book.at.date().replace(year=2028)
    )


def links(text: str, start: str) -> list[str]:
    return [unescape(found) for found in re.findall(r'href="([^"]+)"', text) if found.startswith(start)]


def test_refusal_opens_the_form_that_mends_it_and_the_form_returns_to_the_booking(
    client_as: ClientAs, book: Book, gate: Gate
) -> None:
    licensed(book, book.cho)
    client = client_as("front_desk")
    refused = client.post(reverse("calendar_book"), form(book))
    assert refused.status_code == 422
    assert "Add the telephone number" in refused.text
    address = links(refused.text, reverse("patients_edit", args=[book.dee.id]))[0]
    page = client.get(address)
    back = unescape(re.findall(r'name="next" value="([^"]+)"', page.text)[0])
    version = re.findall(r'name="version" value="([^"]+)"', page.text)[0]
    record = {"version": version, "first_name": "Dee", "last_name": "Marsh", "phone": "502 555 0123", "state": "KY",
              "language": "en", "sex": "unknown", "status": "prospect", "next": back}  # fmt: skip
    again = client.post(address.partition("#")[0], record)
    assert again.redirect_chain[0][0].startswith(reverse("calendar_book"))
    assert "Nothing stands in the way now." in again.text
    assert again.text.index("the time you asked for") < again.text.index('name="starts_at"')


def test_who_comes_back_too_early_reads_what_is_still_missing(client_as: ClientAs, book: Book, gate: Gate) -> None:
    address = f"{reverse('calendar_book')}?{urlencode(form(book))}"
    answer = client_as("front_desk").get(address)
    assert answer.status_code == 200
    assert "Not booked. Two of two clauses are not met." in answer.text


def test_seat_that_may_not_mend_asks_the_one_that_may_once(client_as: ClientAs, book: Book, gate: Gate) -> None:
    client = client_as("front_desk")
    refused = client.post(reverse("calendar_book"), form(book))
    licences = reverse("practice_licences", args=[book.cho.id])
    assert not links(refused.text, licences)  # a link that would end in 403
    assert "Ask Credentialing" in refused.text
    fields = {"gate": "before_booking", "clause": "licensed", "patient": book.dee.id, "url": f"{licences}?state=KY#add"}
    back = f"{reverse('calendar_book')}?{urlencode(form(book))}"
    for _ in range(2):
        asked = client.post(reverse("processes_ask_to_mend"), fields | {"next": back})
    task = Task.objects.get()
    assert (task.seat_key, task.url, task.patient_id) == ("credentialing", f"{licences}?state=KY#add", book.dee.id)
    assert "Ask Credentialing" not in asked.text
    assert ", asked Tue Nov 24" in asked.text
    manager = client_as("manager").post(reverse("calendar_book"), form(book))
    assert "Add the license" in manager.text


@pytest.mark.parametrize("changes", [{"clause": "none"}, {"gate": "none"}, {"patient": "x"}, {"patient": ""}])
def test_asking_for_what_no_gate_says_writes_no_task(
    client_as: ClientAs, book: Book, gate: Gate, changes: dict[str, str]
) -> None:
    said = {"gate": "before_booking", "clause": "licensed", "patient": str(book.dee.id)} | changes
    status = client_as("front_desk").post(reverse("processes_ask_to_mend"), said).status_code
    assert status == (422 if "patient" in changes else 404)
    assert not Task.objects.exists()


def test_a_way_back_to_elsewhere_is_not_followed(client_as: ClientAs, book: Book, gate: Gate) -> None:
    said = {"gate": "before_booking", "clause": "licensed", "patient": book.dee.id, "url": "https://elsewhere.test/",
            "next": "//elsewhere.test/"}  # fmt: skip
    answer = client_as("front_desk").post(reverse("processes_ask_to_mend"), said)
    assert answer.redirect_chain[0][0] == reverse("processes_work")
    assert "elsewhere" not in Task.objects.get().url


def test_licence_form_comes_filled_in_and_mends(client_as: ClientAs, book: Book, gate: Gate) -> None:
    client = client_as("manager")
    refused = client.post(reverse("calendar_book"), form(book))
    address = links(refused.text, reverse("practice_licences", args=[book.cho.id]))[0]
    page = client.get(address)
    assert 'value="KY"' in page.text
    assert client.actor.name in page.text  # the bar names who is signed in, not whose licences these are
    back = unescape(re.findall(r'name="next" value="([^"]+)"', page.text)[0])
    said = {"state": "ky", "number": "77", "expires_date": "2028-01-31", "next": back}
    answer = client.post(reverse("practice_licence_add", args=[book.cho.id]), said)
    assert License.objects.get(staff_id=book.cho.id).state == "KY"
    assert "Not booked. One of two clauses is not met." in answer.text
    wrong = client.post(reverse("practice_licence_add", args=[book.cho.id]), said | {"state": "12"})
    assert wrong.status_code == 422
    assert client_as("front_desk").post(reverse("practice_licence_add", args=[book.cho.id]), said).status_code == 403


def test_visit_is_not_moved_to_somebody_without_the_licence(book: Book, gate: Gate) -> None:
    licensed(book, book.cho)
    gate.clauses = gate.clauses[1:]
    gate.save()
    row = actions.book_appointment(**book.acting(), request=book.request(NINE))
    with pytest.raises(GateRefused) as refused:
        actions.reschedule_appointment(
            **book.acting(), appointment_id=row.id, starts_at=TEN, practitioner_id=book.bell.id
        )
    assert [c["id"] for c in refused.value.clauses] == ["licensed"]
    kept = Appointment.objects.get(id=row.id)
    assert (kept.starts_at, kept.practitioner_id) == (NINE, book.cho.id)
    licensed(book, book.bell)
    moved = actions.reschedule_appointment(
        **book.acting(), appointment_id=row.id, starts_at=TEN, practitioner_id=book.bell.id
    )
    assert moved.practitioner_id == book.bell.id


def test_move_page_explains_the_gate_and_takes_an_override(client_as: ClientAs, book: Book, gate: Gate) -> None:
    licensed(book, book.cho)
    wanted = OverrideRequest("She calls back with the number.", louisville(25, 9))
    row = actions.book_appointment(**book.acting(), request=book.request(NINE, override=wanted))
    assert GateOverride.objects.get().expires_at < louisville(26, 9)  # so the move of the 26th asks again
    with clock.driven(louisville(26, 9)):
        client = client_as("manager")
        said = {"starts_at": TEN.strftime("%Y-%m-%dT%H:%M:%SZ")}
        refused = client.post(reverse("calendar_move", args=[row.id]), said)
        assert refused.status_code == 422
        assert "Not moved. One of two clauses is not met." in refused.text
        assert "Add the telephone number" in refused.text
        done = client.post(reverse("calendar_move", args=[row.id]), said | {"reason": "She is on the telephone now."})
    assert "Moved to Mon Nov 30, 10:00 am." in done.text


def test_a_hold_is_moved_without_asking_and_asked_when_booked(book: Book, gate: Gate) -> None:
    held = actions.hold_slot(**book.acting(), request=book.request(NINE), until=louisville(26, 12))
    actions.reschedule_appointment(**book.acting(), appointment_id=held.id, starts_at=TEN)
    with pytest.raises(GateRefused):
        actions.book_held_slot(**book.acting(), appointment_id=held.id)


def test_stranger_is_asked_nothing(eve_client: SeatClient, book: Book, gate: Gate) -> None:
    said = {"gate": "before_booking", "clause": "licensed", "patient": book.dee.id}
    assert eve_client.post(reverse("processes_ask_to_mend"), said).status_code == 404
    assert eve_client.get(reverse("practice_licences", args=[book.cho.id])).status_code == 404


def test_no_such_gate_for_anybody(book: Book) -> None:
    from stead.processes.actions import ask_to_mend

    with pytest.raises(NotFound):
        ask_to_mend(**book.acting(), gate_key="none", clause_id="none", patient_id=book.dee.id)


SHEET = {"HX-Request": "true", "HX-Target": "aside#desk"}
"""What htmx says when the booking stands in the sheet beside the day."""


def test_in_the_sheet_a_form_opens_and_the_booking_comes_back(client_as: ClientAs, book: Book, gate: Gate) -> None:
    licensed(book, book.cho)
    client = client_as("front_desk")
    refused = client.post(f"{reverse('calendar_book')}?beside=1", form(book), headers=SHEET)
    assert refused.status_code == 422
    opened = re.findall(r'hx-get="([^"]+)" hx-target="#desk">Add the telephone number', refused.text)
    address = unescape(opened[0]).partition("#")[0]
    part = client.get(address, headers=SHEET)
    assert "<html" not in part.text
    assert "Change the record of Dee" in part.text
    assert f'hx-post="{address.replace("&", "&amp;")}"' in part.text
    back = unescape(re.findall(r'name="next" value="([^"]+)"', part.text)[0])
    version = re.findall(r'name="version" value="([^"]+)"', part.text)[0]
    record = {"version": version, "first_name": "Dee", "last_name": "", "phone": "502 555 0123", "state": "KY",
              "language": "en", "sex": "unknown", "status": "prospect", "next": back}  # fmt: skip
    wrong = client.post(address, record, headers=SHEET)
    assert wrong.status_code == 422
    assert "<html" not in wrong.text
    assert 'hx-target="#desk"' in wrong.text
    again = client.post(address, record | {"last_name": "Marsh"}, headers=SHEET)
    assert "<html" not in again.text
    assert "Nothing stands in the way now." in again.text
    assert "data-close" in again.text  # it is the sheet's booking, not the page's


def test_in_the_sheet_asking_a_colleague_comes_back_to_the_refusal(client_as: ClientAs, book: Book, gate: Gate) -> None:
    client = client_as("front_desk")
    refused = client.post(f"{reverse('calendar_book')}?beside=1", form(book), headers=SHEET)
    ask = reverse("processes_ask_to_mend")
    assert f'action="{ask}" hx-post="{ask}" hx-target="#desk"' in refused.text
    fields = {"gate": "before_booking", "clause": "licensed", "patient": book.dee.id, "url": "",
              "next": f"{reverse('calendar_book')}?{urlencode(form(book))}"}  # fmt: skip
    asked = client.post(ask, fields, headers=SHEET)
    assert "<html" not in asked.text
    assert ", asked Tue Nov 24" in asked.text
    assert Task.objects.get().patient_id == book.dee.id


def test_in_the_sheet_a_time_is_held(client_as: ClientAs, book: Book, gate: Gate) -> None:
    held = client_as("front_desk").post(reverse("calendar_hold"), form(book), headers=SHEET)
    assert held.status_code == 200
    assert "<html" not in held.text
    assert "data-close" in held.text
    assert Appointment.objects.get(patient_id=book.dee.id).status == "held"


def test_on_its_own_page_nothing_is_swapped(client_as: ClientAs, book: Book, gate: Gate) -> None:
    page = client_as("front_desk").post(reverse("calendar_book"), form(book))
    assert 'hx-target="#desk"' not in page.text
    form_page = client_as("front_desk").get(reverse("patients_edit", args=[book.dee.id]))
    assert 'hx-target="#desk"' not in form_page.text


def test_form_of_another_seat_is_not_shown_in_the_sheet(client_as: ClientAs, book: Book, gate: Gate) -> None:
    address = reverse("practice_licences", args=[book.cho.id])
    assert "Keep the license" in client_as("manager").get(address, headers=SHEET).text
    assert "Keep the license" not in client_as("front_desk").get(address, headers=SHEET).text


@pytest.mark.parametrize("name", ["coverage_new", "forms_patient", "patients_edit"])
def test_stranger_gets_no_form_in_the_sheet(eve_client: SeatClient, book: Book, gate: Gate, name: str) -> None:
    assert eve_client.get(reverse(name, args=[book.dee.id]), headers=SHEET).status_code == 404
