"""Signing in by password and second step, lockout, the practice to work in, the demo's buttons."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth import hashers
from django.db import connections
from django.test import Client

from stead.platform import clock
from stead.platform.accounts import limits, recovery, totp
from stead.platform.accounts.factor_models import SignedIn, SignInTry, Totp
from stead.platform.accounts.models import Account, Membership
from stead.platform.accounts.tests.conftest import PASSWORD
from stead.platform.actors import Actor
from stead.platform.identifiers import new_id
from stead.testing.clients import enter_person, enter_practice

pytestmark = pytest.mark.django_db


def send(client: Client, email: str, password: str, **more: str) -> Any:
    return client.post("/sign-in/", {"email": email, "password": password, **more})


def test_right_password_opens_the_practice_and_goes_on(mona_account: Account, browser_of_nobody: Client) -> None:
    answer = send(browser_of_nobody, mona_account.email.upper(), PASSWORD, next="/account/")
    assert (answer.status_code, answer["Location"]) == (302, "/account/")
    assert mona_account.email in browser_of_nobody.get("/account/").content.decode()
    row = SignedIn.objects.get(account=mona_account)
    assert row.membership is not None and row.membership.name == "Mona Petrakis"


def test_unknown_account_gets_the_same_answer(mona_account: Account, browser_of_nobody: Client) -> None:
    known, unknown = (
        send(browser_of_nobody, email, "not the password") for email in (mona_account.email, "nobody@example.test")
    )
    assert known.status_code == unknown.status_code == 422
    pages = [re.sub(r'value="[^"]*"|X-CSRFToken": "[^"]*"', "", answer.content.decode()) for answer in (known, unknown)]
    assert pages[0] == pages[1]


@pytest.mark.parametrize("known", [True, False])
def test_unknown_account_costs_the_same_work(
    mona_account: Account, browser_of_nobody: Client, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    """Counted, not timed: one run of argon2 either way."""
    runs: list[str] = []
    kind = type(hashers.get_hasher())
    for name in ("encode", "verify"):
        real = getattr(kind, name)

        def counted(self: object, *given: Any, real: Any = real, name: str = name) -> Any:
            runs.append(name)
            return real(self, *given)

        monkeypatch.setattr(kind, name, counted)
    send(browser_of_nobody, mona_account.email if known else "nobody@example.test", "not the password")
    assert len(runs) == 1


def test_address_elsewhere_is_never_followed(mona_account: Account, browser_of_nobody: Client) -> None:
    answer = send(browser_of_nobody, mona_account.email, PASSWORD, next="https://evil.example/")
    assert answer["Location"] == "/"


def test_eleventh_try_is_refused_even_with_the_right_password(mona_account: Account, browser_of_nobody: Client) -> None:
    now = clock.now()
    with clock.driven(now):
        for _ in range(limits.LIMIT):
            assert send(browser_of_nobody, mona_account.email, "wrong").status_code == 422
        assert send(browser_of_nobody, mona_account.email, PASSWORD).status_code == 429
        elsewhere = browser_of_nobody.post(
            "/sign-in/", {"email": mona_account.email, "password": PASSWORD}, REMOTE_ADDR="10.0.0.9"
        )
        assert elsewhere.status_code == 302
    with clock.driven(now + limits.WINDOW - timedelta(seconds=1)):
        assert send(browser_of_nobody, mona_account.email, PASSWORD).status_code == 429
    with clock.driven(now + limits.WINDOW):
        assert send(browser_of_nobody, mona_account.email, PASSWORD).status_code == 302


def test_success_starts_the_count_anew_and_no_address_is_kept(mona_account: Account, browser_of_nobody: Client) -> None:
    send(browser_of_nobody, mona_account.email, "wrong")
    assert mona_account.email not in SignInTry.objects.get().key
    send(browser_of_nobody, mona_account.email, PASSWORD)
    assert not SignInTry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_limit_is_exact_across_workers() -> None:
    allowed: list[bool] = []

    def tries() -> None:
        for _ in range(10):
            try:
                limits.count_try("password", "mona", "10.0.0.1", clock.now())
                allowed.append(True)
            except limits.TooManyTries:
                allowed.append(False)
        connections.close_all()

    workers = [threading.Thread(target=tries) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert (len(allowed), sum(allowed)) == (40, limits.LIMIT)


@pytest.fixture
def app_secret(mona_account: Account) -> str:
    secret = totp.begin(mona_account)
    Totp.objects.filter(account=mona_account).update(confirmed_at=clock.now())
    return secret


def test_second_step_is_asked_and_a_code_works_once(
    mona_account: Account, app_secret: str, browser_of_nobody: Client, at: datetime
) -> None:
    with clock.driven(at):
        assert send(browser_of_nobody, mona_account.email, PASSWORD)["Location"] == "/sign-in/second"
        assert browser_of_nobody.get("/account/").status_code == 302
        assert browser_of_nobody.post("/sign-in/second", {"code": "000000"}).status_code == 422
        code = totp.code_at(app_secret, at)
        assert browser_of_nobody.post("/sign-in/second", {"code": code}).status_code == 302
        assert browser_of_nobody.get("/account/").status_code == 200
        again = Client()
        send(again, mona_account.email, PASSWORD)
        assert again.post("/sign-in/second", {"code": code}).status_code == 422


@pytest.mark.parametrize(("seconds", "right"), [(-61, False), (-30, True), (0, True), (30, True), (61, False)])
def test_clock_of_the_phone_may_be_off_by_one_step(
    mona_account: Account, app_secret: str, at: datetime, seconds: int, right: bool
) -> None:
    base = at.replace(second=15)
    code = totp.code_at(app_secret, base + timedelta(seconds=seconds))
    assert totp.is_right(Totp.objects.get(), code, base) is right


def test_second_step_waits_five_minutes(
    mona_account: Account, app_secret: str, browser_of_nobody: Client, at: datetime
) -> None:
    with clock.driven(at):
        send(browser_of_nobody, mona_account.email, PASSWORD)
    late = at + timedelta(minutes=5, seconds=1)
    with clock.driven(late):
        answer = browser_of_nobody.post("/sign-in/second", {"code": totp.code_at(app_secret, late)})
        assert answer["Location"] == "/sign-in/"
        assert browser_of_nobody.get("/account/").status_code == 302


def test_recovery_code_opens_the_second_step_once(
    mona_account: Account, app_secret: str, browser_of_nobody: Client
) -> None:
    codes = recovery.make_codes(mona_account)
    assert len(set(codes)) == recovery.HOW_MANY
    for expected in (302, 422):
        client = Client()
        send(client, mona_account.email, PASSWORD)
        assert client.post("/sign-in/second", {"code": codes[0].lower()}).status_code == expected
    assert recovery.how_many_left(mona_account) == recovery.HOW_MANY - 1


def test_codes_are_counted_per_account(mona_account: Account, app_secret: str, browser_of_nobody: Client) -> None:
    send(browser_of_nobody, mona_account.email, PASSWORD)
    answers = [browser_of_nobody.post("/sign-in/second", {"code": f"{n:06}"}).status_code for n in range(11)]
    assert answers == [422] * limits.LIMIT + [429]


def test_person_of_two_practices_says_where_they_are(
    mona_account: Account, mona: Actor, elsewhere: Any, browser_of_nobody: Client
) -> None:
    other = enter_practice(elsewhere, "Elsewhere Therapy", "elsewhere")
    there = Membership.objects.create(
        account=mona_account, practice=other, kind="staff", person_id=mona.id, name=mona.name, roles=["biller"]
    )
    answer = send(browser_of_nobody, mona_account.email, PASSWORD, next="/account/")
    assert answer["Location"] == "/sign-in/practice?next=%2Faccount%2F"
    page = browser_of_nobody.get(answer["Location"]).content.decode()
    assert "Elsewhere Therapy" in page and "Linden Street Counseling" in page
    strange = Membership.objects.create(
        account=Account.objects.create(email="x@example.test"),
        practice=other,
        kind="staff",
        person_id=new_id(),
        name="x",
    )
    assert browser_of_nobody.post("/sign-in/practice", {"membership": strange.id}).status_code == 404
    assert browser_of_nobody.post("/sign-in/practice", {"membership": "nonsense"}).status_code == 404
    assert browser_of_nobody.post("/sign-in/practice", {"membership": there.id}).status_code == 302
    assert SignedIn.objects.get(account=mona_account).membership_id == there.id


def test_demo_buttons_exist_only_in_the_demo(
    practice_row: Any, mona: Actor, olu: Actor, settings: Any, browser_of_nobody: Client
) -> None:
    for actor in (mona, olu):
        enter_person(practice_row, actor)
    type(practice_row).objects.update(is_demo=True)
    assert browser_of_nobody.post("/sign-in/demo/manager").status_code == 404
    settings.STEAD_DEMO = True
    page = browser_of_nobody.get("/sign-in/").content.decode()
    assert "Mona Petrakis, manager" in page and "Olu Adeyemi, owner" in page
    assert browser_of_nobody.post("/sign-in/demo/manager").status_code == 302
    assert browser_of_nobody.get("/account/").status_code == 200
    assert browser_of_nobody.post("/sign-in/demo/biller").status_code == 404
    assert browser_of_nobody.get("/sign-in/demo/manager").status_code == 405


def test_one_who_left_is_out_at_once(client_as: Callable[[str], Client], mona_account: Account) -> None:
    client = client_as("manager")
    assert client.get("/account/").status_code == 200
    Account.objects.filter(id=mona_account.id).update(is_active=False)
    assert client.get("/account/").status_code == 302


def test_somebody_of_two_places_is_offered_the_other(
    mona_account: Account, browser_of_nobody: Client, practice_row: Any
) -> None:
    send(browser_of_nobody, mona_account.email, PASSWORD)
    assert "/sign-in/practice" not in browser_of_nobody.get("/portal/").content.decode()
    Membership.objects.create(
        practice=practice_row, account=mona_account, kind="patient", person_id=new_id(), name="Mona"
    )
    assert "/sign-in/practice" in browser_of_nobody.get("/portal/").content.decode()
