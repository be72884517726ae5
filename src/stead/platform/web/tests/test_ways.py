"""Links ask the permission table where they lead before they are shown."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.template import engines
from django.test import RequestFactory
from django.urls import reverse

from stead.platform.actors import Actor
from stead.platform.web import ways

ACCOUNT = "/billing/accounts/01a22310-0106-7d46-972d-fdb591f8976a/"


def printed(source: str, *roles: str, **values: object) -> str:
    request = RequestFactory().get("/")
    request.by = Actor(uuid4(), "staff", "Ana Ruiz", frozenset(roles))  # type: ignore[attr-defined, arg-type]
    request.practice = None  # type: ignore[attr-defined]
    return engines["django"].from_string(source).render(values, request)


@pytest.mark.parametrize(("role", "open_"), [("biller", True), ("front_desk", True), ("clinician", False)])
def test_account_is_open_to_whom_the_table_names(role: str, open_: bool) -> None:
    by = Actor(uuid4(), "staff", "Somebody", frozenset([role]))  # type: ignore[list-item]
    assert ways.is_open(by, ACCOUNT) is open_
    assert ways.is_open(by, f"{ACCOUNT}?since=0#lines") is open_


@pytest.mark.parametrize("url", ["", "https://example.org/", "/sign-in/", "tel:5025550100", "#lines"])
def test_what_no_staff_door_guards_is_open(url: str) -> None:
    assert ways.is_open(Actor(uuid4(), "staff", "Nobody", frozenset()), url)


def test_link_is_printed_for_whoever_may_follow_it() -> None:
    source = '{% way url css="figure" %}$45.50{% endway %}'
    assert printed(source, "biller", url=ACCOUNT) == f'<a class="figure" href="{ACCOUNT}">$45.50</a>'


def test_words_are_printed_for_whoever_may_not() -> None:
    assert printed('{% way url css="figure" %}$45.50{% endway %}', "clinician", url=ACCOUNT) == "<span>$45.50</span>"
    assert printed("{% way url %}$45.50{% endway %}", "clinician", url=ACCOUNT) == "$45.50"


def test_button_names_the_seats_that_may() -> None:
    said = printed("{% way url whose=True %}Open the account{% endway %}", "clinician", url=ACCOUNT)
    assert said == '<span class="quiet">Open the account: biller, front desk</span>'


def test_words_of_a_link_are_escaped() -> None:
    said = printed("{% way url %}{{ name }}{% endway %}", "biller", url=ACCOUNT, name="<b>")
    assert "&lt;b&gt;" in said
    assert "<b>" not in said


def test_step_that_the_reader_may_not_do_is_words_and_no_form() -> None:
    fix = {"label": "Resend", "url": reverse("billing_denials"), "method": "post", "fields": ()}
    assert "<form" in printed("{% load ui %}{% step fix %}", "biller", fix=fix)
    assert "<form" not in printed("{% load ui %}{% step fix %}", "intake", fix=fix)
