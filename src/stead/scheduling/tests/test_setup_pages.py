"""A practice that was just created comes to its first booking by its pages alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse

from stead.patients.models import Patient
from stead.platform import clock
from stead.platform.actors import Actor
from stead.platform.identifiers import new_id
from stead.practice.actions import create_location
from stead.practice.models import Location, StaffMember
from stead.practice.terms import LocationDetails
from stead.scheduling import queries
from stead.scheduling.models import Appointment, Service, ServicePractitioner, WorkPattern
from stead.testing.clients import ClientAs, SeatClient

pytestmark = pytest.mark.django_db
WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ("08:00", "17:00"))


@pytest.fixture(autouse=True)
def ten_forty_two(at: datetime) -> Iterator[None]:
    with clock.driven(at):
        yield


@pytest.fixture
def place(inside: UUID, olu: Actor, at: datetime) -> Location:
    """What `stead practice create` leaves: one location with its owner."""
    details = LocationDetails("Linden Street", "America/Kentucky/Louisville", WEEK, state="KY")
    return create_location(practice=inside, by=olu, at=at, details=details)


@pytest.fixture
def owner(client_as: ClientAs, place: Location) -> SeatClient:
    return client_as("owner")


def mia(owner: SeatClient, place: Location) -> StaffMember:
    said = {
        "name": "Mia Lund", "credentials": "LCSW", "email": "mia@example.test", "roles": "clinician",
        "started_date": "2026-11-24", "languages": "en", "home_location_id": str(place.id),
    }  # fmt: skip
    assert owner.post(reverse("setup_invite"), said, follow=False).status_code == 302
    return StaffMember.objects.get(name="Mia Lund")


def service(owner: SeatClient, *people: StaffMember, **changes: Any) -> Any:
    said = {"name": "Individual", "minutes": "50", "buffer_minutes": "10", "price": "140.00", "modality": "room"}
    chosen = {"practitioners": [str(person.id) for person in people]}
    return owner.post(reverse("calendar_service_add"), said | chosen | changes, follow=False)


def hours(owner: SeatClient, person: StaffMember, place: Location, **changes: Any) -> Any:
    said = {
        "staff": str(person.id), "location": str(place.id), "weekdays": ["0", "2"], "starts": "09:00", "ends": "12:00",
        "from_date": "2026-11-24",
    }  # fmt: skip
    return owner.post(reverse("calendar_hours_add"), said | changes, follow=False)


def test_from_an_empty_practice_to_the_first_visit(owner: SeatClient, place: Location) -> None:
    person = mia(owner, place)
    assert service(owner, person).status_code == 302
    assert hours(owner, person, place).status_code == 302
    made = Service.objects.get()
    assert (made.price_cents, made.minutes) == (14_000, 50)
    assert "Individual" in owner.get(reverse("calendar_services")).content.decode()
    assert "9:00 am to 12:00 pm" in owner.get(reverse("calendar_hours")).content.decode()
    registered = {"first_name": "Dee", "last_name": "Marsh", "sex": "female", "language": "en", "status": "active"}
    owner.post(reverse("patients_new"), registered)
    dee = Patient.objects.get(last_name="Marsh")
    slot = queries.find_slots(service_id=made.id, earliest=clock.now(), count=1)[0]
    assert slot.starts_at.isoformat() == "2026-11-25T14:00:00+00:00"  # Wednesday at 9, in Louisville
    wanted = {
        "patient": str(dee.id), "service": str(made.id), "practitioner": str(person.id), "location": str(place.id),
        "starts_at": "2026-11-25T14:00:00Z",
    }  # fmt: skip
    owner.post(reverse("calendar_book"), wanted)
    assert Appointment.objects.get().patient_id == dee.id


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"minutes": "7"}, "in steps of five"),
        ({"price": "a lot"}, "such as"),
        ({"name": ""}, "required"),
        ({"modality": "boat"}, "valid choice"),
        ({"practitioners": [str(new_id())]}, "valid choice"),
    ],
)
def test_service_that_cannot_be_booked_is_refused_on_the_form(
    owner: SeatClient, changes: dict[str, Any], said: str
) -> None:
    answer = service(owner, **changes)
    assert answer.status_code == 422
    assert not Service.objects.exists()
    assert 'value="Individual"' in answer.content.decode() or not changes.get("name", "x")


def test_name_of_a_service_is_given_once(owner: SeatClient) -> None:
    assert service(owner).status_code == 302
    assert "already a service of this name" in service(owner).content.decode()


def test_who_performs_a_service_is_changed_and_nobody_is_said_loudly(owner: SeatClient, place: Location) -> None:
    service(owner)
    row, person = Service.objects.get(), mia(owner, place)
    assert "Nobody performs Individual." in owner.get(reverse("calendar_services")).content.decode()
    owner.post(reverse("calendar_service_offer", args=[row.id]), {"practitioners": [str(person.id)]})
    assert ServicePractitioner.objects.get().staff_id == person.id
    owner.post(reverse("calendar_service_offer", args=[row.id]), {})
    assert not ServicePractitioner.objects.exists()
    owner.post(reverse("calendar_service_retire", args=[row.id]))
    assert "No service can be booked yet." in owner.get(reverse("calendar_services")).content.decode()


def test_hours_open_every_day_that_is_ticked_or_none(owner: SeatClient, place: Location) -> None:
    person = mia(owner, place)
    mistakes: list[dict[str, Any]] = [
        {"ends": "08:00"}, {"weekdays": []}, {"weekdays": ["9"]}, {"staff": str(new_id())}
    ]  # fmt: skip
    for wrong in mistakes:
        assert hours(owner, person, place, **wrong).status_code == 422
    assert not WorkPattern.objects.exists()
    hours(owner, person, place)
    assert sorted(WorkPattern.objects.values_list("weekday", flat=True)) == [0, 2]
    row = WorkPattern.objects.get(weekday=2)
    owner.post(reverse("calendar_hours_end", args=[row.id]), {"until_date": "2026-12-01"})
    row.refresh_from_db()
    assert str(row.until_date) == "2026-12-01"


@pytest.mark.parametrize("name", ["calendar_service_add", "calendar_hours_add", "setup_invite"])
def test_only_owner_and_manager_set_up(client_as: ClientAs, place: Location, name: str) -> None:
    for role in ("front_desk", "intake", "clinician", "biller"):
        assert client_as(role).post(reverse(name), {}).status_code == 403
    page = client_as("front_desk").get(reverse("calendar_services")).content.decode()
    assert reverse("calendar_service_add") not in page
