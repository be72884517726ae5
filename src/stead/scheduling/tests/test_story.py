"""At the desk, in a browser: job 1 (book a known patient at the next time that fits) within its bar, with axe."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse

from stead.platform import clock
from stead.platform.actors import Actor
from stead.platform.tenancy.context import acting
from stead.scheduling.models import Appointment
from stead.scheduling.tests.book import Book, open_book
from stead.testing.browser import Axe, StaffPageAs

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "owner"])]


@pytest.fixture
def open_(practice_row: Any, linden: UUID, olu: Actor) -> Iterator[Book]:
    with acting(linden, olu):
        book = open_book(linden, olu, clock.now())
    yield book


def test_known_patient_is_booked_with_three_clicks_and_one_field(
    open_: Book, staff_page_as: StaffPageAs, axe: Axe
) -> None:
    """Bar of job 1: 3 clicks and 1 field. Stead: open Book, type the name and Enter, choose, book."""
    page = staff_page_as("front_desk")
    page.goto(reverse("calendar_today"))
    axe(page)
    page.get_by_role("link", name="Book", exact=True).click()
    page.get_by_label("Name, telephone, birth date or number").fill("marsh")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Choose").click()
    axe(page)
    page.locator("#desk button.main", has_text="Book").click()
    page.get_by_text("Booked").first.wait_for()
    assert "with" in page.locator("#receipts").inner_text()
    axe(page)
    with acting(open_.practice, open_.by):
        row = Appointment.objects.get()
        assert (row.patient_id, row.status) == (open_.dee.id, "booked")
    page.goto(reverse("calendar_visit", args=[row.id]))
    axe(page)
    page.goto(reverse("patients_record", args=[open_.dee.id]))
    axe(page)
    page.goto(reverse("patients_list"))
    axe(page)


def test_booking_beside_the_day_stays_on_the_page(open_: Book, staff_page_as: StaffPageAs, axe: Axe) -> None:
    """Three clicks and one field, and the day is never left: the sheet says what was booked, Esc closes it."""
    page = staff_page_as("front_desk")
    page.goto(reverse("calendar_today"))
    day = page.url
    page.get_by_role("link", name="Book a visit").click()
    page.get_by_label("Name, telephone, birth date or number").press_sequentially("marsh")
    page.get_by_role("link", name="Choose Dee Marsh").click()
    axe(page)
    page.locator("#desk button.main", has_text="Book").click()
    page.locator("#desk .receipt", has_text="Booked").wait_for()
    assert "with" in page.locator("#desk .receipt").inner_text()
    axe(page)
    with acting(open_.practice, open_.by):
        assert Appointment.objects.get().patient_id == open_.dee.id
    page.locator("#desk").press("Escape")
    assert page.locator("#desk").inner_text() == "" and page.url == day
