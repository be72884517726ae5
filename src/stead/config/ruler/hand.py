"""The hand of a story: it presses, types and chooses as a person does, and lays the ruler on stretches of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.conf import settings

from stead.config.ruler.counter import Ruler, settle
from stead.config.ruler.keystrokes import Counted

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

WIDE = {"viewport": {"width": 1440, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
PATIENCE_MS = 20_000


@dataclass
class Stretch:
    """One counted part of a job; `counted` is there when the part is over."""

    name: str
    phone: bool
    counted: Counted = field(default_factory=Counted)


class Hand:
    """One person at one screen."""

    def __init__(self, browser: Browser, address: str, *, session: str = "", phone: bool = False) -> None:
        self._context = browser.new_context(base_url=address, **(PHONE if phone else WIDE))
        self._context.set_default_timeout(PATIENCE_MS)
        self._phone, self.address = phone, address
        self._ruler = Ruler(self._context)
        if session:
            cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": address}
            self._context.add_cookies([cookie])  # type: ignore[list-item]  # a TypedDict of which this is one
        self.page: Page = self._context.new_page()

    def close(self) -> None:
        self._context.close()

    def press(self, what: Locator) -> None:
        (what.tap if self._phone else what.click)()
        settle(self.page)

    def type(self, field: Locator, text: str) -> None:
        """Type into a field; the press that puts the caret there belongs to the field."""
        field.press_sequentially(text)
        settle(self.page)

    def choose(self, field: Locator, label: str) -> None:
        field.select_option(label=label)
        settle(self.page)

    @contextmanager
    def stretch(self, name: str) -> Iterator[Stretch]:
        """Count what happens inside."""
        part = Stretch(name, self._phone)
        self._ruler.start(self.page)
        yield part
        part.counted = self._ruler.read(self.page)

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Leave out what happens inside: the answers themselves, not the way to them."""
        with self._ruler.paused(self.page):
            yield


HandOf = Callable[..., Hand]
