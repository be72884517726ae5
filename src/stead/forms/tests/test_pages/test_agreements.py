"""The pages on which staff see, print, record and publish agreements."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from stead.forms import actions, queries, terms
from stead.forms.models import AgreementVersion, Signature
from stead.intake.tests.test_actions import PNG
from stead.platform import clock
from stead.platform.actors import Actor
from stead.practice.queries import practice_day
from stead.testing.clients import ClientAs, SeatClient

pytestmark = pytest.mark.django_db


def at_the_desk(kind: str, name: str) -> dict[str, Any]:
    wording = AgreementVersion.objects.get(kind=kind, number=1, language="en")
    return {
        "agreement_id": str(wording.id), "signed_name": name, "relation": "self", "way": "paper", "on": "11/24/2026",
    }  # fmt: skip


@pytest.fixture
def signed(inside: UUID, published: None, dee: Any, dee_actor: Actor, at: datetime) -> Any:
    return actions.sign_agreement(
        practice=inside, by=dee_actor, at=at, patient_id=dee.id, kind=terms.FINANCIAL_AGREEMENT, signed_name="Dee Marsh"
    )


def test_list_shows_wordings_and_signatures(client_as: ClientAs, signed: Any) -> None:
    page = client_as("front_desk").get(reverse("forms_agreements")).content.decode()
    assert "Six agreements in force." in page
    assert "Deirdre Marsh" in page
    assert "Publish a new version" not in page


def test_list_filters_sorts_and_exports(client_as: ClientAs, signed: Any) -> None:
    client, url = client_as("front_desk"), reverse("forms_agreements")
    assert "Deirdre Marsh" not in client.get(url, {"kind": "privacy_notice"}).content.decode()
    assert client.get(url, {"sort": "name"}).status_code == 200
    assert client.get(url, {"format": "csv"}).status_code == 403
    lines = client_as("intake").get(url, {"format": "csv"}).content.decode().splitlines()
    assert lines[0].startswith("signed_at,patient")
    assert len(lines) == 2


def test_signature_is_shown_with_its_wording(client_as: ClientAs, signed: Any) -> None:
    page = client_as("clinician").get(reverse("forms_signature", args=[signed.id])).content.decode()
    assert "What care costs and how you pay" in page
    assert "The text above has this fingerprint." in page


def test_stranger_gets_404(eve_client: SeatClient, signed: Any, dee: Any) -> None:
    for name, key in (("forms_signature", signed.id), ("forms_patient", dee.id)):
        assert eve_client.get(reverse(name, args=[key])).status_code == 404
    assert eve_client.post(reverse("forms_sign", args=[dee.id]), {"kind": "x"}).status_code == 404


def test_wrong_method_is_refused(client_as: ClientAs, signed: Any, dee: Any) -> None:
    assert client_as("front_desk").get(reverse("forms_sign", args=[dee.id])).status_code == 405
    assert client_as("front_desk").post(reverse("forms_agreements")).status_code == 405


def test_desk_records_a_signature_and_takes_it_back(client_as: ClientAs, published: None, dee: Any) -> None:
    client = client_as("front_desk")
    assert 'value="11/24/2026"' in client.get(reverse("forms_patient", args=[dee.id])).content.decode()
    given = at_the_desk("privacy_notice", "Dee Marsh")
    page = client.post(reverse("forms_sign", args=[dee.id]), given)
    assert "Five agreements still to sign." in page.content.decode()
    page = client.post(reverse("forms_revoke", args=[dee.id]), {"kind": "privacy_notice"})
    assert "Deirdre has signed nothing yet." in page.content.decode()


def test_paper_is_kept_with_its_scan_and_who_wrote_it_down(client_as: ClientAs, published: None, dee: Any) -> None:
    client = client_as("front_desk")
    scan = SimpleUploadedFile("paper.png", PNG, content_type="image/png")
    client.post(reverse("forms_sign", args=[dee.id]), at_the_desk("privacy_notice", "Dee Marsh") | {"scan": scan})
    row = Signature.objects.get()
    page = client.get(reverse("forms_signature", args=[row.id])).content.decode()
    assert "on paper, written down by" in page
    paper = client.get(reverse("forms_paper", args=[row.id]))
    assert (paper.status_code, paper["Content-Type"]) == (200, "image/png")


def test_wrong_name_is_refused_with_the_form(client_as: ClientAs, published: None, dee: Any) -> None:
    given = at_the_desk("privacy_notice", "Dee Mosh")
    answer = client_as("front_desk").post(reverse("forms_sign", args=[dee.id]), given)
    assert answer.status_code == 422
    assert "Type your first and last name as we have it on file." in answer.content.decode()
    assert not queries.is_signed(dee.id, "privacy_notice", practice_day(clock.now()))


def test_manager_publishes_and_the_desk_may_not(client_as: ClientAs, published: None) -> None:
    given = {"kind": "privacy_notice", "title_en": "Notice", "text_en": "We keep it safe."}
    assert client_as("front_desk").post(reverse("forms_publish"), given).status_code == 403
    assert "We keep it safe." in client_as("manager").post(reverse("forms_publish"), given).content.decode()
    assert AgreementVersion.objects.filter(kind="privacy_notice", number=2).count() == 1
    half = client_as("manager").post(reverse("forms_publish"), given | {"title_es": "Aviso"})
    assert half.status_code == 422
