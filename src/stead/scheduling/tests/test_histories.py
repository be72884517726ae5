"""Random histories of the book: whatever people do, nothing overlaps and the free days tell the truth."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule, run_state_machine_as_test

from stead.platform.refusals import Refusal
from stead.practice.actions import cancel_absence, record_absence
from stead.scheduling import actions, queries
from stead.scheduling.models import LIVE, Appointment, ResourceClaim
from stead.scheduling.tests.book import Book, louisville
from stead.scheduling.tests.truth import free_rows, true_free_rows

pytestmark = pytest.mark.django_db
NINE = louisville(30, 9)
TWO_DAYS = timedelta(days=2)
LANES = (0, 0, 1)


class Histories(RuleBasedStateMachine):
    """Book, overbook, hold, move, cancel and be absent, on one Monday with three practitioners and two patients."""

    book: Book
    visits: Bundle[UUID] = Bundle("visits")
    absences: Bundle[UUID] = Bundle("absences")

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    def _try(self, act: Callable[[], Any]) -> Any:
        try:
            return act()
        except Refusal:
            return None

    @rule(
        target=visits, step=st.integers(0, 40), who=st.integers(0, 2), patient=st.booleans(),
        lane=st.sampled_from(LANES),
        place=st.booleans(), video=st.booleans(), held=st.booleans(),
    )  # fmt: skip
    def book_a_visit(self, step: int, who: int, patient: bool, lane: int, place: bool, video: bool, held: bool) -> Any:
        b = self.book
        request = b.request(
            NINE + timedelta(minutes=15 * step), practitioner_id=(b.cho, b.bell, b.stein)[who].id, lane=lane,
            patient_id=(b.dee if patient else b.ada).id, location_id=(b.street if place else b.green).id,
            modality="video" if video else "room",
        )  # fmt: skip
        if held:
            act = lambda: actions.hold_slot(**b.acting(), request=request, until=NINE)  # noqa: E731  # one of two acts
        else:
            act = lambda: actions.book_appointment(**b.acting(), request=request)  # noqa: E731
        row = self._try(act)
        return row.id if row else None

    @rule(visit=visits, step=st.integers(0, 40))
    def move_a_visit(self, visit: UUID | None, step: int) -> None:
        given = self.book.acting()
        to = NINE + timedelta(minutes=15 * step)
        if visit:
            self._try(lambda: actions.reschedule_appointment(**given, appointment_id=visit, starts_at=to))

    @rule(visit=consumes(visits), reason=st.sampled_from(["ill", "practitioner_away"]))
    def cancel_a_visit(self, visit: UUID | None, reason: str) -> None:
        given = self.book.acting(at=NINE - TWO_DAYS)
        if visit:
            self._try(lambda: actions.cancel_appointment(**given, appointment_id=visit, reason=reason))

    @rule(visit=visits)
    def release_a_hold(self, visit: UUID | None) -> None:
        if visit:
            self._try(lambda: actions.release_hold(**self.book.acting(), appointment_id=visit))

    @rule(target=absences, who=st.integers(0, 2))
    def be_absent(self, who: int) -> UUID:
        b = self.book
        day = NINE.date()
        staff = (b.cho, b.bell, b.stein)[who].id
        return record_absence(**b.acting(), staff_id=staff, first_date=day, last_date=day).id

    @rule(absence=consumes(absences))
    def come_back(self, absence: UUID) -> None:
        cancel_absence(**self.book.acting(), absence_id=absence)

    @invariant()
    def nothing_overlaps(self) -> None:
        assert queries.overlaps() == []

    @invariant()
    def free_days_tell_the_truth(self) -> None:
        assert free_rows() == true_free_rows()

    @invariant()
    def exactly_live_visits_hold_claims(self) -> None:
        live = set(Appointment.objects.filter(status__in=LIVE).values_list("id", flat=True))
        assert set(ResourceClaim.objects.values_list("appointment_id", flat=True)) == live


def test_histories_keep_the_book_right(book: Book) -> None:
    Histories.book = book
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
