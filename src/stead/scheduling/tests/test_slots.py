"""Search offers what booking takes, and says why the rest is not offered."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stead.patients.models import Patient
from stead.practice.actions import record_absence
from stead.scheduling import actions, queries
from stead.scheduling.terms import Slot
from stead.scheduling.tests.book import Book, louisville

pytestmark = pytest.mark.django_db
MONDAY = louisville(30, 8)


def starts(book: Book, **changes: Any) -> list[datetime]:
    asked: dict[str, Any] = {"service_id": book.session.id, "practitioner_ids": [book.cho.id], "earliest": MONDAY,
                             "count": 3}  # fmt: skip
    return [s.starts_at for s in queries.find_slots(**asked | changes)]


def codes(book: Book, starts_at: datetime, **changes: Any) -> list[str]:
    asked: dict[str, Any] = {
        "service_id": book.session.id, "practitioner_id": book.cho.id, "location_id": book.street.id,
        "starts_at": starts_at, "at": book.at,
    }  # fmt: skip
    return [reason.code for reason in queries.why_not_offered(**asked | changes)]


def test_next_times_come_in_order(book: Book) -> None:
    assert starts(book) == [louisville(30, 9), louisville(30, 10), louisville(30, 11)]


def test_booked_time_is_offered_no_more(book: Book) -> None:
    actions.book_appointment(**book.acting(), request=book.request(louisville(30, 10)))
    assert starts(book) == [louisville(30, 9), louisville(30, 11), louisville(30, 13)]


def test_only_who_performs_the_service_is_offered(book: Book) -> None:
    slots = queries.find_slots(service_id=book.first.id, earliest=MONDAY, count=10)
    assert {s.practitioner_id for s in slots} == {book.cho.id}
    assert starts(book, service_id=book.first.id, practitioner_ids=[book.bell.id]) == []


def test_location_is_kept_to(book: Book) -> None:
    found = queries.find_slots(service_id=book.session.id, location_ids=[book.green.id], earliest=MONDAY, count=2)
    assert [(s.practitioner_id, s.starts_at, s.room_id) for s in found] == [
        (book.stein.id, louisville(30, 14), None), (book.stein.id, louisville(30, 15), None),
    ]  # fmt: skip


def test_no_time_without_a_room(book: Book) -> None:
    for practitioner, patient in ((book.bell, book.dee), (book.stein, book.ada)):
        request = book.request(louisville(30, 9), practitioner_id=practitioner.id, patient_id=patient.id)
        actions.book_appointment(**book.acting(), request=request)
    assert starts(book)[0] == louisville(30, 10)
    assert starts(book, modality="video")[0] == louisville(30, 9)
    assert codes(book, louisville(30, 9)) == ["no_room"]


def test_patients_own_visits_stand_in_the_way(book: Book) -> None:
    actions.book_appointment(**book.acting(), request=book.request(louisville(30, 9), practitioner_id=book.bell.id))
    assert starts(book, patient_id=book.dee.id)[0] == louisville(30, 10)
    assert starts(book, patient_id=book.ada.id)[0] == louisville(30, 9)
    assert codes(book, louisville(30, 9), patient_id=book.dee.id) == ["patient_busy"]


@pytest.mark.parametrize(
    ("starts_at", "code"),
    [
        (louisville(30, 9), None),
        (louisville(30, 12), "not_working"),
        (louisville(29, 9), "not_working"),
        (louisville(30, 9, 3), "time_uneven"),
    ],
)
def test_reason_is_named(book: Book, starts_at: datetime, code: str | None) -> None:
    assert codes(book, starts_at) == ([code] if code else [])


def test_more_reasons_are_named_together(book: Book) -> None:
    record_absence(**book.acting(), staff_id=book.bell.id, first_date=MONDAY.date(), last_date=MONDAY.date())
    found = codes(book, louisville(30, 9), service_id=book.first.id, practitioner_id=book.bell.id)
    assert found == ["not_performed", "absent"]
    assert codes(book, louisville(23, 9)) == ["time_passed"]


def test_taken_and_pause_are_told_apart(book: Book) -> None:
    actions.book_appointment(**book.acting(), request=book.request(louisville(30, 10)))
    assert codes(book, louisville(30, 10)) == ["taken"]
    assert codes(book, louisville(30, 9, 5)) == ["pause"]


def test_every_offered_time_can_be_booked(book: Book) -> None:
    """Book each first offer until the week is full; not one may be refused for its time."""
    booked = 0
    while found := queries.find_slots(
        service_id=book.session.id, earliest=MONDAY, count=1, location_ids=[book.street.id], patient_id=book.ada.id
    ):
        slot = found[0]
        if slot.starts_at.date() > date(2026, 11, 30):
            break
        assert codes(book, slot.starts_at, practitioner_id=slot.practitioner_id, patient_id=book.ada.id) == []
        request = book.request(slot.starts_at, practitioner_id=slot.practitioner_id, patient_id=book.ada.id)
        actions.book_appointment(**book.acting(), request=request)
        booked += 1
    assert booked == 8  # one patient fills her own day: 9 to 17 without the hour at which nobody works


def test_search_asks_the_same_number_of_queries_whatever_the_history(book: Book) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as caught:
            starts(book, count=20)
        return len(caught)

    first = count()
    for n in range(5):
        actions.book_appointment(**book.acting(), request=book.request(louisville(30, 9) + timedelta(days=n)))
    assert count() == first <= 6


def with_anybody(book: Book, **changes: Any) -> list[Slot]:
    asked: dict[str, Any] = {"service_id": book.session.id, "earliest": MONDAY, "count": 3}
    return queries.find_slots(**asked | changes)


def test_of_equal_times_the_patients_own_practitioner_comes_first(book: Book) -> None:
    for person in (book.bell, book.stein, book.cho):
        Patient.objects.filter(id=book.dee.id).update(practitioner_id=person.id)
        first, *rest = with_anybody(book, patient_id=book.dee.id)
        assert (first.practitioner_id, first.preferred) == (person.id, "practitioner")
        assert first.why.startswith("the patient's practitioner, ")
        assert {s.preferred for s in rest} == {""}


def test_without_one_on_the_record_whom_the_patient_saw_last_comes_first(book: Book) -> None:
    for day, person in ((23, book.bell), (24, book.stein)):
        request = book.request(louisville(day, 9), practitioner_id=person.id)
        row = actions.book_appointment(**book.acting(at=louisville(22, 9)), request=request)
        actions.check_in_patient(**book.acting(at=louisville(day, 9)), appointment_id=row.id)
        first = with_anybody(book, patient_id=book.dee.id)[0]
        assert (first.practitioner_id, first.preferred) == (person.id, "seen_before")


def test_a_visit_that_was_missed_makes_nobody_known(book: Book) -> None:
    request = book.request(louisville(24, 9), practitioner_id=book.stein.id)
    row = actions.book_appointment(**book.acting(at=louisville(22, 9)), request=request)
    actions.mark_no_show(**book.acting(at=louisville(24, 10)), appointment_id=row.id)
    assert {s.preferred for s in with_anybody(book, patient_id=book.dee.id)} == {""}


def test_of_equal_times_the_desks_own_place_comes_before_the_patients(book: Book) -> None:
    afternoon = louisville(30, 14)  # Stein is in Bowling Green, Cho and Bell in Linden Street
    at_green = {"earliest": afternoon, "practitioner_ids": [book.cho.id, book.stein.id]}
    assert with_anybody(book, **at_green, desk=book.green.id)[0].location_id == book.green.id
    assert with_anybody(book, **at_green, desk=book.street.id)[0].location_id == book.street.id
    for place, reason in ((book.green, "usual_place"), (book.street, "usual_place")):
        Patient.objects.filter(id=book.dee.id).update(home_location_id=place.id)
        first = with_anybody(book, **at_green, patient_id=book.dee.id)[0]
        assert (first.location_id, first.preferred) == (place.id, reason)
    first = with_anybody(book, **at_green, patient_id=book.dee.id, desk=book.green.id)[0]
    assert (first.location_id, first.preferred) == (book.green.id, "desk_place")


def test_knowing_the_patient_costs_one_query_and_only_when_times_are_equal(book: Book) -> None:
    def count(**changes: Any) -> int:
        with CaptureQueriesContext(connection) as caught:
            with_anybody(book, patient_id=book.dee.id, **changes)
        return len(caught)

    assert count() == count(practitioner_ids=[book.cho.id]) + 1
