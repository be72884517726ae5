"""No page shows a link that its reader may not follow.

Every staff page is read by every role on one of every row; each link and live part is followed as that role, and each
form must lead where the role holds the permission. None may answer 403 or 404. What a seat may know but not open is
said in plain words (`{% way %}`), never as a link.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest
from django.urls import Resolver404, resolve

from stead.platform import permissions
from stead.platform.actors import STAFF_ROLES, Role
from stead.testing.clients import ClientAs, InPractice, SeatClient
from stead.testing.matrix import Route, all_routes
from stead.testing.rows import Rows

pytestmark = pytest.mark.django_db
PAGES = [
    route for route in all_routes() if route.access is not None and route.access.kind == "staff" and not route.missing()
]
FOLLOWED = {"a": ("href",), "form": ("action",)}
LIVE = ("hx-get", "hx-post")


@dataclass(frozen=True)
class Way:
    """One thing on a page that leads somewhere: the method it uses, the address, the words on it."""

    method: str
    address: str
    tag: str


class Ways(HTMLParser):
    """Collect every link, form and live part of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.page, self.found = page, set[Way]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        for name in (*FOLLOWED.get(tag, ()), *LIVE):
            if name in given and not given[name].startswith("#"):
                post = name == "hx-post" or (tag == "form" and given.get("method", "get").lower() == "post")
                self._add("POST" if post else "GET", given[name] or self.page, tag)

    def _add(self, method: str, address: str, tag: str) -> None:
        parts = urlsplit(urljoin(self.page, address))
        if not parts.scheme and not parts.netloc:
            self.found.add(Way(method, parts._replace(fragment="").geturl(), tag))


@dataclass
class World:
    seats: dict[Role, SeatClient]
    addresses: list[tuple[Route, str]]


@pytest.fixture
def world(client_as: ClientAs, in_practice: InPractice, at: datetime) -> World:
    seats = {role: client_as(role) for role in STAFF_ROLES}
    with in_practice():
        rows = Rows()
        filled = [(route, route.filled(rows)) for route in PAGES]
    return World(seats, filled)


def ways_of(client: SeatClient, address: str) -> set[Way]:
    """Return what leads on from a page; nothing where the role sees no page."""
    client.raise_request_exception = False
    answer = client.get(address)
    if answer.status_code != 200 or answer.streaming or "html" not in answer.get("Content-Type", ""):
        return set()
    ways = Ways(address)
    ways.feed(answer.content.decode())
    return ways.found


def needed(way: Way) -> str:
    """Return the permission that the door at an address asks for; empty when it asks for none."""
    try:
        access = resolve(urlsplit(way.address).path).func.stead_access  # type: ignore[attr-defined]
    except Resolver404:
        return "nothing is there"
    return access.permission if access.kind == "staff" else ""


def dead_ends(world: World, role: Role) -> Iterator[str]:
    """Say each way that this role is shown and may not go."""
    held = {p.key for p in permissions.table() if role in p.roles} | {""}
    seen: set[Way] = set()
    for _route, page in world.addresses:
        for way in sorted(ways_of(world.seats[role], page) - seen, key=lambda w: (w.address, w.method, w.tag)):
            seen.add(way)
            if needed(way) not in held:
                yield f"{role}: {page} leads to {way.method} {way.address}, which asks for {needed(way)}"
            elif way.method == "GET" and (status := world.seats[role].get(way.address).status_code) in (403, 404):
                yield f"{role}: {page} leads to {way.address}: {status}"


def test_crawl_finds_the_dead_ends_when_no_page_asks_first(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The proof that the crawl can fail: with every link shown to everybody, it names what a clinician may not open."""
    monkeypatch.setattr("stead.platform.web.ways.is_open", lambda by, url: True)
    records = [pair for pair in world.addresses if pair[0].name == "patients_record"]
    found = "\n".join(dead_ends(World(world.seats, records), "clinician"))
    assert "which asks for coverage.change" in found
    assert "which asks for coverage.ask" in found


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_every_way_that_a_page_shows_is_open_to_its_reader(world: World, role: Role) -> None:
    assert "\n".join(dead_ends(world, role)) == ""
