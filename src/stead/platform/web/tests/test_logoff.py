"""What was on the screen does not stay there: no browser keeps it, and an untouched page goes when the session does."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from stead.platform.accounts.factor_models import SignedIn
from stead.platform.web import navigation
from stead.testing.browser import StaffPageAs
from stead.testing.clients import ClientAs, SeatClient
from stead.testing.rows import Rows


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/patients/", "/patients/?q=nobody", "/account/"])
def test_no_browser_keeps_a_page_behind_the_door(client_as: ClientAs, path: str) -> None:
    assert "no-store" in client_as("owner").get(path)["Cache-Control"]


@pytest.mark.django_db
def test_a_patients_page_is_kept_by_nobody_either(
    patient_client: Callable[[Any], SeatClient], in_practice: Any
) -> None:
    with in_practice():
        patient = Rows().of("patients.Patient")
    assert "no-store" in patient_client(patient).get("/portal/")["Cache-Control"]


@pytest.mark.django_db(transaction=True)
def test_untouched_screen_is_cleared_once_the_session_is_over(
    staff_page_as: StaffPageAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(navigation, "LOGOFF_SECONDS", 1)
    page = staff_page_as("manager")
    with page.expect_response(lambda answer: answer.url.endswith("/account/")) as asked:
        page.goto("/patients/")
    assert asked.value.status == 200
    expect(page).to_have_url(re.compile("/patients/$"))
    SignedIn.objects.all().delete()
    expect(page.get_by_label("Password")).to_be_visible(timeout=15_000)
    expect(page).to_have_url(re.compile("next=.*patients"))
