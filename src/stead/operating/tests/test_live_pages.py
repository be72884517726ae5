"""Two people at two browsers, on the real server: what one does stands on the other's pages, which nobody reloaded."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, time
from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from stead.operating.tests.conftest import LOUISVILLE, Hand
from stead.platform import clock
from stead.platform.actors import Actor, Role
from stead.platform.journal.write import write
from stead.platform.tenancy.context import acting
from stead.practice.models import Location, StaffMember
from stead.scheduling.models import Appointment, Service
from stead.testing.clients import enter_person, session_of
from stead.testing.serving import Served

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.machine_clock]
EVERY_DAY = {day: ["00:00", "23:59"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}


@pytest.fixture
def hand(linden: UUID, olu: Actor, cho: Actor) -> Hand:
    now = clock.now()
    with acting(linden, olu):
        grace = StaffMember.objects.create(
            id=cho.id, name=cho.name, roles=["clinician"], is_practitioner=True, started_date=now.date()
        )
        place = Location.objects.create(name="Linden Street", time_zone=str(LOUISVILLE), hours=EVERY_DAY, city="L")
        service = Service.objects.create(name="Individual", minutes=50, price_cents=14000)
        return Hand(now, place, grace, grace, grace, service)


@pytest.fixture
def book_today(hand: Hand, linden: UUID, olu: Actor) -> Callable[..., Appointment]:
    """Return a function that books an hour of the server's own day, as an action does: a row and its line."""

    def book(hour: int, first: str) -> Appointment:
        starts_at = datetime.combine(hand.at.astimezone(LOUISVILLE).date(), time(hour), LOUISVILLE)
        with acting(linden, olu):
            row = hand.visit(hand.patient(first), starts_at, status="booked")
            write("appointment.booked", by=olu, at=clock.now(), subject=row)
        return row

    return book


@pytest.fixture
def enter(
    served: Served, practice_row: Any, cast_of: dict[Role, Actor], browser: Browser, settings: Any
) -> Iterator[Callable[[Role, str], Page]]:
    """Return a function that opens a page of the server in a browser of its own."""
    opened = []

    def make(role: Role, address: str) -> Page:
        key = session_of(enter_person(practice_row, cast_of[role]))
        context = browser.new_context(base_url=served.address)
        opened.append(context)
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": served.address}])
        page = context.new_page()
        page.goto(address)
        return page

    yield make
    for context in opened:
        context.close()


@pytest.fixture
def watch(enter: Callable[[Role, str], Page]) -> Callable[[Role, str], Page]:
    """Open a page and wait until it says that it listens."""

    def make(role: Role, address: str) -> Page:
        page = enter(role, address)
        expect(page.locator("#live")).to_have_attribute("data-state", "live", timeout=15_000)
        page.evaluate("window.neverReloaded = true")
        return page

    return make


def test_what_one_person_does_stands_on_the_pages_of_the_others(
    enter: Callable[[Role, str], Page], watch: Callable[[Role, str], Page], book_today: Callable[..., Appointment]
) -> None:
    visit = book_today(12, "Dee")
    desk, practice, calendar = watch("front_desk", "/"), watch("owner", "/"), watch("front_desk", "/calendar/")
    assert desk.locator(f"#lacks-{visit.id}").is_visible()
    other = book_today(14, "Sam")
    expect(desk.locator(f"#lacks-{other.id}")).to_be_visible()
    expect(calendar.get_by_text("S. Marsh").first).to_be_visible()
    expect(practice.locator("#opening")).to_contain_text("two visits are booked")
    hers = enter("manager", reverse("calendar_visit", args=[visit.id]))
    hers.get_by_role("button", name=re.compile("Check in")).first.click()
    hers.get_by_text("Waiting").first.wait_for()
    expect(desk.locator(f"#here-{visit.id}")).to_be_visible()
    expect(calendar.locator(f"#here-{visit.id}")).to_be_visible()
    assert all(page.evaluate("window.neverReloaded") for page in (desk, practice, calendar))
