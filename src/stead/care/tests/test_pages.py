"""The pages of care: the day, notes due, the editor, the signed note."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from stead.care import actions
from stead.care.models import Encounter, Note, NoteAmendment
from stead.care.tests.cast import GOOD, draft_of
from stead.care.text import body_of
from stead.platform import clock
from stead.platform.access.models import PatientAccess
from stead.platform.actors import Actor
from stead.testing.clients import ClientAs, SeatClient

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def ten_forty_two(at: datetime) -> Any:
    with clock.driven(at):
        yield


def test_day_shows_the_visit_and_the_note_due(client_as: ClientAs, held: Encounter) -> None:
    page = client_as("clinician").get("/care/")
    text = page.content.decode()
    assert page.status_code == 200
    assert "One visit today, one held so far. One note to sign." in text
    assert "$150 waits for your signature" in text
    assert "Write the progress note" in text
    assert held.patient_id in PatientAccess.objects.get().patient_ids


def test_empty_day_says_so(client_as: ClientAs, inside: UUID) -> None:
    text = client_as("clinician").get("/care/?day=2026-12-01").content.decode()
    assert "No visit is booked on this day." in text


def test_writing_takes_one_press_and_signing_one_more(client_as: ClientAs, held: Encounter) -> None:
    client = client_as("clinician")
    editor = client.post(f"/care/visits/{held.id}/note/")
    note = Note.objects.get()
    assert editor.redirect_chain == [(f"/care/notes/{note.id}/", 302)]
    signed = client.post(f"/care/notes/{note.id}/", GOOD | {"diagnosis": "F41.1", "version_no": "1", "do": "sign"})
    assert signed.redirect_chain == [(f"/care/notes/{note.id}/", 302)]
    assert "Signed by Dr Grace Cho" in signed.content.decode()
    assert Note.objects.get().state == "signed"


def test_draft_says_what_is_missing_before_it_is_signed(client_as: ClientAs, held: Encounter) -> None:
    editor = client_as("clinician").post(f"/care/visits/{held.id}/note/").content.decode()
    assert "Before it can be signed: What happened, Assessment" in editor


def test_incomplete_note_is_not_signed_and_the_draft_is_kept(
    client_as: ClientAs, inside: UUID, held: Encounter, cho: Actor, at: datetime
) -> None:
    note = draft_of(inside, cho, at, held)
    page = client_as("clinician").post(
        f"/care/notes/{note.id}/",
        {"data": "Only this.", "assessment": "", "plan": "", "diagnosis": "F41.1", "version_no": "2", "do": "sign"},
    )
    assert page.status_code == 422
    assert "Still empty: Assessment, Plan" in page.content.decode()
    kept = Note.objects.get()
    assert (kept.state, body_of(kept)["data"]) == ("draft", "Only this.")


def test_two_windows_lose_nothing(client_as: ClientAs, inside: UUID, held: Encounter, cho: Actor, at: datetime) -> None:
    note = draft_of(inside, cho, at, held)
    page = client_as("clinician").post(
        f"/care/notes/{note.id}/",
        {"data": "The older window.", "assessment": "x", "plan": "y", "diagnosis": "F41.1", "version_no": "1"},
    )
    text = page.content.decode()
    assert page.status_code == 409
    assert "The older window." in text
    assert GOOD["data"] in text
    assert body_of(Note.objects.get()) == GOOD


def test_keeping_while_typing_answers_with_the_next_version(
    client_as: ClientAs, inside: UUID, held: Encounter, cho: Actor, at: datetime
) -> None:
    note = draft_of(inside, cho, at, held)
    client = client_as("clinician")
    first = client.post(
        f"/care/notes/{note.id}/keep/", GOOD | {"data": "More.", "diagnosis": "F41.1", "version_no": "2"},
        headers={"HX-Request": "true", "HX-Target": "div#kept"},
    )  # fmt: skip
    text = first.content.decode()
    assert 'name="version_no" value="3"' in text
    assert "Draft kept Tue Nov 24, 10:42 am" in text
    late = client.post(
        f"/care/notes/{note.id}/keep/", GOOD | {"data": "Stale.", "diagnosis": "F41.1", "version_no": "2"},
        headers={"HX-Request": "true", "HX-Target": "div#kept"},
    )  # fmt: skip
    assert late.status_code == 409
    assert body_of(Note.objects.get())["data"] == "More."


def test_unreadable_diagnosis_is_said_at_its_field(
    client_as: ClientAs, inside: UUID, held: Encounter, cho: Actor, at: datetime
) -> None:
    note = draft_of(inside, cho, at, held)
    page = client_as("clinician").post(
        f"/care/notes/{note.id}/", GOOD | {"diagnosis": "anxiety", "version_no": "2", "do": "sign"}
    )
    assert page.status_code == 422
    assert "Write diagnosis codes like F41.1" in page.content.decode()


def test_amendment_of_a_draft_is_refused_even_when_it_is_empty(held: Encounter, client_as: ClientAs) -> None:
    client = client_as("clinician")
    client.post(f"/care/visits/{held.id}/note/")
    draft = Note.objects.get()
    for text in ("", "More"):
        answer = client.post(f"/care/notes/{draft.id}/amend/", {"text": text})
        assert answer.status_code == 409
        assert "still a draft" in answer.content.decode()


def test_signed_note_is_read_with_its_amendments(
    client_as: ClientAs, inside: UUID, held: Encounter, cho: Actor, at: datetime
) -> None:
    note = draft_of(inside, cho, at, held)
    actions.sign_note(practice=inside, by=cho, at=at, note_id=note.id)
    client = client_as("clinician")
    text = client.post(f"/care/notes/{note.id}/amend/", {"text": "Called back."}).content.decode()
    assert GOOD["assessment"] in text
    assert "Called back." in text
    assert NoteAmendment.objects.count() == 1
    assert client.post(f"/care/notes/{note.id}/amend/", {"text": ""}).status_code == 422


def test_a_draft_is_its_authors_alone(
    client_as: ClientAs, inside: UUID, held: Encounter, cho: Actor, at: datetime
) -> None:
    note = draft_of(inside, cho, at, held)
    assert client_as("owner").get(f"/care/notes/{note.id}/").status_code == 404
    actions.sign_note(practice=inside, by=cho, at=at, note_id=note.id)
    assert client_as("owner").get(f"/care/notes/{note.id}/").status_code == 200
    assert client_as("manager").get(f"/care/notes/{note.id}/").status_code == 404


@pytest.mark.parametrize("role", ["front_desk", "intake", "biller"])
def test_other_seats_are_refused(client_as: ClientAs, held: Encounter, role: Any) -> None:
    for address in ("/care/", "/care/due/"):
        assert client_as(role).get(address).status_code == 403
    assert client_as(role).post(f"/care/visits/{held.id}/note/").status_code == 403


def test_stranger_finds_nothing(
    eve_client: SeatClient, inside: UUID, held: Encounter, cho: Actor, at: datetime
) -> None:
    note = draft_of(inside, cho, at, held)
    assert eve_client.get(f"/care/notes/{note.id}/").status_code == 404
    assert eve_client.post(f"/care/visits/{held.id}/note/").status_code == 404
    assert eve_client.post(f"/care/notes/{note.id}/keep/", {}).status_code == 404


def test_wrong_method_is_refused(client_as: ClientAs, held: Encounter) -> None:
    client = client_as("clinician")
    assert client.get(f"/care/visits/{held.id}/note/").status_code == 405
    assert client.post("/care/").status_code == 405


def test_notes_due_of_everybody_for_the_manager_with_export(client_as: ClientAs, held: Encounter) -> None:
    client = client_as("manager")
    text = client.get("/care/due/?sort=-held").content.decode()
    assert "One note without a signature, none over the limit." in text
    assert "Dr Grace Cho" in text
    export = client.get("/care/due/?format=csv")
    assert export.headers["Content-Type"].startswith("text/csv")
    assert "150.00" in export.content.decode()


def test_notes_due_narrow_to_one_practitioner_and_to_what_is_over(client_as: ClientAs, held: Encounter) -> None:
    client, address = client_as("manager"), "/care/due/"
    his = client.get(f"{address}?practitioner={held.practitioner_id}").content.decode()
    assert his.count('<tr id="due-') == 1
    nobody = client.get(f"{address}?practitioner={held.patient_id}")
    assert '<tr id="due-' not in nobody.content.decode()
    assert "No note is like this." in nobody.content.decode()
    over, within = (client.get(f"{address}?limit={limit}&format=csv").content.decode() for limit in ("over", "within"))
    assert sorted((over.count("\n"), within.count("\n"))) == [1, 2]


def test_day_asks_few_questions(client_as: ClientAs, held: Encounter, django_assert_max_num_queries: Any) -> None:
    client = client_as("clinician")
    client.get("/care/")
    with django_assert_max_num_queries(28):
        client.get("/care/")
