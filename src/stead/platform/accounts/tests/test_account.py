"""One's own account, and the ends of a session."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import translation

from stead.platform import clock
from stead.platform.accounts import session, totp
from stead.platform.accounts.devices import device_words
from stead.platform.accounts.factor_models import RecoveryCode, SignedIn, Totp
from stead.platform.accounts.models import Account, ApiToken, Membership
from stead.platform.accounts.tests.conftest import PASSWORD
from stead.platform.accounts.tokens import create_token
from stead.platform.journal.models import JournalEntry
from stead.testing.clients import ClientAs, InPractice, SeatClient

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
LIVE_PART = {"HX-Request": "true", "HX-Source": "div#stuck", "HX-Target": "div#stuck"}


@pytest.mark.parametrize(("after", "status"), [(session.IDLE - SECOND, 200), (session.IDLE, 302)])
def test_idle_session_ends_after_fifteen_minutes(
    client_as: ClientAs, at: datetime, after: timedelta, status: int
) -> None:
    with clock.driven(at):
        client = client_as("manager")
    with clock.driven(at + after):
        assert client.get("/account/").status_code == status


@pytest.mark.parametrize(("headers", "status"), [({}, 200), (LIVE_PART, 302), ({"Accept": "text/event-stream"}, 302)])
def test_only_what_the_person_does_keeps_a_session(
    client_as: ClientAs, at: datetime, headers: dict[str, str], status: int
) -> None:
    with clock.driven(at):
        client = client_as("manager")
    for minutes in (5, 10, 14):
        with clock.driven(at + timedelta(minutes=minutes)):
            client.get("/account/", headers=headers)
    with clock.driven(at + timedelta(minutes=16)):
        assert client.get("/account/").status_code == status


def test_session_ends_after_twelve_hours_in_any_case(client_as: ClientAs, at: datetime) -> None:
    with clock.driven(at):
        client = client_as("manager")
    last = at + session.ABSOLUTE - SECOND
    moment = at
    while moment < last:
        moment = min(moment + timedelta(minutes=10), last)
        with clock.driven(moment):
            assert client.get("/account/").status_code == 200
    with clock.driven(at + session.ABSOLUTE):
        assert client.get("/account/").status_code == 302


def test_revoked_session_is_refused_on_the_next_request(client_as: ClientAs, eve_client: SeatClient) -> None:
    here, there = client_as("manager"), client_as("manager")
    rows = list(SignedIn.objects.filter(membership__name="Mona Petrakis").order_by("id"))
    assert eve_client.post(f"/account/sessions/{rows[1].id}/end").status_code == 404
    assert here.post(f"/account/sessions/{rows[1].id}/end").status_code == 200
    assert there.get("/account/").status_code == 302
    assert here.get("/account/").status_code == 200


def test_changed_password_ends_every_other_session(mona_account: Account, client_as: ClientAs) -> None:
    here, there = client_as("manager"), client_as("manager")
    weak = here.post("/account/password", {"current": PASSWORD, "password": "short"})
    assert (weak.status_code, "at least 15" in weak.content.decode()) == (422, True)
    wrong = here.post("/account/password", {"current": "wrong", "password": "four other random words"})
    assert wrong.status_code == 422
    done = here.post("/account/password", {"current": PASSWORD, "password": "four other random words"})
    assert "The password is changed" in done.content.decode()
    assert there.get("/account/").status_code == 302
    assert here.get("/account/").status_code == 200
    mona_account.refresh_from_db()
    assert mona_account.check_password("four other random words")


def test_changed_password_ends_the_tokens_too(
    mona_account: Account, client_as: ClientAs, in_practice: InPractice, at: datetime
) -> None:
    here = client_as("manager")
    member = Membership.objects.get(account=mona_account)
    create_token(membership=member, name="export", scopes=["calendar.read"], at=at)
    done = here.post("/account/password", {"current": PASSWORD, "password": "four other random words"})
    assert "Every other session and every API token has ended." in done.content.decode()
    assert ApiToken.objects.get().revoked_at is not None
    with in_practice():
        assert JournalEntry.objects.filter(verb="token.revoked").count() == 1


def test_app_is_in_force_only_after_its_first_code(mona_account: Account, client_as: ClientAs, at: datetime) -> None:
    with clock.driven(at):
        client = client_as("manager")
        page = client.get("/account/app").content.decode()
        secret = totp.secret_of(Totp.objects.get())
        assert secret in page and "data:image/svg+xml" in page
        assert totp.find_confirmed(mona_account) is None
        assert client.post("/account/app", {"code": "000000"}).status_code == 422
        done = client.post("/account/app", {"code": totp.code_at(secret, at)})
        assert "Your recovery codes" in done.content.decode()
        assert done["Cache-Control"] == "no-store"
        assert totp.find_confirmed(mona_account) is not None
        assert RecoveryCode.objects.count() == 10
        assert secret not in Totp.objects.get().secret_encrypted
        client.post("/account/app/remove")
        assert totp.find_confirmed(mona_account) is None


def test_way_of_signing_in_changes_only_soon_after_signing_in(client_as: ClientAs, at: datetime) -> None:
    with clock.driven(at):
        client = client_as("manager")
    for minutes in (10, 20, 30):
        with clock.driven(at + timedelta(minutes=minutes)):
            assert client.get("/account/app").status_code == 200
    with clock.driven(at + timedelta(minutes=31)):
        assert client.get("/account/app")["Location"] == "/sign-in/?next=%2Faccount%2F"
        answer = client.post("/account/passkeys/begin", "{}", content_type="application/json")
        assert answer.status_code == 403


def test_look_is_the_persons_on_every_device(client_as: ClientAs) -> None:
    first, other_device, other_person = client_as("manager"), client_as("manager"), client_as("biller")
    page = first.post("/account/look", {"theme": "dark", "density": "dense"}).content.decode()
    assert 'data-theme="dark"' in page and 'data-density="dense"' in page
    for address in ("/", "/account/"):
        page = other_device.get(address).content.decode()
        assert 'data-theme="dark"' in page and 'data-density="dense"' in page
    assert "data-theme" not in other_person.get("/").content.decode()
    page = other_device.post("/account/look", {"theme": "", "density": "comfortable"}).content.decode()
    assert "data-theme" not in page
    assert "data-theme" not in first.get("/").content.decode()


def test_look_that_is_none_is_refused(client_as: ClientAs) -> None:
    assert client_as("manager").post("/account/look", {"theme": "pink"}).status_code == 422


def test_device_remembers_the_look_where_nobody_is_signed_in(client_as: ClientAs) -> None:
    client = client_as("manager")
    client.post("/account/look", {"theme": "dark", "density": "dense"})
    client.post("/sign-out/")
    assert 'data-theme="dark"' in client.get("/sign-in/").content.decode()


def test_signing_out_ends_the_session(client_as: ClientAs) -> None:
    client = client_as("manager")
    client.post("/sign-out/", follow=False)
    assert not SignedIn.objects.exists()
    assert client.get("/account/").status_code == 302


def test_stranger_is_asked_to_sign_in(browser_of_nobody: Client) -> None:
    assert browser_of_nobody.get("/account/")["Location"] == "/sign-in/?next=%2Faccount%2F"


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        ("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 "
         "Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 "
         "Safari/605.1.15", "Safari on Mac"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 "
         "Safari/537.36 Edg/131.0.0.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 CriOS/131.0 Mobile Safari/604.1",
         "Chrome on iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", "Firefox on Linux"),
        ("curl/8.9", "a browser"),
        ("", "a browser"),
    ],
)  # fmt: skip
def test_device_is_said_in_words(agent: str, said: str) -> None:
    assert device_words(agent) == said


def test_every_other_session_ends_and_this_one_stays(client_as: ClientAs) -> None:
    here, other = client_as("manager"), client_as("manager")
    page = here.get("/account/").content.decode()
    assert page.count("this one") == 1
    assert "UTC" not in page
    here.post("/account/sessions/end-others")
    assert here.get("/account/").status_code == 200
    assert other.get("/account/").status_code == 302


def test_sessions_of_somebody_else_stay(client_as: ClientAs) -> None:
    desk = client_as("front_desk")
    client_as("manager").post("/account/sessions/end-others")
    assert desk.get("/account/").status_code == 200


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", "Firefox en Linux"),
        ("Mozilla/5.0 (Linux)", "un navegador en Linux"),
        ("curl/8.9", "un navegador"),
    ],
)
def test_device_is_said_in_spanish_too(agent: str, said: str) -> None:
    with translation.override("es"):
        assert device_words(agent) == said
