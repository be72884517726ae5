"""What somebody sees who came by a link: what one case asks, and nothing of the record. The door denies the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest
from django.urls import reverse

from stead.coverage.actions import add_coverage, add_payer
from stead.coverage.models import Coverage, Payer
from stead.coverage.terms import PayerDetails
from stead.forms.actions import publish_agreement
from stead.forms.models import Signature
from stead.forms.queries import find_current_agreement, standing_signatures
from stead.forms.rules import fingerprint
from stead.forms.terms import Wording
from stead.intake.actions import invite_patient
from stead.intake.models import PortalInvitation
from stead.intake.tests.test_actions import PNG
from stead.patients.models import Patient
from stead.platform import actors, clock, permissions
from stead.platform.accounts import visits
from stead.platform.accounts.factor_models import LinkVisit
from stead.platform.actors import Actor
from stead.platform.journal.models import JournalEntry
from stead.platform.refusals import NotPermitted
from stead.practice.queries import practice_day
from stead.processes.models import CaseItem
from stead.testing.clients import SeatClient, outside
from stead.testing.matrix import Route, all_routes
from stead.testing.rows import Rows

pytestmark = pytest.mark.django_db
CARD = {"token": "tok_ok_0123456789", "brand": "Visa", "last4": "4242", "expires_month": 5, "expires_year": 2030}
HOME = {"line1": "214 Linden Street", "city": "Louisville", "zip_code": "40202", "state": "KY"}
PORTAL = [r for r in all_routes() if r.access is not None and r.access.kind == "portal"]
REACHED = {
    "portal_home", "portal_onward", "portal_item", "portal_papers", "portal_agreements", "portal_agreement",
    "portal_insurance", "portal_address", "portal_card", "portal_ask", "portal_asked",
}  # fmt: skip


def visitor_of(practice: Any, patient: Any, case_id: UUID | None) -> SeatClient:
    """Return a browser that a link has let in."""
    invitation = PortalInvitation.objects.filter(patient_id=patient.id).first()
    request = HttpRequest()
    request.session = SessionStore()
    client = SeatClient()
    with outside():
        visits.begin(
            request, practice=practice, patient_id=patient.id, name=f"{patient.first_name} {patient.last_name}",
            invitation_id=invitation.id if invitation else patient.id, case_id=case_id,
        )  # fmt: skip
        request.session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = str(request.session.session_key)
    return client


@pytest.fixture
def client(practice_row: Any, dee: Any, case: Any) -> SeatClient:
    return visitor_of(practice_row, dee, case.id)


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_link_opens_these_pages_and_no_other() -> None:
    """The list is written down here, so that a page which is opened by mistake is seen."""
    opened = permissions.opened_by_link()
    assert {r.name for r in PORTAL if r.access.permission in opened} == REACHED
    assert opened == {
        "portal.papers", "agreements.sign", "intake.send", "intake.write", "cases.give_item", "coverage.change",
        "patients.give_address", "billing.vault_card",
    }  # fmt: skip


def filled(rows: Rows, kinds: tuple[str, ...]) -> Iterator[tuple[Route, str]]:
    for route in all_routes():
        if route.access is not None and route.access.kind in kinds and not route.missing():
            yield route, route.filled(rows)


@pytest.mark.usefixtures("inside")
def test_every_other_page_asks_for_a_sign_in(practice_row: Any, client_as: Callable[[Any], SeatClient]) -> None:
    """Of the patient's own pages too: the rows are theirs."""
    client_as("owner")  # somebody who has a token
    rows = Rows()
    addresses = list(filled(rows, ("portal", "staff", "signed_in")))
    client = visitor_of(practice_row, rows.of("patients.Patient"), rows.of("processes.Case").id)
    client.raise_request_exception = False
    wrong = []
    for route, address in addresses:
        if route.name in REACHED:
            continue
        for method in ("GET", "POST"):
            answer = client.generic(method, address)
            to_sign_in = answer.get("Location", "").startswith(("/sign-in/", "/portal/"))
            if answer.status_code not in (403, 405) and not to_sign_in:
                wrong.append(f"{method} {address}: {answer.status_code}")
    assert wrong == []


def test_page_beyond_says_why_and_leads_back(client: SeatClient) -> None:
    answer = client.get(reverse("portal_bills"))
    assert answer.status_code == 403
    page = text(answer)
    assert "It opens your papers only." in page
    assert reverse("intake_keep", args=["linden-street"]) in page
    assert 'id="refusal"' in text(client.get(reverse("portal_bills"), headers={"HX-Request": "true"}))


def test_home_shows_the_journey_without_visits_and_money(client: SeatClient) -> None:
    page = text(client.get(reverse("portal_home")))
    assert "Step 2 of 6" in page
    assert "See your visits" not in page
    assert "You owe" not in page
    assert 'class="under"' not in page
    assert "Choose a password" in page
    assert client.get("/")["Location"] == reverse("portal_home")


