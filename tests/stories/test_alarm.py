"""A yes to the danger question, from the phone of who asks to the clinician who says what came of it.

What the person reads comes first; then one of the team after another is e-mailed, up the seats, until somebody has it.
Every page that is passed is judged by axe, in light and in dark.
"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from stead.intake.jobs import ring_on
from stead.intake.models import SafetyAlarm
from stead.simulation.mail_sink import mails
from stead.testing.cast import NOON

from .test_walk import Walk, part_text
from .test_walk import walk as walk

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

GRACE, IMANI, OLU = "Dr Grace Cho", "Imani Brooks", "Olu Adeyemi"


def says_yes_on_a_phone(walk: Walk) -> None:
    page = walk.phone(reverse("intake_ask", args=[walk.row.slug]))
    # Who is in danger need not fill anything in: the numbers stand before the first question.
    for number in ("988", "911"):
        expect(page.locator(f".crisis a[href='tel:{number}']")).to_be_in_viewport()
    walk.axe(page)
    page.locator("[name=safety][value=yes]").check()
    for name, text in (("need", "I do not want to go on."), ("first_name", "Dee"), ("last_name", "Marsh"),
                       ("birth_date", "1991-03-14"), ("phone", "502 555 0143")):  # fmt: skip
        page.locator(f"[name={name}]").fill(text)
    page.locator("[name=may_call]").check()
    page.locator("[name=visit_state]").select_option("KY")
    page.locator("[name=pays][value=self]").check()
    walk.at += timedelta(minutes=2)
    page.get_by_role("button", name="Send my request").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Please call 988 now")
    for way in ("tel:988", "sms:988", "tel:911"):
        expect(page.locator(f"a.button[href='{way}']")).to_be_in_viewport()
    with walk.acting():
        own = walk.made.locations[0].phone
    assert own
    expect(page.locator(f"a[href='tel:{own}']")).to_be_visible()
    walk.axe(page)


def told(walk: Walk) -> list[str]:
    """Return who was e-mailed, in the order of the ladder, after the mail went out."""
    walk.work()
    with walk.acting():
        alarm = SafetyAlarm.objects.get()
        names = list(alarm.rings.exclude(message_id=None).order_by("step").values_list("staff_name", flat=True))
    sent = [str(mail["To"]) for mail in mails(walk.state / "mail")]
    for name in names:
        assert any(walk.made.staff[name].email in to for to in sent), f"{name} is told on paper only: {sent}"
    return names


def minutes_later(walk: Walk, minutes: int) -> None:
    walk.at += timedelta(minutes=minutes)
    with walk.at_moment(walk.at), walk.acting():
        ring_on()


def link_of(walk: Walk, name: str) -> str:
    """Return where the mail of a colleague leads; it names no patient."""
    mail = next(m for m in mails(walk.state / "mail") if walk.made.staff[name].email in str(m["To"]))
    text = part_text(mail)
    assert "Dee" not in text and "Marsh" not in text
    found = re.search(r"https?://[^/\s]+(/intake/safety/\S+/)", text)
    assert found, text
    return found[1]


def opened(walk: Walk, name: str, path: str) -> Page:
    page = walk.page(name, path)
    walk.axe(page)
    return page


def backup_takes_it(walk: Walk) -> None:
    page = opened(walk, IMANI, link_of(walk, IMANI))
    expect(page.get_by_role("heading", level=1)).to_have_text("Call Dee Marsh now. No one has it yet.")
    expect(page.locator("main a[href^='tel:']")).to_have_text("(502) 555-0143")
    expect(page.locator("#told tbody tr")).to_have_count(2)
    page.get_by_role("button", name="I have it, I am calling").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{IMANI} has it.")
    expect(page.locator("#receipts")).to_contain_text("Nobody else is told.")
    walk.axe(page)


def others_see_who_has_it(walk: Walk) -> None:
    page = opened(walk, GRACE, link_of(walk, GRACE))
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{IMANI} has it.")
    expect(page.get_by_role("button", name="I have it")).to_have_count(0)
    page = opened(walk, "Ana Ruiz", "/")
    line = page.locator(".alerts li").first
    expect(line).to_contain_text("Dee Marsh")
    expect(line).to_contain_text(IMANI)
    page.goto(link_of(walk, GRACE))
    expect(page.locator("#settle")).to_have_count(0)  # what came of it is a clinician's word


def clinician_settles_it(walk: Walk) -> None:
    page = walk.page(IMANI, link_of(walk, IMANI))
    page.get_by_role("button", name="Record it").click()  # with nothing chosen it asks
    expect(page.locator("#settle .summary")).to_be_visible()
    walk.axe(page)
    page.get_by_label("spoken with; safe until the next visit").check()
    page.get_by_role("button", name="Record it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Settled by {IMANI}.")
    walk.axe(page)
    page.goto(reverse("intake_safety"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Nobody waits for an answer.")
    expect(page.locator("#alarms tr", has_text="Dee Marsh")).to_contain_text("Spoken with; safe until the next visit")
    walk.axe(page)
    page.goto("/")
    line = page.locator(".alerts li", has_text="Dee Marsh")
    expect(line).to_contain_text("urgent")  # safe for now: the first visit is due within two days
    expect(line).not_to_contain_text("crisis")


def test_yes_to_the_danger_question_reaches_a_clinician_up_the_seats(walk: Walk) -> None:
    with walk.at_moment(NOON):
        says_yes_on_a_phone(walk)
    with walk.at_moment(walk.at):
        assert told(walk) == [GRACE]
    minutes_later(walk, 4)
    with walk.at_moment(walk.at):
        assert told(walk) == [GRACE]
    minutes_later(walk, 1)
    with walk.at_moment(walk.at):
        assert told(walk) == [GRACE, IMANI]
        page = opened(walk, OLU, "/")
        expect(page.locator(".alerts li").first).to_contain_text("Dee Marsh")
        backup_takes_it(walk)
    minutes_later(walk, 20)
    with walk.at_moment(walk.at):
        assert told(walk) == [GRACE, IMANI]  # taken: nobody else is rung
        others_see_who_has_it(walk)
        clinician_settles_it(walk)
    assert not walk.found, "\n".join(walk.found)
