"""The live stream on a real ASGI server: a line arrives, other practices' do not, a revoked session ends it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from django.db import connections

from stead.platform.accounts.factor_models import SignedIn
from stead.platform.actors import Actor
from stead.platform.journal.write import write
from stead.platform.tenancy.context import acting
from stead.testing.clients import ClientAs, SeatClient, enter_person, session_of

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Served:
    """`stead serve` on the test's database, in a process of its own."""

    address: str
    process: subprocess.Popen[bytes]


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


def listen(address: str, key: str, heard: list[str], opened: threading.Event) -> None:
    """Hear a stream to its proper end; one that is torn off raises, and "end" is missing."""
    with httpx.stream("GET", f"{address}/events/", cookies={"sessionid": key}, timeout=20) as answer:
        heard.append(str(answer.status_code))
        for line in answer.iter_lines():
            if line.startswith(": "):
                opened.set()
            elif line:
                heard.append(line)
    heard.append("end")


def start(address: str, key: str) -> tuple[list[str], threading.Thread]:
    heard: list[str] = []
    opened = threading.Event()
    thread = threading.Thread(target=listen, args=(address, key, heard, opened), daemon=True)
    thread.start()
    assert opened.wait(10)
    return heard, thread


def until(wanted: Any, seconds: int = 10) -> bool:
    for _ in range(seconds * 10):
        if wanted():
            return True
        time.sleep(0.1)
    return False


def test_line_arrives_in_its_practice_only_and_a_revoked_session_ends(
    served: Served,
    practice_row: Any,
    linden: UUID,
    ana: Actor,
    elsewhere: UUID,
    eve: Actor,
    eve_client: SeatClient,
    at: Any,
) -> None:
    ours, our_thread = start(served.address, session_of(enter_person(practice_row, ana)))
    theirs, their_thread = start(served.address, eve_client.cookies["sessionid"].value)
    with acting(linden, ana):
        write("case.opened", by=ana, at=at)
        write("case.stage_entered", by=ana, at=at + timedelta(seconds=1))
    assert until(lambda: len(ours) >= 5)
    assert ours[:5] == [
        "200",
        "event: journal",
        'data: {"verb": "case.opened", "at": "10:42:00"}',
        "event: journal",
        'data: {"verb": "case.stage_entered", "at": "10:42:01"}',
    ]
    assert theirs == ["200"]
    SignedIn.objects.filter(membership__person_id=ana.id).delete()
    our_thread.join(10)
    assert not our_thread.is_alive()
    assert their_thread.is_alive()


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_server_told_to_stop_ends_its_streams_and_itself(
    served: Served, practice_row: Any, ana: Actor, told: signal.Signals
) -> None:
    """Properly, not torn off with a worker that had to be killed."""
    heard, thread = start(served.address, session_of(enter_person(practice_row, ana)))
    served.process.send_signal(told)
    thread.join(20)
    assert heard == ["200", "end"]
    assert served.process.wait(20) == 0


def test_server_without_streams_says_so(client_as: ClientAs) -> None:
    assert client_as("front_desk").get("/events/").status_code == 204
