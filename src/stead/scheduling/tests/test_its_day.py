"""A visit is held on its own day: early and late presses are refused, late entries typed, wrong steps taken back."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from stead.care import actions as care
from stead.care.models import Encounter
from stead.care.rules import NoteSignedForGood, VisitTakenBack
from stead.care.tests.cast import draft_of
from stead.forms.actions import publish_agreement, publish_sample_agreements, sign_agreement
from stead.forms.terms import Wording
from stead.patients import actions as patients
from stead.patients.terms import PatientDetails
from stead.platform import clock
from stead.platform.actors import Actor
from stead.platform.journal.models import JournalEntry
from stead.platform.refusals import NotFound, Refusal
from stead.practice.models import Room
from stead.processes.actions import publish_library
from stead.processes.gates import GateRefused
from stead.processes.models import Gate
from stead.scheduling import actions, queries, rules, setup
from stead.scheduling.models import Appointment, WorkPattern
from stead.scheduling.terms import WorkHours
from stead.scheduling.tests.book import Book, louisville
from stead.testing.clients import ClientAs

pytestmark = pytest.mark.django_db
NINE = louisville(30, 9)
DAY = date(2026, 11, 30)


def booked(book: Book, starts_at: datetime = NINE, **changes: object) -> Appointment:
    return actions.book_appointment(**book.acting(), request=book.request(starts_at, **changes))


def arrived(book: Book) -> Appointment:
    row = booked(book)
    return actions.check_in_patient(**book.acting(at=NINE), appointment_id=row.id)


def started(book: Book) -> Appointment:
    row = arrived(book)
    return actions.start_session(**book.acting(at=NINE), appointment_id=row.id)


@pytest.mark.parametrize("moment", [louisville(24, 9), louisville(29, 23, 55), louisville(1, 0, 5, month=12)])
def test_check_in_on_another_day_is_refused(book: Book, moment: datetime) -> None:
    row = booked(book)
    with pytest.raises(rules.NotItsDay):
        actions.check_in_patient(**book.acting(at=moment), appointment_id=row.id)
    assert queries.get_appointment(row.id).status == "booked"


def test_patient_checks_in_on_the_day_only(book: Book) -> None:
    me = Actor(id=book.dee.id, kind="patient", name="Dee", roles=frozenset({"patient"}))
    row = booked(book)
    with pytest.raises(rules.NotItsDay):
        actions.check_in_patient(**book.acting(me), appointment_id=row.id)
    assert actions.check_in_patient(**book.acting(me, NINE), appointment_id=row.id).status == "arrived"
    with pytest.raises(NotFound):
        actions.undo_check_in(**book.acting(me, NINE), appointment_id=row.id)


def test_start_two_days_later_is_refused_and_leaves_no_record(book: Book) -> None:
    row = arrived(book)
    with pytest.raises(rules.NotItsDay):
        actions.start_session(**book.acting(at=NINE + timedelta(days=2)), appointment_id=row.id)
    assert not Encounter.objects.exists()


def test_visit_across_midnight_is_started_until_its_end(book: Book) -> None:
    row = booked(book, louisville(30, 23, 30), lane=1)
    after = louisville(1, 0, 10, month=12)
    actions.check_in_patient(**book.acting(at=after), appointment_id=row.id)
    actions.start_session(**book.acting(at=after), appointment_id=row.id)
    assert Encounter.objects.get().service_date == DAY


def test_finish_far_behind_the_planned_end_asks_for_the_times(book: Book) -> None:
    row = started(book)
    with pytest.raises(rules.FinishedTooLate):
        actions.finish_session(**book.acting(at=NINE + timedelta(days=2)), appointment_id=row.id)
    assert Encounter.objects.get().ends_at is None


@pytest.mark.parametrize("before", ["booked", "in_session", "no_show"])
def test_late_entry_keeps_the_day_and_the_typed_times(book: Book, before: str) -> None:
    row = started(book) if before == "in_session" else booked(book)
    if before == "no_show":
        actions.mark_no_show(**book.acting(at=NINE), appointment_id=row.id)
    late, began, ended = NINE + timedelta(days=2), NINE + timedelta(minutes=4), NINE + timedelta(minutes=52)
    actions.record_late_session(
        **book.acting(at=late), appointment_id=row.id, began_at=began, ended_at=ended, reason="not_pressed"
    )
    held = Encounter.objects.get(appointment_id=row.id)
    assert (held.service_date, held.starts_at, held.ends_at) == (DAY, began, ended)
    assert held.due_at == ended + timedelta(hours=72)
    line = JournalEntry.objects.get(verb="appointment.finished")
    assert (line.at, line.data["late"], line.data["ended_at"]) == (late, "not_pressed", ended.isoformat())


@pytest.mark.parametrize(
    ("began", "ended", "reason", "refusal"),
    [
        (NINE + timedelta(days=1), NINE + timedelta(days=1, hours=1), "not_pressed", rules.TimesNotOfTheVisit),
        (NINE, NINE, "not_pressed", rules.TimesNotOfTheVisit),
        (NINE, NINE + timedelta(hours=13), "not_pressed", rules.TimesNotOfTheVisit),
        (NINE, NINE + timedelta(hours=4), "not_pressed", rules.TimesNotOfTheVisit),
        (NINE, NINE + timedelta(hours=1), "", rules.LateReasonUnknown),
    ],
)
def test_late_entry_that_cannot_be_is_refused(
    book: Book, began: datetime, ended: datetime, reason: str, refusal: type[Refusal]
) -> None:
    row = booked(book)
    given = book.acting(at=NINE + timedelta(hours=3))
    with pytest.raises(refusal):
        actions.record_late_session(**given, appointment_id=row.id, began_at=began, ended_at=ended, reason=reason)
    assert not Encounter.objects.exists()


@pytest.mark.parametrize("was", ["booked", "confirmed"])
def test_wrong_check_in_is_taken_back(book: Book, was: str) -> None:
    row = booked(book)
    if was == "confirmed":
        actions.confirm_appointment(**book.acting(), appointment_id=row.id)
    actions.check_in_patient(**book.acting(at=NINE), appointment_id=row.id)
    row = actions.undo_check_in(**book.acting(at=NINE), appointment_id=row.id)
    assert (row.status, row.arrived_at) == (was, None)
    assert actions.mark_no_show(**book.acting(at=NINE), appointment_id=row.id).status == "no_show"


def test_wrong_start_is_taken_back_and_owes_no_note(book: Book, ana: Actor) -> None:
    from stead.care.queries import my_day, notes_due

    row = started(book)
    assert len(notes_due(book.cho.id)) == 1
    row = actions.undo_start(**book.acting(at=NINE), appointment_id=row.id)
    assert (row.status, row.session_started_at) == ("arrived", None)
    assert notes_due(book.cho.id) == []
    assert [v.encounter_id for v in my_day(book.cho.id, DAY)] == [None]
    assert actions.cancel_appointment(**book.acting(at=NINE), appointment_id=row.id).status == "late_cancel"


def test_draft_waits_for_the_session_started_anew(book: Book) -> None:
    row = started(book)
    cho = Actor(id=book.cho.id, kind="staff", name="Dr Grace Cho", roles=frozenset({"clinician"}))
    note = draft_of(book.practice, cho, NINE, Encounter.objects.get())
    actions.undo_start(**book.acting(at=NINE), appointment_id=row.id)
    do = book.acting(cho, NINE)
    with pytest.raises(VisitTakenBack):
        care.save_note(**do, note_id=note.id, version_no=2, body={"data": "More"}, diagnosis_codes=["F41.1"])
    again = NINE + timedelta(minutes=10)
    actions.start_session(**book.acting(at=again), appointment_id=row.id)
    held = Encounter.objects.get()
    assert (held.voided_at, held.starts_at, held.service_date) == (None, again, DAY)
    assert care.start_note(**do, encounter_id=held.id).id == note.id


def test_start_of_a_signed_visit_stays(book: Book) -> None:
    row = started(book)
    actions.finish_session(**book.acting(at=NINE + timedelta(minutes=50)), appointment_id=row.id)
    cho = Actor(id=book.cho.id, kind="staff", name="Dr Grace Cho", roles=frozenset({"clinician"}))
    note = draft_of(book.practice, cho, NINE, Encounter.objects.get())
    care.sign_note(**book.acting(cho, NINE + timedelta(hours=1)), note_id=note.id)
    with pytest.raises(NoteSignedForGood):
        actions.undo_start(**book.acting(at=NINE + timedelta(hours=2)), appointment_id=row.id)
    assert queries.get_appointment(row.id).status == "done"
    assert Encounter.objects.get().voided_at is None


def test_booking_tries_each_room_once(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three at nine and two rooms. Free rooms are only advice: even if it is wrong for ever, the booking ends."""
    booked(book)
    booked(book, practitioner_id=book.bell.id, patient_id=book.ada.id)
    third = patients.register_patient(**book.acting(), details=PatientDetails("Third", "One"))
    asked: list[object] = []

    def always_free(row: Appointment) -> list[object]:
        asked.append(row)
        assert len(asked) < 10, "the search for a room does not end"
        return [room.id for room in Room.objects.order_by("name")]

    monkeypatch.setattr("stead.scheduling.claims.free_rooms", always_free)
    with pytest.raises(rules.SlotTaken, match="Every room is taken"):
        booked(book, practitioner_id=book.stein.id, patient_id=third.id)


