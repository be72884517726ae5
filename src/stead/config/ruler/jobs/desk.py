"""At the front desk: jobs 1, 4 and 5. They start at the calendar."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from django.urls import reverse

from stead.billing.models import Payment
from stead.config.ruler.hand import Hand, HandOf, Stretch
from stead.config.ruler.house import House
from stead.config.ruler.jobs import check
from stead.forms.models import Signature
from stead.intake.models import PortalInvitation
from stead.scheduling.models import Appointment
from stead.simulation.demo.people import ANA
from stead.testing.jobs import run_waiting

if TYPE_CHECKING:
    from playwright.sync_api import Locator

FIND = "Name, telephone, birth date or number"


def book_known_patient(house: House, hand_of: HandOf) -> Iterator[Stretch]:
    """Job 1: book a known patient at the next time that fits. The book finds the time."""
    patient = house.patient("Wanda", "Quill")
    house.visit(patient, house.at - timedelta(days=8))
    hand = hand_of(ANA)
    hand.page.goto(reverse("calendar_today"))
    with hand.stretch("1") as part:
        hand.press(hand.page.get_by_role("link", name="Book a visit"))
        hand.type(hand.page.get_by_label(FIND), "quill")
        hand.press(hand.page.get_by_role("link", name="Choose Wanda Quill"))
        hand.press(hand.page.locator("#desk button.main", has_text="Book"))
        hand.page.locator("#desk .receipt", has_text="Booked").wait_for()
    with house.acting():
        ahead = Appointment.objects.filter(patient_id=patient.id, starts_at__gt=house.at, status="booked")
        check(ahead.count() == 1, "The patient has no new visit.")
    yield part


def see_why_not(house: House, hand_of: HandOf) -> Iterator[Stretch]:
    """Job 5: a first visit is refused; every reason, its owner and its fix stand there, and one press starts a fix.

    Counted from the refusal of a booking made as in job 1. Both kinds of fix are pressed: one that is done by the
    press, and one that opens its form in the sheet. Neither leaves the day.
    """
    patient = house.patient("Xenia", "Novak", status="prospect", email="xenia@example.test")
    hand = hand_of(ANA)
    refusal = _refused(hand)
    with hand.stretch("5 to see") as seen:
        unmet = refusal.locator("tr.open")
        check(unmet.count() >= 2, "Not every reason is named.")
        for row in unmet.all():
            check(bool(row.locator("td").nth(2).inner_text().strip()), "A reason has no owner.")
            check(row.locator(".fixes").locator("button, a").count() > 0, "A reason has no fix.")
    yield seen
    with hand.stretch("5") as part:
        hand.press(refusal.get_by_role("button", name="Send Xenia the link", exact=True).first)
        refusal.get_by_role("button", name="Send Xenia the link again").first.wait_for()
    with house.acting():
        check(not Appointment.objects.filter(patient_id=patient.id).exists(), "The refused visit was booked.")
        check(PortalInvitation.objects.filter(patient_id=patient.id).count() == 1, "The press sent no link.")
    yield part
    open_before = unmet.count()
    with hand.stretch("5 in a form") as part:
        hand.press(refusal.get_by_role("link", name="Record the signature").first)
        hand.page.locator("#desk [name=signed_name]").wait_for()
    yield part
    hand.type(hand.page.locator("#desk [name=signed_name]"), "Xenia Novak")
    hand.press(hand.page.get_by_role("button", name="Record the signature"))
    refusal.wait_for()
    check(unmet.count() == open_before - 1, "The booking does not stand there again with what is left.")
    with house.acting():
        check(Signature.objects.filter(patient_id=patient.id).count() == 1, "Nothing was signed.")


def _refused(hand: Hand) -> Locator:
    """Book as in job 1, and return the refusal that then stands in the sheet."""
    hand.page.goto(reverse("calendar_today"))
    hand.press(hand.page.get_by_role("link", name="Book a visit"))
    hand.type(hand.page.get_by_label(FIND), "novak")
    hand.press(hand.page.get_by_role("link", name="Choose Xenia Novak"))
    hand.press(hand.page.locator("#desk button.main", has_text="Book"))
    refusal = hand.page.locator("#desk #refusal")
    refusal.wait_for()
    return refusal


def check_in(house: House, hand_of: HandOf) -> Iterator[Stretch]:
    """Job 4: check in a patient whose copay is taken from the card on file."""
    patient = house.patient("Yara", "Ibsen")
    visit = house.visit(patient, house.at + timedelta(minutes=10))
    house.card(patient)
    house.covered(patient, copay_cents=3000)
    hand = hand_of(ANA)
    hand.page.goto(reverse("calendar_today"))
    row = hand.page.locator(f"#here-{visit.id}")
    with hand.stretch("4") as part:
        hand.press(row.get_by_role("button", name="Check in"))
        hand.press(row.get_by_role("button", name="Take $30.00 from Visa 4242"))
        row.get_by_text("copay $30.00 on its way").wait_for()
    run_waiting(house.id)
    with house.acting():
        check(Appointment.objects.get(id=visit.id).status == "arrived", "The patient is not checked in.")
        paid = Payment.objects.filter(appointment_id=visit.id, state="paid", amount_cents=3000)
        check(paid.count() == 1, "The copay was not paid.")
    yield part
