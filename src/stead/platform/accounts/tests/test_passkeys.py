"""Passkeys in a real browser with a virtual authenticator, under the product's content-security policy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import RequestFactory
from playwright.sync_api import Page, expect

from stead.platform.accounts import passkeys
from stead.platform.accounts.factor_models import Passkey, SignedIn
from stead.platform.accounts.models import Account
from stead.testing.browser import Axe, StaffPageAs

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def live_address(live_server: Any, settings: Any) -> Iterator[str]:
    """By name: a browser makes no passkey for a bare address."""
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    yield str(live_server.url)


def plug_in_authenticator(page: Page, *, verified: bool = True) -> Any:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": verified,
        "automaticPresenceSimulation": True,
    }
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session, made["authenticatorId"]


def add_passkey(page: Page) -> None:
    page.goto("/account/")
    page.get_by_label("Name of this device").fill("Desk laptop")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("The passkey is kept.")).to_be_visible()


def test_passkey_is_made_and_signs_in(staff_page_as: StaffPageAs, axe: Axe) -> None:
    page = staff_page_as("manager")
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    plug_in_authenticator(page)
    add_passkey(page)
    axe(page)
    page.get_by_role("button", name="Sign out").click()
    page.goto("/sign-in/?next=/account/")
    axe(page)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    assert SignedIn.objects.get().way == "passkey"
    assert complaints == []


def test_passkey_without_finger_face_or_pin_is_refused(staff_page_as: StaffPageAs) -> None:
    page = staff_page_as("manager")
    session, key = plug_in_authenticator(page)
    add_passkey(page)
    page.get_by_role("button", name="Sign out").click()
    session.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": False})
    page.goto("/sign-in/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_text("Nothing was changed.")).to_be_visible()
    assert not SignedIn.objects.exists()


def test_passkey_of_an_account_that_ended_opens_nothing(staff_page_as: StaffPageAs) -> None:
    page = staff_page_as("manager")
    plug_in_authenticator(page)
    add_passkey(page)
    Account.objects.update(is_active=False)
    page.goto("/sign-in/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_text("This passkey was not accepted.")).to_be_visible()


def test_copied_passkey_is_refused(staff_page_as: StaffPageAs) -> None:
    page = staff_page_as("manager")
    plug_in_authenticator(page)
    add_passkey(page)
    Passkey.objects.update(sign_count=1_000_000)
    page.goto("/sign-in/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_text("This passkey was not accepted.")).to_be_visible()


@pytest.mark.parametrize("said", ["https://stead.example", "http://stead.example", "https://stead.example.evil.test"])
def test_behind_tls_a_passkey_belongs_to_the_https_origin(settings: Any, said: str) -> None:
    """The proxy speaks plain HTTP to us, while the browser says the address that it is at."""
    settings.SESSION_COOKIE_SECURE, settings.ALLOWED_HOSTS = True, ["stead.example"]
    server = passkeys._server(RequestFactory().get("/", headers={"Host": "stead.example"}))
    assert server._verify(said) is (said == "https://stead.example")
    assert server.rp.id == "stead.example"
