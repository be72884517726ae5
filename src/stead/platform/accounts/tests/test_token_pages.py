"""The page of API tokens: made once, shown once, ended at once, each written down."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest

from stead.platform import clock
from stead.platform.accounts import tokens
from stead.platform.accounts.models import ApiToken
from stead.platform.actors import Actor
from stead.platform.idempotency.models import IdempotencyKey
from stead.platform.journal.models import JournalEntry
from stead.testing.clients import ClientAs, InPractice, SeatClient

pytestmark = pytest.mark.django_db
FORM = {"name": "Nightly export", "days": "30", "scopes": ["patients.read"]}


def made(client: SeatClient) -> str:
    found = re.search(r"stead_[\w-]{20,}", client.post("/platform/tokens/", FORM).content.decode())
    assert found is not None
    return found[0]


def asks(client: SeatClient, token: str) -> int:
    return int(type(client)().get("/api/v1/patients", headers={"Authorization": f"Bearer {token}"}).status_code)


def test_token_is_shown_once_works_and_is_written_down(client_as: ClientAs, in_practice: InPractice) -> None:
    manager = client_as("manager")
    token = made(manager)
    assert asks(manager, token) == 200
    page = manager.get("/platform/tokens/").content.decode()
    assert "Nightly export" in page
    assert token not in page
    with in_practice():
        line = JournalEntry.objects.get(verb="token.created")
    assert (line.data["name"], line.data["scopes"]) == ("Nightly export", ["patients.read"])
    assert token not in str(line.data)


def test_secret_is_not_kept_for_a_repeated_post(client_as: ClientAs, in_practice: InPractice) -> None:
    manager = client_as("manager")
    answers = [manager.post("/platform/tokens/", FORM | {"_key": "same"}) for _ in range(2)]
    assert answers[1]["Idempotent-Replay"] == "true"
    assert b"cannot be shown again" in answers[1].content
    assert ApiToken.objects.count() == 1
    with in_practice():
        assert "stead_" not in IdempotencyKey.objects.get().body


def test_revoked_token_opens_nothing(client_as: ClientAs, in_practice: InPractice) -> None:
    manager = client_as("manager")
    token = made(manager)
    manager.post(f"/platform/tokens/{ApiToken.objects.get().id}/revoke")
    assert asks(manager, token) == 401
    with in_practice():
        assert JournalEntry.objects.filter(verb="token.revoked").count() == 1


def test_scope_beyond_ones_own_roles_is_refused(client_as: ClientAs) -> None:
    answer = client_as("manager").post("/platform/tokens/", FORM | {"scopes": ["messages.deliver"]})
    assert answer.status_code == 422
    assert not ApiToken.objects.exists()


def test_token_of_another_practice_is_not_there(client_as: ClientAs, eve_client: SeatClient) -> None:
    token = made(client_as("manager"))
    assert eve_client.post(f"/platform/tokens/{ApiToken.objects.get().id}/revoke").status_code == 404
    assert b"Nightly export" not in eve_client.get("/platform/tokens/").content
    assert asks(eve_client, token) == 200


def test_front_desk_makes_no_token(client_as: ClientAs) -> None:
    assert client_as("front_desk").post("/platform/tokens/", FORM).status_code == 403
    assert not ApiToken.objects.exists()


def test_long_after_signing_in_the_page_asks_again(client_as: ClientAs) -> None:
    manager = client_as("manager")
    start = clock.now()
    for minutes in (10, 20, 31):
        with clock.driven(start + timedelta(minutes=minutes)):
            answer = manager.get("/platform/tokens/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/")


def test_manager_makes_no_token_of_somebody_who_may_more(
    client_as: ClientAs, in_practice: InPractice, mona: Actor, cho: Actor, at: datetime
) -> None:
    """The maker sees its text: by it a manager would read notes as the clinician."""
    client_as("clinician")
    with in_practice(mona) as practice, pytest.raises(tokens.ScopeRefused, match=r"You do not hold: care\.write"):
        tokens.issue_token(practice=practice, by=mona, at=at, person_id=cho.id, name="x", scopes=["care.write"], days=3)
    assert not ApiToken.objects.exists()
