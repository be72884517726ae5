"""A practice is brought up by the people who will work there, in a browser: founded by a command, set up, staffed; and
somebody leaves it again. Each page that is passed is judged by axe, in light and in dark."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from typer.testing import CliRunner

from stead.config.cli import app
from stead.config.ruler.hand import WIDE
from stead.platform import actors
from stead.platform.accounts.models import Membership, Practice
from stead.platform.tenancy.context import acting
from stead.practice.models import PracticeProfile, Room, SeatHolding, StaffMember
from stead.simulation.mail_sink import MailSink, mails
from stead.testing.browser import Axe
from stead.testing.jobs import run_waiting

from .test_walk import part_text

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

PASSWORD = "four words in a row"


class Founding:
    """The practice that grows, with a browser for each person and the mail they get."""

    def __init__(self, address: str, browser: Browser, axe: Axe, mail: Path) -> None:
        self.address, self.browser, self.axe, self.mail = address, browser, axe, mail
        self.practice: Practice

    def somebody(self) -> Page:
        """Sit somebody down at a device of their own, which can make passkeys."""
        page = self.browser.new_context(base_url=self.address, locale="en-US", **WIDE).new_page()
        page.set_default_timeout(20_000)
        session = page.context.new_cdp_session(page)
        session.send("WebAuthn.enable")
        key = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
               "isUserVerified": True, "automaticPresenceSimulation": True}  # fmt: skip
        session.send("WebAuthn.addVirtualAuthenticator", {"options": key})
        return page

    def link_for(self, address: str, kind: str) -> str:
        """Let the worker deliver, and return the newest link of the kind that this person got."""
        run_waiting(self.practice.id)
        bodies = [part_text(m) for m in mails(self.mail) if address in str(m["To"]).lower()]
        links = [found for body in bodies for found in re.findall(rf"https?://\S*(/{kind}/\S+)", body)]
        assert links, f"a mail with a link to {kind} reached {address}"
        return str(links[-1])

    def acting(self) -> Any:
        return acting(self.practice.id, actors.system())


@pytest.fixture
def founding(
    live_server: Any, browser: Browser, axe: Axe, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Founding]:
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    for name in ("DATABASE_URL", "STEAD_RUNTIME_URL", "STEAD_SECRET_KEY", "STEAD_STATE"):
        monkeypatch.setenv(name, os.environ.get(name, ""))  # put back afterwards, whatever the command sets
    monkeypatch.setenv("DATABASE_URL", _url("owner"))
    monkeypatch.setenv("STEAD_RUNTIME_URL", _url("default"))
    monkeypatch.setenv("STEAD_SECRET_KEY", settings.SECRET_KEY)
    monkeypatch.setenv("STEAD_STATE", str(tmp_path))
    with MailSink(tmp_path / "mail", port=0) as sink:
        monkeypatch.setenv("STEAD_SMTP_HOST", "127.0.0.1")
        monkeypatch.setenv("STEAD_SMTP_PORT", str(sink.port))
        yield Founding(str(live_server.url), browser, axe, tmp_path / "mail")  # by name: passkeys take no bare address
        for context in browser.contexts:
            context.close()


def _url(alias: str) -> str:
    said = connections[alias].settings_dict
    return f"postgresql://{said['USER']}:{said['PASSWORD']}@/{said['NAME']}?host={said['HOST']}&port={said['PORT']}"


def is_founded(here: Founding) -> str:
    """The operator founds the practice; returns the owner's first password."""
    done = CliRunner().invoke(app, [
        "practice", "create", "Linden Street Counseling", "--owner-name", "Olu Adeyemi",
        "--owner-email", "olu@example.test", "--seats", "solo",
    ])  # fmt: skip
    assert done.exit_code == 0, done.output
    here.practice = Practice.objects.get(slug="linden-street-counseling")
    return str(json.loads(done.stdout.splitlines()[-1])["first_password"])


