"""Profile, locations, rooms, closed days, seats and the index of what is missing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from stead.platform.accounts.models import Practice
from stead.platform.journal.models import JournalEntry
from stead.practice.models import Closure, Location, PracticeProfile, Room, Seat
from stead.practice.presets import PRESETS
from stead.setup.forms import PRESET_NAMES
from stead.testing import clients
from stead.testing.cast import NOON
from stead.testing.clients import ClientAs
from stead.testing.rows import Rows

PROFILE = {
    "name": "Linden Street", "time_zone": "America/Chicago", "legal_name": "Linden Street Counseling LLC",
    "npi": "1234567893", "tax_id": "61-0000000", "taxonomy": "261qm0801x", "phone": "502 555 0100",
    "email": "office@example.test", "line1": "12 Linden Street", "city": "Louisville", "state": "ky",
    "zip_code": "40203-1234",
}  # fmt: skip
PLACE = {"name": "Main Street", "time_zone": "America/Chicago", "mon_opens": "08:00", "mon_closes": "17:30"}


def test_the_profile_is_kept_and_the_line_says_what_changed(door: dict[str, Any], client_as: ClientAs) -> None:
    page = client_as("manager").post(reverse("setup_profile"), PROFILE).content.decode()
    assert "bills under NPI 1234567893" in page
    kept = PracticeProfile.objects.get()
    assert (kept.tax_id, kept.state, kept.zip_code, kept.taxonomy) == ("610000000", "KY", "402031234", "261QM0801X")
    with clients.outside():
        row = Practice.objects.get(id=door["practice"])
        assert (row.name, row.time_zone) == ("Linden Street", "America/Chicago")
    client_as("manager").post(reverse("setup_profile"), PROFILE | {"phone": "502 555 0101"})
    line = JournalEntry.objects.filter(verb="practice.profile_set").latest("at", "id")
    assert line.data["changed"] == {"phone": ["502 555 0100", "502 555 0101"]}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"npi": "1234567890"}, "This is no NPI"),
        ({"tax_id": "12345678"}, "A tax number has 9 digits"),
        ({"zip_code": "402"}, "A ZIP code has 5 or 9 digits"),
        ({"taxonomy": "261"}, "A taxonomy code has 10"),
        ({"state": "1x"}, "A state has two letters"),
    ],
)
def test_a_wrong_identifier_is_refused_beside_its_field(
    door: dict[str, Any], client_as: ClientAs, change: dict[str, str], said: str
) -> None:
    answer = client_as("owner").post(reverse("setup_profile"), PROFILE | change)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not PracticeProfile.objects.exists()


def test_a_place_is_opened_changed_and_gets_a_room(door: dict[str, Any], client_as: ClientAs) -> None:
    client = client_as("manager")
    page = client.post(reverse("setup_places"), PLACE).content.decode()
    place = Location.objects.get()
    assert place.hours == {"mon": ["08:00", "17:30"]}
    assert "Monday 8:00 am to 5:30 pm" in page
    client.post(reverse("setup_place", args=[place.id]), PLACE | {"name": "High Street", "tue_opens": "09:00",
                                                                  "tue_closes": "12:00"})  # fmt: skip
    place.refresh_from_db()
    assert (place.name, sorted(place.hours)) == ("High Street", ["mon", "tue"])
    client.post(reverse("setup_room_add", args=[place.id]), {"name": "Room 1", "capacity": 3})
    room = Room.objects.get()
    twice = client.post(reverse("setup_room_add", args=[place.id]), {"name": "Room 1", "capacity": 3})
    assert (twice.status_code, "already has a room" in twice.content.decode()) == (422, True)
    client.post(reverse("setup_room", args=[room.id]), {"name": "Blue room", "capacity": 2})
    room.refresh_from_db()
    assert (room.name, room.capacity) == ("Blue room", 2)


@pytest.mark.parametrize(
    "change", [{"mon_closes": ""}, {"mon_closes": "07:00"}, {"npi": "1234567890"}, {"time_zone": "Moon/Crater"}]
)
def test_hours_that_make_no_sense_are_refused(
    door: dict[str, Any], client_as: ClientAs, change: dict[str, str]
) -> None:
    assert client_as("manager").post(reverse("setup_places"), PLACE | change).status_code == 422
    assert not Location.objects.exists()


def test_a_closed_day_says_which_visits_it_hits(door: dict[str, Any], client_as: ClientAs) -> None:
    rows = Rows()
    place = rows.of("practice.Location", name="Linden Street")
    dee = rows.of("patients.Patient", first_name="Dee", last_name="Marsh")
    start = NOON + timedelta(days=3)
    rows.make("scheduling.Appointment", starts_at=start, ends_at=start + timedelta(minutes=50), status="booked")
    client, url = client_as("manager"), reverse("setup_closed_days")
    before = client.get(url, {"day": "2026-11-27"}).content.decode()
    assert "the book holds 1 visit" in before
    assert dee.shown_name in before
    assert not Closure.objects.exists()  # looking changes nothing
    done = client.post(url, {"day": "2026-11-27", "words": "Day after", "location_id": place.id}).content.decode()
    assert "The day is closed" in done
    assert dee.shown_name in done
    again = client.post(url, {"day": "2026-11-27", "words": "Day after", "location_id": place.id})
    assert (again.status_code, "closed already" in again.content.decode()) == (422, True)
    client.post(reverse("setup_reopen", args=[Closure.objects.get().id]))
    assert not Closure.objects.exists()
    assert JournalEntry.objects.filter(verb="day.reopened").count() == 1
    assert client.get(url, {"day": "nonsense"}).status_code == 200


def test_a_preset_makes_its_seats_once_and_a_seat_of_ones_own_joins(door: dict[str, Any], client_as: ClientAs) -> None:
    client = client_as("owner")
    client.post(reverse("setup_preset"), {"preset": "solo"})
    count = Seat.objects.count()
    client.post(reverse("setup_preset"), {"preset": "solo"})
    assert Seat.objects.count() == count > 10
    form = {"name": "Group lead", "key": "group-lead", "duties": "Leads groups\n\nTrains", "write_off": "12.50"}
    client.post(reverse("setup_seats"), form)
    seat = Seat.objects.get(key="group_lead")
    assert (seat.duties, seat.write_off_limit_cents) == (["Leads groups", "Trains"], 1250)
    assert client.post(reverse("setup_seats"), form).status_code == 422


def test_every_preset_can_be_chosen() -> None:
    assert set(PRESET_NAMES) == set(PRESETS)


def test_the_index_counts_what_is_there(door: dict[str, Any], client_as: ClientAs) -> None:
    client = client_as("owner")
    text = client.get(reverse("setup")).content.decode()
    assert "missing before the first booking" in text
    assert "Payers do not know who asks for money" in text
    client.post(reverse("setup_profile"), PROFILE)
    assert "Name, NPI and tax number are on record." in client.get(reverse("setup")).content.decode()