def test_room_of_an_ended_pattern_is_not_taken(book: Book) -> None:
    """Cho moved from the first room to the second last week."""
    WorkPattern.objects.filter(staff_id=book.cho.id).update(until_date=date(2026, 11, 23))
    for starts, ends in ((9, 12), (13, 17)):
        setup.set_work_hours(
            **book.acting(),
            hours=WorkHours(
                book.cho.id, book.street.id, 0, NINE.replace(hour=starts).time(), NINE.replace(hour=ends).time(),
                date(2026, 11, 23), room_id=book.rooms[1].id,
            ),
        )  # fmt: skip
    assert booked(book).room_id == book.rooms[1].id


def test_intake_takes_its_own_booking_back(book: Book, client_as: ClientAs) -> None:
    client = client_as("intake")
    row = booked(book)
    Appointment.objects.filter(id=row.id).update(booked_by_id=client.actor.id, booked_at=clock.now())
    answer = client.post(f"/calendar/visits/{row.id}/undo/", {}, follow=False)
    assert answer.status_code == 302
    assert queries.get_appointment(row.id).status == "cancelled"
    assert client.post(f"/calendar/visits/{row.id}/check-in/", {}).status_code == 403


def test_page_writes_a_visit_down_late(book: Book, client_as: ClientAs) -> None:
    row = booked(book, louisville(24, 16))
    Appointment.objects.filter(id=row.id).update(starts_at=louisville(23, 9), ends_at=louisville(23, 9, 50))
    client = client_as("front_desk")
    address = f"/calendar/visits/{row.id}/"
    page = client.get(address).content.decode()
    assert "It took place" in page and "Check in" not in page
    wrong = client.post(f"{address}held/", {"began": "09:05", "ended": "", "reason": "not_pressed"})
    assert wrong.status_code == 422
    right = client.post(f"{address}held/", {"began": "09:05", "ended": "09:55", "reason": "not_pressed"}, follow=False)
    assert right.status_code == 302
    held = Encounter.objects.get()
    assert (held.starts_at, held.ends_at) == (louisville(23, 9, 5), louisville(23, 9, 55))


