"""`stead serve` as a process of its own on the test's database: for what only the real server does, such as streams.

The test must be `django_db(transaction=True)`: the other process sees committed rows only.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.db import connections


@dataclass
class Served:
    """Where it answers, and the process to tell to stop."""

    address: str
    process: subprocess.Popen[bytes]


def until(wanted: Callable[[], object], seconds: int = 10) -> bool:
    """Wait for something to become true; False if it does not."""
    for _ in range(seconds * 10):
        if wanted():
            return True
        time.sleep(0.1)
    return False


@pytest.fixture
def served(db: None, settings: Any, tmp_path: Path) -> Iterator[Served]:
    said = connections["default"].settings_dict
    url = f"postgresql://{said['USER']}:{said['PASSWORD']}@/{said['NAME']}?host={said['HOST']}&port={said['PORT']}"
    if not str(said["HOST"]).startswith("/"):
        url = f"postgresql://{said['USER']}:{said['PASSWORD']}@{said['HOST']}:{said['PORT']}/{said['NAME']}"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "STEAD_RUNTIME_URL": url,
        "STEAD_SECRET_KEY": settings.SECRET_KEY,
        "STEAD_STATE": str(tmp_path),
        "STEAD_INSECURE_COOKIES": "1",
        "STEAD_HEARTBEAT": "0.3",
    }
    command = [sys.executable, "-m", "stead.config.cli", "serve", "--port", str(port)]
    process = subprocess.Popen(command, env=environment, start_new_session=True)
    address = f"http://127.0.0.1:{port}"
    try:
        assert until(lambda: _answers(address), 30)
        yield Served(address, process)
    finally:
        process.terminate()
        try:
            process.wait(20)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/healthz", timeout=2).status_code == 200
    except httpx.TransportError:
        return False
