"""Serve the product in this process on a port of its own, under a clock that somebody drives."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import datetime
from types import TracebackType
from typing import Any

from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler

from stead.platform import clock


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        return


class DrivenServer:
    """A web server of threads; each request lives at the moment that `now` gives, with static files by its side."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._pages = StaticFilesHandler(WSGIHandler())
        self._server = ThreadedWSGIServer(("127.0.0.1", 0), _Quiet)
        self._server.daemon_threads = True
        self._server.set_app(self._answer)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        with clock.driven(self._now()):
            return self._pages(environ, start_response)

    def __enter__(self) -> DrivenServer:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
