"""Each action writes its row and its line; a seat has one name; absences move whose it is."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from stead.platform.actors import Actor
from stead.platform.identifiers import new_id
from stead.platform.journal.models import JournalEntry
from stead.platform.refusals import InvalidInput, NotFound, NotPermitted
from stead.platform.tenancy.context import acting
from stead.practice import actions, queries
from stead.practice.models import SeatHolding
from stead.practice.rules import HoursNotUnderstood
from stead.practice.terms import LocationDetails, ProfileDetails, SeatDetails, StaffDetails
from stead.practice.tests.cast import Linden, found

TUESDAY = date(2026, 11, 24)


def verbs() -> set[str]:
    return set(JournalEntry.objects.values_list("verb", flat=True))


def test_a_seat_has_one_name_at_a_time(house: Linden) -> None:
    with pytest.raises(actions.SeatTaken, match="Priya Nair holds the seat"):
        actions.assign_seat(
            practice=house.practice, by=house.by, at=house.at, seat_id=house.intake.id, staff_id=house.ana.id,
            from_date=TUESDAY,
        )  # fmt: skip
    assert SeatHolding.objects.filter(seat_id=house.intake.id).count() == 1


def test_the_database_itself_keeps_a_seat_to_one_name(house: Linden) -> None:
    with pytest.raises(IntegrityError, match="seat_one_holder"), transaction.atomic():
        SeatHolding.objects.create(seat_id=house.intake.id, staff_id=house.ana.id, from_date=TUESDAY)


def test_vacating_blanks_the_seat_and_another_may_then_hold_it(house: Linden) -> None:
    actions.vacate_seat(practice=house.practice, by=house.by, at=house.at, seat_id=house.manager.id, until_date=TUESDAY)
    blank = queries.holder_of("practice_manager", TUESDAY)
    assert (blank.staff_id, blank.name) == (None, "No one")
    assert blank.reason == "The seat is blank and it has no backup"
    actions.assign_seat(
        practice=house.practice, by=house.by, at=house.at, seat_id=house.manager.id, staff_id=house.ana.id,
        from_date=TUESDAY,
    )  # fmt: skip
    assert queries.holder_of("practice_manager", TUESDAY).name == "Ana Ruiz"
    with pytest.raises(actions.NotHeld):
        actions.vacate_seat(
            practice=house.practice, by=house.by, at=house.at, seat_id=house.desk.id, until_date=TUESDAY
        )


def test_an_absent_holder_is_followed_by_the_first_present_backup(house: Linden) -> None:
    def away(who: UUID, first: int, last: int) -> None:
        actions.record_absence(
            practice=house.practice, by=house.by, at=house.at, staff_id=who, first_date=date(2026, 11, first),
            last_date=date(2026, 11, last),
        )  # fmt: skip

    actions.name_backup(
        practice=house.practice, by=house.by, at=house.at, seat_id=house.intake.id, staff_id=house.teo.id, rank=2
    )
    assert queries.holder_of("intake_coordinator", TUESDAY).name == "Priya Nair"
    away(house.priya.id, 24, 24)
    assert queries.holder_of("intake_coordinator", TUESDAY).reason == "Priya Nair is away; backup 1"
    away(house.ana.id, 23, 25)
    assert queries.holder_of("intake_coordinator", TUESDAY).name == "Teo Lindqvist"
    away(house.teo.id, 24, 24)
    assert queries.holder_of("intake_coordinator", TUESDAY).reason == "Priya Nair is away and every backup is away"
    assert queries.holder_of("intake_coordinator", date(2026, 11, 25)).name == "Priya Nair"


def test_a_cancelled_absence_gives_the_seat_back(house: Linden) -> None:
    absence = actions.record_absence(
        practice=house.practice, by=house.by, at=house.at, staff_id=house.priya.id, first_date=TUESDAY,
        last_date=TUESDAY, words="at the dentist",
    )  # fmt: skip
    assert "dentist" not in str(JournalEntry.objects.get(verb="absence.recorded").data)
    actions.cancel_absence(practice=house.practice, by=house.by, at=house.at, absence_id=absence.id)
    assert queries.holder_of("intake_coordinator", TUESDAY).name == "Priya Nair"


def test_an_absence_that_ends_before_it_begins_is_refused(house: Linden) -> None:
    with pytest.raises(actions.DatesReversed):
        actions.record_absence(
            practice=house.practice, by=house.by, at=house.at, staff_id=house.priya.id,
            first_date=date(2026, 11, 25), last_date=TUESDAY,
        )  # fmt: skip


def test_a_seat_of_the_location_comes_before_the_general_one(house: Linden) -> None:
    details = SeatDetails("front_desk.bowling_green", "Front desk, Bowling Green", location_id=house.green.id)
    seat = actions.create_seat(practice=house.practice, by=house.by, at=house.at, details=details)
    actions.assign_seat(
        practice=house.practice, by=house.by, at=house.at, seat_id=seat.id, staff_id=house.teo.id, from_date=TUESDAY
    )
    assert queries.holder_of("front_desk", TUESDAY, house.green.id).name == "Teo Lindqvist"
    assert queries.holder_of("front_desk", TUESDAY, house.street.id).name == "No one"


def test_an_unknown_seat_is_no_ones_and_says_so(house: Linden) -> None:
    assert queries.holder_of("astronaut", TUESDAY).reason == "There is no seat astronaut"


def test_duties_for_two_hands_are_written_down_with_the_assignment(house: Linden) -> None:
    seats = actions.install_seats(practice=house.practice, by=house.by, at=house.at, preset="group")
    by_key = {seat.key: seat for seat in seats}
    assert "practice_manager" not in by_key  # it was there already
    assert {"front_desk.linden_street", "front_desk.bowling_green"} <= set(by_key)
    for key in ("revenue_lead", "biller_claims"):
        actions.assign_seat(
            practice=house.practice, by=house.by, at=house.at, seat_id=by_key[key].id, staff_id=house.teo.id,
            from_date=TUESDAY,
        )  # fmt: skip
    lines = JournalEntry.objects.filter(verb="seat.assigned", data__staff=str(house.teo.id))
    assert {line.data["seat"]: line.data["conflicts"] for line in lines} == {
        "revenue_lead": [],
        "biller_claims": ["posts_and_approves"],
    }
    assert actions.install_seats(practice=house.practice, by=house.by, at=house.at, preset="group") == []


def test_a_closed_day_is_not_counted_where_it_applies(house: Linden) -> None:
    wednesday = date(2026, 11, 25)
    actions.close_day(practice=house.practice, by=house.by, at=house.at, day=wednesday, words="Thanksgiving eve")
    actions.close_day(
        practice=house.practice, by=house.by, at=house.at, day=TUESDAY, words="Painters", location_id=house.green.id
    )
    assert queries.calendar_of(house.street.id).closed == {wednesday}
    assert queries.calendar_of(house.green.id).closed == {wednesday, TUESDAY}
    with pytest.raises(actions.NameTaken):
        actions.close_day(practice=house.practice, by=house.by, at=house.at, day=wednesday, words="Again")


def test_a_practice_without_places_still_counts_deadlines(inside: UUID, at: datetime) -> None:
    assert queries.calendar_of(None).add_hours(at, 1) > at


def test_what_is_set_up_is_journalled(house: Linden) -> None:
    profile = ProfileDetails(
        "Linden Street Counseling", "1234567893", "611234567", "101YM0800X", "5025550100", "desk@linden.example",
        "1 Linden Street", "Louisville", "KY", "40202",
    )  # fmt: skip
    actions.set_profile(practice=house.practice, by=house.by, at=house.at, details=profile)
    actions.create_room(practice=house.practice, by=house.by, at=house.at, location_id=house.street.id, name="Room 2")
    actions.add_license(
        practice=house.practice, by=house.by, at=house.at, staff_id=house.ana.id, state="ky", number="1",
        expires_date=date(2027, 1, 1),
    )  # fmt: skip
    assert {"practice.profile_set", "room.created", "license.added"} <= verbs()


def test_what_cannot_be_true_is_refused(house: Linden) -> None:
    given: dict[str, Any] = {"practice": house.practice, "by": house.by, "at": house.at}
    with pytest.raises(HoursNotUnderstood):
        actions.create_location(
            **given, details=LocationDetails("Upside", "America/Chicago", {"mon": ("17:00", "08:00")})
        )
    with pytest.raises(InvalidInput, match="no role of staff"):
        actions.create_staff_member(**given, details=StaffDetails("Max", ["astronaut"]))
    with pytest.raises(InvalidInput, match="10 digits"):
        actions.create_staff_member(**given, details=StaffDetails("Max", npi="12"))
    with pytest.raises(InvalidInput, match="needs a name"):
        actions.create_staff_member(**given, details=StaffDetails(" "))
    with pytest.raises(actions.NameTaken):
        actions.create_location(**given, details=LocationDetails("Linden Street", "America/Chicago", {}))


def test_only_who_may_names_holders(house: Linden, ana: Actor) -> None:
    with pytest.raises(NotPermitted):
        actions.vacate_seat(practice=house.practice, by=ana, at=house.at, seat_id=house.intake.id, until_date=TUESDAY)


def test_another_practices_rows_are_not_there(db: None, linden: UUID, elsewhere: UUID, olu: Actor, eve: Actor) -> None:
    at = datetime(2026, 11, 24, 15, 42, tzinfo=UTC)
    with acting(linden, olu):
        house = found(linden, olu, at)
    with acting(elsewhere, eve):
        for wrong in (house.intake.id, new_id()):
            with pytest.raises(NotFound):
                actions.vacate_seat(practice=elsewhere, by=eve, at=at, seat_id=wrong, until_date=TUESDAY)
        assert queries.holder_of("intake_coordinator", TUESDAY).staff_id is None
