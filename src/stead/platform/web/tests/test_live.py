"""The live stream on a real ASGI server: a line arrives, other practices' do not, a revoked session ends it."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
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


@pytest.fixture
def asgi_server(db: None, settings: Any) -> Iterator[str]:
    """Granian on the test's database, in a process of its own."""
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
        "STEAD_INSECURE_COOKIES": "1",
        "STEAD_HEARTBEAT": "0.3",
    }
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--host", "127.0.0.1", "--port", str(port)]
    server = subprocess.Popen(
        [*command, "--workers-kill-timeout", "3", "stead.config.asgi:application"], env=environment
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(100):
            try:
                httpx.get(f"{address}/healthz", timeout=2)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait(5)  # with a stream still open


def listen(address: str, key: str, heard: list[str], opened: threading.Event) -> None:
    with (
        contextlib.suppress(httpx.RemoteProtocolError),
        httpx.stream("GET", f"{address}/events/", cookies={"sessionid": key}, timeout=20) as answer,
    ):
        heard.append(str(answer.status_code))
        for line in answer.iter_lines():
            if line.startswith(": "):
                opened.set()
            elif line:
                heard.append(line)


def start(address: str, key: str) -> tuple[list[str], threading.Thread]:
    heard: list[str] = []
    opened = threading.Event()
    thread = threading.Thread(target=listen, args=(address, key, heard, opened), daemon=True)
    thread.start()
    assert opened.wait(10)
    return heard, thread


def until(wanted: Any) -> bool:
    for _ in range(100):
        if wanted():
            return True
        time.sleep(0.1)
    return False


def test_line_arrives_in_its_practice_only_and_a_revoked_session_ends(
    asgi_server: str,
    practice_row: Any,
    linden: UUID,
    ana: Actor,
    elsewhere: UUID,
    eve: Actor,
    eve_client: SeatClient,
    at: Any,
) -> None:
    ours, our_thread = start(asgi_server, session_of(enter_person(practice_row, ana)))
    theirs, their_thread = start(asgi_server, eve_client.cookies["sessionid"].value)
    with acting(linden, ana):
        write("case.opened", by=ana, at=at)
        write("case.stage_entered", by=ana, at=at + timedelta(seconds=1))
    assert until(lambda: len(ours) >= 5)
    assert ours == [
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


def test_server_without_streams_says_so(client_as: ClientAs) -> None:
    assert client_as("front_desk").get("/events/").status_code == 204
