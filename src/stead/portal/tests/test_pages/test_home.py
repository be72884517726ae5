"""Home, papers, messages and the language of the patient's pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from stead.coverage.actions import add_payer
from stead.coverage.models import Coverage, Payer
from stead.coverage.terms import PayerDetails
from stead.forms.queries import find_current_agreement, is_signed
from stead.intake.models import PatientMessage
from stead.intake.tests.test_actions import PNG
from stead.platform import clock
from stead.platform.actors import Actor
from stead.platform.identifiers import new_id
from stead.practice.queries import practice_day
from stead.processes.models import Case, CaseItem
from stead.testing.clients import ClientAs, SeatClient, outside

pytestmark = pytest.mark.django_db
PatientClient = Callable[[Any], SeatClient]
PLACES = ("address", "home", "visits", "bills", "messages", "more", "agreements", "insurance", "card")


@pytest.fixture
def client(patient_client: PatientClient, dee: Any, case: Any) -> SeatClient:
    return patient_client(dee)


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_home_says_the_step_and_one_thing_to_do(client: SeatClient) -> None:
    page = text(client.get(reverse("portal_home")))
    assert "Hello, Dee" in page
    assert "Step 2 of 6" in page
    assert page.count("button main") == 1
    assert "Read and sign" in page
    assert "Priya Nair is helping you" in page
    assert 'href="tel:988"' in page


def test_home_speaks_the_patients_language_and_the_switch_changes_it(patient_client: PatientClient, rosa: Any) -> None:
    client = patient_client(rosa)
    page = text(client.get(reverse("portal_home")))
    assert "Hola, Rosa" in page
    assert "Paso 1 de 6" in page
    assert "y marque 2, a cualquier hora" in page
    given = {"language": "en", "next": reverse("portal_home")}
    assert "Hello, Rosa" in text(client.post(reverse("language"), given))


def test_language_switch_leads_nowhere_else(db: None) -> None:
    answer = Client().post(reverse("language"), {"language": "es", "next": "https://evil.test/"})
    assert answer["Location"] == "/"


@pytest.mark.parametrize("place", PLACES)
def test_every_page_stands_in_both_languages(client: SeatClient, place: str) -> None:
    english = client.get(reverse(f"portal_{place}"))
    client.cookies["django_language"] = "es"
    spanish = client.get(reverse(f"portal_{place}"))
    assert (english.status_code, spanish.status_code) == (200, 200)
    assert '<html lang="en"' in text(english)
    assert '<html lang="es"' in text(spanish)
    for words in ("Write to us", "Call us", "Back", "Your ", "Sign out"):
        assert words not in text(spanish)


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "Nobody watches messages at night or on weekends."), ("es", "Nadie revisa los mensajes de noche")],
)
def test_pages_of_messages_say_that_nobody_watches_them_and_name_988_and_911(
    client: SeatClient, language: str, said: str
) -> None:
    client.cookies["django_language"] = language
    for address in (reverse("portal_messages"), reverse("portal_ask", args=["message"])):
        page = text(client.get(address))
        assert said in page and 'href="tel:988"' in page and 'href="tel:911"' in page


@pytest.mark.parametrize("place", PLACES)
def test_pages_need_a_patient(client_as: ClientAs, house: Any, place: str) -> None:
    with outside():
        answer = Client().get(reverse(f"portal_{place}"))
        assert answer["Location"].startswith("/sign-in/")
        assert client_as("front_desk").get(reverse(f"portal_{place}")).status_code == 403


def photo(name: str = "id.png", data: bytes = PNG) -> dict[str, Any]:
    return {"photo": SimpleUploadedFile(name, data)}


def move_to_documents(case: Any) -> CaseItem:
    """Put the case at the stage of documents, as if the agreement were signed."""
    Case.objects.filter(id=case.id).update(stage_key="documents", waiting_on="patient")
    return CaseItem.objects.get(case_id=case.id, key="photo_id")


def test_photo_is_sent_with_the_camera_and_received(client: SeatClient, case: Any) -> None:
    item = move_to_documents(case)
    url = reverse("portal_item", args=[item.id])
    page = text(client.get(url))
    assert client.get(url).status_code == 200
    assert "needs another look" not in page
    assert "capture" not in page
    assert 'capture="environment"' in text(client.get(f"{url}?camera=1"))
    assert "photo of your ID" in page
    assert 'accept="image/jpeg' in page
    client.post(url, photo())
    assert CaseItem.objects.get(id=item.id).state == "received"
    assert "We have it. You do not need to send it again." in text(client.get(url))


@pytest.mark.parametrize(
    ("upload", "words"),
    [
        ({}, "We need an answer here."),
        (photo("a.png", b"<script>alert(1)</script>"), "We can take photos"),
        (photo("a.html", PNG), "We can take photos"),
        (photo("a.png", b""), "This file is empty."),
    ],
)
def test_what_is_no_photo_is_refused_kindly(client: SeatClient, case: Any, upload: dict[str, Any], words: str) -> None:
    item = move_to_documents(case)
    answer = client.post(reverse("portal_item", args=[item.id]), upload)
    assert answer.status_code == 422
    assert words in text(answer)
    assert CaseItem.objects.get(id=item.id).file_id is None


def test_photos_of_a_stage_are_sent_together(client: SeatClient, case: Any) -> None:
    item = move_to_documents(case)
    url = reverse("portal_item", args=[item.id])
    page = text(client.get(url))
    assert page.index("photo of your ID") < page.index("the front of your insurance card")
    files = photo() | {f"photo_{n}": SimpleUploadedFile(f"{n}.png", PNG) for n in (2, 3)}
    answer = client.post(url, files)
    assert answer.redirect_chain[0][0] == reverse("portal_onward")
    sent = CaseItem.objects.filter(case_id=case.id, state="received")
    assert {row.key for row in sent} == {"photo_id", "insurance_card_front", "insurance_card_back"}
    assert len({row.file_id for row in sent}) == 3


def test_a_photo_that_is_refused_does_not_take_the_others_with_it(client: SeatClient, case: Any) -> None:
    item = move_to_documents(case)
    bad = {"photo_2": SimpleUploadedFile("2.png", b"<script>alert(1)</script>")}
    answer = client.post(reverse("portal_item", args=[item.id]), photo() | bad)
    assert answer.status_code == 422
    assert "We can take photos" in text(answer)
    states = dict(CaseItem.objects.filter(case_id=case.id, kind="document").values_list("key", "state"))
    assert states["photo_id"] == "received"
    assert states["insurance_card_front"] == "open"


def test_home_goes_on_by_itself_when_the_case_has_learned(
    client: SeatClient, dee: Any, case: Any, told: Callable[[], None]
) -> None:
    onward = reverse("portal_onward")
    assert client.get(onward)["Location"] == reverse("portal_papers")
    client.post(reverse("portal_agreement", args=["financial_agreement"]), signing())
    card = {"token": "tok_ok_0123456789", "brand": "Visa", "last4": "4242", "expires_month": 5, "expires_year": 2030}
    home = text(client.post(reverse("portal_card"), card))
    assert f'hx-get="{onward}"' in home
    by_itself = {"HX-Request": "true"}
    assert client.get(onward, headers=by_itself).status_code == 204
    move_to_documents(case)
    answer = client.get(onward, headers=by_itself)
    first = CaseItem.objects.filter(case_id=case.id, stage_key="documents", kind="document").order_by("id")[0]
    assert answer["HX-Redirect"] == reverse("portal_item", args=[first.id])
    assert f'hx-get="{onward}"' not in text(client.get(reverse("portal_home")))


def test_onward_is_the_home_when_nothing_waits(client: SeatClient, case: Any) -> None:
    move_to_documents(case)
    CaseItem.objects.filter(case_id=case.id).update(state="waived")
    assert client.get(reverse("portal_onward"))["Location"] == reverse("portal_home")


def test_what_came_back_says_why(client: SeatClient, case: Any) -> None:
    item = move_to_documents(case)
    CaseItem.objects.filter(id=item.id).update(state="returned", return_reason="unreadable")
    assert "We could not read it." in text(client.get(reverse("portal_item", args=[item.id])))


def test_items_and_files_of_others_are_not_there(
    client: SeatClient, patient_client: PatientClient, rosa: Any, case: Any
) -> None:
    other = CaseItem.objects.filter(patient_id=rosa.id, asked_of="patient").first()
    assert other is not None
    url = reverse("portal_item", args=[other.id])
    assert client.get(url).status_code == 404
    assert client.post(url, photo()).status_code == 404
    item = move_to_documents(case)
    client.post(reverse("portal_item", args=[item.id]), photo())
    file_id = CaseItem.objects.get(id=item.id).file_id
    assert client.get(reverse("portal_file", args=[file_id])).status_code == 200
    assert patient_client(rosa).get(reverse("portal_file", args=[file_id])).status_code == 404
    assert client.get(reverse("portal_file", args=[new_id()])).status_code == 404


HOME = {"line1": "214 Linden Street", "city": "Louisville", "zip_code": "40202", "state": "KY"}


def test_address_is_asked_on_the_phone_and_answers_its_item(
    client: SeatClient, dee: Any, case: Any, told: Callable[[], None]
) -> None:
    move_to_documents(case)
    CaseItem.objects.filter(case_id=case.id).exclude(key="home_address").update(state="accepted")
    home = text(client.get(reverse("portal_home")))
    assert "Please tell us where you live. Your plan asks for it." in home
    assert f'href="{reverse("portal_address")}"' in home
    page = text(client.get(reverse("portal_address")))
    assert 'autocomplete="address-line1"' in page
    assert '<option value="KY" selected>' in page
    assert "Please tell us where you live" not in text(client.post(reverse("portal_address"), HOME))
    told()
    item = CaseItem.objects.get(case_id=case.id, key="home_address")
    assert (item.state, type(dee).objects.get(id=dee.id).zip_code) == ("accepted", "40202")


def test_nine_digits_of_a_zip_code_are_shown_as_people_write_them(client: SeatClient, dee: Any) -> None:
    type(dee).objects.filter(id=dee.id).update(zip_code="402031234")
    assert 'value="40203-1234"' in text(client.get(reverse("portal_address")))


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("line1", " ", "We need an answer here."),
        ("zip_code", "402", "A ZIP code has five digits, or nine."),
        ("state", "", "We need an answer here."),
        ("state", "ZZ", "Choose one of the answers."),
    ],
)
def test_part_of_an_address_is_refused_and_nothing_typed_is_lost(
    client: SeatClient, dee: Any, case: Any, field: str, value: str, words: str
) -> None:
    answer = client.post(reverse("portal_address"), HOME | {field: value})
    assert answer.status_code == 422
    assert words in text(answer)
    assert 'value="Louisville"' in text(answer)
    assert type(dee).objects.get(id=dee.id).line1 == ""


def signing(**changed: str) -> dict[str, str]:
    agreement = find_current_agreement("financial_agreement", "en")
    assert agreement is not None
    said = {"shown": str(agreement.id), "read": "on", "signed_name": "Dee Marsh", "relation": "self"}
    return {k: v for k, v in (said | changed).items() if v}


def test_agreement_is_read_and_signed(client: SeatClient, dee: Any, case: Any, told: Callable[[], None]) -> None:
    url = reverse("portal_agreement", args=["financial_agreement"])
    page = text(client.get(url))
    assert "What care costs and how you pay" in page
    assert 'value="Dee Marsh"' in page
    home = text(client.post(url, signing()))
    assert "Add your card" in home
    assert is_signed(dee.id, "financial_agreement", practice_day(clock.now()))
    told()
    assert CaseItem.objects.get(case_id=case.id, key="financial_agreement").state == "accepted"
    client.post(reverse("portal_take_back", args=["financial_agreement"]))
    assert not is_signed(dee.id, "financial_agreement", practice_day(clock.now()))


@pytest.mark.parametrize(
    ("changed", "status"), [({"read": ""}, 422), ({"signed_name": "Somebody Else"}, 422), ({"signed_name": ""}, 422)]
)
def test_signature_needs_reading_and_the_own_name(
    client: SeatClient, dee: Any, changed: dict[str, str], status: int
) -> None:
    answer = client.post(reverse("portal_agreement", args=["financial_agreement"]), signing(**changed))
    assert answer.status_code == status
    assert not is_signed(dee.id, "financial_agreement", practice_day(clock.now()))


def test_unknown_agreement_is_not_there(client: SeatClient) -> None:
    assert client.get(reverse("portal_agreement", args=["lease"])).status_code == 404


@pytest.fixture
def bluegrass(inside: UUID, ben: Actor, at: datetime) -> Payer:
    return add_payer(practice=inside, by=ben, at=at, details=PayerDetails("Bluegrass Mutual", "BG001"))


def test_insurance_is_written_down(client: SeatClient, dee: Any, bluegrass: Payer) -> None:
    given = {"payer": str(bluegrass.id), "member_id": "w 123-938", "relation": "self"}
    client.post(reverse("portal_insurance"), given)
    assert Coverage.objects.get(patient_id=dee.id).member_id == "W123938"
    assert "W123938" in text(client.get(reverse("portal_insurance")))
    answer = client.post(reverse("portal_insurance"), given)
    assert answer.status_code == 422


def test_policy_of_another_needs_that_person(client: SeatClient, bluegrass: Payer) -> None:
    given = {"payer": str(bluegrass.id), "member_id": "W123938", "relation": "spouse"}
    answer = client.post(reverse("portal_insurance"), given)
    assert answer.status_code == 422
    assert "write that person" in text(answer)


@pytest.mark.parametrize(
    ("page", "field"), [("portal_insurance", "member_id"), ("portal_card", "token"), ("portal_pay", "amount")]
)
def test_no_card_number_is_taken_anywhere(client: SeatClient, bluegrass: Payer, page: str, field: str) -> None:
    given = {"payer": str(bluegrass.id), "relation": "self", field: "4242 4242 4242 4242"}
    answer = client.post(reverse(page), given)
    assert answer.status_code == 422
    assert "This looks like the number of a payment card." in text(answer)
    assert "4242 4242" not in text(answer)
    assert not Coverage.objects.exists()


def test_message_is_kept_and_answered_for(client: SeatClient, dee: Any) -> None:
    url = reverse("portal_ask", args=["message"])
    assert client.post(url, {"text": ""}).status_code == 422
    assert "We have your message" in text(client.post(url, {"text": "Is there parking?"}))
    assert PatientMessage.objects.get().patient_id == dee.id
    assert client.get(reverse("portal_ask", args=["anything"])).status_code == 404


def test_messages_show_no_link_that_opens_the_account(client: SeatClient, dee: Any) -> None:
    from stead.messaging.models import OutboxMessage

    OutboxMessage.objects.filter(patient_id=dee.id).update(state="sent", sent_at=dee.created_at)
    page = text(client.get(reverse("portal_messages")))
    assert "We have your request" in page
    assert "/enter/" not in page


def test_front_page_of_stead_leads_a_patient_to_the_portal(client: SeatClient) -> None:
    answer = client.get("/")
    assert (answer.status_code, answer["Location"]) == (302, reverse("portal_home"))
