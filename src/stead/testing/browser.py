"""Browser stories: Debian's Chromium, driven by Playwright; one clear line when there is none.

@pytest.mark.django_db(transaction=True)
def test_story(staff_page_as: StaffPageAs, axe: Axe) -> None:
    page = staff_page_as("front_desk")
    page.goto("/calendar/")                     # addresses are relative to the live server
    axe(page)                                   # light and dark, readable findings
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from stead.config.ruler.chromium import FLAGS, NO_CHROMIUM, find_chromium
from stead.platform.actors import Actor, Role
from stead.testing import clients

StaffPageAs = Callable[[Role], Page]
Axe = Callable[[Page], None]
AXE = Path(__file__).resolve().parents[3] / "tests/vendor/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
TO_THE_TOP = """async () => {
  const frame = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  await frame();
  scrollTo({top: 0, behavior: "instant"});
  await frame();
}"""


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    found = find_chromium()
    if found is None:
        # A machine that must run the stories (.ci/run) says so, and then a skipped one is a failure.
        (pytest.fail if os.environ.get("STEAD_REQUIRE_BROWSER") == "1" else pytest.skip)(NO_CHROMIUM)
    return {"executable_path": found, "args": list(FLAGS)}


@pytest.fixture
def live_address(live_server: LiveServer, settings: Any) -> str:
    """Serve the product with its static files on the test's database; the test must be `transaction=True`."""
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    return str(live_server.url).replace("localhost", "127.0.0.1")


@pytest.fixture
def open_page(live_address: str, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a page in a context of its own, with cookies: open_page({"sessionid": key})."""
    opened = []

    def make(cookies: dict[str, str] | None = None, **options: Any) -> Page:
        context = browser.new_context(base_url=live_address, **options)
        opened.append(context)
        context.add_cookies([{"name": n, "value": v, "url": live_address} for n, v in (cookies or {}).items()])
        return context.new_page()

    yield make
    for context in opened:
        context.close()


@pytest.fixture
def staff_page_as(
    open_page: Callable[..., Page], practice_row: Any, cast_of: dict[Role, Actor], settings: Any
) -> Callable[..., Page]:
    """Return a page signed in as the cast's person of the role, by session cookie."""

    def make(role: Role, **options: Any) -> Page:
        with clients.outside():
            key = clients.session_of(clients.enter_person(practice_row, cast_of[role]))
        return open_page({settings.SESSION_COOKIE_NAME: key}, **options)

    return make


def axe_findings(page: Page) -> list[str]:
    """Run axe over the page (WCAG 2.2 A, AA and best practice) and return what it found, readable."""
    page.wait_for_load_state()
    # An address with a fragment scrolls after the load, and what lies under the sticky bar is no target.
    page.evaluate(TO_THE_TOP)
    page.evaluate(AXE.read_text())
    result = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    return [f"{v['id']}: {n['target']} {n['failureSummary']}" for v in result["violations"] for n in v["nodes"]]


@pytest.fixture(scope="session")
def axe() -> Axe:
    """Return a function that fails with what axe finds on the page, in light and in dark."""

    def check(page: Page) -> None:
        found = []
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            found += [f"{scheme}: {words}" for words in axe_findings(page)]
        assert not found, f"axe on {page.url}:\n" + "\n".join(found)

    return check
