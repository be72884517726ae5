"""Find, recognise and stop the server process of a data folder; standard library only, shared with the watchdog.

A process id in `postmaster.pid` proves nothing: after a crash, and above all in containers where ids start low, it
may belong to another program, or to a dead process that nobody collected. A postmaster works inside its data folder,
so its working directory tells (on systems without /proc its name does).
"""

import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from stead.platform.database.errors import ServerDidNotStop
from stead.platform.database.waiting import Progress, stay_silent, wait_until

PROC = Path("/proc")
FAST_PATIENCE = 60.0
IMMEDIATE_PATIENCE = 30.0
ORPHAN_PATIENCE = 3.0


@dataclass(frozen=True)
class Postmaster:
    """A running server."""

    pid: int
    pgdata: Path

    def is_alive(self) -> bool:
        return _works_in(self.pid, self.pgdata)


def read_pid(pgdata: Path) -> int | None:
    """Read the process id that the last server noted, running or not."""
    try:
        first = (pgdata / "postmaster.pid").read_text().partition("\n")[0]
    except FileNotFoundError:
        return None
    return abs(int(first)) if first.strip().lstrip("-").isdigit() else None


def find_postmaster(pgdata: Path) -> Postmaster | None:
    """Find the live server of this data folder, ready or not yet."""
    pid = read_pid(pgdata)
    if pid is None or not _works_in(pid, pgdata):
        return None
    return Postmaster(pid, pgdata)


def stop_postmaster(server: Postmaster, *, on_progress: Progress = stay_silent) -> None:
    """Stop fast (sessions end, a checkpoint is written); after a minute at once, which the next start recovers from."""
    for sign, patience in ((signal.SIGINT, FAST_PATIENCE), (signal.SIGQUIT, IMMEDIATE_PATIENCE)):
        _signal(server.pid, sign)
        if wait_until(
            lambda: not server.is_alive(),
            patience=patience,
            words="Waiting for PostgreSQL to stop",
            on_progress=on_progress,
        ):
            return
    raise ServerDidNotStop(
        f"PostgreSQL (process {server.pid}) did not stop. Look at the log in {server.pgdata.parent}."
    )


def clear_the_way(pgdata: Path, *, on_progress: Progress = stay_silent) -> None:
    """Make a start possible after a crash: no orphan of the dead server lives, no foreign process looks like it.

    The pid file itself stays, because PostgreSQL reads from it which shared memory to check; only an id that now
    belongs to somebody else is replaced by the id of a process that has surely ended.
    """
    _end_orphans(pgdata, on_progress)
    pid = read_pid(pgdata)
    if pid is None or not _exists(pid):
        return
    ended = subprocess.Popen(["true"])
    ended.wait()
    _replace_pid(pgdata / "postmaster.pid", ended.pid)


def _replace_pid(pid_file: Path, pid: int) -> None:
    rest = pid_file.read_text().partition("\n")[2]
    with pid_file.open("r+") as file:
        file.write(f"{pid}\n{rest}")
        file.truncate()


def _end_orphans(pgdata: Path, on_progress: Progress) -> None:
    """Children of a killed server leave by themselves unless busy; the busy are ended, their memory is lost anyway."""

    def is_clear() -> bool:  # a server whose starter was killed may only now write its pid file: not an orphan
        return not processes_in(pgdata) or find_postmaster(pgdata) is not None

    words = "Waiting for the rest of a killed server to end"
    for sign in (signal.SIGQUIT, signal.SIGKILL):
        if wait_until(is_clear, patience=ORPHAN_PATIENCE, words=words, on_progress=on_progress):
            return
        for pid in processes_in(pgdata):
            _signal(pid, sign)
    if not wait_until(is_clear, patience=ORPHAN_PATIENCE, words=words, on_progress=on_progress):
        raise ServerDidNotStop(f"Parts of a killed PostgreSQL do not end: processes {processes_in(pgdata)}.")


def processes_in(pgdata: Path) -> list[int]:
    """List the server processes that work in this data folder (empty where the system has no /proc)."""
    if not PROC.is_dir():
        return []
    return [int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit() and _works_in(int(entry.name), pgdata)]


def _works_in(pid: int, pgdata: Path) -> bool:
    if not PROC.is_dir():
        return _is_named_postgres(pid)
    try:
        if (PROC / str(pid) / "cwd").readlink() != pgdata:  # a dead, uncollected process has no such link
            return False
        return (PROC / str(pid) / "comm").read_text().startswith("postgres")
    except OSError:
        return False


def _is_named_postgres(pid: int) -> bool:
    listed = subprocess.run(["ps", "-p", str(pid), "-o", "stat=,comm="], capture_output=True, text=True, check=False)
    state, _, name = listed.stdout.strip().partition(" ")
    return "postgres" in name and not state.startswith("Z")


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _signal(pid: int, sign: signal.Signals) -> None:
    try:
        os.kill(pid, sign)
    except ProcessLookupError:
        return  # it ended between the look and the call, which is what we want
