"""A first visit that falls away brings the intake case back to whoever offers times; one that stands does not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from stead.platform import clock
from stead.platform.journal.models import JournalEntry
from stead.processes.actions import close_case, open_case, publish_library
from stead.processes.handlers import let_cases_come_back, let_cases_look
from stead.processes.models import Case, CaseItem, Timer
from stead.scheduling import actions
from stead.scheduling.models import Appointment
from stead.scheduling.tests.book import Book, louisville

pytestmark = pytest.mark.django_db
NINE = louisville(30, 9)


@pytest.fixture(autouse=True)
def _moment(at: Any) -> Any:
    with clock.driven(at):
        yield


@pytest.fixture
def case(book: Book) -> Case:
    """Dee's intake, open at its last stage."""
    publish_library(**book.acting())
    made = open_case(
        **book.acting(), playbook_key="new_patient_intake", subject=book.dee, patient_id=book.dee.id, title="Dee Marsh"
    )
    Case.objects.filter(id=made.id).update(stage_key="booking", waiting_on="us")
    return made


def booked(book: Book, starts_at: Any = NINE) -> Appointment:
    row = actions.book_appointment(**book.acting(), request=book.request(starts_at))
    follow("appointment.booked")
    return row


def follow(verb: str) -> None:
    """Let the followers see the newest line of this verb, as their job would."""
    entry = JournalEntry.objects.filter(verb=verb).latest("at", "id")
    let_cases_look(entry)
    let_cases_come_back(entry)


def state(case: Case) -> tuple[str, str, str]:
    row = Case.objects.get(id=case.id)
    return (row.state, row.stage_key, row.close_code)


def fall_away(book: Book, row: Appointment, how: str) -> str:
    if how == "cancelled":
        actions.cancel_appointment(**book.acting(), appointment_id=row.id, reason="patient_asked")
        return "appointment.cancelled"
    if how == "undone":
        actions.undo_booking(**book.acting(), appointment_id=row.id)
        return "appointment.booking_undone"
    actions.mark_no_show(**book.acting(at=NINE + timedelta(minutes=20)), appointment_id=row.id)
    return "appointment.no_show"


@pytest.mark.parametrize("how", ["cancelled", "undone", "missed"])
def test_first_visit_that_falls_away_brings_the_case_back_with_a_clock(book: Book, case: Case, how: str) -> None:
    row = booked(book)
    assert state(case) == ("closed", "booking", "started")
    verb = fall_away(book, row, how)
    follow(verb)
    follow(verb)  # a follower bears repetition
    again = Case.objects.get(id=case.id)
    assert state(case) == ("open", "booking", "")
    assert again.due_at is not None
    assert again.owner_seat_key == "intake_coordinator"
    assert CaseItem.objects.get(case_id=case.id, key="first_visit_booked").state == "open"
    assert Timer.objects.filter(case_id=case.id, state="pending", key__startswith="booking:late").exists()
    line = JournalEntry.objects.get(verb="case.reopened")
    assert (line.case_id, line.data["stage"], line.data["because"]) == (case.id, "booking", verb)
    booked(book, louisville(30, 14))
    assert state(case) == ("closed", "booking", "started")


def test_case_stays_closed_while_another_visit_stands(book: Book, case: Case) -> None:
    first = booked(book)
    booked(book, louisville(30, 14))
    follow(fall_away(book, first, "cancelled"))
    assert state(case) == ("closed", "booking", "started")


def test_case_that_ended_otherwise_does_not_come_back(book: Book, case: Case) -> None:
    close_case(**book.acting(), case_id=case.id, code="declined")
    row = actions.book_appointment(**book.acting(), request=book.request(NINE))
    follow(fall_away(book, row, "cancelled"))
    assert state(case) == ("closed", "booking", "declined")


def test_late_line_of_a_booking_that_is_gone_does_not_close_the_case(book: Book, case: Case) -> None:
    row = actions.book_appointment(**book.acting(), request=book.request(NINE))
    follow(fall_away(book, row, "undone"))
    follow("appointment.booked")  # the worker was late, or tried again
    assert state(case) == ("open", "booking", "")


def test_other_peoples_cases_are_left_alone(book: Book, case: Case) -> None:
    booked(book)
    ada = actions.book_appointment(**book.acting(), request=book.request(louisville(30, 14), patient_id=book.ada.id))
    follow(fall_away(book, ada, "cancelled"))
    assert state(case) == ("closed", "booking", "started")
