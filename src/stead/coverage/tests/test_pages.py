"""Coverage on the screen: the queue of checks, a policy, the section of the record."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from stead.coverage import actions
from stead.coverage.models import Authorization, Coverage, EligibilityCheck
from stead.coverage.terms import EligibilityAnswer
from stead.coverage.tests.cast import bluegrass, dee, linden_street, policy
from stead.platform.access.models import PatientAccess
from stead.platform.actors import Actor
from stead.platform.files.models import StoredFile

pytestmark = pytest.mark.django_db
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478da63fccf"
    "c0500f00030101009d0f5a3c0000000049454e44ae426082"
)


@pytest.fixture
def covered(inside: UUID, olu: Actor, at: datetime) -> Coverage:
    linden_street()
    return policy(inside, olu, at, dee(at), bluegrass(inside, olu, at))


def asked(practice: UUID, by: Actor, at: datetime, coverage: Coverage) -> EligibilityCheck:
    return actions.ask_eligibility(practice=practice, by=by, at=at, coverage_id=coverage.id, service_date=at.date())


def test_answer_opens_in_place_and_zero_is_an_answer(
    client_as: Any, inside: UUID, olu: Actor, at: datetime, covered: Coverage
) -> None:
    check = asked(inside, olu, at, covered)
    answer = EligibilityAnswer("active", copay_cents=0, carve_out="Ohio Valley Behavioral", rows=(("Copay, MH", "$0"),))
    actions.record_eligibility_answer(practice=inside, by=olu, at=at, trace=check.trace, answer=answer)
    client = client_as("biller")
    text = client.get("/billing/eligibility/").content.decode()
    assert "Every payer has answered." in text
    assert "Copay, MH" not in text
    text = client.get(f"/billing/eligibility/?open={check.id}").content.decode()
    assert "Ohio Valley Behavioral carries the mental-health benefit." in text
    assert "Copay, MH" in text
    assert "<td>$0</td>" in text
    assert "the payer did not say" in text
    assert PatientAccess.objects.filter(patient_ids__contains=[covered.patient_id]).exists()


def test_silent_payer_is_the_first_thing_said(
    client_as: Any, inside: UUID, olu: Actor, at: datetime, covered: Coverage
) -> None:
    asked(inside, olu, at - timedelta(days=3), covered)
    client = client_as("biller")
    text = client.get("/billing/eligibility/?state=attention").content.decode()
    assert "One answer needs somebody." in text
    assert "silent" in text
    asked(inside, olu, at + timedelta(minutes=1), covered)
    assert "One answer needs somebody." not in client.get("/billing/eligibility/").content.decode()


def test_telephone_answer_needs_who_said_it(
    client_as: Any, inside: UUID, olu: Actor, at: datetime, covered: Coverage
) -> None:
    check = asked(inside, olu, at, covered)
    client = client_as("front_desk")
    wrong = client.post(f"/billing/eligibility/{check.id}/answer/", {"state": "active", "copay": "abc", "said": ""})
    assert wrong.status_code == 422
    assert "Write who said it" in wrong.content.decode()
    right = {"state": "active", "copay": "20", "said": "Kim, call 4711"}
    assert client.post(f"/billing/eligibility/{check.id}/answer/", right).status_code == 200
    check.refresh_from_db()
    assert (check.state, check.copay_cents, check.answer["source"]) == ("active", 2000, "telephone")


def test_ask_again_from_the_queue(client_as: Any, covered: Coverage) -> None:
    page = client_as("front_desk").post(f"/billing/eligibility/{covered.id}/ask/")
    assert "The question is on its way to the payer." in page.content.decode()
    assert EligibilityCheck.objects.count() == 1


def test_policy_is_written_down_and_a_second_of_its_order_is_refused(client_as: Any, covered: Coverage) -> None:
    client = client_as("intake")
    address = f"/patients/{covered.patient_id}/coverage/new/"
    form = {"payer": str(covered.payer_id), "member_id": "X 1", "rank": "1", "relation": "self"}
    refused = client.post(address, form)
    assert refused.status_code == 422
    assert "Another policy is already billed in this order" in refused.content.decode()
    assert "The policy is on record." in client.post(address, form | {"rank": "2"}).content.decode()
    assert set(Coverage.objects.values_list("member_id", flat=True)) == {"W20014522", "X1"}
    incomplete = client.post(address, form | {"rank": "3", "relation": "child"})
    assert "The policy is somebody else" in incomplete.content.decode()


def test_card_whose_back_is_refused_keeps_no_front(
    client_as: Any, covered: Coverage, settings: Any, tmp_path: Path
) -> None:
    settings.STATE = tmp_path
    photos = {
        "front": SimpleUploadedFile("card.png", PNG),
        "back": SimpleUploadedFile("back.png", b"<html></html>"),
    }
    refused = client_as("front_desk").post(f"/patients/coverage/{covered.id}/card/", photos)
    assert refused.status_code == 422
    assert StoredFile.objects.count() == 0


def test_card_is_kept_shown_and_compared(client_as: Any, covered: Coverage, settings: Any, tmp_path: Path) -> None:
    settings.STATE = tmp_path
    client = client_as("front_desk")
    base = f"/patients/coverage/{covered.id}/"
    assert client.get(f"{base}card/front/").status_code == 404
    foreign = client.post(f"{base}card/", {"front": SimpleUploadedFile("card.png", b"<html></html>")})
    assert foreign.status_code == 422
    kept = client.post(f"{base}card/", {"front": SimpleUploadedFile("card.png", PNG)})
    assert "Compare it with what is written here" in kept.content.decode()
    assert client.get(f"{base}card/front/").content == PNG
    assert "The card was compared." in client.post(f"{base}verify/").content.decode()


def test_authorization_and_retirement(client_as: Any, covered: Coverage) -> None:
    client = client_as("biller")
    base = f"/patients/coverage/{covered.id}/"
    wrong = {"number": "AU-1", "units": "8", "starts_date": "12/01/2026", "ends_date": "11/01/2026"}
    assert "The last day lies before the first" in client.post(f"{base}authorizations/", wrong).content.decode()
    assert client.post(f"{base}authorizations/", wrong | {"ends_date": "12/31/2026"}).status_code == 200
    assert Authorization.objects.get().units == 8
    assert "retired" in client.post(f"{base}retire/", {"ends_date": "11/30/2026"}).content.decode()
    assert client.post(f"{base}retire/", {"ends_date": ""}).status_code == 422


def test_record_shows_coverage_and_the_slip_its_payer(client_as: Any, covered: Coverage) -> None:
    text = client_as("front_desk").get(f"/patients/{covered.patient_id}/").content.decode()
    assert "never asked" in text
    assert "Bluegrass Mutual" in text


def test_export_and_strangers(
    client_as: Any, eve_client: Any, inside: UUID, olu: Actor, at: datetime, covered: Coverage
) -> None:
    check = asked(inside, olu, at, covered)
    rows = client_as("manager").get("/billing/eligibility/?format=csv").content.decode()
    assert "Dee Marsh,Bluegrass Mutual" in rows
    for address in (f"/patients/coverage/{covered.id}/", f"/patients/{covered.patient_id}/coverage/new/"):
        assert eve_client.get(address).status_code == 404
    assert eve_client.post(f"/billing/eligibility/{covered.id}/ask/").status_code == 404
    assert (
        eve_client.post(f"/billing/eligibility/{check.id}/answer/", {"state": "active", "said": "x"}).status_code == 404
    )
    assert client_as("clinician").post(f"/billing/eligibility/{covered.id}/ask/").status_code == 403
    assert client_as("manager").get(f"/billing/eligibility/{covered.id}/ask/").status_code == 405


def test_queue_costs_the_same_however_long(
    client_as: Any, inside: UUID, olu: Actor, at: datetime, covered: Coverage, django_assert_max_num_queries: Any
) -> None:
    for minute in range(20):
        asked(inside, olu, at + timedelta(minutes=minute), covered)
    client = client_as("biller")
    with django_assert_max_num_queries(26):
        client.get("/billing/eligibility/")


PAYER = {"name": "Bluegrass Health", "edi_id": "77001", "filing_code": "CI", "timely_filing_days": "90",
         "appeal_days": "120", "silent_after_days": "21"}  # fmt: skip


def test_payer_is_listed_and_its_identifier_once(client_as: Any) -> None:
    biller = client_as("biller")
    biller.post("/billing/eligibility/payers/add/", PAYER)
    assert "Bluegrass Health" in biller.get("/billing/eligibility/payers/").content.decode()
    again = biller.post("/billing/eligibility/payers/add/", PAYER)
    assert again.status_code == 422 and "A payer with this identifier is in the list." in again.content.decode()
    assert biller.post("/billing/eligibility/payers/add/", PAYER | {"appeal_days": ""}).status_code == 422
    assert client_as("front_desk").post("/billing/eligibility/payers/add/", PAYER).status_code == 403
