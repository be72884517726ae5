"""/events/: the live stream of a staff page (docs/ui.md, "Live"), by server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.db import connections
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.http import require_GET

from stead.platform import clock
from stead.platform.accounts.factor_models import SignedIn
from stead.platform.accounts.session import ABSOLUTE, IDLE, find_signed_in
from stead.platform.ui import words
from stead.platform.web.door import PageRequest, staff
from stead.platform.web.hub import hub

LONGEST_SECONDS = 600
"""A stream ends after ten minutes and the browser opens the next: no connection outlives a deployment."""


@staff("live.read")
@require_GET
def events(request: PageRequest) -> HttpResponseBase:
    """Stream the practice's journal verbs as they happen. Where the server cannot hold streams, say so (204)."""
    here = find_signed_in(request)
    if not isinstance(request, ASGIRequest) or here is None:
        return HttpResponse(status=204)
    stream = _stream(request.practice.id, ZoneInfo(request.practice.time_zone), here.id)
    response = StreamingHttpResponse(stream, content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


async def _stream(practice: UUID, zone: ZoneInfo, signed_in: UUID) -> AsyncIterator[bytes]:
    ends = asyncio.get_running_loop().time() + LONGEST_SECONDS
    yield b": open\n\n"
    async for line in hub().lines(practice):
        if line is None and not await sync_to_async(_still_here, thread_sensitive=False)(signed_in):
            return
        yield b": still here\n\n" if line is None else _event(line[0], line[1], zone)
        if asyncio.get_running_loop().time() > ends:
            return


def _event(verb: str, at: datetime, zone: ZoneInfo) -> bytes:
    data = json.dumps({"verb": verb, "at": words.clock_to_the_second(at.astimezone(zone))})
    return f"event: journal\ndata: {data}\n\n".encode()


def _still_here(signed_in: UUID) -> bool:
    """Answer whether the session still lives; the stream itself does not keep it alive."""
    try:
        now = clock.now()
        living = SignedIn.objects.filter(id=signed_in, account__is_active=True, membership__ended_at=None)
        return living.filter(seen_at__gt=now - IDLE, started_at__gt=now - ABSOLUTE).exists()
    finally:
        connections["default"].close()
