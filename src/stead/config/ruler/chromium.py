"""The browser that counts: Debian's Chromium, driven by Playwright. Neither is needed to run Stead itself."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NO_CHROMIUM = "No Chromium found. On Debian: apt-get install chromium; or set STEAD_CHROMIUM to its path."
NO_PLAYWRIGHT = (
    "The browser is driven by Playwright, which is a tool for developers of Stead and not part of the product. "
    "In a clone it is there after: uv sync; elsewhere: pip install playwright."
)
FLAGS = ("--disable-gpu", "--disable-dev-shm-usage")


class NoBrowser(RuntimeError):
    """Something that drives or is the browser is missing; the words say how to get it."""


def find_chromium() -> str | None:
    named = os.environ.get("STEAD_CHROMIUM")
    return named or shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@contextmanager
def browser() -> Iterator[Browser]:
    """Start Chromium, or refuse with words that say what to install."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise NoBrowser(NO_PLAYWRIGHT) from None
    found = find_chromium()
    if found is None:
        raise NoBrowser(NO_CHROMIUM)
    # Playwright's sync API keeps a loop running in this thread, and Django would take us for asynchronous code.
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with sync_playwright() as tool:
        running = tool.chromium.launch(executable_path=found, args=list(FLAGS))
        try:
            yield running
        finally:
            running.close()
