"""Pages of cases, playbooks, gates and work: what is shown, what may be done, who is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from stead.platform.access.models import PatientAccess
from stead.platform.actors import Actor
from stead.platform.files.models import StoredFile
from stead.platform.journal.write import write
from stead.platform.refusals import InvalidInput
from stead.processes import actions, queries
from stead.processes.actions.playbooks import library_source
from stead.processes.models import CaseItem, PlaybookVersion
from stead.processes.tests.cast import PLAYBOOK, Stage, a_patient
from stead.testing.clients import ClientAs, SeatClient

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c626001000000ffff03000006000557"
    "bfabd40000000049454e44ae426082"
)


def test_the_case_page_says_what_it_waits_for_whose_it_is_and_what_happened(stage: Stage, client_as: ClientAs) -> None:
    case = stage.case()
    page = client_as("intake").get(f"/cases/{case.id}/")
    assert page.status_code == 200
    text = page.content.decode()
    for said in (
        "Waiting for the paper", "Step 1 of 3", "Priya Nair", "Holds the seat", "clock paused", "Read it from both",
        "To leave this step", "What Dee sees", "Send us a paper.", "Case 1 was opened", "Asked for: The paper",
    ):  # fmt: skip
        assert said in text, said


def test_an_uploaded_paper_is_kept_accepted_and_the_page_says_so(
    stage: Stage, client_as: ClientAs, settings: pytest.FixtureRequest, tmp_path: object
) -> None:
    settings.STATE = tmp_path  # type: ignore[attr-defined]
    case = stage.case()
    intake = client_as("intake")
    upload = SimpleUploadedFile("card.png", PNG, "image/png")
    done = intake.post(f"/cases/{case.id}/items/paper/receive/", {"file": upload})
    assert "Kept. It waits for a look." in done.content.decode()
    done = intake.post(f"/cases/{case.id}/items/paper/return/", {"reason": "back_missing"})
    assert "Returned, the back is missing" in done.content.decode()
    done = intake.post(f"/cases/{case.id}/items/paper/ask/")
    assert "Asked two times" in done.content.decode()
    answer = intake.post(f"/cases/{case.id}/items/extra/receive/", {"value": "likes mornings"})
    assert "likes mornings" in answer.content.decode()


def test_a_paper_for_a_closed_case_leaves_no_file(
    stage: Stage, client_as: ClientAs, settings: pytest.FixtureRequest, tmp_path: object
) -> None:
    settings.STATE = tmp_path  # type: ignore[attr-defined]
    case = stage.case()
    actions.close_case(**stage.who, case_id=case.id, code="no_answer")
    upload = SimpleUploadedFile("card.png", PNG, "image/png")
    answer = client_as("intake").post(f"/cases/{case.id}/items/paper/receive/", {"file": upload})
    assert answer.status_code == 409
    assert StoredFile.objects.count() == 0


def test_an_answer_that_cannot_be_accepted_is_not_kept_either(
    stage: Stage, client_as: ClientAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(**given: object) -> None:
        raise InvalidInput("Not today.")

    case = stage.case()
    monkeypatch.setattr(actions, "accept_item", refused)
    answer = client_as("intake").post(f"/cases/{case.id}/items/extra/receive/", {"value": "likes mornings"})
    assert (answer.status_code, "Not today." in answer.content.decode()) == (422, True)
    assert CaseItem.objects.get(case_id=case.id, key="extra").state == "open"


def test_a_task_of_nobody_shows_its_patient_and_that_is_logged(stage: Stage, client_as: ClientAs) -> None:
    actions.create_task(**stage.who, key="call", title="Call Dee", seat_key="front_desk", patient_id=stage.dee.id)
    assert "Call Dee" in client_as("biller").get(reverse("processes_work")).content.decode()
    assert [key for row in PatientAccess.objects.all() for key in row.patient_ids] == [stage.dee.id]


def test_gates_count_what_they_refused(stage: Stage) -> None:
    for gates in (["one", "two"], ["one"], []):
        write("gate.refused", by=stage.house.by, at=stage.house.at, gates=gates)
    write("gate.refused", by=stage.house.by, at=stage.house.at)
    assert queries.refusal_counts(stage.house.at) == {"one": 2, "two": 1}
    assert queries.refusal_counts(stage.house.at + timedelta(minutes=1)) == {}


def test_a_refused_step_comes_back_with_its_reason_and_changes_nothing(stage: Stage, client_as: ClientAs) -> None:
    case = stage.case()
    answer = client_as("intake").post(f"/cases/{case.id}/items/paper/accept/")
    assert answer.status_code == 422
    assert "There is no document to accept yet." in answer.content.decode()
    assert CaseItem.objects.get(case_id=case.id, key="paper").state == "asked"
    assert client_as("intake").post(f"/cases/{case.id}/items/paper/explode/").status_code == 404


def test_a_case_is_handed_over_and_closed(stage: Stage, client_as: ClientAs) -> None:
    case = stage.case()
    mona = client_as("manager")
    done = mona.post(f"/cases/{case.id}/hand-over/", {"seat_key": "practice_manager", "reason": "knows her"})
    assert "Mona Petrakis" in done.content.decode()
    assert mona.post(f"/cases/{case.id}/hand-over/", {"seat_key": "astronaut"}).status_code == 422
    assert mona.post(f"/cases/{case.id}/close/", {"code": ""}).status_code == 422
    done = mona.post(f"/cases/{case.id}/close/", {"code": "no_answer"})
    assert "Closed: no answer" in done.content.decode()
    assert mona.post(f"/cases/{case.id}/close/", {"code": "no_answer"}).status_code == 422


def test_the_board_filters_sorts_and_gives_out_safe_csv(stage: Stage, client_as: ClientAs) -> None:
    stage.case()
    other = a_patient(stage.house.at, 2, last_name="Park")
    actions.open_case(
        **stage.who, playbook_key="rehearsal", subject=other, patient_id=other.id, title="=cmd|'calc'!A0",
        held_up_cents=114_000,
    )  # fmt: skip
    intake = client_as("intake")
    text = intake.get("/cases/?playbook=rehearsal&sort=-held").content.decode()
    assert "Two cases of Rehearsal are open. None is over." in text
    assert text.index("calc") < text.index("Dee Marsh, rehearsal")
    assert "$1,140" in text
    assert "No case fits." in intake.get("/cases/?owner=none").content.decode()
    assert intake.get("/cases/?playbook=%00&owner=x&sort=drop&page=zz").status_code == 200
    csv = intake.get("/cases/?format=csv").content.decode()
    assert "\"'=cmd" in csv or "'=cmd" in csv
    assert csv.count("\n") == 3


def test_the_board_asks_the_same_queries_however_many_cases(stage: Stage, client_as: ClientAs) -> None:
    stage.case()
    intake = client_as("intake")

    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            assert intake.get("/cases/").status_code == 200
        return len(found)

    asked()
    before = asked()
    for number in range(2, 8):
        other = a_patient(stage.house.at, number)
        actions.open_case(**stage.who, playbook_key="rehearsal", subject=other, patient_id=other.id, title="x")
    assert asked() == before


def test_the_library_reads_as_people_read_it(stage: Stage, client_as: ClientAs) -> None:
    actions.publish_library(**stage.who)
    desk = client_as("front_desk")
    assert "Three playbooks run here." in desk.get("/playbooks/").content.decode()
    version = queries.find_published("new_patient_intake")
    assert version is not None
    text = desk.get(f"/playbooks/{version.playbook_id}/").content.decode()
    for said in ("Insurance and documents", "The patient reads", "Nobody may override this.", "<em>from"):
        assert said in text, said
    text = desk.get("/gates/").content.decode()
    assert "Three gates stand before what we do." in text
    assert "Before a first visit is booked" in text


def test_a_manager_publishes_and_a_mistake_is_told_with_its_line(stage: Stage, client_as: ClientAs) -> None:
    mona = client_as("manager")
    assert "playbook: rehearsal" in mona.get("/playbooks/write/?from=rehearsal").content.decode()
    wrong = PLAYBOOK.replace("    due: 4", "    due: soon")
    answer = mona.post("/playbooks/write/", {"source": wrong, "what": "publish"})
    assert answer.status_code == 422
    assert "Line 12: Here belongs a number, not text." in answer.content.decode()
    answer = mona.post("/playbooks/write/", {"source": PLAYBOOK.replace("due: 4", "due: 5"), "what": "draft"})
    assert answer.status_code == 200
    answer = mona.post("/playbooks/write/", {"source": PLAYBOOK.replace("due: 4", "due: 5"), "what": "publish"})
    assert "Published." in answer.content.decode()
    assert set(PlaybookVersion.objects.values_list("number", "state")) == {(1, "retired"), (2, "published")}


def test_my_work_shows_my_tasks_and_my_cases_and_a_task_is_done_once(
    stage: Stage, client_as: ClientAs, mona: Actor
) -> None:
    client = client_as("manager")
    task = actions.create_task(**stage.who, key="t", title="Look at the drawer", staff_id=mona.id)
    actions.create_task(**stage.who, key="u", title="Water the plants", seat_key="front_desk")
    text = client.get(reverse("processes_work")).content.decode()
    assert "One thing waits for you." in text
    assert "Look at the drawer" in text
    assert "Water the plants" in text
    done = client.post(reverse("processes_task_done", args=[task.id]))
    assert "Nothing waits for you." in done.content.decode()
    assert client.post(reverse("processes_task_done", args=[task.id])).status_code == 409


def test_who_may_not_publish_is_refused_and_a_stranger_finds_nothing(
    stage: Stage, client_as: ClientAs, eve_client: SeatClient
) -> None:
    case = stage.case()
    given = {"source": library_source("denial_management"), "what": "publish"}
    assert client_as("front_desk").post("/playbooks/write/", given).status_code == 403
    version = queries.find_published("rehearsal")
    assert version is not None
    for address in (f"/cases/{case.id}/", f"/playbooks/{version.playbook_id}/"):
        assert eve_client.get(address).status_code == 404
    assert eve_client.post(f"/cases/{case.id}/close/", {"code": "no_answer"}).status_code == 404
    assert eve_client.post(f"/cases/{case.id}/items/read/accept/").status_code == 404
    assert "Dee Marsh" not in eve_client.get("/cases/").content.decode()
