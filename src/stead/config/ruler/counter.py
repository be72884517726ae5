"""Count what a person does in a browser context, by the events that the pages themselves tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stead.config.ruler.keystrokes import Counted

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

SCRIPT = Path(__file__).with_name("counter.js")
CHOICE_CLICKS = 2
"""A drop-down is opened and chosen from; the browser draws its list outside the page, where no press is told."""
QUIET_MS = 150


class Ruler:
    """Counts in one context, from `start` to `read`. A load is a view too; pages opened before `start` are not."""

    def __init__(self, context: BrowserContext) -> None:
        self._told: Counter[str] = Counter()
        self._deaf = False
        context.expose_binding("steadRuler", self._hear)
        context.add_init_script(path=SCRIPT)

    def _hear(self, _source: Any, kind: str) -> None:
        if not self._deaf:
            self._told[kind] += 1

    def start(self, page: Page) -> None:
        settle(page)
        self._told.clear()

    @contextmanager
    def paused(self, page: Page) -> Iterator[None]:
        settle(page)
        self._deaf = True
        yield
        settle(page)
        self._deaf = False

    def read(self, page: Page) -> Counted:
        settle(page)
        told = self._told
        return Counted(
            clicks=told["click"] + told["key"] + CHOICE_CLICKS * told["choice"],
            search_fields=told["search"],
            other_fields=told["field"],
            views=told["view"] + told["load"],
            loads=told["load"],
        )


def settle(page: Page) -> None:
    """Wait until the page is loaded, its requests are answered and its last change is drawn."""
    page.wait_for_load_state("load")
    page.wait_for_timeout(QUIET_MS)
