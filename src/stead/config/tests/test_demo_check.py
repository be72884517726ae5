"""`stead demo --check` signs in by the page's own form, so it must find that form among the page's others."""

from __future__ import annotations

import pytest
from django.test import Client

from stead.config.demo_check import _Form


@pytest.mark.django_db
def test_form_that_asks_for_the_password_is_found_on_the_real_page() -> None:
    form = _Form()
    page = Client().get("/sign-in/").content.decode()
    form.feed(page)
    assert page.count("<form") > 1
    assert {"email", "password"} <= form.fields.keys()
    assert "language" not in form.fields
