"""The public request and the entry by invitation, without script, in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from stead.intake import forms
from stead.intake.entry import count_entry
from stead.intake.models import IntakeRequest, PortalInvitation
from stead.messaging.models import OutboxMessage
from stead.messaging.queries import as_it_leaves
from stead.platform import clock
from stead.platform.accounts.factor_models import LinkVisit
from stead.platform.accounts.models import Account, Membership
from stead.processes.models import Case, Task
from stead.testing.clients import InPractice, outside

pytestmark = pytest.mark.django_db
SLUG = "linden-street"
PASSWORD = "four quiet words here"


@pytest.fixture
def visitor() -> Client:
    return Client(headers={"accept-language": "en"})


def typed(**changed: Any) -> dict[str, str]:
    opened = (clock.now() - timedelta(minutes=3)).timestamp()
    said = {
        "safety": "no", "need": "I cannot sleep.", "first_name": "Dee", "last_name": "Marsh",
        "birth_date": "1991-03-14", "phone": "502 555 0143", "email": "dee@example.test", "may_text": "on",
        "language": "en", "visit_state": "KY", "location": "", "pays": "plan", "payer_words": "Bluegrass Mutual",
        "opened": forms.stamp(opened), "website": "", "_key": str(uuid4()),
    }  # fmt: skip
    return {k: v for k, v in (said | changed).items() if v is not None}


def send(visitor: Client, **changed: Any) -> Any:
    with outside():
        return visitor.post(reverse("intake_ask", args=[SLUG]), typed(**changed))


def test_form_stands_with_the_crisis_number_first(house: Any, visitor: Client) -> None:
    with outside():
        page = visitor.get(reverse("intake_ask", args=[SLUG])).content.decode()
    assert page.index("tel:988") < page.index("<form class=")
    assert page.index("First, your safety") < page.index("What you need")
    assert "Linden Street Counseling" in page


def test_form_speaks_spanish(house: Any) -> None:
    with outside():
        page = Client(headers={"accept-language": "es"}).get(reverse("intake_ask", args=[SLUG])).content.decode()
    assert '<html lang="es"' in page
    for words in ("Pida una cita", "Primero, su seguridad", "¿Con qué le gustaría que le ayudemos?", "988"):
        assert words in page
    assert "Ask for a visit" not in page


def test_unknown_practice_is_not_there(db: None, visitor: Client) -> None:
    assert visitor.get(reverse("intake_ask", args=["nowhere"])).status_code == 404


def test_request_is_taken_in_and_thanked(house: Any, visitor: Client) -> None:
    answer = send(visitor)
    assert answer.status_code == 302
    assert answer["Location"] == reverse("intake_sent", args=[SLUG])
    assert IntakeRequest.objects.count() == 1
    with outside():
        assert "We have your request" in visitor.get(answer["Location"]).content.decode()


def test_same_key_sends_once(house: Any, visitor: Client) -> None:
    given = typed()
    with outside():
        answers = [visitor.post(reverse("intake_ask", args=[SLUG]), given) for _ in range(2)]
    assert [a.status_code for a in answers] == [302, 302]
    assert IntakeRequest.objects.count() == 1


def test_yes_to_safety_shows_988_before_anything_else(house: Any, visitor: Client) -> None:
    answer = send(visitor, safety="yes")
    with outside():
        page = visitor.get(answer["Location"]).content.decode()
    assert "Please call 988 now" in page
    assert 'href="tel:988"' in page
    assert IntakeRequest.objects.get().safety_answer == "yes"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"need": ""}, "We need an answer here."),
        ({"safety": None}, "We need an answer here."),
        ({"phone": "", "email": ""}, "Give us a telephone number or an e-mail address"),
        ({"phone": "12"}, "This telephone number cannot be read."),
        ({"email": "dee"}, "This is not an e-mail address."),
        ({"birth_date": "tomorrow"}, "Write the date like this"),
        ({"birth_date": "2999-01-01"}, "Check the birth date."),
        ({"website": "http://spam.test"}, "a hidden box was filled"),
        ({"opened": "forged"}, "a hidden box was filled"),
        ({"need": "My card is 4242 4242 4242 4242"}, "number of a payment card"),
    ],
)
def test_bad_answer_is_refused_kindly_and_nothing_typed_is_lost(
    house: Any, visitor: Client, changed: dict[str, str], words: str
) -> None:
    answer = send(visitor, **changed)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert words in page
    assert 'value="Marsh"' in page
    assert not IntakeRequest.objects.exists()


def test_telephone_is_corrected_again_and_again_without_losing_a_word(house: Any, visitor: Client) -> None:
    """As a browser does it: what the page holds is sent once more, with one field changed."""
    given = typed(phone="12")
    for wrong in ("12", "502", "502 555", "call me", "1", "2"):
        given["phone"] = wrong
        with outside():
            answer = visitor.post(reverse("intake_ask", args=[SLUG]), given)
        page = answer.content.decode()
        assert (answer.status_code, "This telephone number cannot be read." in page) == (422, True)
        assert "I cannot sleep." in page
        given |= dict(re.findall(r'name="(_key|opened)" value="([^"]+)"', page))
    given["phone"] = "502 555 0143"
    with outside():
        assert visitor.post(reverse("intake_ask", args=[SLUG]), given)["Location"] == reverse(
            "intake_sent", args=[SLUG]
        )
    assert IntakeRequest.objects.count() == 1


def test_refusals_speak_spanish(house: Any) -> None:
    with outside():
        answer = Client(headers={"accept-language": "es"}).post(
            reverse("intake_ask", args=[SLUG]), typed(phone="", email="")
        )
    assert "Denos un número de teléfono o un correo electrónico" in answer.content.decode()


def test_many_requests_of_one_address_are_refused(house: Any, visitor: Client) -> None:
    for _ in range(5):
        assert send(visitor).status_code == 302
    answer = send(visitor)
    assert answer.status_code == 429
    assert "Many requests came from this connection" in answer.content.decode()
    assert IntakeRequest.objects.count() == 5


@pytest.fixture
def link(house: Any, visitor: Client, received: Any) -> str:
    body = as_it_leaves(OutboxMessage.objects.get(template="portal_invitation")).body
    return "/p/" + body.split("/p/")[1].split()[0]


def enter(visitor: Client, link: str, born: str = "1991-03-14", **headers: str) -> Any:
    with outside():
        return visitor.post(link, {"birth_date": born}, headers=headers)


@pytest.fixture
def plain(settings: Any) -> None:
    """Let the test's browser keep its cookie without TLS."""
    settings.SESSION_COOKIE_SECURE = False


