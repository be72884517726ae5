"""The pages of billing."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse

from stead.billing import actions, queries
from stead.billing.days import book_day
from stead.billing.models import Claim, Denial, LedgerTransaction, PayLink, Payment, PaymentCard, Remittance, Statement
from stead.billing.terms import CardToken
from stead.billing.tests.cast import House, answer
from stead.billing.tests.conftest import Processor
from stead.messaging.queries import as_it_leaves
from stead.patients.actions import record_contact_consent
from stead.patients.models import Patient
from stead.platform import actors, clock
from stead.platform.actors import Role
from stead.platform.identifiers import new_id
from stead.platform.money import Money
from stead.platform.policy.mendings import mendings
from stead.platform.ui import words
from stead.practice.models import StaffMember
from stead.testing.clients import ClientAs, SeatClient
from stead.x12.remit835 import ProviderAdjustment

pytestmark = pytest.mark.django_db
PAID = [("CO", "45", 4000), ("PR", "3", 3000)]
DENIED = [("CO", "45", 4000), ("CO", "197", 11000)]


@pytest.fixture
def denied(house: House) -> Denial:
    house.post(answer(house.claim(), 0, DENIED))
    return Denial.objects.get()


@pytest.fixture
def owing(house: House) -> House:
    house.post(answer(house.claim(), 8000, PAID))
    return house


def page(client: SeatClient, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return str(response.content.decode())


def test_claims_are_listed_with_their_sum_filtered_and_exported(client_as: ClientAs, house: House) -> None:
    house.claim()
    house.claim(days_ago=1, sent=False)
    client = client_as("biller")
    text = page(client, "/billing/")
    assert "Two claims on the way or waiting." in text
    assert "$300.00" in text
    assert "D. Marsh" in text
    ready = page(client, f"/billing/?state=ready&payer={house.payer.id}&sort=service")
    assert "One claim" in ready
    assert "$150.00" in ready
    export = client.get("/billing/?state=accepted&format=csv").content.decode()
    assert export.count("CL-") == 1
    assert "150.00" in export


def test_empty_queue_says_when_it_fills(client_as: ClientAs, house: House) -> None:
    assert "No claim stands in these states." in page(client_as("biller"), "/billing/?state=rejected")


def test_claim_page_tells_lines_answers_and_history(client_as: ClientAs, denied: Denial) -> None:
    text = page(client_as("biller"), f"/billing/claims/{denied.claim_id}/")
    title = "Bluegrass Mutual denied LS1. $110.00 waits for your decision."
    assert title.replace("LS1", denied.claim.number) in text
    for said in ("H0004", "F41.1", "Authorization and referral", "Answered by the payer (835): Payer paid $0.00"):
        assert said in text, said
    assert "still owed by" not in text
    assert "Made by" in text
    assert "Made. Made" not in text
    assert "Journal line" not in text
    assert ">By<" not in text


def test_claim_page_says_of_each_denial_what_it_means_and_what_to_do(client_as: ClientAs, denied: Denial) -> None:
    text = page(client_as("biller"), f"/billing/claims/{denied.claim_id}/")
    for said in ("CO 197", "The plan wanted to be asked before the visit", "Look for an authorization", "days left"):
        assert said in text, said
    assert "The plan wanted to be asked before the visit" in page(client_as("biller"), "/billing/denials/")
    denied.state = "written_off"
    denied.save(update_fields=["state"])
    text = page(client_as("biller"), f"/billing/claims/{denied.claim_id}/")
    assert "Look for an authorization" not in text
    assert "written off" in text


def test_held_claim_shows_why_and_is_released_by_one_press(client_as: ClientAs, house: House) -> None:
    StaffMember.objects.update(taxonomy="")
    house.sign(house.visit())
    StaffMember.objects.filter(id=house.clinician.id).update(taxonomy="")
    claim = Claim.objects.get()
    actions.scrub_claim(**house.door, claim_id=claim.id)
    client = client_as("biller")
    assert "taxonomy code is missing" in page(client, f"/billing/claims/{claim.id}/")
    StaffMember.objects.filter(id=house.clinician.id).update(taxonomy="103TC0700X")
    client.post(f"/billing/claims/{claim.id}/check/")
    assert Claim.objects.get().state == "ready"


def test_denials_are_grouped_by_who_can_mend_them(client_as: ClientAs, denied: Denial) -> None:
    client = client_as("biller")
    text = page(client, "/billing/denials/")
    assert "One denial holds $110." in text
    assert "Authorization and referral" in text
    assert "CO 197" in text
    assert "No denial waits here." in page(client, "/billing/denials/?queue=coding")
    assert "110.00" in client.get("/billing/denials/?format=csv").content.decode()


def test_mending_a_denial_sends_the_replacement_and_opens_the_next(client_as: ClientAs, house: House) -> None:
    first, second = house.claim(), house.claim(days_ago=1)
    house.post(answer(first, 0, DENIED), answer(second, 0, DENIED))
    one, two = first.denials.get(), second.denials.get()
    client = client_as("biller")
    address = f"/billing/denials/{one.id}/"
    assert "The replacement quotes the payer" in page(client, address)
    given = {"diagnosis": "F41.1", "modifiers": "", "place": "11", "authorization": "AUTH9"}
    done = client.post(address, given)
    assert done.redirect_chain == [(f"/billing/denials/{two.id}/", 302)]
    made = Claim.objects.get(replaces_id=first.id)
    assert (made.frequency, made.authorization_number, made.original_reference) == ("7", "AUTH9", "P1")


def test_wrong_correction_is_said_and_nothing_leaves(client_as: ClientAs, denied: Denial) -> None:
    given = {"diagnosis": "anxiety", "modifiers": "TOOLONG", "place": "1", "authorization": ""}
    response = client_as("biller").post(f"/billing/denials/{denied.id}/", given)
    assert response.status_code == 422
    assert "Write at most four modifiers" in response.content.decode()
    assert Claim.objects.count() == 1


def test_payment_by_card_is_one_page_and_one_press(client_as: ClientAs, owing: House, processor: Processor) -> None:
    actions.vault_card(**owing.door, patient_id=owing.patient.id, card=CardToken("t", "Visa", "4242", 4, 2029))
    client = client_as("front_desk")
    address = f"/billing/accounts/{owing.patient.id}/pay/"
    text = page(client, address)
    assert 'value="30.00"' in text
    assert "Visa ending 4242" in text
    card = queries.cards_of(owing.patient.id).get()
    shown = client.post(address, {"amount": "30.00", "method": f"card:{card.id}"}).content.decode()
    assert "Taking $30.00 from Dee Marsh." in shown
    row = Payment.objects.get()
    owing.settle(row.id)
    assert "Dee Marsh paid $30.00." in page(client, f"/billing/payments/{row.id}/")


def test_ledger_leads_to_the_claim_only_where_the_reader_may_open_it(client_as: ClientAs, owing: House) -> None:
    address, link = f"/billing/accounts/{owing.patient.id}/", 'href="/billing/claims/'
    assert link in page(client_as("biller"), address)
    at_the_desk = page(client_as("front_desk"), address)
    assert link not in at_the_desk
    assert "$30.00" in at_the_desk


def test_front_desk_enters_billing_at_the_page_that_is_theirs(client_as: ClientAs) -> None:
    assert '<a href="/billing/eligibility/" data-letter="B">Billing</a>' in page(client_as("front_desk"), "/")
    assert '<a href="/billing/" data-letter="B">Billing</a>' in page(client_as("biller"), "/")


def test_same_form_sent_twice_takes_money_once(client_as: ClientAs, owing: House) -> None:
    client = client_as("front_desk")
    for _ in range(2):
        client.post(f"/billing/accounts/{owing.patient.id}/pay/", {"amount": "30", "method": "cash", "_key": "form-7"})
    assert Payment.objects.count() == 1
    assert queries.balance_of(owing.patient.id) == Money(0)


@pytest.mark.parametrize("amount", ["", "thirty", "0", "-5", "1.234"])
def test_unreadable_amount_is_refused(client_as: ClientAs, owing: House, amount: str) -> None:
    address = f"/billing/accounts/{owing.patient.id}/pay/"
    assert client_as("front_desk").post(address, {"amount": amount, "method": "cash"}).status_code == 422
    assert not Payment.objects.exists()


def test_account_adds_up_and_its_statement_is_a_pdf(client_as: ClientAs, owing: House) -> None:
    client = client_as("biller")
    address = f"/billing/accounts/{owing.patient.id}/"
    text = page(client, address)
    assert "Dee Marsh owes $30.00." in text
    assert "Individual, 50 min" in text
    assert "Statement 1001 (PDF)" in client.post(f"{address}statement/").content.decode()
    pdf = client.get(f"/billing/statements/{Statement.objects.get().id}/")
    assert pdf.headers["Content-Type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF")
    again = client.post(f"{address}statement/")
    assert again.status_code == 409


def test_who_owes_is_listed_by_age(client_as: ClientAs, owing: House) -> None:
    client = client_as("biller")
    assert "One patient owes $30." in page(client, "/billing/accounts/")
    assert "30.0" in client.get("/billing/accounts/?format=csv").content.decode()


def test_write_off_above_the_limit_is_refused_on_the_form(client_as: ClientAs, owing: House) -> None:
    owing.seat("Biller", 2500, owing.by)
    client = client_as("biller")
    address = f"/billing/accounts/{owing.patient.id}/write-off/"
    refused = client.post(address, {"amount": "30", "reason": "Small"})
    assert refused.status_code == 403
    assert "up to $25.00" in refused.content.decode()
    client.post(address, {"amount": "25", "reason": "Small"})
    assert queries.balance_of(owing.patient.id) == Money(500)


def test_answer_without_a_claim_is_given_to_its_claim(client_as: ClientAs, house: House) -> None:
    claim = house.claim()
    house.post(answer("NOBODY", 8000, PAID, control="", payer_number=""))
    client = client_as("biller")
    text = page(client, "/billing/remittances/")
    assert "One answer waits with $80." in text
    assert claim.number in text
    waiting = queries.unmatched_answers().get()
    assert client.post(f"/billing/remittances/{waiting.id}/match/", {}).status_code == 422
    client.post(f"/billing/remittances/{waiting.id}/match/", {"claim": str(claim.id)})
    assert "Every answer has its claim." in page(client, "/billing/remittances/")


def test_answer_that_does_not_fit_says_why_and_is_given_with_a_reason(client_as: ClientAs, house: House) -> None:
    claim = house.claim()
    house.post(answer("NOBODY", 3000, [("CO", "45", 1000)], charge=4000, control="", payer_number=""))
    waiting = queries.unmatched_answers().get()
    client = client_as("biller")
    address = f"/billing/remittances/{waiting.id}/match/"
    refused = client.post(address, {"claim": str(claim.id)})
    assert refused.status_code == 409
    assert "it charges $150.00 and the answer speaks of $40.00" in refused.content.decode()
    client.post(address, {"claim": str(claim.id), "reason": "They split the line"})
    assert not queries.unmatched_answers().exists()


def test_copy_of_an_answer_is_closed_with_a_reason(client_as: ClientAs, house: House) -> None:
    claim = house.claim()
    house.post(answer(claim, 8000, PAID))
    house.post(answer(claim, 8000, PAID), trace="T2")
    client = client_as("biller")
    text = page(client, "/billing/remittances/")
    assert "The claim has an answer already" in text
    assert "Held without a claim" in text
    address = f"/billing/remittances/{queries.unmatched_answers().get().id}/close/"
    assert client.post(address, {"reason": ""}).status_code == 422
    client.post(address, {"reason": "A copy"})
    assert "Every answer has its claim." in page(client, "/billing/remittances/")


def test_what_a_payer_took_back_is_settled_on_its_page(client_as: ClientAs, house: House) -> None:
    plb = [ProviderAdjustment("1487654323", "20261231", "WO", Decimal("20.00"), "P77")]
    house.post(answer(house.claim(), 8000, PAID), plb=plb)
    client = client_as("biller")
    text = page(client, "/billing/remittances/")
    for said in ("Taken back: an overpayment", "P77", "-$20.00", "Compare what is taken back"):
        assert said in text, said
    row = queries.open_provider_adjustments().get()
    client.post(f"/billing/remittances/moved/{row.id}/", {"reason": "The reversal of March"})
    assert "Taken back: an overpayment" not in page(client, "/billing/remittances/")


def test_rejected_claim_is_corrected_on_its_page(client_as: ClientAs, house: House) -> None:
    claim = house.claim()
    actions.record_rejected(**house.door, claim_id=claim.id, kind="277CA", code="A7")
    client = client_as("biller")
    assert "Correct and send again" in page(client, f"/billing/claims/{claim.id}/")
    given = {"procedure": "90837", "diagnosis": "F41.1", "modifiers": "HJ", "place": "02", "authorization": ""}
    client.post(f"/billing/claims/{claim.id}/resend/", given)
    charge = Claim.objects.get(replaces_id=claim.id).lines.get().charge
    assert (charge.procedure_code, charge.modifiers, charge.place_of_service) == ("90837", ["HJ"], "02")


def test_charge_is_voided_and_the_visit_charged_again(client_as: ClientAs, house: House) -> None:
    claim = house.claim(sent=False)
    charge = claim.lines.get().charge
    client = client_as("biller")
    assert f"/billing/charges/{charge.id}/void/" in page(client, f"/billing/claims/{claim.id}/")
    address = f"/billing/charges/{charge.id}/void/"
    assert "Void the charge of $150.00?" in page(client, address)
    assert client.post(address, {"reason": ""}).status_code == 422
    assert "The charge of $150.00 is void." in client.post(address, {"reason": "Wrong price"}).content.decode()
    assert client.post(address, {"reason": "Once more"}).status_code == 409
    client.post(f"/billing/charges/{charge.id}/again/")
    assert queries.claim_owed(Claim.objects.get(state="ready")) == 15000


LISTS = ["/billing/", "/billing/denials/", "/billing/remittances/"]


@pytest.mark.parametrize("role", ["front_desk", "intake", "clinician"])
def test_other_seats_do_not_see_claims(client_as: ClientAs, denied: Denial, role: Any) -> None:
    client = client_as(role)
    for address in [*LISTS, f"/billing/claims/{denied.claim_id}/", f"/billing/denials/{denied.id}/"]:
        assert client.get(address).status_code == 403, address
    assert client.post(f"/billing/claims/{denied.claim_id}/write-off/", {}).status_code == 403


def test_stranger_finds_nothing(eve_client: SeatClient, denied: Denial) -> None:
    patient = denied.patient_id
    for address in (
        f"/billing/claims/{denied.claim_id}/",
        f"/billing/denials/{denied.id}/",
        f"/billing/accounts/{patient}/",
        f"/billing/accounts/{patient}/pay/",
        f"/billing/payments/{new_id()}/",
        f"/billing/statements/{new_id()}/",
    ):
        assert eve_client.get(address).status_code == 404, address
    for address in (
        f"/billing/claims/{denied.claim_id}/resend/",
        f"/billing/claims/{denied.claim_id}/check/",
        f"/billing/denials/{denied.id}/patient/",
        f"/billing/charges/{denied.claim.lines.get().charge_id}/void/",
        f"/billing/charges/{denied.claim.lines.get().charge_id}/again/",
        f"/billing/remittances/{new_id()}/close/",
        f"/billing/payments/{new_id()}/refund/",
        f"/billing/payments/{new_id()}/void/",
        f"/billing/postings/{LedgerTransaction.objects.get(kind='charge').id}/back/",
        f"/billing/remittances/moved/{new_id()}/",
        f"/billing/accounts/{patient}/statement/",
    ):
        assert eve_client.post(address).status_code == 404, address


def test_posts_are_posts(client_as: ClientAs, denied: Denial) -> None:
    client = client_as("biller")
    assert client.get(f"/billing/claims/{denied.claim_id}/check/").status_code == 405
    assert client.post("/billing/").status_code == 405


@pytest.mark.parametrize(("address", "most"), [("/billing/", 26), ("/billing/denials/", 24)])
def test_lists_ask_the_same_number_of_questions_however_long_they_are(
    client_as: ClientAs, house: House, address: str, most: int, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    house.post(*(answer(house.claim(days_ago=n), 0, DENIED) for n in range(4)))
    client = client_as("biller")
    client.get(address)
    with django_assert_max_num_queries(most):
        client.get(address)


def test_slip_of_the_patient_says_the_balance(owing: House) -> None:
    from stead.billing.navigation import balance_of_the_hand

    said = balance_of_the_hand(UUID(str(owing.patient.id)))
    assert said["balance"] == "$30.00"
    assert [link["label"] for link in said["links"]] == ["Account", "Take payment"]


def agrees(house: House, channel: str = "email") -> None:
    record_contact_consent(
        **(house.door | {"by": actors.system()}),
        patient_id=house.patient.id,
        channel=channel,
        purpose="billing",
        granted=True,
    )


def test_statement_is_told_only_to_who_agreed_to_messages_about_bills(client_as: ClientAs, owing: House) -> None:
    from stead.messaging.models import OutboxMessage

    page = client_as("biller").get(f"/billing/accounts/{owing.patient.id}/").content.decode()
    assert "has not agreed to messages about bills" in page
    client_as("biller").post(f"/billing/accounts/{owing.patient.id}/statement/")
    assert not OutboxMessage.objects.exists()
    assert Statement.objects.get().sent_at is None


def test_statement_is_texted_where_only_texts_were_agreed_to(
    client_as: ClientAs, owing: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    from stead.messaging.models import OutboxMessage

    monkeypatch.setattr("stead.messaging.queries.find_carrier", lambda way: way)
    Patient.objects.filter(id=owing.patient.id).update(phone="+15025550111")
    agrees(owing, "sms")
    client_as("biller").post(f"/billing/accounts/{owing.patient.id}/statement/")
    assert OutboxMessage.objects.get().channel == "sms"


def test_statement_is_told_to_the_patient_without_an_amount(client_as: ClientAs, owing: House) -> None:
    from stead.messaging.models import OutboxMessage

    agrees(owing)
    client_as("biller").post(f"/billing/accounts/{owing.patient.id}/statement/")
    message = OutboxMessage.objects.get(template="statement_ready")
    assert (message.channel, message.purpose, message.to) == ("email", "billing", "dee@example.org")
    assert "/p/" not in message.body  # the address of the link is for its receiver alone
    leaves = as_it_leaves(message).body
    assert "/p/linden-street/pay/" in leaves
    assert "$" not in leaves
    assert Statement.objects.get().sent_at == owing.at


def test_link_is_sent_again_and_the_earlier_one_ends(client_as: ClientAs, owing: House) -> None:
    from stead.messaging.models import OutboxMessage

    client = client_as("biller")
    client.post(f"/billing/accounts/{owing.patient.id}/statement/")
    again = reverse("billing_tell", args=[Statement.objects.get().id])
    assert client.post(again).status_code == 422
    assert not PayLink.objects.exists()
    agrees(owing)
    assert "Send the link again" in page(client, f"/billing/accounts/{owing.patient.id}/")
    for _ in range(2):
        with clock.driven(clock.now() + timedelta(minutes=1)):
            client.post(again)
    assert OutboxMessage.objects.filter(template="statement_ready").count() >= 1
    assert PayLink.objects.get(ended_at=None).sent_at == max(link.sent_at for link in PayLink.objects.all())


def test_owner_says_what_the_link_may_do(client_as: ClientAs, owing: House) -> None:
    client = client_as("owner")
    assert "pays with the card on file" in page(client, reverse("billing_pay_link"))
    assert "asks to sign in first" in client.post(reverse("billing_pay_link"), {"way": "sign_in"}).content.decode()
    assert client.post(reverse("billing_pay_link"), {"way": "anything"}).status_code == 422
    assert reverse("billing_pay_link") in page(client, reverse("billing_accounts"))
    assert reverse("billing_pay_link") not in page(client_as("biller"), reverse("billing_accounts"))
    agrees(owing)
    client_as("biller").post(f"/billing/accounts/{owing.patient.id}/statement/")
    assert not PayLink.objects.exists()


@pytest.mark.parametrize("address", ["/billing/", "/billing/denials/", "/billing/accounts/"])
def test_lists_with_patients_are_given_out_only_with_the_permission_to_export(
    client_as: ClientAs, denied: Denial, address: str
) -> None:
    assert client_as("biller").get(f"{address}?format=csv").status_code == 200
    assert client_as("front_desk").get(f"{address}?format=csv").status_code == 403


def test_desk_reads_accounts_and_is_offered_no_file_of_them(client_as: ClientAs, owing: House) -> None:
    assert "format=csv" not in page(client_as("front_desk"), "/billing/accounts/")
    assert "format=csv" in page(client_as("biller"), "/billing/accounts/")


def test_file_of_denials_keeps_the_filter_on_the_screen(client_as: ClientAs, denied: Denial) -> None:
    assert "?queue=coding&amp;format=csv" in page(client_as("biller"), "/billing/denials/?queue=coding")


CARD: dict[str, Any] = {
    "token": "tok_ok_abcdefgh",
    "brand": "Visa",
    "last4": "4242",
    "expires_month": 12,
    "expires_year": 2030,
}


@pytest.mark.parametrize("role", ["front_desk", "intake", "biller"])
def test_card_is_put_on_file_at_the_desk(client_as: ClientAs, house: House, role: Role) -> None:
    client, address = client_as(role), f"/billing/accounts/{house.patient.id}/card/"
    shown = page(client, address)
    assert "No card on file" in shown
    answer = client.post(address, CARD | {"next": "/calendar/"}, follow=False)
    assert (answer.status_code, answer["Location"]) == (302, "/calendar/")
    kept = PaymentCard.objects.get()
    assert (kept.patient_id, kept.token, kept.last4) == (house.patient.id, "tok_ok_abcdefgh", "4242")
    assert "Visa ending 4242, to 12/2030" in page(client, address)


def test_no_field_of_the_card_form_can_carry_a_number(client_as: ClientAs, house: House) -> None:
    text = page(client_as("front_desk"), f"/billing/accounts/{house.patient.id}/card/")
    form = text[text.index("data-card-form") : text.index("</form>", text.index("data-card-form"))]
    for field in re.findall(r"<input[^>]*>", form):
        assert ("data-card=" in field) != ("name=" in field)
        assert "name=" not in field or 'type="hidden"' in field


@pytest.mark.parametrize("name", ["token", "brand", "last4", "note"])
def test_number_of_a_card_is_refused_wherever_it_is_sent(
    client_as: ClientAs, house: House, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    address = f"/billing/accounts/{house.patient.id}/card/"
    answer = client_as("front_desk").post(address, CARD | {name: "tok_4242424242424242"})
    assert answer.status_code == 422
    assert "number of a payment card" in answer.content.decode()
    assert not PaymentCard.objects.exists()
    assert "4242424242424242" not in caplog.text + answer.content.decode()


@pytest.mark.parametrize(
    "wrong", [{"token": "4242"}, {"expires_year": 2020}, {"expires_month": 13}, {"last4": "42"}, {"token": ""}]
)
def test_what_is_no_card_of_the_processor_is_refused(client_as: ClientAs, house: House, wrong: dict[str, Any]) -> None:
    answer = client_as("front_desk").post(f"/billing/accounts/{house.patient.id}/card/", CARD | wrong)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert not PaymentCard.objects.exists()


def test_same_card_twice_is_kept_once(client_as: ClientAs, house: House) -> None:
    client, address = client_as("front_desk"), f"/billing/accounts/{house.patient.id}/card/"
    client.post(address, CARD)
    assert client.post(address, CARD).status_code == 409
    assert PaymentCard.objects.count() == 1


def test_account_leads_to_the_card_and_a_clinician_gets_neither(client_as: ClientAs, house: House) -> None:
    address = f"/billing/accounts/{house.patient.id}/"
    assert f"{address}card/" in page(client_as("front_desk"), address)
    clinician = client_as("clinician")
    assert clinician.get(f"{address}card/").status_code == 403
    assert clinician.post(f"{address}card/", CARD).status_code == 403
    assert not PaymentCard.objects.exists()


def test_gate_that_asks_for_a_card_leads_to_the_form(house: House) -> None:
    written = mendings.find("card")
    assert written is not None and written.permission == "billing.vault_card"
    fix = written.opens(house.patient, "")
    assert fix is not None and fix.url == f"/billing/accounts/{house.patient.id}/card/"
    actions.vault_card(**house.door, patient_id=house.patient.id, card=CardToken(**CARD))
    assert written.opens(house.patient, "") is None


def test_ledger_says_when_a_line_was_posted_and_of_which_day_it_is(client_as: ClientAs, house: House) -> None:
    house.post(answer(house.claim(days_ago=20), 8000, PAID))
    charge = next(line for line in queries.account_lines(house.patient.id) if line.kind == "charge")
    text = page(client_as("biller"), f"/billing/accounts/{house.patient.id}/")
    ledger = text[text.index('id="ledger"') :]
    row = ledger[ledger.index("<tbody>") : ledger.index("</tr>", ledger.index("<tbody>"))]
    assert f'data-label="posted">{words.day(book_day(charge.at), year=True)}<' in row
    assert f'data-label="service day">{words.day(charge.on, year=True)}<' in row


def test_every_remittance_is_given_out_and_payers_are_told_apart(client_as: ClientAs, house: House) -> None:
    for n in range(103):
        Remittance.objects.create(
            id=new_id(), payer_id=house.payer.id if n else None, trace=f"T{n:03}", originator="1", amount_cents=100 + n,
            paid_date=house.at.date(), method="ACH", posted_at=house.at,
        )  # fmt: skip
    client = client_as("biller")
    lines = client.get("/billing/remittances/?format=csv&sort=amount").content.decode().splitlines()
    assert len(lines) == 104
    assert lines[1].endswith(",1.00") and lines[-1].endswith(",2.02")
    own = client.get(f"/billing/remittances/?format=csv&payer={house.payer.id}").content.decode()
    assert "T000" not in own and "T001" in own
    shown = page(client, "/billing/remittances/")
    assert "103 payments" in shown and "page=2" in shown
    assert client_as("front_desk").get("/billing/remittances/?format=csv").status_code == 403
