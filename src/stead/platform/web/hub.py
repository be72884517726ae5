"""One LISTEN connection per process, fanned out to every open page.

The notice names only the practice; what happened is then read from the journal's pending list, once for all pages of
that practice, as (verb, moment): no name, no patient, nothing that a seat could not know.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from asgiref.sync import sync_to_async
from django.db import connections

from stead.platform import actors
from stead.platform.journal.write import CHANNEL
from stead.platform.tenancy.context import acting
from stead.platform.web.stopping import is_stopping

LOG = logging.getLogger(__name__)
GATHER_SECONDS = 0.1
RETRY_SECONDS = 2.0
LOOK_SECONDS = 0.5
"""How often to look whether the server is to stop."""
HEARTBEAT_SECONDS = float(os.environ.get("STEAD_HEARTBEAT", "15"))
"""How long after its end a session may still hold a stream open, which tells verbs and nothing else."""
Line = tuple[str, datetime]

_LINES = """
select id, verb, at from journal_entry where practice_id = %(p)s and id in
  (select id from journal_pending where practice_id = %(p)s order by id desc limit 500) order by id
"""


def read_lines(practice: UUID) -> list[tuple[UUID, str, datetime]]:
    """Return the newest unsealed lines of the practice. Runs in a thread of its own, so it closes its connection."""
    try:
        with acting(practice, actors.system()), connections["default"].cursor() as cursor:
            cursor.execute(_LINES, {"p": practice})
            return list(cursor.fetchall())
    finally:
        connections["default"].close()


class Hub:
    """The pages that listen in one event loop. `closing` ends them all, and those that come after."""

    def __init__(self) -> None:
        self.pages: dict[UUID, set[asyncio.Queue[Line | None]]] = {}
        self.sent: dict[UUID, set[UUID]] = {}
        self.closing = False
        self._task: asyncio.Task[None] | None = None
        self._watch: asyncio.Task[None] | None = None
        self._busy: set[asyncio.Task[None]] = set()
        self._waiting: set[UUID] = set()

    async def lines(self, practice: UUID) -> AsyncIterator[Line | None]:
        """Yield each new line of the practice until the hub closes; None when nothing came for a while."""
        if self.closing:
            return
        queue: asyncio.Queue[Line | None] = asyncio.Queue()
        await self._join(practice, queue)
        try:
            while not self.closing:
                try:
                    line = await asyncio.wait_for(queue.get(), timeout=HEARTBEAT_SECONDS)
                except TimeoutError:
                    line = None
                if self.closing:
                    return
                yield line
        finally:
            self._leave(practice, queue)

    async def _join(self, practice: UUID, queue: asyncio.Queue[Line | None]) -> None:
        if self._watch is None:
            self._watch = asyncio.create_task(self._close_at_stop())
        if self._task is None or self._task.done():
            ready = asyncio.Event()
            self._task = asyncio.create_task(self._listen(ready))
            await ready.wait()
        if practice not in self.pages:
            self.sent[practice] = {i for i, _, _ in await _read(practice)}
        self.pages.setdefault(practice, set()).add(queue)

    def _leave(self, practice: UUID, queue: asyncio.Queue[Line | None]) -> None:
        self.pages[practice].discard(queue)
        if not self.pages[practice]:
            del self.pages[practice]
            self.sent.pop(practice, None)

    async def _close_at_stop(self) -> None:
        while not is_stopping():
            await asyncio.sleep(LOOK_SECONDS)
        self.close()

    def close(self) -> None:
        """End every stream now, as at shutdown."""
        self.closing = True
        for queues in self.pages.values():
            for queue in queues:
                queue.put_nowait(None)
        if self._task is not None:
            self._task.cancel()

    async def _listen(self, ready: asyncio.Event) -> None:
        while not self.closing:
            try:
                connection = await psycopg.AsyncConnection.connect(**_parameters(), autocommit=True)
                async with connection:
                    await connection.execute(f"listen {CHANNEL}")
                    ready.set()
                    for practice in list(self.pages):  # what was said while the line was down
                        self._look(practice)
                    async for notice in connection.notifies():
                        self._look(UUID(notice.payload))
            except psycopg.OperationalError as error:
                LOG.warning("The live line is down, trying again: %s", type(error).__name__)
                ready.set()
                await asyncio.sleep(RETRY_SECONDS)

    def _look(self, practice: UUID) -> None:
        """Read soon, once for the notices of a moment."""
        if practice in self.pages and practice not in self._waiting:
            self._waiting.add(practice)
            task = asyncio.create_task(self._tell(practice))
            self._busy.add(task)
            task.add_done_callback(self._busy.discard)

    async def _tell(self, practice: UUID) -> None:
        await asyncio.sleep(GATHER_SECONDS)
        self._waiting.discard(practice)
        lines = await _read(practice)
        sent = self.sent.get(practice, set())
        for line_id, verb, at in lines:
            if line_id not in sent:
                for queue in self.pages.get(practice, ()):
                    queue.put_nowait((verb, at))
        self.sent[practice] = {line_id for line_id, _, _ in lines}


async def _read(practice: UUID) -> list[tuple[UUID, str, datetime]]:
    return await sync_to_async(read_lines, thread_sensitive=False)(practice)


def _parameters() -> dict[str, Any]:
    said = connections["default"].settings_dict
    named = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    options = {key: value for key, value in said["OPTIONS"].items() if key != "pool"}  # sslmode and certificates
    return {key: said[name] for key, name in named.items() if said[name]} | options


_hubs: dict[int, Hub] = {}


def hub() -> Hub:
    """Return the hub of the running event loop."""
    return _hubs.setdefault(id(asyncio.get_running_loop()), Hub())
