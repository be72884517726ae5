"""Emergency openings: no access before, access during, none after; every read in it is on the review list."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.urls import path

from stead.config.urls import urlpatterns as product
from stead.platform import clock, permissions
from stead.platform.access import glass, log
from stead.platform.access.models import BreakGlass, PatientAccess
from stead.platform.actors import Actor
from stead.platform.identifiers import new_id
from stead.platform.journal.models import JournalEntry
from stead.platform.refusals import InvalidInput
from stead.platform.web.door import PageRequest, staff
from stead.testing.clients import ClientAs, InPractice, SeatClient

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]
PATIENT = new_id()
REASON = {"reason": "Caller in distress, clinician away", "minutes": "30"}


@staff("care.read_notes")
def notes(request: PageRequest) -> HttpResponse:
    log.reads(PATIENT)
    return HttpResponse("the notes")


urlpatterns = [path("notes", notes, name="notes"), *product]


def test_front_desk_reads_notes_only_while_the_glass_is_broken(
    client_as: ClientAs, at: datetime, in_practice: InPractice
) -> None:
    assert permissions.find("care.read_notes")
    with clock.driven(at):
        ana, other = client_as("front_desk"), client_as("front_desk")
        assert ana.get("/notes").status_code == 403
        page = ana.post("/platform/glass/", REASON)
        assert "Emergency opening until" in page.content.decode()
        assert ana.get("/notes").status_code == 200
        assert other.get("/notes").status_code == 403  # another session of hers knows nothing of it
    for minutes in (10, 20, 29):
        with clock.driven(at + timedelta(minutes=minutes)):
            assert ana.get("/notes").status_code == 200
    with clock.driven(at + timedelta(minutes=30)):
        assert ana.get("/notes").status_code == 403
        with in_practice():
            assert {r.reason for r in PatientAccess.objects.all()} == {REASON["reason"]}
            assert PatientAccess.objects.count() == 4
            assert JournalEntry.objects.filter(verb="glass.broken").count() == 1


def test_glass_can_be_ended_early(client_as: ClientAs) -> None:
    ana = client_as("front_desk")
    ana.post("/platform/glass/", REASON)
    assert ana.get("/notes").status_code == 200
    ana.post("/platform/glass/end")
    assert ana.get("/notes").status_code == 403


@pytest.mark.parametrize("form", [{"reason": "", "minutes": "30"}, {"reason": "x" * 20, "minutes": "61"}])
def test_no_reason_or_too_long_is_refused(client_as: ClientAs, form: dict[str, str]) -> None:
    assert client_as("front_desk").post("/platform/glass/", form).status_code == 422


def test_database_holds_the_hour(inside: UUID, ana: Actor, at: datetime) -> None:
    with pytest.raises(InvalidInput):
        glass.break_glass(practice=inside, by=ana, at=at, reason="Caller in distress", minutes=61)
    with pytest.raises(IntegrityError, match="break_glass_an_hour"), transaction.atomic():
        BreakGlass.objects.create(
            actor_id=ana.id, actor_name="", reason="x", started_at=at, ends_at=at + timedelta(minutes=61)
        )


def test_openings_are_reviewed_by_somebody_else(client_as: ClientAs, eve_client: SeatClient) -> None:
    ana, mona, olu = client_as("front_desk"), client_as("manager"), client_as("owner")
    ana.post("/platform/glass/", REASON)
    ana.get("/notes")
    page = mona.get("/platform/glass/reviews").content.decode()
    assert REASON["reason"] in page and "notes: 1" in page
    assert REASON["reason"] not in eve_client.get("/platform/glass/reviews").content.decode()
    assert ana.get("/platform/glass/reviews").status_code == 403
    review = page.split('action="/platform/glass/')[1].split('"')[0]
    assert eve_client.post(f"/platform/glass/{review}").status_code == 404
    assert "Mona Petrakis" in mona.post(f"/platform/glass/{review}").content.decode()
    mona.post("/platform/glass/", REASON)
    assert "somebody else reviews this" in mona.get("/platform/glass/reviews").content.decode()
    assert "I have looked" in olu.get("/platform/glass/reviews").content.decode()


def test_reads_of_a_patient_are_shown_to_those_who_may(client_as: ClientAs, eve_client: SeatClient) -> None:
    client_as("clinician").get("/notes")
    page = client_as("manager").get(f"/platform/reads/{PATIENT}").content.decode()
    assert "Dr Grace Cho" in page and "This record was read once." in page
    assert client_as("clinician").get(f"/platform/reads/{PATIENT}").status_code == 403
    assert eve_client.get(f"/platform/reads/{PATIENT}").status_code == 404


def test_glass_opens_the_whole_record_and_no_change(client_as: ClientAs) -> None:
    """The biller sees the intake queue and, with the glass broken, no more of what is done than before."""
    biller = client_as("biller")
    assert biller.get("/intake/").status_code == 403
    biller.post("/platform/glass/", {"reason": "The patient collapsed in the waiting room", "minutes": "15"})
    assert biller.get("/intake/").status_code == 200
    assert biller.post("/patients/new/", {}).status_code == 403


def test_what_the_glass_opens_is_declared_and_only_read() -> None:
    opened = permissions.opened_by_glass()
    assert [key for key in opened if permissions.find(key) is None] == []
    assert [key for key in opened if ".read" not in key] == []
