"""Booking and the life of a visit: effects, journal, refusals, the other practice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction

from stead.platform.actors import Actor
from stead.platform.identifiers import new_id
from stead.platform.journal.models import JournalEntry
from stead.platform.refusals import NotFound, NotPermitted, Refusal
from stead.platform.tenancy.context import acting
from stead.practice.actions import cancel_absence, close_day, record_absence
from stead.scheduling import actions, jobs, queries, rules
from stead.scheduling.models import Appointment, FreeDay, ResourceClaim
from stead.scheduling.tests.book import Book, louisville
from stead.testing.clients import enter_practice

pytestmark = pytest.mark.django_db
NINE = louisville(30, 9)


def booked(book: Book, starts_at: datetime = NINE, **changes: Any) -> Appointment:
    return actions.book_appointment(**book.acting(), request=book.request(starts_at, **changes))


def free_of(book: Book, day: datetime = NINE) -> list[tuple[datetime, datetime]]:
    row = FreeDay.objects.get(staff_id=book.cho.id, location_id=book.street.id, day=day.date())
    return [(s.lower, s.upper) for s in row.free]


def test_booking_claims_practitioner_room_and_patient(book: Book, ana: Actor) -> None:
    row = actions.book_appointment(**book.acting(ana), request=book.request(NINE))
    assert (row.status, row.room_id, row.booked_by_name) == ("booked", book.rooms[0].id, "Ana Ruiz")
    claims = {c.resource_kind: c for c in ResourceClaim.objects.all()}
    assert {k: c.resource_id for k, c in claims.items()} == {
        "practitioner": book.cho.id, "room": book.rooms[0].id, "patient": book.dee.id,
    }  # fmt: skip
    assert claims["practitioner"].during.upper == NINE + timedelta(minutes=60)
    assert claims["patient"].during.upper == NINE + timedelta(minutes=50)
    line = JournalEntry.objects.get(verb="appointment.booked")
    assert (line.patient_id, line.subject_id, line.data["first_visit"]) == (book.dee.id, row.id, False)


def test_booked_time_leaves_the_free_day(book: Book) -> None:
    booked(book)
    assert free_of(book) == [(louisville(30, 10), louisville(30, 12)), (louisville(30, 13), louisville(30, 17))]


def test_taken_time_is_refused_with_the_next_three(book: Book) -> None:
    booked(book)
    with pytest.raises(rules.SlotTaken) as caught:
        booked(book, patient_id=book.ada.id)
    starts = [s.starts_at for s in caught.value.alternatives]
    assert starts == [louisville(30, 10), louisville(30, 11), louisville(30, 13)]
    assert Appointment.objects.count() == 1
    assert ResourceClaim.objects.count() == 3
    assert JournalEntry.objects.filter(verb="appointment.booked").count() == 1


def test_pause_after_a_visit_is_kept(book: Book) -> None:
    booked(book)
    with pytest.raises(rules.SlotTaken):
        booked(book, louisville(30, 9, 50), patient_id=book.ada.id)
    assert booked(book, louisville(30, 10), patient_id=book.ada.id)


def test_patient_is_in_one_place_even_when_overbooked(book: Book) -> None:
    booked(book)
    with pytest.raises(rules.SlotTaken, match="patient has another visit"):
        booked(book, practitioner_id=book.bell.id, lane=1)


def test_another_room_is_taken_when_ones_own_is_not_free(book: Book) -> None:
    stein = booked(book, practitioner_id=book.stein.id)
    assert stein.room_id in {r.id for r in book.rooms}
    cho = booked(book, patient_id=book.ada.id)
    assert cho.room_id != stein.room_id


def test_no_room_left_is_refused_in_these_words(book: Book, olu: Actor) -> None:
    from stead.patients.actions import register_patient
    from stead.patients.terms import PatientDetails

    third = register_patient(**book.acting(), details=PatientDetails("Third", "Person"))
    booked(book, practitioner_id=book.stein.id)
    booked(book, practitioner_id=book.bell.id, patient_id=book.ada.id)
    with pytest.raises(rules.SlotTaken, match="Every room is taken"):
        booked(book, patient_id=third.id)
    assert booked(book, patient_id=third.id, modality="video").room_id is None


def test_overbooking_is_deliberate_and_permitted(book: Book, priya: Actor) -> None:
    booked(book)
    again = booked(book, patient_id=book.ada.id, lane=1)
    assert again.lane == 1
    with pytest.raises(NotPermitted, match="overbook"):
        actions.book_appointment(**book.acting(priya), request=book.request(louisville(30, 14), lane=1))
    assert JournalEntry.objects.filter(verb="appointment.booked", data__lane=1).count() == 1
    assert free_of(book)[0][0] == louisville(30, 10)


@pytest.mark.parametrize(
    ("starts_at", "changes", "refusal"),
    [
        (louisville(30, 12), {}, rules.NotWorkingThen),
        (louisville(30, 8, 30), {}, rules.NotWorkingThen),
        (louisville(28, 9), {}, rules.NotWorkingThen),
        (louisville(30, 9, 2), {}, rules.TimeUneven),
        (louisville(23, 9), {}, rules.TimePassed),
        (louisville(30, 9), {"lane": 9}, rules.LaneUnknown),
        (louisville(30, 9), {"patient_id": new_id()}, NotFound),
        (louisville(30, 9), {"practitioner_id": new_id()}, NotFound),
    ],
)
def test_time_that_cannot_be_is_refused(
    book: Book, starts_at: datetime, changes: dict[str, Any], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        booked(book, starts_at, **changes)
    assert not Appointment.objects.exists()
    assert not ResourceClaim.objects.exists()


def test_service_is_booked_with_who_performs_it(book: Book) -> None:
    with pytest.raises(rules.NotPerformedHere):
        booked(book, service_id=book.first.id, practitioner_id=book.bell.id)


def test_travel_between_locations_is_kept(book: Book) -> None:
    """Hannah's Linden Street morning ends at 13:00 Eastern; Bowling Green's 13:00 Central is 14:00 Eastern."""
    booked(book, louisville(30, 14), practitioner_id=book.stein.id, location_id=book.green.id)
    late = {"practitioner_id": book.stein.id, "patient_id": book.ada.id, "lane": 0}
    assert booked(book, louisville(30, 12), **late)
    from datetime import date, time

    from stead.scheduling import setup
    from stead.scheduling.terms import WorkHours

    hours = WorkHours(book.stein.id, book.street.id, 0, time(13), time(14), date(2026, 10, 1))
    setup.set_work_hours(**book.acting(), hours=hours)
    with pytest.raises(rules.TravelTooShort):
        booked(book, louisville(30, 13), **late)


def test_life_of_a_visit(book: Book, ana: Actor) -> None:
    row = booked(book)
    for step, hour, status in (
        (actions.confirm_appointment, 7, "confirmed"),
        (actions.check_in_patient, 8, "arrived"),
        (actions.start_session, 9, "in_session"),
        (actions.finish_session, 10, "done"),
    ):
        row = step(**book.acting(ana, louisville(30, hour)), appointment_id=row.id)
        assert row.status == status
    verbs = list(JournalEntry.objects.filter(subject_id=row.id).order_by("at", "id").values_list("verb", flat=True))
    assert verbs == [f"appointment.{v}" for v in ("booked", "confirmed", "checked_in", "session_started", "finished")]


def test_step_that_does_not_follow_is_refused(book: Book) -> None:
    row = booked(book)
    with pytest.raises(rules.MoveNotPossible, match="is booked and not checked in, so it cannot be started"):
        actions.start_session(**book.acting(), appointment_id=row.id)
    assert queries.get_appointment(row.id).status == "booked"


def test_nobody_misses_a_visit_before_its_time(book: Book) -> None:
    row = booked(book)
    with pytest.raises(rules.NotStartedYet):
        actions.mark_no_show(**book.acting(), appointment_id=row.id)
    assert actions.mark_no_show(**book.acting(at=NINE), appointment_id=row.id).status == "no_show"


@pytest.mark.parametrize(
    ("hours_before", "reason", "status"),
    [
        (24, "patient_asked", "cancelled"),
        (23, "patient_asked", "late_cancel"),
        (1, "ill", "late_cancel"),
        (1, "practitioner_away", "cancelled"),
    ],
)
def test_cancelling_frees_the_time_and_knows_when_it_is_late(
    book: Book, hours_before: int, reason: str, status: str
) -> None:
    before = free_of(book)
    row = booked(book)
    given = book.acting(at=NINE - timedelta(hours=hours_before))
    row = actions.cancel_appointment(**given, appointment_id=row.id, reason=reason)
    assert row.status == status
    assert not ResourceClaim.objects.exists()
    assert free_of(book) == before
    assert JournalEntry.objects.get(verb="appointment.cancelled").data["late"] is (status == "late_cancel")
    assert booked(book, patient_id=book.ada.id)


def test_unknown_reason_is_refused(book: Book) -> None:
    row = booked(book)
    with pytest.raises(rules.ReasonUnknown):
        actions.cancel_appointment(**book.acting(), appointment_id=row.id, reason="because")


def test_moving_frees_one_time_and_claims_another(book: Book) -> None:
    row = booked(book)
    actions.confirm_appointment(**book.acting(), appointment_id=row.id)
    moved = actions.reschedule_appointment(
        **book.acting(), appointment_id=row.id, starts_at=louisville(1, 9, month=12), practitioner_id=book.bell.id
    )
    assert (moved.id, moved.status, moved.practitioner_id) == (row.id, "booked", book.bell.id)
    assert free_of(book)[0][0] == NINE
    assert ResourceClaim.objects.get(resource_kind="practitioner").during.lower == louisville(1, 9, month=12)
    assert JournalEntry.objects.get(verb="appointment.rescheduled").data["from_starts_at"] == NINE.isoformat()


def test_moving_onto_a_taken_time_changes_nothing(book: Book) -> None:
    row = booked(book)
    booked(book, louisville(30, 10), patient_id=book.ada.id)
    before = free_of(book)
    with pytest.raises(rules.SlotTaken) as caught:
        actions.reschedule_appointment(**book.acting(), appointment_id=row.id, starts_at=louisville(30, 10, 30))
    assert caught.value.alternatives
    assert queries.get_appointment(row.id).starts_at == NINE
    assert ResourceClaim.objects.filter(appointment_id=row.id).count() == 3
    assert free_of(book) == before


def test_visit_moves_within_its_own_time(book: Book) -> None:
    row = booked(book)
    moved = actions.reschedule_appointment(**book.acting(), appointment_id=row.id, starts_at=louisville(30, 9, 30))
    assert moved.ends_at == louisville(30, 10, 20)


def test_booking_is_taken_back_for_three_minutes(book: Book, ana: Actor) -> None:
    row = actions.book_appointment(**book.acting(ana), request=book.request(NINE))
    late = book.acting(ana, book.at + timedelta(minutes=3, seconds=1))
    with pytest.raises(rules.UndoOver):
        actions.undo_booking(**late, appointment_id=row.id)
    with pytest.raises(rules.UndoOver):
        actions.undo_booking(**book.acting(), appointment_id=row.id)
    assert actions.undo_booking(**book.acting(ana), appointment_id=row.id).status == "cancelled"
    assert not ResourceClaim.objects.exists()


def test_booking_is_not_taken_back_by_a_namesake(book: Book, ana: Actor) -> None:
    row = actions.book_appointment(**book.acting(ana), request=book.request(NINE))
    with pytest.raises(rules.UndoOver):
        actions.undo_booking(**book.acting(replace(ana, id=new_id())), appointment_id=row.id)


def test_hold_is_three_days_long_at_most(book: Book) -> None:
    with pytest.raises(rules.HoldTooLong):
        actions.hold_slot(**book.acting(), request=book.request(NINE), until=book.at + timedelta(hours=72, seconds=1))
    assert actions.hold_slot(**book.acting(), request=book.request(NINE), until=book.at + timedelta(hours=72))


def test_three_times_are_held_for_one_patient_and_no_more(book: Book) -> None:
    until = book.at + timedelta(days=1)
    for hour in (9, 10, 11):
        held = actions.hold_slot(**book.acting(), request=book.request(louisville(30, hour)), until=until)
    with pytest.raises(rules.TooManyHolds, match="3 times are held for this patient"):
        actions.hold_slot(**book.acting(), request=book.request(louisville(30, 14)), until=until)
    actions.release_hold(**book.acting(), appointment_id=held.id)
    assert actions.hold_slot(**book.acting(), request=book.request(louisville(30, 14)), until=until)


def test_one_person_holds_so_many_times_and_no_more(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MOST_HOLDS", 1)
    until = book.at + timedelta(days=1)
    actions.hold_slot(**book.acting(), request=book.request(NINE), until=until)
    with pytest.raises(rules.TooManyHolds, match="You hold 1 times"):
        actions.hold_slot(
            **book.acting(), request=book.request(louisville(30, 10), patient_id=book.ada.id), until=until
        )
    later = book.acting(at=until)
    assert actions.hold_slot(  # a hold whose hour has passed is not counted
        **later, request=book.request(louisville(30, 10), patient_id=book.ada.id), until=until + timedelta(hours=1)
    )


def test_hold_keeps_the_time_until_its_hour(book: Book) -> None:
    until = book.at + timedelta(days=1)
    held = actions.hold_slot(**book.acting(), request=book.request(NINE), until=until)
    with pytest.raises(rules.SlotTaken):
        booked(book, patient_id=book.ada.id)
    with connection.cursor() as cursor:
        cursor.execute("select scheduled_at from procrastinate_jobs where task_name = 'scheduling.release_hold'")
        assert cursor.fetchone()[0] == until
    row = actions.book_held_slot(**book.acting(), appointment_id=held.id)
    assert (row.id, row.status, row.held_until) == (held.id, "booked", None)


def test_hold_that_ended_is_given_back_and_not_booked(book: Book) -> None:
    from stead.platform import clock

    until = book.at + timedelta(hours=1)
    held = actions.hold_slot(**book.acting(), request=book.request(NINE), until=until)
    with pytest.raises(rules.HoldOver):
        actions.book_held_slot(**book.acting(at=until), appointment_id=held.id)
    with clock.driven(until - timedelta(minutes=1)):
        jobs.release_hold(appointment_id=held.id)
    assert queries.get_appointment(held.id).status == "held"
    with clock.driven(until):
        jobs.release_expired_holds()
        jobs.release_hold(appointment_id=held.id)
    assert queries.get_appointment(held.id).status == "released"
    assert booked(book, patient_id=book.ada.id)


def test_absence_closes_days_and_its_end_opens_them(book: Book) -> None:
    absence = record_absence(**book.acting(), staff_id=book.cho.id, first_date=NINE.date(), last_date=NINE.date())
    with pytest.raises(rules.NotWorkingThen):
        booked(book)
    cancel_absence(**book.acting(), absence_id=absence.id)
    assert booked(book)


def test_closed_day_cannot_be_booked(book: Book) -> None:
    close_day(**book.acting(), day=NINE.date(), words="Inventory", location_id=book.street.id)
    assert not FreeDay.objects.filter(day=NINE.date(), location_id=book.street.id).exists()
    with pytest.raises(rules.NotWorkingThen):
        booked(book)


def test_day_beyond_what_is_built_is_opened_when_booked(book: Book) -> None:
    far = datetime(2027, 9, 6, 14, tzinfo=UTC)
    assert not FreeDay.objects.filter(day=far.date()).exists()
    assert booked(book, far).starts_at == far


def test_patient_books_and_cancels_only_for_herself(book: Book) -> None:
    dee = Actor(id=book.dee.id, kind="patient", name="Dee Marsh", roles=frozenset({"patient"}))
    ada = Actor(id=book.ada.id, kind="patient", name="Ada Nwosu", roles=frozenset({"patient"}))
    row = actions.book_appointment(**book.acting(dee), request=book.request(NINE))
    with pytest.raises(NotFound):
        actions.book_appointment(**book.acting(ada), request=book.request(louisville(30, 11)))
    with pytest.raises(NotFound):
        actions.cancel_appointment(**book.acting(ada), appointment_id=row.id)


def test_patient_takes_no_time_nearer_than_the_notice_and_the_desk_may(book: Book) -> None:
    """Also by a post of their own: what the page does not offer, the action does not take."""
    dee = Actor(id=book.dee.id, kind="patient", name="Dee Marsh", roles=frozenset({"patient"}))
    near = book.acting(dee) | {"at": NINE - timedelta(hours=2) + timedelta(minutes=1)}
    with pytest.raises(rules.TooSoonForPatients):
        actions.book_appointment(**near, request=book.request(NINE))
    row = actions.book_appointment(**book.acting(), request=book.request(louisville(1, 11, month=12)))
    with pytest.raises(rules.TooSoonForPatients):
        actions.reschedule_appointment(**near, appointment_id=row.id, starts_at=NINE)
    desk = book.acting() | {"at": near["at"]}
    assert actions.reschedule_appointment(**desk, appointment_id=row.id, starts_at=NINE).starts_at == NINE


def test_patient_moves_no_visit_inside_the_notice_and_the_desk_does_with_the_rule_of_lateness(book: Book) -> None:
    dee = Actor(id=book.dee.id, kind="patient", name="Dee Marsh", roles=frozenset({"patient"}))
    row, later = booked(book, NINE), louisville(1, 9, month=12)
    inside = {"at": NINE - timedelta(hours=23)}
    with pytest.raises(rules.MoveInsideNotice):
        actions.reschedule_appointment(**book.acting(dee) | inside, appointment_id=row.id, starts_at=later)
    assert queries.get_appointment(row.id).starts_at == NINE
    actions.reschedule_appointment(**book.acting() | inside, appointment_id=row.id, starts_at=later)
    assert JournalEntry.objects.get(verb="appointment.rescheduled").data["late"] is True


@pytest.mark.parametrize(("reason", "hours", "late"), [
    ("practitioner_away", 5, False), ("patient_asked", 24, False), ("ill", 5, True),
])  # fmt: skip
def test_move_is_late_as_a_cancellation_would_be(book: Book, reason: str, hours: int, late: bool) -> None:
    row = booked(book, NINE)
    given = book.acting() | {"at": NINE - timedelta(hours=hours)}
    actions.reschedule_appointment(**given, appointment_id=row.id, starts_at=louisville(1, 9, month=12), reason=reason)
    assert JournalEntry.objects.get(verb="appointment.rescheduled").data["late"] is late


def test_move_for_no_known_reason_is_refused(book: Book) -> None:
    row = booked(book, NINE)
    with pytest.raises(rules.ReasonUnknown):
        actions.reschedule_appointment(
            **book.acting(), appointment_id=row.id, starts_at=louisville(1, 9, month=12), reason="because"
        )


def test_patient_changes_no_visit_whose_time_has_begun(book: Book) -> None:
    dee = Actor(id=book.dee.id, kind="patient", name="Dee Marsh", roles=frozenset({"patient"}))
    row = booked(book, NINE)
    begun = book.acting(dee) | {"at": NINE}
    with pytest.raises(rules.VisitBegun):
        actions.cancel_appointment(**begun, appointment_id=row.id)
    with pytest.raises(rules.VisitBegun):
        actions.reschedule_appointment(**begun, appointment_id=row.id, starts_at=louisville(30, 14))
    assert Appointment.objects.get(id=row.id).status == "booked"


def test_biller_books_nothing(book: Book, ben: Actor) -> None:
    with pytest.raises(NotPermitted):
        actions.book_appointment(**book.acting(ben), request=book.request(NINE))


def test_visit_of_another_practice_is_not_found(
    db: None, linden: UUID, elsewhere: UUID, olu: Actor, eve: Actor, at: datetime
) -> None:
    from stead.scheduling.tests.book import open_book

    enter_practice(linden, "Linden Street Counseling", "linden-street")
    with acting(linden, olu):
        row = booked(open_book(linden, olu, at))
    with acting(elsewhere, eve):
        given: dict[str, Any] = {"practice": elsewhere, "by": eve, "at": at, "appointment_id": row.id}
        for step in (actions.confirm_appointment, actions.check_in_patient, actions.cancel_appointment):
            with pytest.raises(NotFound):
                step(**given)


def test_claims_of_one_lane_cannot_overlap(book: Book) -> None:
    row = booked(book)
    claim = ResourceClaim.objects.get(resource_kind="room")
    with pytest.raises(IntegrityError, match="no_double_booking"), transaction.atomic():
        ResourceClaim.objects.create(
            appointment_id=row.id, resource_kind="practitioner", resource_id=claim.resource_id, during=claim.during
        )
    assert queries.overlaps() == []