def test_actions_beyond_the_papers_are_refused_by_themselves(
    client: SeatClient, dee: Any, inside: UUID, at: datetime
) -> None:
    """A page that forgot its door would still change nothing."""
    from stead.billing.actions import take_payment
    from stead.forms.actions import revoke_agreement
    from stead.platform.money import Money

    with outside():
        by = visits.actor_of(LinkVisit.objects.get())
    door: dict[str, Any] = {"practice": inside, "by": by, "at": at, "patient_id": dee.id}
    with pytest.raises(NotPermitted):
        take_payment(**door, amount=Money(100), method="card", key="x")
    with pytest.raises(NotPermitted):
        revoke_agreement(**door, kind="financial_agreement")


def test_other_patients_and_other_cases_are_not_there(
    client: SeatClient, practice_row: Any, rosa: Any, dee: Any, case: Any
) -> None:
    other = CaseItem.objects.filter(patient_id=rosa.id, asked_of="patient").first()
    assert other is not None
    own = CaseItem.objects.get(case_id=case.id, key="photo_id")
    elsewhere = visitor_of(practice_row, dee, rosa.id)  # a visit for another case than the one that asks
    for browser, item in ((client, other), (elsewhere, own)):
        url = reverse("portal_item", args=[item.id])
        assert browser.get(url).status_code == 404
        assert browser.post(url, {"photo": SimpleUploadedFile("a.png", PNG)}).status_code == 404
    assert "There is nothing for you to do now" in text(elsewhere.get(reverse("portal_home")))
    assert elsewhere.get(reverse("portal_papers"))["Location"] == reverse("portal_home")


def test_what_is_on_the_record_is_neither_shown_nor_replaced(
    client: SeatClient, dee: Any, inside: UUID, ben: Actor, at: datetime
) -> None:
    payer = add_payer(practice=inside, by=ben, at=at, details=PayerDetails("Bluegrass Mutual", "BG001"))
    add_coverage(practice=inside, by=ben, at=at, patient_id=dee.id, payer_id=payer.id, member_id="W20014522")
    Patient.objects.filter(id=dee.id).update(**HOME)
    client.post(reverse("portal_card"), CARD)
    given: dict[str, dict[str, Any]] = {
        "portal_insurance": {"payer": str(payer.id), "member_id": "X1", "relation": "self"},
        "portal_address": HOME | {"line1": "1 Elsewhere Road"},
        "portal_card": CARD | {"token": "tok_ok_9999999999"},
    }
    for name, form in given.items():
        page = text(client.get(reverse(name)))
        assert "We have it" in page
        assert not [word for word in ("W20014522", "214 Linden", "4242") if word in page]
        assert client.post(reverse(name), form).status_code == 403
    assert Coverage.objects.get().member_id == "W20014522"
    assert Patient.objects.get(id=dee.id).line1 == "214 Linden Street"


def test_missing_things_are_given(client: SeatClient, dee: Any, inside: UUID, ben: Actor, at: datetime) -> None:
    payer: Payer = add_payer(practice=inside, by=ben, at=at, details=PayerDetails("Bluegrass Mutual", "BG001"))
    assert "1991" not in text(client.get(reverse("portal_address")))
    client.post(reverse("portal_address"), HOME)
    client.post(reverse("portal_insurance"), {"payer": str(payer.id), "member_id": "W1", "relation": "self"})
    client.post(reverse("portal_card"), CARD)
    client.post(reverse("portal_ask", args=["card"]), {"text": "It is at home."})
    assert Patient.objects.get(id=dee.id).zip_code == "40202"
    assert Coverage.objects.get().member_id == "W1"
    line = JournalEntry.objects.get(verb="card.vaulted")
    assert (line.actor_id, line.actor_name) == (dee.id, "Dee Marsh, by link")


@pytest.fixture
def three_papers(case: Any, inside: UUID, olu: Actor, at: datetime) -> list[Any]:
    """The case asks for three agreements; the practice has published a consent to electronic records too."""
    for key in ("consent_treatment", "privacy_notice"):
        row = CaseItem.objects.get(case_id=case.id, key="financial_agreement")
        CaseItem.objects.create(
            case_id=case.id, patient_id=row.patient_id, stage_key=row.stage_key, key=key, kind="signature",
            words=key, asked_of="patient", state="asked",
        )  # fmt: skip
    found = [find_current_agreement(k, "en") for k in ("financial_agreement", "consent_treatment", "privacy_notice")]
    return [*found, find_current_agreement("electronic_records", "en")]


def act(papers: list[Any], **changed: str) -> dict[str, str]:
    ticks = {"read" if n == 0 else f"read_{n + 1}": "on" for n in range(len(papers) - 1)}
    shown = ",".join(str(paper.id) for paper in papers)
    said = {"shown": shown, "signed_name": "Dee Marsh", "relation": "self"} | ticks | changed
    return {name: value for name, value in said.items() if value}


