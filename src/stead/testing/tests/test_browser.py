"""The browser fixtures: a signed-in page on a real server, and axe that fails on what is wrong."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.urls import path
from playwright.sync_api import expect

from stead.config.urls import urlpatterns as product
from stead.platform import permissions
from stead.platform.actors import STAFF_ROLES
from stead.platform.web.door import PageRequest, staff
from stead.platform.web.pages import staff_page
from stead.testing.browser import Axe, StaffPageAs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls(__name__)]

if permissions.find("testing.browse") is None:
    permissions.declare("testing.browse", "browse", *STAFF_ROLES)


@staff("testing.browse")
def plain(request: PageRequest) -> HttpResponse:
    return staff_page(request, "ui/search.html", {"q": "", "groups": []}, room="today")


@staff("testing.browse")
def nameless(request: PageRequest) -> HttpResponse:
    return HttpResponse("<!doctype html><html lang=en><title>x</title><main><h1>x</h1><img src=/static/ui/icon.svg>")


urlpatterns = [path("plain", plain), path("nameless", nameless), *product]


def test_page_is_signed_in_and_styled(staff_page_as: StaffPageAs, axe: Axe) -> None:
    page = staff_page_as("manager")
    page.goto("/plain")
    expect(page.get_by_text("Mona Petrakis").first).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).fontFamily").startswith('"Source Sans')
    axe(page)


def test_axe_names_what_is_wrong(staff_page_as: StaffPageAs, axe: Axe) -> None:
    page = staff_page_as("manager")
    page.goto("/nameless")
    with pytest.raises(AssertionError, match="image-alt"):
        axe(page)
