"""The chart, one seat, absences: what is shown, who may change it, what is refused on the form."""

from __future__ import annotations

from stead.practice import queries
from stead.practice.models import Absence
from stead.practice.tests.cast import Linden
from stead.testing.clients import ClientAs, SeatClient


def test_the_chart_shows_the_blank_seat_as_loudly_as_the_held(house: Linden, client_as: ClientAs) -> None:
    page = client_as("front_desk").get("/seats/")
    assert page.status_code == 200
    text = page.content.decode()
    assert "One seat of 3 is blank." in text
    assert "Priya Nair" in text
    assert "No one" in text
    assert "Name a holder" not in text  # the front desk names nobody


def test_a_manager_names_a_holder_and_a_backup(house: Linden, client_as: ClientAs) -> None:
    mona = client_as("manager")
    url = f"/seats/{house.desk.id}/"
    done = mona.post(f"{url}assign/", {"staff_id": house.teo.id, "from_date": "2026-01-05"})
    assert "The seat has a name." in done.content.decode()
    done = mona.post(f"{url}backup/", {"staff_id": house.ana.id, "rank": 1})
    assert "Ana Ruiz" in done.content.decode()


def test_a_taken_seat_comes_back_as_a_form_with_its_reason(house: Linden, client_as: ClientAs) -> None:
    given = {"staff_id": house.teo.id, "from_date": "2026-02-01"}
    answer = client_as("manager").post(f"/seats/{house.intake.id}/assign/", given)
    assert answer.status_code == 422
    given = {"until_date": "2025-02-01"}
    answer = client_as("manager").post(f"/seats/{house.intake.id}/vacate/", given)
    assert answer.status_code == 422
    assert "nothing to vacate" in answer.content.decode()


def test_an_absence_is_recorded_listed_and_cancelled(house: Linden, client_as: ClientAs) -> None:
    desk = client_as("front_desk")
    given = {"staff_id": house.priya.id, "first_date": "2126-11-24", "last_date": "2126-11-25", "words": "away"}
    done = desk.post("/seats/absences/record/", given)
    assert "One absence lies ahead." in done.content.decode()
    absence = Absence.objects.get()
    done = desk.post(f"/seats/absences/{absence.id}/cancel/")
    assert "Everybody is here today." in done.content.decode()
    wrong = desk.post("/seats/absences/record/", given | {"last_date": "2126-11-20"})
    assert wrong.status_code == 422
    assert "The last day is before the first." in wrong.content.decode()


def test_absences_narrow_sort_and_go_out_as_a_file(house: Linden, client_as: ClientAs) -> None:
    desk = client_as("front_desk")
    for person, day in ((house.priya, "2126-11-24"), (house.teo, "2126-11-20")):
        given = {"staff_id": person.id, "first_date": day, "last_date": day, "words": "away"}
        desk.post("/seats/absences/record/", given)
    page = desk.get("/seats/absences/?sort=first").content.decode()
    listed = page[page.index("<tbody>") :]
    assert listed.index(house.teo.name) < listed.index(house.priya.name)
    asked = {"name": house.teo.name, "format": "csv"}
    assert desk.get("/seats/absences/", asked).status_code == 403
    only = client_as("manager").get("/seats/absences/", asked).content.decode().splitlines()
    assert len(only) == 2
    assert only[1].startswith(f"{house.teo.name},")
    assert "2126-11-20,2126-11-20,1,ahead," in only[1]


def test_the_front_desk_names_no_holder(house: Linden, client_as: ClientAs) -> None:
    given = {"staff_id": house.teo.id, "from_date": "2026-01-05"}
    assert client_as("front_desk").post(f"/seats/{house.desk.id}/assign/", given).status_code == 403


def test_a_stranger_finds_no_seat_of_ours(house: Linden, eve_client: SeatClient) -> None:
    assert eve_client.get(f"/seats/{house.desk.id}/").status_code == 404
    given = {"staff_id": house.teo.id, "from_date": "2026-01-05"}
    assert eve_client.post(f"/seats/{house.desk.id}/assign/", given).status_code == 404
    assert "No seat has been created yet." in eve_client.get("/seats/").content.decode()


def test_the_chart_asks_the_same_queries_however_many_seats(house: Linden, client_as: ClientAs) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def queries_of_chart() -> int:
        with CaptureQueriesContext(connection) as asked:
            queries.chart(house.at.date())
        return len(asked)

    before = queries_of_chart()
    from stead.practice.actions import install_seats

    install_seats(practice=house.practice, by=house.by, at=house.at, preset="group")
    assert queries_of_chart() == before


def test_the_chart_narrows_sorts_and_exports(house: Linden, client_as: ClientAs) -> None:
    client = client_as("manager")
    blank = client.get("/seats/?state=blank").content.decode()
    assert blank.count('<tr id="seat-') == 1
    csv = client.get("/seats/?sort=-name&format=csv").content.decode().splitlines()
    names = [line.split(",")[0].strip('"') for line in csv[1:]]
    assert len(names) == 3
    assert names == sorted(names, key=str.casefold, reverse=True)
