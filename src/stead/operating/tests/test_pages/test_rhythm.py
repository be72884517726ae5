"""The weekly meeting: an agenda that fills itself, issues settled, to-dos given and done, minutes kept."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from stead.operating import actions
from stead.operating.models import Decision, Issue, Meeting, Todo
from stead.operating.terms import NewIssue, NewTodo
from stead.operating.tests.conftest import Hand
from stead.platform.actors import Actor
from stead.processes.models import Case, Playbook, PlaybookVersion
from stead.testing.clients import ClientAs

pytestmark = pytest.mark.django_db


@pytest.fixture
def full(hand: Hand, inside: UUID, mona: Actor) -> Hand:
    """A practice with one thing of each kind for the agenda."""
    for hour, status in enumerate(["done", "no_show"], start=8):
        hand.visit(hand.patient(), hand.local(18, hour), status)
    hand.seat("practice_manager", "Practice manager", hand.olu)
    hand.seat("front_desk", "Front desk, Bowling Green")
    book = Playbook.objects.create(key="new_patient_intake", name="New-patient intake")
    version = PlaybookVersion.objects.create(playbook_id=book.id, number=1, state="published", source="", document={})
    Case.objects.create(
        number=1, version_id=version.id, playbook_key=book.key, subject_type="patients.patient",
        subject_id=hand.patient().id, title="Dee Marsh, first visit", stage_key="documents",
        stage_entered_at=hand.local(20), due_at=hand.local(23), owner_seat_key="intake_coordinator",
        opened_at=hand.local(20),
    )  # fmt: skip
    actions.raise_issue(practice=inside, by=mona, at=hand.at, issue=NewIssue("Phones at noon"))
    actions.make_todo(
        practice=inside,
        by=mona,
        at=hand.at - timedelta(days=20),
        todo=NewTodo("Order cards", hand.priya.id, hand.local(10).date()),
    )
    return hand


def test_agenda_fills_itself(full: Hand, client_as: ClientAs) -> None:
    page = client_as("manager").get("/rhythm/").content.decode()
    for words in ("No-show rate", "Phones at noon", "Order cards", "14 days late", "Front desk, Bowling Green",
                  "Dee Marsh, first visit"):  # fmt: skip
        assert words in page, words
    # The number, the issue, the to-do, the seat and the case.
    assert "<h1>Five items wait for a meeting</h1>" in page


def test_meeting_from_opening_to_minutes(full: Hand, client_as: ClientAs, inside: UUID) -> None:
    client = client_as("manager")
    opened = client.post("/rhythm/open/", {"day": "2030-01-08", "time": "13:00", "chair": "practice_manager"})
    assert "the meeting on Tue Jan 8" in opened.content.decode()
    issue = Issue.objects.get()
    assert (
        client.post(f"/rhythm/issues/{issue.id}/settle/", {"todo": "Forward the phones"}).status_code == 422
    )  # nobody's
    settled = client.post(
        f"/rhythm/issues/{issue.id}/settle/",
        {
            "decision": "Phones go to New Albany at noon",
            "todo": "Forward the phones",
            "owner": str(full.priya.id),
            "due_date": "2030-01-12",
        },
    )
    assert settled.status_code == 200
    assert Decision.objects.get().issue_id == issue.id
    meeting = Meeting.objects.get()
    page = client.post(f"/rhythm/meetings/{meeting.id}/hold/", {"notes": "Short", "present": ["Olu Adeyemi"]})
    said = page.content.decode()
    for words in ("One issue settled", "Phones go to New Albany", "Forward the phones", "Priya Nair", "Olu Adeyemi"):
        assert words in said, words
    assert client.post(f"/rhythm/meetings/{meeting.id}/hold/", {}).status_code == 409


def test_issue_page_carries_the_evidence_of_a_number(full: Hand, client_as: ClientAs) -> None:
    client = client_as("manager")
    client.post(f"/numbers/no_show_rate/{full.week.start_date}/raise/")
    issue = Issue.objects.get(source_kind="measure")
    page = client.get(f"/rhythm/issues/{issue.id}/").content.decode()
    assert "No-show rate: 50%, at most 6%" in page
    assert "2 rows" in page
    assert "Settle it" in page


def test_desk_raises_but_does_not_settle(full: Hand, client_as: ClientAs) -> None:
    desk = client_as("front_desk")
    assert "Printer" in desk.post("/rhythm/issues/raise/", {"title": "Printer at the desk"}).content.decode()
    assert desk.post("/rhythm/issues/raise/", {"title": ""}).status_code == 422
    issue = Issue.objects.get(title="Printer at the desk")
    assert desk.post(f"/rhythm/issues/{issue.id}/settle/", {"decision": "New one"}).status_code == 403
    assert "Settle it" not in desk.get(f"/rhythm/issues/{issue.id}/").content.decode()


def test_todo_is_done_by_its_owner(full: Hand, client_as: ClientAs) -> None:
    todo = Todo.objects.get()
    assert client_as("front_desk").post(f"/rhythm/todos/{todo.id}/finish/").status_code == 404
    assert client_as("intake").post(f"/rhythm/todos/{todo.id}/finish/").status_code == 200
    assert client_as("intake").post(f"/rhythm/todos/{todo.id}/finish/").status_code == 409
    assert "Order cards" in client_as("intake").get("/rhythm/todos/?state=done").content.decode()


def test_todo_without_owner_is_refused_and_what_was_typed_stays(full: Hand, client_as: ClientAs) -> None:
    page = client_as("manager").post("/rhythm/todos/make/", {"words": "Order cards again", "due_date": "2030-01-12"})
    assert page.status_code == 422
    assert "Order cards again" in page.content.decode()


@pytest.mark.parametrize("address", ["/rhythm/issues/?format=csv", "/rhythm/todos/?format=csv"])
def test_lists_are_exported(full: Hand, client_as: ClientAs, address: str) -> None:
    assert len(client_as("manager").get(address).content.decode().splitlines()) == 2


@pytest.mark.parametrize("address", ["/rhythm/open/", "/rhythm/issues/raise/", "/rhythm/todos/make/"])
def test_posts_are_not_pages(hand: Hand, client_as: ClientAs, address: str) -> None:
    assert client_as("manager").get(address).status_code == 405


def test_issues_and_todos_narrow_sort_and_export(full: Hand, client_as: ClientAs, inside: UUID, mona: Actor) -> None:
    actions.raise_issue(practice=inside, by=mona, at=full.at, issue=NewIssue("=Chairs"))
    due = full.local(28).date()
    actions.make_todo(practice=inside, by=mona, at=full.at, todo=NewTodo("Call the plan", full.olu.id, due))
    client = client_as("manager")
    issues = client.get("/rhythm/issues/?sort=-title&format=csv").content.decode()
    assert issues.index("Phones at noon") < issues.index("'=Chairs")
    assert "Raised by <b>" in client.get("/rhythm/issues/").content.decode()
    everybody = client.get("/rhythm/todos/?sort=-due&format=csv").content.decode()
    assert everybody.index("Call the plan") < everybody.index("Order cards")
    hers = client.get(f"/rhythm/todos/?owner={full.olu.name}").content.decode()
    assert "Call the plan" in hers
    assert "Order cards" not in hers
