"""Many people at one hour: on committed data, with threads, as in the practice on Monday at nine."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connections

from stead.patients.actions import register_patient
from stead.patients.terms import PatientDetails
from stead.platform.actors import Actor
from stead.platform.tenancy.context import acting
from stead.scheduling import actions, queries, rules
from stead.scheduling.models import Appointment, FreeDay, ResourceClaim
from stead.scheduling.tests.book import Book, louisville, open_book
from stead.scheduling.tests.truth import free_rows, true_free_rows

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "owner"])]
BOOKERS = 20
NINE = louisville(30, 9)


@pytest.fixture
def open_(practice_row: Any, linden: UUID, olu: Actor, at: Any) -> Iterator[tuple[Book, list[UUID]]]:
    """A committed book with twenty patients."""
    with acting(linden, olu):
        book = open_book(linden, olu, at)
        people = [
            register_patient(**book.acting(), details=PatientDetails(f"P{n}", "Waiting")).id for n in range(BOOKERS)
        ]
    yield book, people


def race(book: Book, attempts: list[Callable[[], Any]]) -> list[Any]:
    """Run the attempts at the same instant, each in its own transaction; return results and refusals."""
    gate = threading.Barrier(len(attempts))
    results: list[Any] = [None] * len(attempts)

    def run(n: int) -> None:
        try:
            gate.wait(timeout=20)
            with acting(book.practice, book.by):
                results[n] = attempts[n]()
        except Exception as problem:
            results[n] = problem
        finally:
            connections["default"].close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(attempts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(t.is_alive() for t in threads)
    return results


def booker(book: Book, patient: UUID, **changes: Any) -> Callable[[], Any]:
    request = book.request(changes.pop("starts_at", NINE), patient_id=patient, **changes)
    return lambda: actions.book_appointment(**book.acting(), request=request)


def test_twenty_bookers_of_one_slot_leave_one_visit(open_: tuple[Book, list[UUID]]) -> None:
    book, people = open_
    results = race(book, [booker(book, p) for p in people])
    kinds = Counter(type(r).__name__ for r in results)
    assert kinds == {"Appointment": 1, "SlotTaken": BOOKERS - 1}
    for refusal in results:
        if isinstance(refusal, rules.SlotTaken):
            assert [s.starts_at for s in refusal.alternatives] == [louisville(30, h) for h in (10, 11, 13)]
    with acting(book.practice, book.by):
        assert Appointment.objects.count() == 1
        assert ResourceClaim.objects.count() == 3
        assert queries.overlaps() == []
        assert free_rows() == true_free_rows()


def test_bookers_of_overlapping_times_and_shared_rooms_never_overlap(open_: tuple[Book, list[UUID]]) -> None:
    book, people = open_
    staff = [book.cho.id, book.bell.id, book.stein.id]
    attempts = [
        booker(book, p, practitioner_id=staff[n % 3], starts_at=NINE + timedelta(minutes=15 * (n % 5)))
        for n, p in enumerate(people)
    ]
    results = race(book, attempts)
    assert {type(r).__name__ for r in results} == {"Appointment", "SlotTaken"}
    with acting(book.practice, book.by):
        assert queries.overlaps() == []
        assert free_rows() == true_free_rows()
        assert ResourceClaim.objects.count() == 3 * Appointment.objects.count()


def test_neighbouring_bookings_of_one_day_do_not_undo_each_others_free_time(open_: tuple[Book, list[UUID]]) -> None:
    book, people = open_
    hours = (9, 10, 11, 13, 14, 15, 16)
    attempts = [booker(book, p, starts_at=louisville(30, h)) for p, h in zip(people, hours, strict=False)]
    results = race(book, attempts)
    assert {type(r).__name__ for r in results} == {"Appointment"}
    with acting(book.practice, book.by):
        row = FreeDay.objects.get(staff_id=book.cho.id, location_id=book.street.id, day=NINE.date())
        assert list(row.free) == []


def test_one_visit_cancelled_twice_at_once_is_cancelled_once(open_: tuple[Book, list[UUID]]) -> None:
    book, people = open_
    with acting(book.practice, book.by):
        row = booker(book, people[0])()
    cancel = [lambda: actions.cancel_appointment(**book.acting(), appointment_id=row.id)] * 4
    kinds = Counter(type(r).__name__ for r in race(book, cancel))
    assert kinds == {"Appointment": 1, "MoveNotPossible": 3}
