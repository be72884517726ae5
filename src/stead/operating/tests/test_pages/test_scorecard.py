"""The scorecard page: the computed title, the opened cell, raising with one press, export, who may open rows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stead.operating import actions
from stead.operating.models import Issue, MeasureSetting
from stead.operating.tests.conftest import Hand
from stead.platform.access.models import PatientAccess
from stead.platform.actors import Actor
from stead.testing.clients import ClientAs, SeatClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def week_of_visits(hand: Hand) -> Hand:
    """Eight visits to be judged, one a no-show: 12.5 % against at most 6."""
    for hour, status in enumerate(["done"] * 6 + ["no_show", "late_cancel"], start=8):
        hand.visit(hand.patient(f"Patient{hour}"), hand.local(18, hour), status)
    return hand


def opened(hand: Hand, key: str = "no_show_rate") -> str:
    return f"/numbers/?open={key}&week={hand.week.start_date}"


def test_title_counts_what_is_on_target(week_of_visits: Hand, client_as: ClientAs, inside: UUID, mona: Actor) -> None:
    actions.set_measure(practice=inside, by=mona, at=week_of_visits.at, key="visits_kept", target=Decimal(5))
    page = client_as("manager").get("/numbers/").content.decode()
    # Visits kept 6 of at least 5, owner decisions 0 of at most 4; no-shows 12.5 of at most 6. New patients: no target.
    assert "<h1>Two of three on target</h1>" in page
    assert "One is off." in page
    assert "No one" in page  # nobody holds the front desk's seat


def test_opened_cell_shows_its_rows_and_they_add_up(week_of_visits: Hand, client_as: ClientAs) -> None:
    page = client_as("manager").get(opened(week_of_visits)).content.decode()
    assert 'id="drill"' in page
    assert page.count('aria-expanded="true"') == 1
    assert "12.5%" in page
    assert "1 of 8" in page
    assert "Patient14 Marsh" in page  # the no-show comes first
    assert "cancelled late" in page
    assert "Visits cancelled with notice" in page
    read = PatientAccess.objects.get(page="numbers_scorecard")
    assert len(read.patient_ids) == 8


def test_raised_once_however_often_it_is_pressed(week_of_visits: Hand, client_as: ClientAs) -> None:
    client = client_as("manager")
    address = f"/numbers/no_show_rate/{week_of_visits.week.start_date}/raise/"
    for _ in range(2):
        page = client.post(address)
        assert page.status_code == 200
    assert "Raised by Mona Petrakis" in page.content.decode()
    assert Issue.objects.get().title == "No-show rate: 12.5%, at most 6%"


def test_raised_from_the_home_stays_there_and_the_row_says_so(week_of_visits: Hand, client_as: ClientAs) -> None:
    client, address = client_as("manager"), f"/numbers/no_show_rate/{week_of_visits.week.start_date}/raise/"
    home = client.get("/").content.decode()
    assert 'id="off-no_show_rate"' in home and f'action="{address}"' in home
    part = {"HX-Request": "true", "HX-Target": "div#off"}
    page = client.post(address, {"next": "/"}, headers=part)
    assert page.redirect_chain == [("/", 302)]
    after = client.get("/", headers=part).content.decode()
    assert "Raised" in after and "<h1" not in after and f'action="{address}"' not in after
    assert Issue.objects.get().source_key == "no_show_rate"


def test_raising_leads_to_no_other_site(week_of_visits: Hand, client_as: ClientAs) -> None:
    address = f"/numbers/no_show_rate/{week_of_visits.week.start_date}/raise/"
    page = client_as("manager").post(address, {"next": "https://elsewhere.test/"}, follow=False)
    assert page["Location"].startswith("/numbers/")


def test_same_key_raises_once_and_answers_alike(week_of_visits: Hand, client_as: ClientAs) -> None:
    client = client_as("manager")
    address = f"/numbers/no_show_rate/{week_of_visits.week.start_date}/raise/"
    first, second = (client.post(address, {"_key": "k1"}, follow=False) for _ in range(2))
    assert (first.status_code, second.status_code) == (302, 302)
    assert second["Idempotent-Replay"] == "true"


def test_rows_name_patients_so_only_leaders_and_the_owner_open_them(
    week_of_visits: Hand, client_as: ClientAs, priya: Actor
) -> None:
    assert client_as("front_desk").get("/numbers/").status_code == 200
    assert client_as("front_desk").get(opened(week_of_visits)).status_code == 403
    assert client_as("intake").get(opened(week_of_visits)).status_code == 403
    week_of_visits.seat("front_desk", "Front desk", week_of_visits.priya)
    assert client_as("intake").get(opened(week_of_visits)).status_code == 200
    address = f"/numbers/no_show_rate/{week_of_visits.week.start_date}/"
    assert client_as("biller").get(address).status_code == 403


def test_all_rows_have_their_own_page_and_file(week_of_visits: Hand, client_as: ClientAs) -> None:
    address = f"/numbers/no_show_rate/{week_of_visits.week.start_date}/"
    assert "1 of 8" in client_as("manager").get(address).content.decode()
    lines = client_as("manager").get(f"{address}?format=csv").content.decode().splitlines()
    assert len(lines) == 9
    assert lines[0] == "No-show,Patient,With,Location,Note,Day"


@pytest.mark.parametrize(
    "address", ["/numbers/no_such_measure/2026-11-16/", "/numbers/no_show_rate/2026-11-17/", "/numbers/x/2026-13-45/"]
)
def test_address_of_no_week_or_measure_is_not_there(hand: Hand, client_as: ClientAs, address: str) -> None:
    assert client_as("manager").get(address).status_code == 404


def test_week_that_is_running_has_no_page(hand: Hand, client_as: ClientAs) -> None:
    assert client_as("manager").get("/numbers/no_show_rate/2026-11-23/").status_code == 404


def test_export_holds_every_week(week_of_visits: Hand, client_as: ClientAs) -> None:
    answer = client_as("manager").get("/numbers/?format=csv")
    lines = answer.content.decode().splitlines()
    assert answer["Content-Type"].startswith("text/csv")
    assert lines[0].startswith("Measure,Owner,Target,2026-08-30,")
    assert len(lines[0].split(",")) == 3 + 13 + 1


def test_queries_do_not_grow_with_the_weeks_behind(week_of_visits: Hand, client_as: ClientAs) -> None:
    client = client_as("manager")
    client.get("/numbers/")
    with CaptureQueriesContext(connection) as found:
        client.get("/numbers/")
    assert len(found) <= 20, [q["sql"][:90] for q in found]


def test_target_is_set_and_a_wrong_one_refused(hand: Hand, client_as: ClientAs) -> None:
    hand.seat("front_desk", "Front desk", hand.priya)
    client = client_as("manager")
    address = "/numbers/definitions/no_show_rate/"
    assert client.post(address, {"target": "-4", "seat": "front_desk"}).status_code == 422
    page = client.post(address, {"target": "4.5", "seat": "front_desk", "on_scorecard": "on"})
    assert "at most 4.5%" in page.content.decode()
    assert MeasureSetting.objects.get().target == Decimal("4.5")
    assert client_as("front_desk").get(address).status_code == 403


def test_measure_taken_off_stays_among_the_definitions(hand: Hand, client_as: ClientAs) -> None:
    hand.seat("front_desk", "Front desk", hand.priya)
    client = client_as("manager")
    client.post("/numbers/definitions/no_show_rate/", {"target": "6", "seat": "front_desk"})
    assert "No-show rate" not in client.get("/numbers/").content.decode()
    assert "No-show rate" in client.get("/numbers/definitions/").content.decode()


def test_eve_sees_none_of_it(week_of_visits: Hand, eve_client: SeatClient, client_as: ClientAs) -> None:
    client_as("manager").post(f"/numbers/no_show_rate/{week_of_visits.week.start_date}/raise/")
    page: Any = eve_client.get(opened(week_of_visits)).content.decode()
    assert "Marsh" not in page
    issue = Issue.objects.get()
    assert eve_client.get(f"/rhythm/issues/{issue.id}/").status_code == 404
    assert eve_client.post(f"/rhythm/issues/{issue.id}/settle/", {"decision": "x"}).status_code == 404
