"""Somebody who is signed in, at an address of the other side: staff at a patient's page, a patient at a staff page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from stead.platform import clock
from stead.platform.accounts.models import Membership
from stead.testing.clients import ClientAs, InPractice, SeatClient
from stead.testing.rows import Rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def dee_browser(patient_client: Callable[[Any], SeatClient], in_practice: InPractice) -> SeatClient:
    with in_practice():
        dee = Rows().of("patients.Patient")
    return patient_client(dee)


def test_patient_at_a_staff_page_reads_who_they_are_and_is_led_home(dee_browser: SeatClient) -> None:
    answer = dee_browser.get("/intake/")
    page = answer.content.decode()
    assert answer.status_code == 403 and "This page is for the staff" in page
    assert f"You are signed in as {dee_browser.actor.name}" in page and 'href="/portal/"' in page
    assert dee_browser.get("/")["Location"] == "/portal/"


def test_patient_reads_it_in_spanish(dee_browser: SeatClient) -> None:
    dee_browser.post("/language/", {"language": "es", "next": "/portal/"})
    assert "Esta página es para el personal" in dee_browser.get("/intake/").content.decode()


def test_staff_at_a_patients_page_read_who_they_are_and_are_led_home(client_as: ClientAs) -> None:
    client = client_as("front_desk")
    for answer in (client.get("/portal/"), client.post("/portal/card/", follow=False)):
        page = answer.content.decode()
        assert answer.status_code == 403 and "This page is a patient's own" in page
        assert f"You are signed in as {client.actor.name}" in page and 'href="/"' in page
    part = client.get("/portal/", headers={"HX-Request": "true"})
    assert part.status_code == 403 and "<html" not in part.content.decode()


def test_place_that_ended_leads_to_the_choice_and_not_in_a_circle(client_as: ClientAs) -> None:
    client = client_as("front_desk")
    Membership.objects.filter(person_id=client.actor.id).update(ended_at=clock.now())
    answer = client.get("/intake/")
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/practice?next=%2Fintake%2F")
    assert "belongs to no practice now" in client.get(answer["Location"]).content.decode()
    part = client.get("/intake/", headers={"HX-Request": "true"})
    assert (part.status_code, part["HX-Redirect"]) == (401, "/sign-in/practice")


@pytest.mark.parametrize("address", ["/sign-in/", "/account/"])
def test_pages_of_signing_in_speak_spanish(address: str, dee_browser: SeatClient) -> None:
    page = dee_browser.get(address, headers={"Accept-Language": "es"}).content.decode()
    assert 'lang="es"' in page and "Contraseña" in page and "English" in page
    assert "Password" not in page and "Sign in" not in page


def test_wrong_password_is_told_in_spanish() -> None:
    sent = {"email": "nobody@example.test", "password": "not the password"}
    page = Client().post("/sign-in/", sent, headers={"Accept-Language": "es"}).content.decode()
    assert "no coinciden" in page
