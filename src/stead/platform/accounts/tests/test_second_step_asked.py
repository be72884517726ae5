"""Seats that may not rest on a password alone."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from stead.platform import clock
from stead.platform.accounts import totp
from stead.platform.accounts.factor_models import Passkey, Totp
from stead.platform.accounts.models import Account, Membership
from stead.platform.accounts.tests.conftest import PASSWORD
from stead.platform.checks import roles_with_a_second_step_exist

pytestmark = pytest.mark.django_db


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


def test_roles_that_ask_are_a_setting(browser: Client, settings: Any, mona_account: Account) -> None:
    settings.STEAD_SECOND_STEP_ROLES = frozenset()
    assert browser.get("/intake/").status_code == 200
    settings.STEAD_SECOND_STEP_ROLES = frozenset({"front_desk"})
    assert browser.get("/intake/").status_code == 200
    Membership.objects.filter(account=mona_account).update(roles=["front_desk"])
    assert browser.get("/intake/").status_code == 302


def test_a_role_that_is_none_stops_the_program(settings: Any) -> None:
    assert roles_with_a_second_step_exist() == []
    settings.STEAD_SECOND_STEP_ROLES = frozenset({"owners"})
    assert [problem.id for problem in roles_with_a_second_step_exist()] == ["stead.E004"]
