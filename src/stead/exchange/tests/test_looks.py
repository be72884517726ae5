"""The pages of coverage, messages and mailbox in a browser: axe in light and dark, no page wider than a telephone."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import pytest
from playwright.sync_api import Page

from stead.coverage.actions import add_authorization, attach_card
from stead.coverage.models import Coverage
from stead.coverage.terms import AuthorizationDetails
from stead.coverage.tests.cast import bluegrass
from stead.exchange.tests.cast import Post, asked, covered, linden, profile
from stead.exchange.tests.test_mailbox import BROKEN
from stead.messaging.actions import begin_delivery, queue_message, record_delivery, stop_message
from stead.messaging.terms import Outcome
from stead.messaging.tests.test_rules import VALUES
from stead.patients.actions import record_contact_consent
from stead.patients.models import Patient
from stead.platform.actors import Actor, system
from stead.platform.files.store import store
from stead.testing.clients import InPractice

pytestmark = pytest.mark.django_db(transaction=True)
REPLIES = {"sent": "250 kept", "failed": "550 5.1.1 no such mailbox", "stopped": "The visit was cancelled."}
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def filled(
    practice_row: Any, in_practice: InPractice, linden_id: UUID, olu: Actor, at: datetime, settings: Any, tmp_path: Path
) -> Coverage:
    settings.STATE = tmp_path
    with in_practice():
        profile(linden_id)
        linden()
        post = Post(linden_id, olu, at)
        payers = [bluegrass(linden_id, olu, at, edi_id=f"B{n}") for n in range(2)]
        policies = [covered(post, f"W20014{n}", payer=payers[n % 2]) for n in (9, 7, 5, 4, 1, 6)]
        for row in policies:
            asked(post, row)
        post.upload_all()
        post.payer().run(at)
        post.fetch_all()
        post.drop("era-2026-11-24.x12", BROKEN["cut"])
        post.fetch_all()
        first = policies[3]
        photo = store(b"x", name="card.png", purpose="card", by=olu, at=at, patient_id=first.patient_id,
                      trusted_type="image/png")  # fmt: skip
        attach_card(**post.door, coverage_id=first.id, front_file_id=photo.id)
        day = at.date()
        details = AuthorizationDetails(first.id, "AU-20418", 8, day, day + timedelta(days=90))
        add_authorization(**post.door, details=details)
        Patient.objects.filter(id=first.patient_id).update(email="dee@example.org")
        consent: dict[str, Any] = {
            "patient_id": first.patient_id,
            "channel": "email",
            "purpose": "care",
            "granted": True,
        }
        record_contact_consent(**post.door, **consent)
        states: tuple[Literal["sent", "failed", "stopped", "queued"], ...] = ("sent", "failed", "stopped", "queued")
        for n, state in enumerate(states):
            message = queue_message(
                **post.door,
                key=str(n),
                channel="email",
                purpose="care",
                template="reminder_1d",
                context=VALUES,
                patient_id=first.patient_id,
            )
            if state != "queued":
                given = post.door | {"by": system(), "message_id": message.id}
                if state == "stopped":
                    stop_message(**given, reason=REPLIES[state])
                    continue
                leaving = begin_delivery(**given)
                assert leaving is not None
                record_delivery(**given, leaving_at=leaving.leaving_at, outcome=Outcome(state, REPLIES[state]))
    return first


@pytest.fixture
def linden_id(linden: UUID) -> UUID:
    return linden


def addresses(row: Coverage) -> dict[str, str]:
    return {
        "eligibility": "/billing/eligibility/",
        "record": f"/patients/{row.patient_id}/",
        "policy": f"/patients/coverage/{row.id}/",
        "policy_form": f"/patients/{row.patient_id}/coverage/new/",
        "mailbox": "/billing/mailbox/",
        "messages": "/messages/",
    }


def test_pages_hold_on_a_telephone_and_for_everybody(
    filled: Coverage, staff_page_as: Callable[..., Page], axe: Callable[[Page], None]
) -> None:
    page = staff_page_as("manager")
    for name, address in addresses(filled).items():
        page.goto(address)
        if name == "eligibility":
            page.locator("td a.figure").nth(8).click()
        _look(page, name, "wide")
        axe(page)
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a plain dict is what it takes
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], name
        _look(page, name, "390")
        page.set_viewport_size({"width": 1280, "height": 900})


def _look(page: Page, name: str, width: str) -> None:
    """Keep pictures where somebody wants to look at them (STEAD_PICTURES names the folder)."""
    folder = os.environ.get("STEAD_PICTURES")
    if folder:
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=f"{folder}/{name}-{width}-{scheme}.png", full_page=True)
