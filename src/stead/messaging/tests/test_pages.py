"""The outbox page."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from stead.messaging import queries
from stead.messaging.terms import Outcome
from stead.messaging.tests.test_actions import begin, end, patient, queue
from stead.patients.models import Patient
from stead.platform.actors import Actor

pytestmark = pytest.mark.django_db
__all__ = ["patient"]


@pytest.fixture
def failed(inside: UUID, olu: Actor, at: datetime, patient: Patient) -> UUID:
    row = queue(inside, olu, at, patient)
    end(row, begin(row, at), at, Outcome("failed", "550 no mailbox"))
    return row.id


def test_failure_is_the_first_thing_said_and_can_be_sent_again(client_as: Any, failed: UUID) -> None:
    client = client_as("front_desk")
    page = client.get("/messages/")
    assert page.status_code == 200
    text = page.content.decode()
    assert "One message did not get through." in text
    assert "550 no mailbox" in text
    assert "Dee Marsh" in text
    again = client.post(f"/messages/{failed}/send-again/")
    assert "The message is in the queue again." in again.content.decode()
    assert queries.get_message(failed).state == "queued"
    assert client.post(f"/messages/{failed}/send-again/").status_code == 422


def test_empty_outbox_and_filters(client_as: Any, inside: UUID) -> None:
    client = client_as("manager")
    assert "Nothing waits, and nothing has failed." in client.get("/messages/").content.decode()
    assert "No message fits." in client.get("/messages/?state=sent&channel=sms").content.decode()
    assert client.get("/messages/?state=nonsense").status_code == 200


def test_export_names_no_formula(client_as: Any, failed: UUID, patient: Patient) -> None:
    Patient.objects.filter(id=patient.id).update(first_name="=Dee")
    rows = b"".join(client_as("manager").get("/messages/?format=csv")).decode()
    assert "550 no mailbox" in rows
    assert "\n=Dee" not in rows and ",=Dee" not in rows


def test_stranger_finds_nothing_and_a_get_changes_nothing(client_as: Any, eve_client: Any, failed: UUID) -> None:
    assert eve_client.get(f"/messages/{failed}/").status_code == 404
    assert eve_client.post(f"/messages/{failed}/send-again/").status_code == 404
    assert client_as("manager").get(f"/messages/{failed}/send-again/").status_code == 405
    assert "As it leaves" in client_as("manager").get(f"/messages/{failed}/").content.decode()


def test_waiting_message_shows_the_address_it_would_go_to_now(
    client_as: Any, inside: UUID, olu: Actor, at: datetime, patient: Patient
) -> None:
    row = queue(inside, olu, at, patient)
    Patient.objects.filter(id=patient.id).update(email="new@example.org")
    assert "new@example.org" in client_as("manager").get(f"/messages/{row.id}/").content.decode()
    begin(row, at)
    page = client_as("manager").get("/messages/").content.decode()
    assert "on its way out" in page
    assert "Take back" not in page
