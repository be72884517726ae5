"""`stead drill kill`: kill the database, the web, the worker and the supervisor under load, and count what was lost.

Each round kills something with SIGKILL while writers write, and waits until pages and writes are answered again. After
each round nothing that was killed may have left a program behind: whatever uses the folder or listens on the port must
descend from the supervisor, the database or the drill. A server left behind answers like the new one, so that a look at
the end alone does not see it. At the end the supervisor itself is killed: within seconds nothing of it may still run or
listen. Then everything is started once more and every acknowledged write is looked up: the patient, and the journal
line of the same transaction.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx

from stead.config import programs
from stead.config.demo_check import Running
from stead.config.environment import deployment
from stead.platform.database.layout import Layout
from stead.platform.database.postmaster import find_postmaster
from stead.platform.database.throwaway import throwaway_folder

Progress = Callable[[str], None]
TARGETS = ("database", "web", "worker")
WRITERS = 2
LOAD_SECONDS = 1.5
RECOVERY_PATIENCE = 60.0
LEAK_PATIENCE = 20.0


class NotRecovered(RuntimeError):
    """Pages or writes did not come back in time."""


def drill_kill(rounds: int, progress: Progress) -> dict[str, Any]:
    """Run the rounds in a folder of their own; lost, half_done and leaked_servers must be 0."""
    with throwaway_folder() as folder:
        demo = Running(folder, progress)
        acknowledged = folder / "acknowledged"
        acknowledged.touch()
        writers = _start_writers(folder, acknowledged)
        slowest, leaked = 0.0, 0
        try:
            for number in range(rounds):
                time.sleep(LOAD_SECONDS)
                target = TARGETS[number % len(TARGETS)]
                _kill(target, folder, demo.process.pid)
                took = _await_recovery(demo.address, acknowledged)
                slowest = max(slowest, took)
                left = _left_behind(folder, demo)
                leaked += len(left)
                said = f"; left behind: {', '.join(left)}" if left else ""
                progress(f"Round {number + 1}: killed the {target}, back after {took:.1f} s{said}")
            os.kill(demo.process.pid, signal.SIGKILL)
            demo.process.wait()
        finally:
            for writer in writers:
                writer.kill()
                writer.wait()
        leaked += _leaked(folder, demo.port)
        progress("Killed the supervisor; starting once more")
        return _result(folder, acknowledged, rounds, leaked, slowest)


def _start_writers(folder: Path, acknowledged: Path) -> list[subprocess.Popen[bytes]]:
    with deployment(lambda words: None, state=folder) as found:
        environment = found.runtime_environment() | {"STEAD_DIES_WITH": str(os.getpid())}
        practice = _practice(found.admin_url)
    command = [sys.executable, "-m", "stead.config.drills.writer", str(acknowledged), practice]
    return [subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) for _ in range(WRITERS)]


def _practice(url: str) -> str:
    import psycopg

    with psycopg.connect(url) as connection:
        row = connection.execute("select id from platform_practice where is_demo").fetchone()
    assert row is not None
    return str(row[0])


def _kill(target: str, folder: Path, supervisor: int) -> None:
    if target == "database":
        server = find_postmaster(Layout(folder / "postgres").pgdata)
        if server is not None:
            os.kill(server.pid, signal.SIGKILL)
        return
    command = {"web": "serve", "worker": "worker"}[target]
    for child in programs.children_of(supervisor):
        if command in programs.command(child):
            os.kill(child, signal.SIGKILL)


def _await_recovery(address: str, acknowledged: Path) -> float:
    """Wait until a page is answered and a new write acknowledged; return the seconds it took."""
    begun, size = time.monotonic(), acknowledged.stat().st_size
    while time.monotonic() - begun < RECOVERY_PATIENCE:
        if _answers(address) and acknowledged.stat().st_size > size:
            return time.monotonic() - begun
        time.sleep(0.1)
    raise NotRecovered("Pages or writes were not back after a minute.")


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/sign-in/", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def _left_behind(folder: Path, demo: Running) -> list[str]:
    """Name what a round has left: programs of the folder or the port that descend from nobody who still runs it. They
    are ended then, so that each counts once and the next round begins clean."""

    def strangers() -> set[int]:
        found = _of(folder, demo.port)  # listed first: what is started meanwhile is looked at the next time
        known = (demo.process.pid, os.getpid(), *_database(folder))
        ours: set[int] = set().union(*map(programs.tree_of, known))
        return {pid for pid in found - ours if programs.command(pid)}

    left = _once_settled(strangers)
    said = [" ".join(programs.command(pid)).strip()[:120] for pid in sorted(left)]
    for pid in left:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return said


def _database(folder: Path) -> list[int]:
    """Return the server and its watchdog, which belong to no supervisor: several may share one cluster."""
    layout = Layout(folder / "postgres")
    server = find_postmaster(layout.pgdata)
    watchdog = layout.watchdog_lock.read_text().strip()
    return [*([server.pid] if server else []), *([int(watchdog)] if watchdog else [])]


def _leaked(folder: Path, port: int) -> int:
    """Count what still runs with the folder or listens on the port once the supervisor is gone."""
    return len(_once_settled(lambda: _of(folder, port)))


def _of(folder: Path, port: int) -> set[int]:
    return {*programs.using(folder), *programs.listening_on(port)}


def _once_settled(look: Callable[[], set[int]]) -> set[int]:
    """Look until nothing is found, or until everybody has had time to notice."""
    deadline = time.monotonic() + LEAK_PATIENCE
    while (found := look()) and time.monotonic() < deadline:
        time.sleep(0.3)
    return found


_HALF = """
select (select count(*) from unnest(%(ids)s::uuid[]) a(id) where not exists (select from patient p where p.id = a.id)),
       (select count(*) from patient p where p.source = 'drill' and not exists (
          select from journal_entry j where j.subject_id = p.id and j.verb = 'patient.registered'))
     + (select count(*) from journal_entry j where j.verb = 'patient.registered' and not exists (
          select from patient p where p.practice_id = j.practice_id and p.id = j.subject_id))
"""


def _result(folder: Path, acknowledged: Path, rounds: int, leaked: int, slowest: float) -> dict[str, Any]:
    import psycopg

    # A writer killed while it noted a promise leaves half a line; the write itself was then not acknowledged.
    ids = [line for line in acknowledged.read_text().splitlines() if len(line) == 36]
    with deployment(lambda words: None, state=folder) as found, psycopg.connect(found.admin_url) as connection:
        row = connection.execute(_HALF, {"ids": ids}).fetchone()
    assert row is not None
    lost, half = int(row[0]), int(row[1])
    return {
        "value": len(ids), "unit": "acknowledged writes checked", "n": rounds, "lost": lost, "half_done": half,
        "leaked_servers": leaked, "slowest_recovery_s": round(slowest, 1),
        "ok": not lost and not half and not leaked and bool(ids),
    }  # fmt: skip
