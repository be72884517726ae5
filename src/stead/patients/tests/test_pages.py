"""The list, the record and the forms of patients."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from stead.patients import actions
from stead.patients.models import ContactConsent, Patient, RelatedPerson
from stead.patients.terms import Address
from stead.patients.tests.conftest import DEE
from stead.platform.access.models import PatientAccess
from stead.platform.actors import Actor, Role
from stead.testing.clients import SeatClient

pytestmark = pytest.mark.django_db


ClientAs = Callable[[Role], SeatClient]
NEW = {"first_name": "Ada", "last_name": "Nwosu", "sex": "unknown", "language": "en", "status": "prospect"}


def test_list_says_what_it_holds_and_logs_whom_it_showed(client_as: ClientAs, dee: Patient) -> None:
    answer = client_as("front_desk").get(reverse("patients_list"))
    assert "One patient." in answer.text
    assert "Marsh, Dee" in answer.text
    assert PatientAccess.objects.get().patient_ids == [dee.id]


def test_search_finds_and_says_so(client_as: ClientAs, dee: Patient) -> None:
    client = client_as("front_desk")
    assert "Marsh, Dee" in client.get(reverse("patients_list"), {"q": "marsh"}).text
    assert "No patient fits these words." in client.get(reverse("patients_list"), {"q": "nobody"}).text


@pytest.mark.parametrize("query", [{"status": "'"}, {"location": "x"}, {"sort": "-nothing"}, {"page": "none"}])
def test_nonsense_in_the_address_shows_the_list(client_as: ClientAs, dee: Patient, query: dict[str, str]) -> None:
    assert client_as("front_desk").get(reverse("patients_list"), query).status_code == 200


def test_export_is_for_those_who_may(client_as: ClientAs, dee: Patient) -> None:
    answer = client_as("manager").get(reverse("patients_list"), {"format": "csv"})
    assert answer["Content-Type"].startswith("text/csv")
    assert "Marsh" in answer.text
    assert client_as("front_desk").get(reverse("patients_list"), {"format": "csv"}).status_code == 403


def test_list_asks_the_same_number_of_queries_for_more_rows(
    client_as: ClientAs, inside: UUID, dee: Patient, at: datetime
) -> None:
    client = client_as("front_desk")

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            client.get(reverse("patients_list"))
        return len(caught)

    one = queries()
    for number in range(2, 12):
        Patient.objects.create(number=number, first_name="A", last_name=f"B{number}", created_at=at)
    assert queries() == one


def test_record_shows_the_patient_and_what_is_missing(client_as: ClientAs, dee: Patient) -> None:
    Patient.objects.filter(id=dee.id).update(state="")
    answer = client_as("front_desk").get(reverse("patients_record", args=[dee.id]))
    assert "Dee Marsh&#x27;s state is not known yet." in answer.text
    assert "(502) 555-0143" in answer.text
    assert PatientAccess.objects.get().patient_ids == [dee.id]


def test_stranger_finds_nothing(eve_client: SeatClient, dee: Patient) -> None:
    for name in ("patients_record", "patients_edit"):
        assert eve_client.get(reverse(name, args=[dee.id])).status_code == 404
    assert eve_client.post(reverse("patients_consent", args=[dee.id]), {"channel": "sms"}).status_code == 404


def test_registering_opens_the_record(client_as: ClientAs, inside: UUID) -> None:
    answer = client_as("front_desk").post(reverse("patients_new"), NEW)
    made = Patient.objects.get()
    assert answer.redirect_chain[0][0].startswith(reverse("patients_record", args=[made.id]))
    assert "Registered." in answer.text


def test_wrong_answer_stays_on_the_form(client_as: ClientAs, inside: UUID) -> None:
    answer = client_as("front_desk").post(reverse("patients_new"), NEW | {"phone": "12"})
    assert answer.status_code == 422
    assert "This telephone number cannot be read." in answer.text
    assert 'value="Nwosu"' in answer.text
    assert not Patient.objects.exists()


def test_somebody_alike_is_shown_before_a_second_record_is_made(client_as: ClientAs, dee: Patient) -> None:
    client = client_as("front_desk")
    same = NEW | {"first_name": "Deirdre", "last_name": "Marsh", "birth_date": "03/14/1991"}
    asked = client.post(reverse("patients_new"), same)
    assert asked.status_code == 422
    assert "somebody you know already" in asked.text
    assert Patient.objects.count() == 1
    client.post(reverse("patients_new"), same | {"another": "yes"})
    assert Patient.objects.count() == 2


def test_change_is_saved(client_as: ClientAs, dee: Patient) -> None:
    client = client_as("front_desk")
    page = client.get(reverse("patients_edit", args=[dee.id]))
    said = {k: v for k, v in page.context["form"].initial.items() if v is not None} | {"birth_date": "03/14/1991"}
    answer = client.post(reverse("patients_edit", args=[dee.id]), said | {"city": "Clarksville"})
    assert "The record is saved." in answer.text
    dee.refresh_from_db()
    assert (dee.city, dee.birth_date, dee.phone) == ("Clarksville", DEE.birth_date, "+15025550143")


def test_clinician_changes_nothing(client_as: ClientAs, dee: Patient) -> None:
    assert client_as("clinician").post(reverse("patients_edit", args=[dee.id]), NEW).status_code == 403


def test_consent_is_noted(client_as: ClientAs, dee: Patient) -> None:
    said: dict[str, Any] = {"channel": "sms", "purpose": "reminder", "granted": "yes"}
    answer = client_as("front_desk").post(reverse("patients_consent", args=[dee.id]), said)
    assert "may be reached" in answer.text
    assert ContactConsent.objects.get().granted
    bad = client_as("front_desk").post(reverse("patients_consent", args=[dee.id]), said | {"channel": "pigeon"})
    assert bad.status_code == 422


def test_section_of_another_room_is_shown_to_those_who_may(client_as: ClientAs, dee: Patient, ana: Actor) -> None:
    from stead.patients import sections

    section = sections.Section("probe", "Probe", "ui/parts/empty.html", lambda i, at: {}, permission="patients.export")
    sections.register(section)
    try:
        address = reverse("patients_record", args=[dee.id])
        assert 'id="probe"' in client_as("manager").get(address).text
        assert 'id="probe"' not in client_as("front_desk").get(address).text
    finally:
        del sections._sections["probe"]


@pytest.mark.parametrize("said", ["mar", "dee marsh", "3/14/1991", "(502) 555-0143"])
def test_palette_finds_a_patient_and_the_record_opens(client_as: ClientAs, dee: Patient, said: str) -> None:
    found = client_as("front_desk").get("/search/", {"q": said}).text
    assert reverse("patients_record", args=[dee.id]) in found
    assert "born Mar 14, 1991" in found
    assert PatientAccess.objects.get().patient_ids == [dee.id]


def test_address_without_a_record_speaks_of_the_address_and_not_of_saving(client_as: ClientAs) -> None:
    answer = client_as("front_desk").get(reverse("patients_record", args=[UUID(int=0)]))
    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.text
    assert "not saved" not in answer.text


def test_form_address_opened_as_a_page_says_so(client_as: ClientAs, dee: Patient) -> None:
    answer = client_as("front_desk").get(reverse("patients_consent", args=[dee.id]))
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "This address has no page" in answer.text


def test_guardian_is_written_down_with_the_paper_and_taken_off(client_as: ClientAs, dee: Patient) -> None:
    client, address = client_as("front_desk"), f"/patients/{dee.id}/people/"
    given = {"name": "Joan Marsh", "relation": "parent", "may_consent": "on"}
    refused = client.post(address, given)
    assert refused.status_code == 422
    assert "only once you have seen the paper" in refused.content.decode()
    page = client.post(address, given | {"proof": "custody_order"}).content.decode()
    assert "may consent" in page
    assert "custody order seen by" in page
    row = RelatedPerson.objects.get()
    page = client.post(f"{address}{row.id}/end/").content.decode()
    assert "Nobody is written down." in page
    assert client.post(f"{address}{row.id}/end/").status_code == 422
    assert client_as("biller").post(address, given).status_code == 403


def test_address_given_meanwhile_is_not_lost(client_as: ClientAs, dee: Patient, inside: UUID, ana: Actor,
                                             at: datetime) -> None:  # fmt: skip
    """The desk has the form open, the patient gives an address in the portal, the desk saves."""
    client, place = client_as("front_desk"), reverse("patients_edit", args=[dee.id])
    page = client.get(place)
    said = {k: v for k, v in page.context["form"].initial.items() if v is not None} | {"birth_date": "03/14/1991"}
    Patient.objects.filter(id=dee.id).update(time_zone="America/Chicago")
    page = client.get(place)
    said["version"] = page.context["form"].initial["version"]
    home = Address("1 New Street", "Louisville", "KY", "40202")
    actions.give_address(practice=inside, by=ana, at=at, patient_id=dee.id, address=home)
    answer = client.post(place, said | {"pronouns": "they/them"})
    assert answer.status_code == 409
    assert "Street and number: 1 New Street" in answer.text
    dee.refresh_from_db()
    assert (dee.line1, dee.pronouns) == ("1 New Street", "she/her")
    again = said | {"pronouns": "they/them", "version": answer.context["form"]["version"].value()}
    again |= {"line1": "1 New Street", "city": "Louisville", "state": "KY", "zip_code": "40202"}
    assert "The record is saved." in client.post(place, again).text
    dee.refresh_from_db()
    assert (dee.line1, dee.pronouns, dee.time_zone) == ("1 New Street", "they/them", "America/Chicago")
