"""Whose address counts: what the nearest trusted proxy saw, whatever the sender writes."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client, RequestFactory

from stead.platform.accounts.models import Account
from stead.platform.web.proxy import client_address, first_untrusted, networks, site_address

TRUSTED = networks("10.0.0.0/8, 2001:db8::/32")


@pytest.mark.parametrize(
    ("hops", "whose"),
    [
        (["203.0.113.9"], "203.0.113.9"),
        (["6.6.6.6", "203.0.113.9"], "203.0.113.9"),  # nobody vouches for 6.6.6.6
        (["203.0.113.9", "10.0.0.2"], "203.0.113.9"),
        (["6.6.6.6", "203.0.113.9", "10.0.0.2"], "203.0.113.9"),
        (["203.0.113.9", "10.1.1.1", "10.0.0.2"], "203.0.113.9"),
        (["nonsense", "10.0.0.2"], "10.0.0.2"),
        (["10.0.0.3", "10.0.0.2"], "10.0.0.3"),
        (["203.0.113.9", "2001:db8::5"], "203.0.113.9"),
        ([""], ""),
    ],
)
def test_address_is_the_last_that_a_trusted_proxy_saw(hops: list[str], whose: str) -> None:
    assert first_untrusted(hops, TRUSTED) == whose


def test_without_trusted_proxies_the_header_is_not_believed(settings: Any) -> None:
    settings.STEAD_TRUSTED_PROXIES = ""
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.2", headers={"X-Forwarded-For": "6.6.6.6"})
    assert client_address(request) == "10.0.0.2"


def test_household_of_ipv6_counts_as_one(settings: Any) -> None:
    settings.STEAD_TRUSTED_PROXIES = ""
    asked = [RequestFactory().get("/", REMOTE_ADDR=f"2001:db8:1:2::{n}") for n in (1, 2)]
    assert {client_address(r) for r in asked} == {"2001:db8:1:2::/64"}


def test_what_is_no_network_is_refused() -> None:
    with pytest.raises(ValueError, match="does not appear"):
        networks("10.0.0.0/8, the proxy")


@pytest.mark.django_db
def test_people_behind_one_proxy_do_not_share_the_limit(settings: Any) -> None:
    settings.STEAD_TRUSTED_PROXIES = "10.0.0.0/8"
    Account.objects.create(email="mona@example.test", password="!")
    wrong = {"email": "mona@example.test", "password": "not the password at all"}

    def status(whose: str) -> int:
        answer = Client(REMOTE_ADDR="10.0.0.2").post("/sign-in/", wrong, headers={"X-Forwarded-For": whose})
        return answer.status_code

    assert {status("203.0.113.9") for _ in range(10)} == {422}
    assert status("203.0.113.9") == 429
    assert status("203.0.113.10") == 422


@pytest.mark.parametrize(("trusted", "is_secure"), [("10.0.0.0/8", True), ("192.0.2.0/24", False), ("", False)])
def test_only_a_trusted_proxy_says_that_the_browser_came_by_tls(settings: Any, trusted: str, is_secure: bool) -> None:
    settings.STEAD_TRUSTED_PROXIES, settings.SECURE_HSTS_SECONDS = trusted, 600
    answer = Client(REMOTE_ADDR="10.0.0.2").get("/sign-in/", headers={"X-Forwarded-Proto": "https"})
    assert answer.has_header("Strict-Transport-Security") is is_secure


@pytest.mark.parametrize(("needs_tls", "address"), [(True, "https://testserver"), (False, "http://testserver")])
def test_links_that_leave_lead_by_tls_where_cookies_need_it(settings: Any, needs_tls: bool, address: str) -> None:
    settings.SESSION_COOKIE_SECURE = needs_tls
    assert site_address(RequestFactory().get("/")) == address
