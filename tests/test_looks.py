"""Every page that the address table knows stands before axe, and none is wider than a telephone.

Each page is opened on one of every row by somebody who may: at 1440 px in light and at 360 px in dark, so that both
themes and both widths are judged in two passes. A new page is in as soon as it has an address; the stories judge what
pages look like with real rows and with refusals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page

from stead.platform import permissions
from stead.platform.actors import Actor, Role
from stead.testing import clients
from stead.testing.browser import axe_findings
from stead.testing.clients import InPractice
from stead.testing.matrix import Route, all_routes
from stead.testing.rows import Rows

pytestmark = pytest.mark.django_db(transaction=True)
ROUTES = [route for route in all_routes() if route.access is not None and route.method == "page"]
# Whoever sees most comes first; the rest open what is theirs alone.
SEATS: tuple[Role, ...] = ("owner", "clinician", "manager", "front_desk", "intake", "biller")
OTHERS = {"staff": "", "portal": "patient", "public": "nobody", "public_of_practice": "nobody", "signed_in": "owner"}
PHONE = {"width": 360, "height": 740}
WIDE = {"width": 1440, "height": 900}
BEYOND = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def opener(route: Route) -> str:
    """Return who opens a page: a role, the patient or nobody; empty where no person may."""
    kind = route.access.kind
    if kind != "staff":
        return OTHERS.get(kind, "")
    permission = permissions.find(route.access.permission)
    return next((role for role in SEATS if permission is not None and role in permission.roles), "")


def test_every_kind_of_page_has_somebody_who_opens_it() -> None:
    kinds = {route.access.kind for route in ROUTES} - {"token"}
    assert kinds <= set(OTHERS)
    assert [route.name for route in ROUTES if route.access.kind == "staff" and not opener(route)] == []


@dataclass(frozen=True)
class World:
    """(who, address) of every page, and the session of each who opens pages."""

    addresses: list[tuple[str, str]]
    keys: dict[str, str]


@pytest.fixture
def world(in_practice: InPractice, practice_row: Any, cast_of: dict[Role, Actor]) -> World:
    with clients.outside():
        entered: dict[str, Any] = {role: clients.enter_person(practice_row, cast_of[role]) for role in SEATS}
    with in_practice():
        rows = Rows()
        addresses = [(opener(route), route.filled(rows)) for route in ROUTES if not route.missing()]
        patient = rows.of("patients.Patient")
    own = Actor(id=patient.id, kind="patient", name="Dee Marsh", roles=frozenset({"patient"}))
    with clients.outside():
        entered["patient"] = clients.enter_person(practice_row, own, kind="patient")
        keys = {who: clients.session_of(membership) for who, membership in entered.items()}
    return World([pair for pair in addresses if pair[0]], keys)


def pages(world: World, asked: list[tuple[str, str]], cookie: str) -> Iterator[tuple[str, str]]:
    """Yield what answers with a page; files, forms that only take a post and ways that lead on are none."""
    for who, address in asked:
        client = Client(raise_request_exception=False)
        if who in world.keys:
            client.cookies[cookie] = world.keys[who]
        with clients.outside():
            answer = client.get(address)
        is_page = not answer.streaming and answer.get("Content-Type", "").startswith("text/html")
        if answer.status_code == 200 and is_page and b"<main" in answer.content:
            yield who, address


def findings(page: Page, address: str) -> Iterator[str]:
    for size, scheme in ((WIDE, "light"), (PHONE, "dark")):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        page.goto(address) if size is WIDE else page.reload()
        yield from (f"{address} {size['width']} {scheme}: {found}" for found in axe_findings(page))
        if (beyond := page.evaluate(BEYOND)) > 0:
            yield f"{address} is {beyond} px wider than {size['width']}"


@pytest.mark.parametrize("kind", ["staff", "patient", "nobody"])
def test_every_page_is_accessible_and_fits_a_telephone(
    open_page: Callable[..., Page], world: World, settings: Any, kind: str
) -> None:
    cookie = settings.SESSION_COOKIE_NAME
    asked = [pair for pair in world.addresses if pair[0] == kind or (kind == "staff" and pair[0] in SEATS)]
    found, seen, opened = list[str](), 0, dict[str, Page]()
    for who, address in pages(world, asked, cookie):
        if who not in opened:
            opened[who] = open_page({cookie: world.keys[who]} if who in world.keys else {})
        found += findings(opened[who], address)
        seen += 1
    assert seen >= {"staff": 60, "patient": 12, "nobody": 4}[kind], "the crawl lost its pages"
    if found:
        pytest.fail("\n".join(found))
