"""A server without a database and a browser for the design pages."""

import threading
from collections.abc import Iterator
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.wsgi import get_wsgi_application
from django.test import Client, override_settings
from playwright.sync_api import Page

AXE = Path(__file__).resolve().parents[5] / "tests/vendor/axe.min.js"
URLS = "stead.platform.ui.tests.urls"


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    block_on_close = False


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        return


def design_settings() -> override_settings:
    """The product's settings with this room's addresses. The pages show nobody's data, so accounts are left out."""
    accounts = "stead.platform.accounts.session.account_middleware"
    return override_settings(
        ROOT_URLCONF=URLS,
        MIDDLEWARE=[name for name in settings.MIDDLEWARE if name != accounts],
        ALLOWED_HOSTS=["127.0.0.1", "testserver"],
        SESSION_COOKIE_SECURE=False,
        CSRF_COOKIE_SECURE=False,
    )


@pytest.fixture
def design_client() -> Iterator[Client]:
    with design_settings():
        yield Client()


@pytest.fixture(scope="module")
def design_server() -> Iterator[str]:
    """Serve the design pages and the static files on a free port; yields the address."""
    with design_settings():
        app = StaticFilesHandler(get_wsgi_application())
        server = make_server("127.0.0.1", 0, app, server_class=_Server, handler_class=_Quiet)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """Collect what the browser complains about: broken policy, missing files, faults of scripts."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


def axe_findings(page: Page) -> list[str]:
    """Run axe over the page (WCAG 2.2 A, AA and best practice) and return what it found, readable."""
    page.evaluate(AXE.read_text())
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    result = page.evaluate("rules => axe.run(document, {runOnly: rules})", rules)
    return [f"{v['id']}: {n['target']} {n['failureSummary']}" for v in result["violations"] for n in v["nodes"]]
