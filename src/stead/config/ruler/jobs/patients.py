"""The patient: jobs 21 and 23. They start with the message open, not signed in, on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import quote

from django.urls import reverse

from stead.billing.actions import make_statement
from stead.billing.models import Payment, PaymentCard
from stead.billing.queries import balance_of
from stead.config.ruler.hand import Hand, HandOf, Stretch
from stead.config.ruler.house import House
from stead.config.ruler.jobs import check
from stead.forms.queries import is_signed
from stead.intake.actions import invite_patient
from stead.messaging.models import OutboxMessage
from stead.messaging.queries import as_it_leaves
from stead.patients.actions import record_contact_consent
from stead.patients.models import Patient
from stead.practice.queries import practice_day
from stead.processes.actions import accept_item, open_case
from stead.processes.models import CaseItem
from stead.testing.jobs import run_waiting

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
PHOTO = {"name": "card.png", "mimeType": "image/png", "buffer": PIXEL}
PHOTOS = ("photo", "photo_2", "photo_3")
CALLED = ("request_read", "safety_asked", "duplicate_checked")


def intake_on_a_phone(house: House, hand_of: HandOf) -> Iterator[Stretch]:
    """Job 21: from the link to five documents that are sent: an agreement, a card, three photos. What is typed on the
    card and which photo is chosen are answers and not counted; reading, signing and getting on are."""
    patient = house.patient("Ursa", "Bright", status="prospect", pays_self=False, email="ursa@example.test")
    link = _invited(house, patient)
    hand = hand_of(phone=True)
    _message(hand, link)
    with hand.stretch("21 to the first question") as first:
        hand.press(hand.page.get_by_role("link", name="Open your page"))
        hand.page.wait_for_url("**/enter/**")
        hand.type(hand.page.locator("[name=birth_date]"), "03141991")
        hand.press(hand.page.get_by_role("button", name="Go on"))
        hand.page.get_by_role("button", name="Sign", exact=True).wait_for()
    yield first
    with hand.stretch("21") as rest:
        hand.press(hand.page.locator("[name=read]"))
        hand.press(hand.page.get_by_role("button", name="Sign", exact=True))
        hand.page.wait_for_url("**/portal/card/")
        with hand.answering():
            hand.page.locator("[data-card=number]").fill("4242 4242 4242 4242")
            hand.page.locator("[data-card=ends]").fill("12/30")
        hand.press(hand.page.get_by_role("button", name="Add this card"))
        run_waiting(house.id)
        hand.page.wait_for_url("**/portal/items/**")  # by itself, a moment after the case has moved
        with hand.answering():
            for name in PHOTOS:
                hand.page.locator(f"[name={name}]").set_input_files(PHOTO)  # type: ignore[arg-type]  # a file's three keys
        hand.press(hand.page.get_by_role("button", name="Send the photos"))
        hand.page.wait_for_url("**/portal/address/")
        with house.acting():
            sent = CaseItem.objects.filter(case__patient_id=patient.id, kind="document", state="received")
            check(sent.count() == len(PHOTOS), "A photo did not arrive.")
    with house.acting():
        for kind in ("financial_agreement", "electronic_records"):
            check(is_signed(patient.id, kind, practice_day(house.at)), f"Not signed: {kind}.")
        check(PaymentCard.objects.filter(patient_id=patient.id).count() == 1, "The card is not kept.")
    rest.counted = first.counted + rest.counted
    yield rest


def _invited(house: House, patient: Patient) -> str:
    """Open the intake case, call the person, and return the link of the invitation."""
    with house.acting():
        case = open_case(
            **house.do(), playbook_key="new_patient_intake", subject=patient, patient_id=patient.id, title="Intake"
        )
        for key in CALLED:
            accept_item(**house.do(), case_id=case.id, key=key)
        invited = invite_patient(**house.do(), patient_id=patient.id, base_url="http://stead.test")
    return reverse("intake_enter", args=[house.row.slug, invited.token])


def _message(hand: Hand, path: str) -> None:
    """Lie the message before the patient: one link. A page of its own, because the ruler does not outlive the writing
    of another text into the same document."""
    text = f'<!doctype html><title>A message</title><a href="{hand.address}{path}">Open your page</a>'
    hand.page.goto(f"data:text/html,{quote(text)}")


def pay_a_bill(house: House, hand_of: HandOf) -> Iterator[Stretch]:
    """Job 23: from the link in the statement's message, as it leaves, to a paid bill, with the card on file."""
    patient = house.patient("Vera", "Stone", email="vera@example.test")
    house.noted(house.held(patient, house.at - timedelta(days=3)))
    house.card(patient)
    with house.acting():
        owed = balance_of(patient.id).cents
        record_contact_consent(
            **house.do(), patient_id=patient.id, channel="email", purpose="billing", granted=True
        )  # fmt: skip
        make_statement(**house.do(), patient_id=patient.id, base_url="http://stead.test/")
        body = as_it_leaves(OutboxMessage.objects.get(patient_id=patient.id, template="statement_ready")).body
    check(owed > 0, "Nothing is owed.")
    path = re.search(r"http://stead\.test(/p/\S+)", body)
    check(path is not None, "The message has no link.")
    hand = hand_of(phone=True)
    _message(hand, path[1] if path else "")
    with hand.stretch("23") as part:
        hand.press(hand.page.get_by_role("link", name="Open your page"))
        hand.page.wait_for_url("**/pay/**")  # loaded: no person presses before the page's own scripts run
        hand.press(hand.page.get_by_role("button", name="with Visa 4242"))
        hand.page.get_by_role("status").get_by_text("is on its way").wait_for()
    run_waiting(house.id)
    hand.page.get_by_role("status").get_by_text("You paid").wait_for()
    with house.acting():
        paid = Payment.objects.get(patient_id=patient.id)
        check((paid.state, paid.amount_cents) == ("paid", owed), "The bill was not paid.")
        check(balance_of(patient.id).cents == 0, "Something is still owed.")
    yield part
