"""Seats that may not rest on a password alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from stead.platform import clock
from stead.platform.accounts import second_step, totp
from stead.platform.accounts.factor_models import Passkey, Totp
from stead.platform.accounts.models import Account, Membership, Practice
from stead.platform.accounts.tests.conftest import PASSWORD
from stead.platform.actors import Actor
from stead.platform.checks import roles_with_a_second_step_exist
from stead.platform.journal.models import JournalEntry
from stead.platform.refusals import InvalidInput
from stead.practice.models import StaffMember
from stead.testing.clients import ClientAs, InPractice, SeatClient

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _moment(at: datetime) -> Iterator[None]:
    with clock.driven(at):
        yield


@pytest.fixture
def browser(mona_account: Account, browser_of_nobody: Client) -> Client:
    answer = browser_of_nobody.post("/sign-in/", {"email": mona_account.email, "password": PASSWORD})
    assert answer.status_code == 302
    return browser_of_nobody


def test_manager_with_a_password_alone_is_led_to_set_up_a_second_step(browser: Client) -> None:
    answer = browser.get("/intake/")
    assert (answer.status_code, answer["Location"]) == (302, "/account/")
    assert "asks for more than a password" in browser.get("/account/").content.decode()
    part = browser.get("/intake/", headers={"HX-Request": "true"})
    assert (part.status_code, part["HX-Redirect"]) == (401, "/account/")


def test_setting_up_the_app_opens_the_door(browser: Client, mona_account: Account) -> None:
    browser.get("/account/app")
    secret = totp.secret_of(Totp.objects.get(account=mona_account))
    browser.post("/account/app", {"code": totp.code_at(secret, clock.now())}, headers={"Idempotency-Key": "k"})
    assert browser.get("/intake/").status_code == 200
    assert "asks for more than a password" not in browser.get("/account/").content.decode()


def test_password_does_not_pass_by_a_passkey(mona_account: Account, browser_of_nobody: Client) -> None:
    Passkey.objects.create(account=mona_account, name="phone", credential_id=b"x", data=b"x")
    answer = browser_of_nobody.post("/sign-in/", {"email": mona_account.email, "password": PASSWORD})
    assert answer["Location"] == "/sign-in/second"
    assert browser_of_nobody.get("/account/").status_code == 302


def test_roles_that_ask_are_a_setting(browser: Client, settings: Any, in_practice: InPractice, mona: Actor) -> None:
    settings.STEAD_SECOND_STEP_ROLES = frozenset()
    assert browser.get("/intake/").status_code == 200
    settings.STEAD_SECOND_STEP_ROLES = frozenset({"front_desk"})
    assert browser.get("/intake/").status_code == 200
    with in_practice():
        StaffMember.objects.filter(id=mona.id).update(roles=["front_desk"])
    assert browser.get("/intake/").status_code == 302


def test_a_role_that_is_none_stops_the_program(settings: Any) -> None:
    assert roles_with_a_second_step_exist() == []
    settings.STEAD_SECOND_STEP_ROLES = frozenset({"owners"})
    assert [problem.id for problem in roles_with_a_second_step_exist()] == ["stead.E004"]


@pytest.fixture
def owners_rule(
    practice_row: Practice, in_practice: InPractice, olu: Actor, at: datetime
) -> Callable[..., dict[str, str]]:
    def ask(*roles: str, days: int) -> dict[str, str]:
        with in_practice(olu) as practice:
            return second_step.require_second_step(practice=practice, by=olu, at=at, roles=roles, days=days)

    return ask


def test_role_that_the_owner_names_has_time_and_is_then_held(
    browser: Client, settings: Any, owners_rule: Callable[..., dict[str, str]], at: datetime, mona_account: Account
) -> None:
    settings.STEAD_SECOND_STEP_ROLES = frozenset()
    assert owners_rule("manager", "biller", days=14) == {"manager": "2026-12-08", "biller": "2026-12-08"}
    page = browser.get("/intake/").content.decode()
    assert "From Tuesday, December 8, a password alone no longer opens your seat" in page
    assert "Tuesday, December 8" in browser.get("/account/").content.decode()
    membership = Membership.objects.get(account=mona_account)
    assert not second_step.is_asked(membership, at + timedelta(days=13))
    assert second_step.is_asked(membership, at + timedelta(days=14))
    Practice.objects.update(second_step_from={"manager": "2026-11-24"})
    assert browser.get("/intake/")["Location"] == "/account/"


def test_role_named_before_keeps_its_day_and_one_left_out_is_free(owners_rule: Callable[..., dict[str, str]]) -> None:
    owners_rule("biller", "intake", days=30)
    assert owners_rule("biller", "clinician", days=7) == {"biller": "2026-12-24", "clinician": "2026-12-01"}


def test_floor_of_the_installation_holds_whatever_the_owner_says(
    browser: Client, owners_rule: Callable[..., dict[str, str]]
) -> None:
    owners_rule(days=14)
    assert browser.get("/intake/")["Location"] == "/account/"


@pytest.mark.parametrize(("roles", "days"), [(["patient"], 14), (["owners"], 14), (["biller"], 61), (["biller"], -1)])
def test_rule_that_cannot_be_is_refused(
    owners_rule: Callable[..., dict[str, str]], practice_row: Practice, roles: list[str], days: int
) -> None:
    with pytest.raises(InvalidInput):
        owners_rule(*roles, days=days)
    assert Practice.objects.get(id=practice_row.id).second_step_from == {}


def test_owner_sets_it_on_a_page_that_says_who_is_ready(
    client_as: ClientAs, practice_row: Practice, in_practice: InPractice, mona_account: Account, at: datetime
) -> None:
    Passkey.objects.create(account=mona_account, name="phone", credential_id=b"x", data=b"x")
    owner = client_as("owner")
    page = " ".join(owner.post("/platform/security/", {"roles": ["biller"], "days": "7"}).content.decode().split())
    assert "asked from Tuesday, December 1" in page
    assert re.search(r"Manager</th><td>asked, by this installation</td><td[^>]*>1</td><td[^>]*>1</td>", page)
    with in_practice():
        line = JournalEntry.objects.get(verb="security.second_step_set")
    assert line.data["asked_from"] == {"biller": "2026-12-01"}
    assert owner.post("/platform/security/", {"roles": ["patient"], "days": "7"}, follow=False).status_code == 422
    for role in ("manager", "front_desk"):
        assert client_as(role).get("/platform/security/").status_code == 403
    assert client_as("owner").get("/account/").status_code == 200


def test_rule_of_one_practice_asks_nobody_of_another(
    eve_client: SeatClient, owners_rule: Callable[..., dict[str, str]]
) -> None:
    owners_rule("manager", days=0)
    assert eve_client.get("/intake/").status_code == 200
    assert Practice.objects.get(slug="elsewhere").second_step_from == {}