def test_link_and_birth_date_open_the_papers_without_an_account(
    link: str, visitor: Client, received: Any, plain: None
) -> None:
    with outside():
        page = visitor.get(link).content.decode()
    assert "Your papers" in page
    assert "Dee" not in page
    assert enter(visitor, link)["Location"] == reverse("portal_onward")
    invitation = PortalInvitation.objects.get()
    with outside():
        visit = LinkVisit.objects.get()
        assert (visit.person_id, visit.invitation_id) == (received.patient_id, invitation.id)
        assert not Account.objects.filter(email="dee.marsh@example.test").exists()
        assert not Membership.objects.filter(kind="patient").exists()
        assert visitor.get(reverse("portal_home")).status_code == 200
    assert visit.case_id == Case.objects.get(subject_id=received.id).id


def test_reading_the_link_consumes_nothing(link: str, visitor: Client) -> None:
    """A scanner of mails, a preview of a messenger, a browser that loads ahead."""
    with outside():
        answers = [getattr(Client(), method)(link).status_code for method in ("get", "head", "options", "get")]
        assert answers == [200, 405, 405, 200]
        assert not LinkVisit.objects.exists()
    row = PortalInvitation.objects.get()
    assert (row.used_at, row.tries) == (None, 0)
    assert enter(visitor, link).status_code == 302


def test_second_device_is_refused_and_can_ask_for_a_link_of_its_own(
    link: str, visitor: Client, received: Any, plain: None
) -> None:
    enter(visitor, link)
    other = Client(headers={"accept-language": "en"})
    answer = enter(other, link)
    assert (answer.status_code, "This link no longer works" in answer.content.decode()) == (422, True)
    with outside():
        assert visitor.get(link)["Location"] == reverse("portal_onward")  # the browser that it has let in
        page = other.get(link).content.decode()
        assert "dee.marsh@example.test" not in page
        again = reverse("intake_again", args=[SLUG, link.rstrip("/").split("/")[-1]])
        assert f'action="{again}"' in page
        with clock.driven(clock.now() + timedelta(minutes=20)):
            assert other.post(again, {"_key": "a"})["Location"] == again
    assert PortalInvitation.objects.filter(used_at=None, ended_at=None).count() == 1
    assert PortalInvitation.objects.count() == 2


@pytest.mark.parametrize(
    ("born", "words"),
    [
        ("1990-03-14", "This is not the birth date we have."),
        ("", "We need an answer here."),
        ("soon", "Write the date"),
    ],
)
def test_wrong_answer_opens_nothing(link: str, visitor: Client, born: str, words: str) -> None:
    answer = enter(visitor, link, born)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    with outside():
        assert not LinkVisit.objects.exists()
    assert PortalInvitation.objects.get().used_at is None


