"""The copay on the arrivals of the day: named from the payer's answer, taken with one press, named as taken."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from stead.billing import actions
from stead.billing.actions.payments import CopayTaken, take_payment
from stead.billing.models import Payment, PaymentCard
from stead.billing.terms import CardToken
from stead.billing.tests.cast import House
from stead.care.tests.cast import service, visit
from stead.coverage import actions as coverage
from stead.coverage.models import Coverage, Payer
from stead.coverage.terms import EligibilityAnswer
from stead.platform import actors
from stead.platform.money import Money
from stead.practice.models import Location
from stead.scheduling.actions import check_in_patient
from stead.scheduling.models import Appointment
from stead.testing.clients import ClientAs

pytestmark = pytest.mark.django_db
TAKE = "Take $30.00 from Visa 4242"


@pytest.fixture
def arrived(house: House) -> Appointment:
    """Dee is here; her payer said that a visit costs her $30."""
    row = visit(house.patient, house.clinician, house.at + timedelta(minutes=10), service(), status="booked")
    policy = Coverage.objects.get()
    asked = coverage.ask_eligibility(**house.door, coverage_id=policy.id, service_date=house.at.date())
    said = EligibilityAnswer("active", copay_cents=3000)
    coverage.record_eligibility_answer(**house.door, trace=asked.trace, answer=said)
    return check_in_patient(**house.door | {"by": actors.system()}, appointment_id=row.id)


def day_of(client: Any) -> str:
    place = Location.objects.get().id
    answer = client.get(f"/calendar/day/2026-11-24/?location={place}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def card(house: House, expires_year: int = 2030) -> None:
    token = CardToken("tok_4242", "Visa", "4242", 12, expires_year)
    actions.vault_card(**house.door, patient_id=house.patient.id, card=token)


def test_copay_is_taken_from_the_card_with_one_press(house: House, arrived: Appointment, client_as: ClientAs) -> None:
    card(house)
    desk = client_as("front_desk")
    assert "copay $30.00" in day_of(desk) and TAKE in day_of(desk)
    kept = Payment.objects.count()
    said = {"amount": "30.00", "method": f"card:{PaymentCard.objects.get().id}", "appointment": str(arrived.id)}
    answer = desk.post(f"/billing/accounts/{house.patient.id}/pay/", said | {"next": "/calendar/"}, follow=False)
    assert (answer.status_code, answer["Location"]) == (302, "/calendar/")
    row = Payment.objects.get()
    assert (kept, row.appointment_id, row.amount_cents, row.state) == (0, arrived.id, 3000, "started")
    after = day_of(desk)
    assert "copay $30.00 on its way" in after and TAKE not in after


def test_copay_of_a_visit_is_taken_once_and_anew_after_it_was_declined(house: House, arrived: Appointment) -> None:
    given: dict[str, Any] = {"patient_id": house.patient.id, "amount": Money(3000), "appointment_id": arrived.id}
    first = take_payment(**house.door, **given, method="cash", key="a")
    with pytest.raises(CopayTaken):
        take_payment(**house.door, **given, method="cash", key="b")
    assert take_payment(**house.door, **given, method="cash", key="a").id == first.id
    Payment.objects.filter(id=first.id).update(state="declined")
    assert take_payment(**house.door, **given, method="cash", key="c").id != first.id


def test_without_a_card_the_copay_is_named_and_no_button_stands(
    house: House, arrived: Appointment, client_as: ClientAs
) -> None:
    page = day_of(client_as("front_desk"))
    assert "copay $30.00 to take" in page and "Take $" not in page


def test_expired_card_is_not_offered(house: House, arrived: Appointment, client_as: ClientAs) -> None:
    card(house)
    PaymentCard.objects.update(expires_year=2025)
    assert "Take $" not in day_of(client_as("front_desk"))


def test_who_may_not_take_payments_sees_no_button(house: House, arrived: Appointment, client_as: ClientAs) -> None:
    card(house)
    page = day_of(client_as("clinician"))
    assert "copay $30.00 to take" in page and "Take $" not in page


def test_payer_that_says_no_has_no_copay(house: House, arrived: Appointment, client_as: ClientAs) -> None:
    asked = coverage.ask_eligibility(
        **house.door | {"at": house.at + timedelta(minutes=1)},
        coverage_id=Coverage.objects.get().id, service_date=house.at.date(),
    )  # fmt: skip
    coverage.record_eligibility_answer(
        **house.door | {"at": house.at + timedelta(minutes=1)}, trace=asked.trace, answer=EligibilityAnswer("inactive")
    )
    assert "copay" not in day_of(client_as("front_desk"))


def test_payment_leads_to_no_other_site(house: House, arrived: Appointment, client_as: ClientAs) -> None:
    said = {"amount": "30.00", "method": "cash", "next": "https://elsewhere.test/"}
    answer = client_as("front_desk").post(f"/billing/accounts/{house.patient.id}/pay/", said, follow=False)
    assert answer["Location"].startswith("/billing/payments/")


def test_who_has_no_card_is_offered_to_put_one_on_file(house: House, arrived: Appointment, client_as: ClientAs) -> None:
    form = f"/billing/accounts/{house.patient.id}/card/?next="
    desk = client_as("front_desk")
    assert "copay $30.00 to take" in day_of(desk) and form in day_of(desk)
    assert form not in day_of(client_as("clinician"))
    card(house)
    assert form not in day_of(desk)


def test_nobody_with_medicaid_is_asked_for_a_card(house: House, arrived: Appointment, client_as: ClientAs) -> None:
    Payer.objects.update(is_medicaid=True)
    assert f"/billing/accounts/{house.patient.id}/card/" not in day_of(client_as("front_desk"))
