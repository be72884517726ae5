"""The ASGI application: Django, and the end of the live streams when the server stops."""

import os
from collections.abc import Awaitable, Callable
from typing import Any

from django.core.asgi import get_asgi_application

from stead.config.children import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stead.config.settings")
die_with_parent()  # granian's workers load this module; they do not notice by themselves that granian was killed
_django: Any = get_asgi_application()

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    else:
        await _django(scope, receive, send)


async def _lifespan(receive: Receive, send: Send) -> None:
    """Close the streams at shutdown: an open one would hold the worker until it is killed."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            from stead.platform.web.hub import close_all

            close_all()
            await send({"type": "lifespan.shutdown.complete"})
            return