def test_visit_is_not_begun_without_consent(book: Book, ana: Actor) -> None:
    """The shipped gate: consent to treatment and the privacy notice always, telehealth for video and telephone."""
    publish_library(**book.acting())
    publish_sample_agreements(**book.acting())
    Gate.objects.exclude(action="check_in_patient").update(retired_at=book.at)
    here, video = booked(book), booked(book, NINE + timedelta(hours=1), modality="video")
    do = book.acting(ana, NINE)

    def missing(row: Appointment) -> list[str]:
        try:
            actions.check_in_patient(**do, appointment_id=row.id)
        except GateRefused as refused:
            return [clause["id"] for clause in refused.clauses]
        return []

    assert missing(here) == ["consent", "privacy"]
    for kind in ("consent_treatment", "privacy_notice"):
        sign_agreement(**do, patient_id=book.dee.id, kind=kind, signed_name="Dee Marsh")
    assert missing(here) == []
    assert missing(video) == ["telehealth"]
    wordings = [Wording("en", "Consent", "Anew")]
    publish_agreement(**book.acting(at=NINE), kind="consent_telehealth", wordings=wordings, signed_anew=True)
    sign_agreement(**do, patient_id=book.dee.id, kind="consent_telehealth", signed_name="Dee Marsh")
    assert missing(video) == []
