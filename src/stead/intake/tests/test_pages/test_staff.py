"""The coordinator's queue, a request, and documents to verify."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse

from stead.intake.actions.documents import send_document
from stead.intake.models import IntakeRequest, PortalInvitation
from stead.intake.tests.test_actions import PNG, patient_actor
from stead.platform.actors import Actor
from stead.processes.models import Case, CaseItem
from stead.testing.clients import ClientAs, SeatClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def document(received: IntakeRequest, inside: UUID, at: datetime) -> CaseItem:
    item = CaseItem.objects.get(key="photo_id")
    return send_document(
        practice=inside, by=patient_actor(received), at=at, item_id=item.id, data=PNG, name="my id.png"
    )


def test_queue_shows_stage_clock_missing_and_whose(client_as: ClientAs, received: IntakeRequest) -> None:
    page = client_as("intake").get(reverse("intake_queue")).content.decode()
    case = Case.objects.get()
    assert f'href="/cases/{case.id}/"' in page
    for words in ("Dee Marsh", "Request received", "step 1 of 6", "The request was read", "Priya Nair"):
        assert words in page


def test_queue_filters_sorts_and_exports(client_as: ClientAs, received: IntakeRequest) -> None:
    client, url = client_as("intake"), reverse("intake_queue")
    assert "Dee Marsh" in client.get(url, {"stage": "received", "sort": "-name"}).content.decode()
    for other in ({"stage": "match"}, {"owner": "me"}, {"state": "urgent"}):
        assert "No case fits this filter." in client.get(url, other).content.decode()
    lines = client.get(url, {"format": "csv"}).content.decode().splitlines()
    assert (len(lines), lines[0].split(",")[0]) == (2, "case")


def test_case_over_its_limit_is_said_in_the_title(client_as: ClientAs, received: IntakeRequest, at: datetime) -> None:
    Case.objects.update(due_at=at - timedelta(days=400))
    page = client_as("intake").get(reverse("intake_queue")).content.decode()
    assert "One person waits longer than the limit." in page


def test_blank_owner_is_said_loudly(client_as: ClientAs, received: IntakeRequest) -> None:
    Case.objects.update(owner_staff_id=None)
    assert "No one" in client_as("intake").get(reverse("intake_queue")).content.decode()


def test_queue_takes_a_fixed_number_of_queries(
    client_as: ClientAs, received: IntakeRequest, django_assert_max_num_queries: Any
) -> None:
    client = client_as("intake")
    client.get(reverse("intake_queue"))
    with django_assert_max_num_queries(20):
        client.get(reverse("intake_queue"))


def test_request_is_shown_in_own_words_and_the_link_is_sent_again(client_as: ClientAs, received: IntakeRequest) -> None:
    client = client_as("intake")
    page = client.get(reverse("intake_request", args=[received.id])).content.decode()
    assert "I cannot sleep since the spring." in page
    page = client.post(reverse("intake_invite", args=[received.patient_id])).content.decode()
    assert "A link was sent on" in page
    assert PortalInvitation.objects.count() == 2


def test_seat_without_the_permission_and_strangers_are_kept_out(
    client_as: ClientAs, eve_client: SeatClient, received: IntakeRequest, document: CaseItem
) -> None:
    assert client_as("biller").get(reverse("intake_queue")).status_code == 403
    for name, key in (
        ("intake_request", received.id), ("intake_document", document.id), ("intake_file", document.file_id),
    ):  # fmt: skip
        assert eve_client.get(reverse(name, args=[key])).status_code == 404
    assert "Dee Marsh" not in eve_client.get(reverse("intake_queue")).content.decode()


def test_document_is_accepted(client_as: ClientAs, document: CaseItem) -> None:
    client = client_as("front_desk")
    assert "One document to look at." in client.get(reverse("intake_documents")).content.decode()
    page = client.get(reverse("intake_document", args=[document.id])).content.decode()
    assert reverse("intake_file", args=[document.file_id]) in page
    assert "Every document was looked at." in client.post(
        reverse("intake_accept", args=[document.id])
    ).content.decode()  # fmt: skip
    assert CaseItem.objects.get(id=document.id).state == "accepted"


def test_document_goes_back_with_one_reason(client_as: ClientAs, document: CaseItem) -> None:
    client, url = client_as("front_desk"), reverse("intake_return", args=[document.id])
    assert client.post(url, {"reason": ""}).status_code == 422
    assert client.post(url, {"reason": "ugly"}).status_code == 422
    client.post(url, {"reason": "unreadable"})
    item = CaseItem.objects.get(id=document.id)
    assert (item.return_reason, item.state in ("returned", "asked")) == ("unreadable", True)


def test_photo_is_served_so_that_nothing_in_it_runs(client_as: ClientAs, document: CaseItem) -> None:
    answer = client_as("front_desk").get(reverse("intake_file", args=[document.file_id]))
    assert answer.content == PNG
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]


def test_message_is_shown_to_staff(client_as: ClientAs, received: IntakeRequest, inside: UUID, at: datetime) -> None:
    from stead.intake.actions.messages import ask_practice

    by: Actor = patient_actor(received)
    row = ask_practice(practice=inside, by=by, at=at, patient_id=by.id, about="message", text="Is there parking?")
    page = client_as("front_desk").get(reverse("intake_message", args=[row.id])).content.decode()
    assert "Is there parking?" in page
