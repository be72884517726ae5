"""Free days are counted alike by every way, in a number of statements that does not grow with days or visits."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stead.scheduling import actions, free
from stead.scheduling.models import FreeDay
from stead.scheduling.tests.book import Book, louisville
from stead.scheduling.tests.truth import free_rows, true_free_rows

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 30)


def book_some(book: Book) -> None:
    for who, patient, hour in ((book.cho, book.dee, 10), (book.bell, book.ada, 11), (book.stein, book.dee, 15)):
        request = book.request(
            louisville(30, hour), practitioner_id=who.id, patient_id=patient.id,
            location_id=book.green.id if who == book.stein and hour > 13 else book.street.id,
        )  # fmt: skip
        actions.book_appointment(**book.acting(), request=request)


def test_days_built_anew_say_what_the_claims_say(book: Book) -> None:
    book_some(book)
    kept = free_rows()
    FreeDay.objects.all().delete()
    free.rebuild_free_days([book.cho.id, book.bell.id, book.stein.id], MONDAY, MONDAY)
    assert free_rows() == kept == true_free_rows()


def test_no_statement_of_a_rebuild_joins_days_and_visits(book: Book) -> None:
    """Of a practice without statistics the planner guesses one row: a join of days and visits read all for each."""
    book_some(book)
    with CaptureQueriesContext(
        connection,
    ) as few:
        free.rebuild_free_days([book.cho.id], MONDAY, MONDAY)
    with CaptureQueriesContext(connection) as many:
        free.rebuild_free_days([book.cho.id, book.bell.id, book.stein.id], MONDAY, MONDAY.replace(month=12, day=31))
    assert len(many) == len(few)
    tables = ("free_day", "appointment", "resource_claim")
    assert [
        q["sql"] for q in many if sum(f" {table}" in q["sql"] or f'"{table}"' in q["sql"] for table in tables) > 1
    ] == []