def test_wrong_birth_dates_lock_the_link_for_everybody(link: str, visitor: Client) -> None:
    for _ in range(5):
        answer = enter(visitor, link, "1990-03-14")
    assert "so this link is locked" in answer.content.decode()
    assert "so this link is locked" in enter(Client(headers={"accept-language": "en"}), link).content.decode()
    again = reverse("intake_again", args=[SLUG, link.rstrip("/").split("/")[-1]])
    with outside():
        assert "Send me a new link" not in visitor.get(link).content.decode()
        assert visitor.post(again, {"_key": "a"}).status_code == 422
        assert not LinkVisit.objects.exists()
    assert PortalInvitation.objects.count() == 1
    assert Task.objects.filter(key__startswith="invitation_locked:").count() == 1


def test_one_address_tries_ten_times_over_all_links(link: str, visitor: Client) -> None:
    with outside():
        for _ in range(10):
            count_entry("127.0.0.1", clock.now())
    answer = enter(visitor, link)
    assert answer.status_code == 429
    assert "Too many tries came from this connection" in answer.content.decode()
    assert PortalInvitation.objects.get().used_at is None


def test_expired_link_opens_nothing(link: str, visitor: Client) -> None:
    PortalInvitation.objects.update(expires_at=clock.now())
    answer = enter(visitor, link)
    assert "This link no longer works" in answer.content.decode()
    with outside():
        assert not LinkVisit.objects.exists()


def test_entry_speaks_spanish(link: str) -> None:
    client = Client(headers={"accept-language": "es"})
    with outside():
        page = client.get(link).content.decode()
    assert "Le pedimos su fecha de nacimiento" in page
    assert "No es la fecha de nacimiento que tenemos" in enter(client, link, "1990-03-14").content.decode()


def choose(visitor: Client, password: str = PASSWORD) -> Any:
    with outside():
        return visitor.post(reverse("intake_keep", args=[SLUG]), {"password": password})


def test_password_may_be_chosen_at_the_end_and_the_patient_is_told(
    link: str, visitor: Client, received: Any, plain: None
) -> None:
    enter(visitor, link)
    assert choose(visitor, "short").status_code == 422
    assert choose(visitor)["Location"] == reverse("portal_home")
    with outside():
        membership = Membership.objects.get(kind="patient")
        assert membership.person_id == received.patient_id
        assert membership.account.check_password(PASSWORD)
        assert not LinkVisit.objects.exists()
        assert visitor.get(reverse("portal_bills")).status_code == 200
    assert OutboxMessage.objects.get(template="sign_in_made").to == "dee.marsh@example.test"


def test_later_link_takes_no_sign_in_over(link: str, visitor: Client, received: Any, plain: None) -> None:
    with outside():
        account = Account(email="dee.marsh@example.test")
        account.set_password("another practice knows me")
        account.save()
    enter(visitor, link)
    assert choose(visitor, "words of somebody else").status_code == 422
    with outside():
        assert not Membership.objects.filter(kind="patient").exists()
        assert "You have a sign-in with this e-mail address already." in (
            visitor.get(reverse("intake_keep", args=[SLUG])).content.decode()
        )
        Membership.objects.create(
            practice_id=received.practice_id, account=account, kind="patient", person_id=received.patient_id, name="Dee"
        )  # fmt: skip
    assert "You have a sign-in here already." in choose(visitor, "another practice knows me").content.decode()


def test_password_of_another_account_is_not_guessed_here(link: str, visitor: Client, plain: None) -> None:
    with outside():
        account = Account(email="dee.marsh@example.test")
        account.set_password("another practice knows me")
        account.save()
    enter(visitor, link)
    answers = [choose(visitor, f"wrong words number {n}").status_code for n in range(11)]
    assert answers == [422] * 10 + [429]


def test_nobody_chooses_a_password_without_a_visit(house: Any, visitor: Client) -> None:
    assert choose(visitor)["Location"] == reverse("sign_in")


def test_unknown_link_is_not_there(house: Any, visitor: Client) -> None:
    with outside():
        assert visitor.get(reverse("intake_enter", args=[SLUG, "made-up"])).status_code == 404
        assert visitor.get(reverse("intake_again", args=[SLUG, "made-up"])).status_code == 404


def test_link_of_one_practice_opens_nothing_in_another(
    link: str, visitor: Client, eve_client: Any, in_practice: InPractice, asked: Callable[..., Any]
) -> None:
    with outside():
        assert visitor.get(link.replace(SLUG, "elsewhere")).status_code == 404
