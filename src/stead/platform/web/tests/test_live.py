"""The live stream on a real ASGI server: a line arrives, other practices' do not, a revoked session ends it."""

from __future__ import annotations

import signal
import threading
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from stead.platform.accounts.factor_models import SignedIn
from stead.platform.actors import Actor
from stead.platform.journal.write import write
from stead.platform.tenancy.context import acting
from stead.testing.clients import ClientAs, SeatClient, enter_person, session_of
from stead.testing.serving import Served, until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.machine_clock]


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
        'data: {"verb": "case.opened", "at": "10:42:00 am"}',
        "event: journal",
        'data: {"verb": "case.stage_entered", "at": "10:42:01 am"}',
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
