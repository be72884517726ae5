"""Two windows at once, on committed data with threads: one record of a visit, one note, and both are given it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connections

from stead.care import actions
from stead.care.tests.cast import dee, visit
from stead.platform.actors import Actor
from stead.platform.tenancy.context import acting

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "owner"])]


def at_once(practice: UUID, by: Actor, attempt: Callable[[], Any], times: int = 6) -> list[Any]:
    """Make the same attempt at the same instant, each in its own transaction; the identifiers, or what was raised."""
    gate, results = threading.Barrier(times), [None for _ in range(times)]

    def run(n: int) -> None:
        try:
            gate.wait(timeout=20)
            with acting(practice, by):
                results[n] = attempt().id
        except Exception as problem:
            results[n] = problem  # type: ignore[call-overload]  # the test shows it
        finally:
            connections["default"].close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


@pytest.fixture
def booked(practice_row: object, linden: UUID, cho: Actor, at: datetime) -> UUID:
    """A committed visit that has started and whose record nobody has opened."""
    with acting(linden, cho):
        return visit(dee(at), cho, at - timedelta(hours=1)).id


def test_windows_that_open_one_visit_at_once_open_one_record_and_start_one_note(
    booked: UUID, linden: UUID, cho: Actor, at: datetime
) -> None:
    door: dict[str, Any] = {"practice": linden, "by": cho, "at": at}
    records = at_once(linden, cho, lambda: actions.open_encounter(**door, appointment_id=booked))
    assert len({repr(one) for one in records}) == 1
    notes = at_once(linden, cho, lambda: actions.start_note(**door, encounter_id=records[0]))
    assert len({repr(one) for one in notes}) == 1
    assert isinstance(notes[0], UUID)
