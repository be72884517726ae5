"""The two links: an invitation lets one person in, a reset sets one password; looking uses nothing up."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from stead.messaging.models import OutboxMessage
from stead.messaging.queries import as_it_leaves
from stead.patients.models import ContactConsent, Patient
from stead.platform import clock
from stead.platform.accounts.factor_models import Passkey, SignedIn
from stead.platform.accounts.models import Account, ApiToken, Membership
from stead.platform.accounts.tokens import create_token
from stead.platform.actors import Actor
from stead.platform.journal.models import JournalEntry
from stead.practice.models import StaffMember
from stead.setup import actions, jobs, reset
from stead.setup.models import PasswordReset, ResetRequest, StaffInvitation
from stead.setup.tests.conftest import SITE
from stead.testing import clients
from stead.testing.cast import NOON
from stead.testing.rows import Rows

PASSWORD = "four words in a row"


def link_of(template: str) -> str:
    row = OutboxMessage.objects.filter(template=template).latest("created_at", "id")
    found = re.search(r"https://stead\.test(/\S+)", as_it_leaves(row).body)
    assert found, as_it_leaves(row).body
    return found[1]


def visitor() -> Client:
    return Client(headers={"accept-language": "en"})


@pytest.fixture
def joining(teo: StaffMember) -> str:
    return link_of("staff_invitation")


def test_invited_person_chooses_a_password_and_is_in(joining: str, teo: StaffMember) -> None:
    with clients.outside():
        browser = visitor()
        for _ in range(3):  # looking uses nothing up
            assert "Welcome to Linden Street Counseling, Teo Lindqvist" in browser.get(joining).content.decode()
        weak = browser.post(joining, {"password": "password"})
        assert (weak.status_code, Account.objects.filter(email="teo@example.test").exists()) == (422, False)
        done = browser.post(joining, {"password": PASSWORD})
        assert (done.status_code, done["Location"]) == (302, "/")
        member = Membership.objects.get(account__email="teo@example.test")
        assert (member.person_id, member.roles, member.kind) == (teo.id, ["clinician"], "staff")
        assert browser.post(joining, {"password": PASSWORD}).status_code == 302  # pressed twice
        stranger = visitor().post(joining, {"password": PASSWORD})
        assert "This link no longer works" in stranger.content.decode() or "sign-in with this e-mail" in (
            stranger.content.decode()
        )
        assert Membership.objects.filter(person_id=teo.id).count() == 1
    assert StaffInvitation.objects.get().used_at is not None
    line = JournalEntry.objects.get(verb="staff_invitation.taken")
    assert (line.actor_name, line.subject_id) == ("Teo Lindqvist", teo.id)


def test_an_account_of_that_address_signs_in_first(joining: str, teo: StaffMember) -> None:
    with clients.outside():
        account = Account.objects.create(email="teo@example.test")
        account.set_password(PASSWORD)
        account.save()
        page = visitor().get(joining).content.decode()
        assert "There is a sign-in with this e-mail address already" in page
        assert "password" not in page.split("<main")[1].lower().replace("password?", "")
        refused = visitor().post(joining, {"password": "another long password"})
        assert not Membership.objects.filter(person_id=teo.id).exists(), refused.content
        browser = visitor()
        browser.post(reverse("sign_in"), {"email": account.email, "password": PASSWORD})
        assert browser.post(joining).status_code == 302
        assert Membership.objects.get(person_id=teo.id).account == account


def test_somebody_else_who_is_signed_in_cannot_take_it(joining: str, teo: StaffMember) -> None:
    with clients.outside():
        other = Account.objects.create(email="other@example.test")
        other.set_password(PASSWORD)
        other.save()
        Account.objects.create(email="teo@example.test")
        browser = visitor()
        browser.post(reverse("sign_in"), {"email": other.email, "password": PASSWORD})
        assert "You are signed in as other@example.test" in browser.get(joining).content.decode()
        browser.post(joining)
        assert not Membership.objects.filter(person_id=teo.id).exists()


@pytest.mark.parametrize("how", ["withdrawn", "newer", "late"])
def test_a_link_that_is_over_opens_nothing(
    joining: str, teo: StaffMember, door: dict[str, Any], how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if how == "withdrawn":
        actions.withdraw_staff_invitation(**door, staff_id=teo.id)
    elif how == "newer":
        actions.send_staff_invitation(**door, staff_id=teo.id, site=SITE)
    else:
        monkeypatch.setattr(clock, "wall", lambda: NOON + timedelta(days=7))
    with clients.outside():
        assert "This link no longer works" in visitor().get(joining).content.decode()
        visitor().post(joining, {"password": PASSWORD})
        begun = visitor().post(f"{joining}passkey/begin", "{}", content_type="application/json")
        assert begun.status_code == 422
        assert not Account.objects.filter(email="teo@example.test").exists()


def test_a_passkey_that_is_none_leaves_no_account(joining: str) -> None:
    with clients.outside():
        browser = visitor()
        assert "publicKey" in browser.post(f"{joining}passkey/begin", "{}", content_type="application/json").json()
        answer = browser.post(f"{joining}passkey", '{"credential": {}}', content_type="application/json")
        assert answer.status_code == 422
        assert not Account.objects.filter(email="teo@example.test").exists()
        assert not Passkey.objects.exists()
    assert StaffInvitation.objects.get().used_at is None


def test_an_unknown_link_is_not_there(joining: str) -> None:
    with clients.outside():
        assert visitor().get("/join/linden-street/nonsense/").status_code == 404
        assert visitor().get("/join/nowhere/nonsense/").status_code == 404


@pytest.fixture
def worker(joining: str, door: dict[str, Any]) -> Account:
    """Teo, who works here and has a session and a token."""
    with clients.outside():
        visitor().post(joining, {"password": PASSWORD})
        member = Membership.objects.get(account__email="teo@example.test")
        create_token(membership=member, name="export", scopes=["calendar.read"], at=NOON)
        return member.account


def asked(email: str) -> Any:
    with clients.outside():
        return visitor().post(reverse("password_forgotten"), {"email": email})


def answered(door: dict[str, Any]) -> None:
    with clients.outside():
        for row in ResetRequest.objects.all():
            jobs.answer_reset(practice=door["practice"], request_id=row.id)


def test_asking_answers_alike_for_everybody(worker: Account, door: dict[str, Any]) -> None:
    known, unknown = asked("Teo@example.test"), asked("nobody@example.test")
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    with clients.outside():
        assert ResetRequest.objects.count() == 2
        assert "example.test" not in "".join(ResetRequest.objects.values_list("email_encrypted", flat=True))
    answered(door)
    with clients.outside():
        assert ResetRequest.objects.count() == 0
        assert PasswordReset.objects.get().account == worker
    assert OutboxMessage.objects.filter(template="staff_password_link").count() == 1


def test_asking_too_often_is_refused_alike(worker: Account, settings: Any) -> None:
    for email in ("teo@example.test", "nobody@example.test"):
        statuses = [asked(email).status_code for _ in range(11)]
        assert statuses[-1] == 429


def test_a_reset_sets_the_password_once_and_ends_everything(worker: Account, door: dict[str, Any]) -> None:
    reset_url = _link(worker, door)
    with clients.outside():
        browser = visitor()
        browser.get(reset_url)
        assert browser.post(reset_url, {"password": "short"}).status_code == 422
        done = browser.post(reset_url, {"password": "another four word phrase"})
        assert done["Location"] == f"{reverse('sign_in')}?done=password"
        assert not SignedIn.objects.filter(account=worker).exists()
        assert ApiToken.objects.get(membership__account=worker).revoked_at is not None
        worker.refresh_from_db()
        assert worker.check_password("another four word phrase")
        assert "This link no longer works" in visitor().get(reset_url).content.decode()
        visitor().post(reset_url, {"password": "a third long password"})
        worker.refresh_from_db()
        assert worker.check_password("another four word phrase")
    assert OutboxMessage.objects.filter(template="staff_password_changed").count() == 1
    assert JournalEntry.objects.filter(verb="account.password_reset").count() == 1
    assert JournalEntry.objects.filter(verb="token.revoked").count() == 1


def _link(worker: Account, door: dict[str, Any]) -> str:
    with clients.outside():
        reset.ask(worker.email, SITE, clock.now())
    answered(door)
    return link_of("staff_password_link")


def test_a_reset_link_ends_after_an_hour_and_by_a_newer_one(
    worker: Account, door: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = _link(worker, door), _link(worker, door)
    with clients.outside():
        assert "no longer works" in visitor().get(first).content.decode()
        assert "no longer works" not in visitor().get(second).content.decode()
        monkeypatch.setattr(clock, "wall", lambda: NOON + timedelta(hours=1, minutes=1))
        assert "no longer works" in visitor().get(second).content.decode()


def test_no_link_goes_to_an_address_that_is_not_the_accounts(worker: Account, door: dict[str, Any]) -> None:
    StaffMember.objects.filter(email__iexact="teo@example.test").update(email="elsewhere@example.test")
    asked("teo@example.test")
    asked("elsewhere@example.test")
    answered(door)
    assert not OutboxMessage.objects.filter(template="staff_password_link").exists()


def test_a_patient_gets_theirs_by_the_consent_on_record(
    door: dict[str, Any], practice_row: Any, at: Any, in_practice: Any
) -> None:
    rows = Rows()
    dee: Patient = rows.of("patients.Patient", email="dee@example.test")
    ContactConsent.objects.create(patient_id=dee.id, channel="email", purpose="care", granted=True, at=at)
    with clients.outside():
        actor = Actor(dee.id, "patient", "Dee Marsh", frozenset({"patient"}))
        membership = clients.enter_person(practice_row, actor, kind="patient")
        Account.objects.filter(id=membership.account_id).update(email="dee@example.test")
    asked("dee@example.test")
    answered(door)
    row = OutboxMessage.objects.get(template="patient_password_link")
    assert (row.patient_id, row.purpose) == (dee.id, "care")


def test_the_operator_makes_a_link_and_every_practice_hears_of_it(worker: Account, door: dict[str, Any]) -> None:
    with clients.outside():
        _, token = reset.make_link_by_operator(worker, clock.now())
        assert "A new password" in visitor().get(reverse("password_reset", args=[token])).content.decode()
    assert JournalEntry.objects.get(verb="account.reset_link_made").actor_name == "Stead"