def test_one_act_signs_each_paper_as_if_it_were_signed_alone(
    client: SeatClient, dee: Any, three_papers: list[Any]
) -> None:
    page = text(client.get(reverse("portal_papers")))
    for paper in three_papers:
        assert paper.title in page
        assert paper.text.splitlines()[2][:40] in page
    assert page.count('type="checkbox"') == 3
    client.post(reverse("portal_papers"), act(three_papers))
    rows = list(Signature.objects.filter(patient_id=dee.id).order_by("id"))
    assert [(r.agreement_id, r.kind, r.turn, r.signed_name, r.relation, r.revokes) for r in rows] == [
        (p.id, p.kind, 1, "Dee Marsh", "self", False) for p in three_papers
    ]
    assert [r.text_sha256 for r in rows] == [fingerprint(p.title, p.text) for p in three_papers]
    lines = JournalEntry.objects.filter(verb="agreement.signed")
    assert {line.subject_id for line in lines} == {r.id for r in rows}
    copy = text(client.get(reverse("portal_agreement", args=["privacy_notice"])))
    assert "Dee Marsh" in copy
    assert "Take my signature back" not in copy


@pytest.mark.parametrize("changed", [{"read_2": ""}, {"signed_name": "Dee"}, {"shown": ""}, {"relation": "guardian"}])
def test_act_that_is_refused_signs_nothing_and_keeps_what_was_typed(
    client: SeatClient, dee: Any, three_papers: list[Any], changed: dict[str, str]
) -> None:
    answer = client.post(reverse("portal_papers"), act(three_papers, **changed))
    assert answer.status_code == 422
    assert not Signature.objects.exists()


def test_wording_that_changed_meanwhile_refuses_all(
    client: SeatClient, dee: Any, three_papers: list[Any], inside: UUID, olu: Actor, at: datetime
) -> None:
    publish_agreement(
        practice=inside, by=olu, at=at, kind="privacy_notice", wordings=[Wording("en", "Privacy, anew", "New words.")]
    )
    answer = client.post(reverse("portal_papers"), act(three_papers))
    assert (answer.status_code, "The wording has changed" in text(answer)) == (422, True)
    assert standing_signatures(dee.id, practice_day(clock.now())) == {}


@pytest.mark.parametrize("shown", ["x", "00000000-0000-7000-8000-000000000000"])
def test_paper_that_is_no_paper_is_not_there(client: SeatClient, case: Any, shown: str) -> None:
    assert client.post(reverse("portal_papers"), {"shown": shown}).status_code == 404


def test_first_paper_comes_into_the_place_of_the_birth_date(client: SeatClient) -> None:
    part = {"HX-Request": "true", "HX-Target": "div#papers"}
    assert client.get(reverse("portal_onward"), headers=part)["Location"] == reverse("portal_papers")
    answer = client.get(reverse("portal_papers"), headers=part)
    assert answer["HX-Push-Url"] == reverse("portal_papers")
    assert text(answer).lstrip().startswith('<div id="papers">')
    CaseItem.objects.update(state="accepted")
    assert client.get(reverse("portal_onward"), headers=part)["HX-Redirect"] == reverse("portal_home")


def is_closed(client: SeatClient) -> bool:
    """The visit is over: no page, and a kind word that does not ask for a password which nobody has."""
    answer = client.get(reverse("portal_home"))
    return answer.status_code == 403 and "open the link in our message again" in text(answer)


def test_visit_ends_after_a_quarter_of_an_hour_and_after_two_hours(client: SeatClient) -> None:
    home, start = reverse("portal_home"), clock.now()
    for minutes in range(10, 120, 10):
        with clock.driven(start + timedelta(minutes=minutes)):
            assert client.get(home).status_code == 200
    with clock.driven(start + timedelta(minutes=120)):
        assert is_closed(client)


def test_idle_visit_ends(client: SeatClient) -> None:
    with clock.driven(clock.now() + timedelta(minutes=15)):
        assert is_closed(client)
        assert client.post(reverse("portal_papers"), {}).status_code == 403
    with outside():
        assert not LinkVisit.objects.exists()


def test_leaving_ends_the_visit(client: SeatClient) -> None:
    client.post(reverse("sign_out"))
    with outside():
        assert not LinkVisit.objects.exists()
    assert client.get(reverse("portal_home"))["Location"].startswith("/sign-in/")


def test_new_link_of_staff_ends_the_visit_of_whoever_was_let_in(
    client: SeatClient, dee: Any, inside: UUID, priya: Actor, at: datetime
) -> None:
    invite_patient(practice=inside, by=priya, at=at, patient_id=dee.id, base_url="https://x.test")
    assert is_closed(client)


def test_new_link_by_oneself_leaves_the_visit(client: SeatClient, dee: Any, inside: UUID, at: datetime) -> None:
    invite_patient(practice=inside, by=actors.system(), at=at, patient_id=dee.id, base_url="https://x.test")
    assert client.get(reverse("portal_home")).status_code == 200


def test_stolen_row_without_its_session_key_opens_nothing(client: SeatClient) -> None:
    with outside():
        LinkVisit.objects.update(session_key="another")
    assert is_closed(client)


def test_staff_who_come_by_a_link_are_nobody_of_the_staff(
    client: SeatClient, client_as: Callable[[Any], SeatClient], db: None
) -> None:
    assert client.get(reverse("calendar_today"))["Location"].startswith("/sign-in/")
    assert client.get(reverse("account"))["Location"].startswith("/sign-in/")
