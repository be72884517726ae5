"""Run a coroutine from code that is not asynchronous, whatever runs around it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any


def run_to_end[T](coroutine: Coroutine[Any, Any, T]) -> T:
    """Return what the coroutine returns. It gets a thread and a loop of its own, as this one may have a loop that runs
    (a browser test's, a notebook's); the clock and the context in force go along."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(copy_context().run, asyncio.run, coroutine).result()
