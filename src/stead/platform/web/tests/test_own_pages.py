"""The platform's own pages: search, dead jobs, health."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from stead.platform import checks
from stead.platform.journal.models import JournalEntry
from stead.platform.ui.parts import Hit, HitGroup
from stead.platform.web import palette
from stead.testing.clients import ClientAs, InPractice, SeatClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider() -> Iterator[None]:
    """A room that finds Dee by her first letters."""
    found = HitGroup("Patients", (Hit("Marsh, Dee", "/patients/1/", "b. 1988"),))
    palette.register(lambda request, q: found if q and "dee marsh".startswith(q.lower()) else None)
    yield
    palette._providers.pop()


def test_search_page_shows_what_rooms_find(client_as: ClientAs, provider: None) -> None:
    page = client_as("front_desk").get("/search/", {"q": "dee"}).content.decode()
    assert "/patients/1/" in page and "<h1>" in page


def test_palette_gets_only_its_rows(client_as: ClientAs, provider: None) -> None:
    headers = {"HX-Request": "true", "HX-Target": "div#hits"}
    part = client_as("front_desk").get("/search/", {"q": "dee", "part": "palette"}, headers=headers).content.decode()
    assert "/patients/1/" in part and "<html" not in part


def test_pages_are_found_by_name_and_only_those_of_the_seat(client_as: ClientAs) -> None:
    found = [client_as(role).get("/search/", {"q": "patients"}).content.decode() for role in ("front_desk", "manager")]
    assert all('href="/patients/"' in page for page in found)
    assert "Nothing fits" in client_as("front_desk").get("/search/", {"q": "zzzz"}).content.decode()


def plant_job(practice: UUID, status: str = "failed") -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into procrastinate_jobs (task_name, queue_name, priority, args, status, attempts)"
            " values ('messaging.deliver', 'default', 0, %s, %s, 8) returning id",
            [json.dumps({"practice": str(practice), "message_id": "m-1"}), status],
        )
        return int(cursor.fetchone()[0])


def test_dead_jobs_are_listed_and_tried_again(client_as: ClientAs, inside: UUID) -> None:
    dead, living = plant_job(inside), plant_job(inside, "todo")
    manager = client_as("manager")
    page = manager.get("/platform/jobs/dead").content.decode()
    assert f"job-{dead}" in page and f"job-{living}" not in page and "message_id m-1" in page
    after = manager.post(f"/platform/jobs/{dead}/retry").content.decode()
    assert "No job has given up." in after
    assert JournalEntry.objects.get(verb="job.retried").data == {"job": dead, "name": "messaging.deliver"}
    assert manager.post(f"/platform/jobs/{living}/retry").status_code == 404


def test_dead_jobs_are_the_managers_and_the_practices_own(
    client_as: ClientAs, eve_client: SeatClient, inside: UUID
) -> None:
    dead = plant_job(inside)
    assert client_as("biller").get("/platform/jobs/dead").status_code == 403
    assert f"job-{dead}" not in eve_client.get("/platform/jobs/dead").content.decode()
    assert eve_client.post(f"/platform/jobs/{dead}/retry").status_code == 404


def test_dead_jobs_cost_the_same_however_many(
    client_as: ClientAs, in_practice: InPractice, linden: UUID, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    manager = client_as("manager")
    for _ in range(2):
        with in_practice():
            for _ in range(10):
                plant_job(linden)
        with django_assert_num_queries(9):
            manager.get("/platform/jobs/dead")


def test_health_says_ok_and_503(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert client.get("/healthz").content == b"ok"

    def broken(*_: Any) -> Any:
        raise DatabaseError

    monkeypatch.setattr(connection, "cursor", broken)
    assert client.get("/healthz").status_code == 503


def test_actions_are_found_by_what_people_call_them(client_as: ClientAs) -> None:
    page = client_as("front_desk").get("/search/", {"q": "appointment"}).content.decode()
    assert "Book a visit" in page
    assert 'href="/calendar/book/"' in page


def test_only_actions_of_ones_own_seat_are_offered(client_as: ClientAs) -> None:
    asked = {"q": "program key"}
    assert "Make an API token" in client_as("manager").get("/search/", asked).content.decode()
    assert "Make an API token" not in client_as("front_desk").get("/search/", asked).content.decode()


def test_action_that_leads_nowhere_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    lost = palette.Deed("Fly", "no_such_page", "no.such")
    monkeypatch.setattr(palette, "_deeds", [*palette.declared(), lost])
    found = [problem.id for problem in checks.every_deed_of_the_palette_can_be_done()]
    assert found == ["stead.E006", "stead.E007"]
