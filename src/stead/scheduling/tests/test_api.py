"""The book and patients over REST: the same rules, the same refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from stead.platform import clock
from stead.platform.accounts.tokens import create_token
from stead.platform.actors import Actor
from stead.scheduling.models import Appointment
from stead.scheduling.tests.book import Book, louisville
from stead.testing.clients import enter_person, outside

pytestmark = pytest.mark.django_db
Ask = Callable[..., Any]
NINE = louisville(30, 9).isoformat()
SCOPES = ("patients.read", "patients.register", "calendar.read", "appointments.book", "appointments.cancel")


@pytest.fixture
def ask(book: Book, practice_row: Any, ana: Actor) -> Ask:
    def send(method: str, address: str, body: Any = None, scopes: tuple[str, ...] = SCOPES) -> Any:
        with outside(), clock.driven(book.at):
            text = create_token(membership=enter_person(practice_row, ana), name="t", scopes=scopes, at=book.at)[1]
            headers = {"Authorization": f"Bearer {text}", "Idempotency-Key": str(uuid4())}
            call = getattr(Client(), method)
            given = {} if body is None else {"data": body, "content_type": "application/json"}
            return call(f"/api/v1{address}", headers=headers, **given)

    return send


def body(book: Book, **changes: Any) -> dict[str, Any]:
    said = {
        "patient_id": str(book.dee.id), "service_id": str(book.session.id), "practitioner_id": str(book.cho.id),
        "location_id": str(book.street.id), "starts_at": NINE,
    }  # fmt: skip
    return said | changes


def test_first_slot_found_is_booked(book: Book, ask: Ask) -> None:
    slots = ask("get", f"/slots?service_id={book.session.id}&practitioner_id={book.cho.id}&count=2").json()
    assert [s["starts_at"] for s in slots] == ["2026-11-24T15:45:00Z", "2026-11-24T18:00:00Z"]
    answer = ask("post", "/appointments", body(book, starts_at=slots[0]["starts_at"]))
    assert (answer.status_code, answer.json()["status"]) == (201, "booked")
    assert ask("get", f"/days/2026-11-24?location_id={book.street.id}").json()[0]["patient_id"] == str(book.dee.id)


def test_taken_time_is_a_conflict(book: Book, ask: Ask) -> None:
    assert ask("post", "/appointments", body(book)).status_code == 201
    again = ask("post", "/appointments", body(book, patient_id=str(book.ada.id)))
    assert (again.status_code, again.json()["code"]) == (409, "slot_taken")
    assert Appointment.objects.count() == 1


def test_moment_without_offset_is_refused(book: Book, ask: Ask) -> None:
    answer = ask("post", "/appointments", body(book, starts_at="2026-11-30T09:00:00"))
    assert (answer.status_code, answer.json()["code"]) == (422, "moment_needs_offset")


def test_visit_is_moved_and_cancelled(book: Book, ask: Ask) -> None:
    made = ask("post", "/appointments", body(book)).json()
    moved = ask("post", f"/appointments/{made['id']}/move", {"starts_at": louisville(30, 14).isoformat()})
    assert moved.json()["starts_at"] == "2026-11-30T19:00:00Z"
    done = ask("post", f"/appointments/{made['id']}/cancel", {"reason": "ill"})
    assert done.json()["status"] == "cancelled"


def test_token_without_the_scope_books_nothing(book: Book, ask: Ask) -> None:
    assert ask("post", "/appointments", body(book), scopes=("calendar.read",)).status_code == 403


def test_patient_is_registered_and_found(book: Book, ask: Ask) -> None:
    made = ask("post", "/patients", {"first_name": "Noor", "last_name": "Haddad", "phone": "502 555 0123"})
    assert (made.status_code, made.json()["phone"]) == (201, "+15025550123")
    assert [p["last_name"] for p in ask("get", "/patients?q=haddad").json()] == ["Haddad"]
    bad = ask("post", "/patients", {"first_name": "Noor", "last_name": "H", "state": "Kentucky"})
    assert (bad.status_code, bad.json()["field"]) == (422, "state")
    assert ask("get", f"/patients/{uuid4()}").status_code == 404


def test_refusal_of_a_gate_carries_what_mends_each_clause(book: Book, ask: Ask) -> None:
    from stead.processes.models import Gate

    clause = {"id": "phone", "words": "A telephone number is known", "expression": "patient.has_phone",
              "seat": "front_desk", "fix": "record:phone"}  # fmt: skip
    Gate.objects.create(key="g", name="Gate", action="book_appointment", mode="enforce", clauses=[clause])
    answer = ask("post", "/appointments", body(book))
    assert (answer.status_code, answer.json()["code"]) == (422, "gate_refused")
    [said] = answer.json()["clauses"]
    assert (said["id"], said["outcome"], said["seat"]) == ("phone", "unmet", "front_desk")
    [fix] = said["fixes"]
    assert (fix["id"], fix["words"], fix["method"]) == ("record", "Add the telephone number", "get")
    assert fix["url"].startswith(f"/patients/{book.dee.id}/edit/")
    assert (fix["permission"], fix["yours"]) == ("patients.edit", False)  # the token has not that scope
