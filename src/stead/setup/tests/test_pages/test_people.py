"""The pages of people: what is listed, what is refused on the form, what somebody leaves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from stead.practice.models import StaffMember
from stead.setup.models import StaffInvitation
from stead.setup.tests.conftest import Enter
from stead.testing.cast import NOON
from stead.testing.clients import ClientAs, SeatClient
from stead.testing.rows import Rows

INVITE = {
    "name": "Teo Lindqvist", "email": "teo@example.test", "roles": ["clinician"], "started_date": "2026-11-24",
    "languages": ["en"], "npi": "123-456-7893",
}  # fmt: skip


def test_a_manager_invites_and_the_list_shows_it(door: dict[str, Any], client_as: ClientAs) -> None:
    page = client_as("manager").post(reverse("setup_invite"), INVITE).content.decode()
    assert "The invitation is on its way." in page
    assert "One invitation is open." in page
    teo = StaffMember.objects.get(name="Teo Lindqvist")
    assert (teo.npi, teo.is_practitioner) == ("1234567893", True)
    assert f'id="person-{teo.id}"' in page


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"npi": "1234567890"}, "This is no NPI"),
        ({"roles": ["owner"]}, "Choose one of the answers."),
        ({"email": "nobody"}, "This is not an e-mail address."),
        ({"roles": []}, "We need an answer here."),
    ],
)
def test_a_wrong_invitation_comes_back_with_its_reason(
    door: dict[str, Any], client_as: ClientAs, change: dict[str, Any], said: str
) -> None:
    answer = client_as("manager").post(reverse("setup_invite"), INVITE | change)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert said in text
    assert "Teo Lindqvist" in text  # nothing typed is lost
    assert not StaffInvitation.objects.exists()


def test_a_manager_cannot_give_the_owners_role_by_hand(
    door: dict[str, Any], client_as: ClientAs, ana: Any, enter: Enter
) -> None:
    person = enter(ana)
    answer = client_as("manager").post(reverse("setup_roles", args=[person.id]), {"roles": ["owner"]})
    assert answer.status_code == 422
    assert "Only an owner gives or takes the owner&#x27;s role." in answer.content.decode()
    person.refresh_from_db()
    assert person.roles == ["front_desk"]


def test_ones_own_page_offers_no_end_and_no_roles(door: dict[str, Any], client_as: ClientAs, mona: Any) -> None:
    client = client_as("manager")
    text = client.get(reverse("setup_person", args=[mona.id])).content.decode()
    assert "This is you" in text
    assert reverse("setup_end", args=[mona.id]) not in text
    refused = client.post(reverse("setup_end", args=[mona.id]), {"last_date": "2026-11-24"})
    assert refused.status_code == 422
    assert "Nobody changes their own roles or ends their own work." in refused.content.decode()


def test_the_visits_of_somebody_who_goes_are_listed(
    door: dict[str, Any], client_as: ClientAs, cho: Any, enter: Enter
) -> None:
    person = enter(cho)
    rows = Rows()
    rows.known["practice.staffmember"] = person
    patient = rows.of("patients.Patient", first_name="Dee", last_name="Marsh")
    for days in (1, 9):
        start = NOON + timedelta(days=days)
        rows.make("scheduling.Appointment", starts_at=start, ends_at=start + timedelta(minutes=50), status="booked")
    page = client_as("owner").post(reverse("setup_end", args=[person.id]), {"last_date": "2026-11-27"})
    text = page.content.decode()
    assert "Visits to rebook" in text
    rebook = text[text.index('id="rebook"') : text.index('id="left"')]
    assert rebook.count(patient.shown_name) == 1  # the visit of tomorrow is still theirs
    assert "Dr Grace Cho leaves" in text


def test_somebody_who_was_let_go_is_out_at_the_next_page(
    door: dict[str, Any], client_as: ClientAs, ana: Any, enter: Enter
) -> None:
    person = enter(ana)
    hers = client_as("front_desk")
    assert hers.get("/calendar/", follow=True).status_code == 200
    client_as("owner").post(reverse("setup_end", args=[person.id]), {"last_date": "2026-12-24", "at_once": "on"})
    answer = hers.get("/calendar/")
    assert (answer.status_code, "/sign-in/" in answer["Location"]) == (302, True)


def test_roles_hold_from_the_next_page(door: dict[str, Any], client_as: ClientAs, ana: Any, enter: Enter) -> None:
    person = enter(ana)
    hers = client_as("front_desk")
    assert hers.get(reverse("setup")).status_code == 403
    client_as("owner").post(reverse("setup_roles", args=[person.id]), {"roles": ["front_desk", "manager"]})
    assert hers.get(reverse("setup")).status_code == 200


def test_a_colleague_sees_who_works_here_and_not_how_they_sign_in(
    door: dict[str, Any], client_as: ClientAs, teo: StaffMember
) -> None:
    hers = client_as("front_desk").get(reverse("setup_people")).content.decode()
    assert "Teo Lindqvist" in hers
    assert "Send the invitation" not in hers
    assert reverse("setup_person", args=[teo.id]) not in hers
    assert "invited" not in hers
    assert client_as("front_desk").get(reverse("setup_person", args=[teo.id])).status_code == 403


def test_a_stranger_finds_nobody_of_ours(door: dict[str, Any], eve_client: SeatClient, ana: Any, enter: Enter) -> None:
    person = enter(ana)
    assert eve_client.get(reverse("setup_person", args=[person.id])).status_code == 404
    assert eve_client.post(reverse("setup_roles", args=[person.id]), {"roles": ["manager"]}).status_code == 404
    assert eve_client.post(reverse("setup_end", args=[person.id]), {"last_date": "2026-11-24"}).status_code == 404
    assert "Ana Ruiz" not in eve_client.get(reverse("setup_people")).content.decode()


def test_the_list_of_people_costs_the_same_however_many(
    door: dict[str, Any], client_as: ClientAs, django_assert_max_num_queries: Any
) -> None:
    client = client_as("owner")
    client.get(reverse("setup_people"))
    for n in range(20):
        StaffMember.objects.create(name=f"Person {n}", roles=["biller"])
    with django_assert_max_num_queries(30):
        client.get(reverse("setup_people"))
