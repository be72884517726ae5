"""Safety requests on the screen: the list with its ladder, one request with its buttons, and Today."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse

from stead.intake import actions, queries
from stead.intake.models import IntakeRequest, SafetyAlarm
from stead.intake.terms import Minutes
from stead.platform import actors
from stead.processes.models import Case
from stead.testing.clients import ClientAs, SeatClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def alarm(on_call: Any, inside: UUID, at: datetime, asked: Callable[..., Any]) -> SafetyAlarm:
    row = actions.receive_request(practice=inside, by=actors.public(), at=at, request=asked(safety="yes"))
    return SafetyAlarm.objects.get(request_id=row.id)


def url(alarm: SafetyAlarm, what: str = "alarm") -> str:
    return reverse(f"intake_safety_{what}", args=[alarm.id])


def test_list_says_what_nobody_has_and_who_is_told(client_as: ClientAs, alarm: SafetyAlarm) -> None:
    page = client_as("biller").get(reverse("intake_safety")).content.decode()
    for words in ("One safety request has no one yet.", "Dee Marsh", "Take it", "Cho Grace", "Kim Day", "Olu Adeyemi"):
        assert words in page
    lines = client_as("intake").get(reverse("intake_safety"), {"format": "csv"}).content.decode().splitlines()
    assert (len(lines), lines[0].split(",")[0]) == (2, "patient")


def test_page_says_whom_to_call_who_was_told_and_who_is_next(client_as: ClientAs, alarm: SafetyAlarm) -> None:
    page = client_as("front_desk").get(url(alarm)).content.decode()
    for words in ("Call Dee Marsh now. No one has it yet.", 'href="tel:+15025550143"', "told by e-mail", "Cho Grace"):
        assert words in page
    assert "I have it, I am calling" in page
    assert "Record it" not in page


def test_taking_passing_on_and_settling(client_as: ClientAs, alarm: SafetyAlarm, on_call: Any) -> None:
    client = client_as("clinician")
    page = client.post(url(alarm, "pass")).content.decode()
    assert "The next person was told." in page
    assert "Kim Day" in page
    page = client.post(url(alarm, "take")).content.decode()
    assert "You have it. Nobody else is told." in page
    assert client.post(url(alarm, "settle"), {}, follow=False).status_code == 422
    page = client.post(url(alarm, "settle"), {"outcome": "seen"}).content.decode()
    assert "Settled by" in page
    assert "Seen, or a visit within 24 hours is agreed" in page
    again = client.post(url(alarm, "take"), follow=False)
    assert again.status_code == 409
    assert "recorded already" in again.content.decode()


def test_front_desk_takes_it_and_does_not_settle_it(client_as: ClientAs, alarm: SafetyAlarm) -> None:
    desk = client_as("front_desk")
    desk.post(url(alarm, "take"))
    assert desk.post(url(alarm, "settle"), {"outcome": "no_danger"}).status_code == 403
    assert SafetyAlarm.objects.get().state == "taken"


@pytest.mark.parametrize("what", ["take", "pass", "settle"])
def test_buttons_are_posts_only_and_another_practice_finds_nothing(
    client_as: ClientAs, eve_client: SeatClient, alarm: SafetyAlarm, what: str
) -> None:
    assert client_as("clinician").get(url(alarm, what)).status_code == 405
    assert eve_client.post(url(alarm, what), {"outcome": "seen"}).status_code == 404
    assert eve_client.get(url(alarm)).status_code == 404


def test_manager_changes_the_minutes(client_as: ClientAs, alarm: SafetyAlarm) -> None:
    given = {"while_open": 4, "while_closed": 10, "again": 20}
    page = client_as("manager").post(reverse("intake_safety_minutes"), given).content.decode()
    assert "The minutes were changed." in page
    assert queries.safety_minutes() == Minutes(4, 10, 20)
    wrong = client_as("manager").post(reverse("intake_safety_minutes"), given | {"again": 999}, follow=False)
    assert wrong.status_code == 422
    assert client_as("intake").post(reverse("intake_safety_minutes"), given).status_code == 403


@pytest.mark.parametrize("role", ["owner", "manager", "front_desk", "intake", "clinician", "biller"])
def test_crisis_stands_first_on_everybodys_today(client_as: ClientAs, alarm: SafetyAlarm, role: Any) -> None:
    page = client_as(role).get("/").content.decode()
    assert page.index("Crisis: Dee Marsh") < page.index("<h1>")
    assert url(alarm) in page


def test_crisis_stands_first_in_the_queue_and_on_the_case(
    client_as: ClientAs, alarm: SafetyAlarm, inside: UUID, at: datetime, asked: Callable[..., Any]
) -> None:
    early = asked(first_name="Aaron", last_name="Abbot")
    actions.receive_request(practice=inside, by=actors.public(), at=at, request=early)
    page = client_as("intake").get(reverse("intake_queue"), {"sort": "name"}).content.decode()
    assert "One person may be in danger. Call first." in page
    assert page.index("Dee Marsh") < page.index("Aaron Abbot")
    cases = client_as("intake").get(reverse("processes_cases"), {"sort": "case"}).content.decode()
    assert cases.index("Crisis: Dee Marsh") < cases.index("Aaron Abbot")
    case = client_as("intake").get(reverse("processes_case", args=[alarm.case_id])).content.decode()
    assert "crisis: a person may be in danger" in case


def test_coordinator_marks_a_request_as_urgent(client_as: ClientAs, received: IntakeRequest) -> None:
    where = reverse("intake_urgent", args=[received.id])
    page = client_as("intake").post(where).content.decode()
    assert "Dee Marsh needs help within two days." in page
    assert "a first visit by" in page
    assert client_as("biller").post(where).status_code == 403
    Case.objects.update(state="closed", alert="", alert_by=None, close_code="declined", due_at=None)
    assert client_as("intake").post(where, follow=False).status_code == 409