def owner_comes_in(here: Founding, password: str) -> Page:
    """The owner signs in and is asked for more than a password before anything opens."""
    page = here.somebody()
    page.goto("/sign-in/")
    here.axe(page)
    page.locator("[name=email]").fill("olu@example.test")
    page.locator("[name=password]").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    page.get_by_label("Name of this device").fill("Laptop")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("The passkey is kept.")).to_be_visible()
    page.goto(reverse("setup"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("missing before the first booking")
    here.axe(page)
    return page


def invites(here: Founding, page: Page, name: str, email: str, *roles: str, then: Callable[[Page], None] = id) -> str:
    """Somebody invites another on the page of people; returns the link of the mail."""
    page.goto(f"{reverse('setup_people')}#invite")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("E-mail").fill(email)
    for role in roles:
        page.locator(f"[name=roles][value={role}]").check()
    then(page)
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_text("The invitation is on its way.")).to_be_visible()
    here.axe(page)
    return here.link_for(email, "join")


def manager_joins(here: Founding, link: str) -> Page:
    """Mona opens her link, twice, and comes in with a passkey: no password was ever made."""
    page = here.somebody()
    page.goto(link)
    page.reload()
    expect(page.get_by_role("heading", name="Welcome to Linden Street Counseling, Mona Petrakis")).to_be_visible()
    here.axe(page)
    page.get_by_label("Name of this device").fill("Desk")
    page.get_by_role("button", name="Come in with a passkey").click()
    page.wait_for_url(f"{here.address}/")
    return page


def manager_sets_up(here: Founding, page: Page) -> None:
    """She writes the profile, the place and a room, and closes a holiday."""
    page.goto(reverse("setup_profile"))
    for name, text in (("legal_name", "Linden Street Counseling LLC"), ("npi", "1234567890"), ("tax_id", "61-0000000"),
                       ("taxonomy", "261QM0801X"), ("line1", "12 Linden Street"), ("city", "Louisville"),
                       ("state", "KY"), ("zip_code", "40203"), ("phone", "502 555 0100"),
                       ("email", "office@example.test")):  # fmt: skip
        page.locator(f"[name={name}]").fill(text)
    page.get_by_role("button", name="Keep the profile").click()
    expect(page.get_by_text("This is no NPI").first).to_be_visible()
    here.axe(page)
    page.locator("[name=npi]").fill("1234567893")
    page.get_by_role("button", name="Keep the profile").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("bills under NPI 1234567893")
    page.goto(reverse("setup_places"))
    here.axe(page)
    page.get_by_role("link", name="Linden Street Counseling").click()
    page.locator("form[action$='/rooms/'] [name=name]").fill("Room 1")
    page.get_by_role("button", name="Add the room").click()
    expect(page.get_by_text("The room is there")).to_be_visible()
    here.axe(page)
    page.goto(f"{reverse('setup_closed_days')}?day=2026-12-25")
    expect(page.get_by_text("the book holds no visit")).to_be_visible()
    page.locator("[id=close_day]").fill("2026-12-25")
    page.locator("[id=close_words]").fill("Christmas")
    page.get_by_role("button", name="Close the day").click()
    expect(page.get_by_text("The day is closed")).to_be_visible()
    here.axe(page)
    with here.acting():
        assert PracticeProfile.objects.get().tax_id == "610000000"
        assert Room.objects.get().name == "Room 1"


def clinician_joins(here: Founding, link: str) -> Page:
    page = here.somebody()
    page.goto(link)
    page.get_by_label("A password").fill(PASSWORD)
    page.get_by_role("button", name="Come in with this password").click()
    page.wait_for_url(f"{here.address}/")
    return page


def is_ended(here: Founding, page: Page, theirs: Page) -> None:
    """The manager ends the clinician's work at once: their very next page is the sign-in."""
    with here.acting():
        person = StaffMember.objects.get(name="Grace Cho")
        assert SeatHolding.objects.filter(staff_id=person.id, until_date=None).count() == 1
    page.goto(reverse("setup_person", args=[person.id]))
    here.axe(page)
    page.locator("[name=at_once]").check()
    page.get_by_role("button", name="End Grace Cho's work here").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Grace Cho is gone")
    here.axe(page)
    theirs.goto(reverse("calendar_today"))
    expect(theirs.get_by_role("heading", name="Sign in")).to_be_visible()
    run_waiting(here.practice.id)
    assert any("Your access at" in str(m["Subject"]) for m in mails(here.mail))


def finds_the_way_back(here: Founding) -> None:
    """The owner has lost the password: a link by mail sets a new one, and the second step is still asked."""
    page = here.somebody()
    page.goto("/sign-in/")
    page.get_by_role("link", name="Forgot your password?").click()
    here.axe(page)
    page.get_by_label("E-mail").fill("olu@example.test")
    page.get_by_role("button", name="Send me a link").click()
    expect(page.get_by_role("heading", name="Look in your mail")).to_be_visible()
    here.axe(page)
    page.goto(here.link_for("olu@example.test", "sign-in/reset"))
    here.axe(page)
    page.get_by_label("New password").fill("another four word phrase")
    page.get_by_role("button", name="Keep the password").click()
    expect(page.get_by_text("The new password is kept.")).to_be_visible()


def test_practice_is_brought_up_and_somebody_leaves_it(founding: Founding) -> None:
    password = is_founded(founding)
    owner = owner_comes_in(founding, password)
    link = invites(founding, owner, "Mona Petrakis", "mona@example.test", "manager")
    manager = manager_joins(founding, link)
    manager_sets_up(founding, manager)

    def as_a_clinician(page: Page) -> None:
        page.get_by_label("On-call clinician").check()

    link = invites(founding, manager, "Grace Cho", "grace@example.test", "clinician", then=as_a_clinician)
    clinician = clinician_joins(founding, link)
    clinician.goto(reverse("setup"))
    expect(clinician.get_by_role("heading", level=1)).not_to_contain_text("missing")
    is_ended(founding, manager, clinician)
    finds_the_way_back(founding)
    assert Membership.objects.filter(practice=founding.practice, ended_at=None).count() == 2
