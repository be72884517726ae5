"""Start the server process and watch it become ready.

The server is started by `pg_ctl`, which detaches it from us, with its output in a log file: a pipe would be held by
the server and hang whoever reads it.
"""

import stat
from collections.abc import Mapping

from psycopg import conninfo, pq

from stead.platform.database.account import Account
from stead.platform.database.configuration import CONFIGURATION_FILE, PORT, compose_settings, print_settings
from stead.platform.database.errors import FolderUnreachable, ServerDidNotStart
from stead.platform.database.layout import Layout
from stead.platform.database.postmaster import clear_the_way, find_postmaster
from stead.platform.database.programs import embedded_program
from stead.platform.database.trouble import explain_failure
from stead.platform.database.waiting import Progress, wait_until

READY_PATIENCE = 1800.0  # the recovery of a big site may take long; a server that ends is noticed at once
LAUNCH_SECONDS = 5  # pg_ctl notices at once when the server ends; after this we watch, and tell, ourselves
ATTEMPTS = 3
LOG_LIMIT = 5 * 1024 * 1024


def ensure_started(
    layout: Layout, account: Account, *, durable: bool, settings: Mapping[str, str], on_progress: Progress
) -> None:
    """Return when the server takes connections, whoever started it.

    A server that gave up by itself is not tried again; one that was killed while it started is.
    """
    said = ""
    for _attempt in range(ATTEMPTS):
        if _await_running(layout, on_progress):
            return
        clear_the_way(layout.pgdata, on_progress=on_progress)
        if _await_running(layout, on_progress):
            return
        _write_configuration(layout, account, durable=durable, settings=settings)
        on_progress("Starting the database")
        log_start = _launch(layout, account)
        if _await_running(layout, on_progress):
            return
        said = _read_log(layout, log_start)
        if _gave_up(said):
            break
    raise explain_failure(said, layout.server_log)


def _gave_up(said: str) -> bool:
    """Whether the server ended itself; "the database system is starting up" it tells to those who ask too early."""
    return any(
        ("FATAL:" in line or "PANIC:" in line) and "the database system is " not in line for line in said.splitlines()
    )


def _await_running(layout: Layout, on_progress: Progress) -> bool:
    """Wait for the server that runs to be ready; False when there is none or it ends."""

    def has_decided() -> bool:
        return is_ready(layout) or find_postmaster(layout.pgdata) is None

    words = "Waiting for the database to be ready"
    if not wait_until(has_decided, patience=READY_PATIENCE, words=words, on_progress=on_progress):
        raise ServerDidNotStart(f"The database is not ready after {READY_PATIENCE:.0f} s: see {layout.server_log}")
    return is_ready(layout)


def is_ready(layout: Layout) -> bool:
    """Ask without a password whether the server takes connections."""
    address = conninfo.make_conninfo(host=str(layout.socket_dir), port=PORT, user="postgres", dbname="postgres")
    return pq.PGconn.ping(address.encode()) == pq.Ping.OK


def log_tail(layout: Layout, lines: int) -> str:
    """Read the last lines of the server's log."""
    return "\n".join(_read_log(layout, 0).splitlines()[-lines:])


def make_socket_dir(layout: Layout, account: Account) -> None:
    """Make the folder of the socket; below /tmp, refuse one that somebody else laid there."""
    folder = layout.socket_dir
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    is_ours = stat.S_ISDIR(found.st_mode) and found.st_uid in (account.uid, 0)
    if not is_ours or found.st_mode & 0o022:
        raise FolderUnreachable(
            f"{folder}, where the database's socket belongs, was made by somebody else. Remove it, then start again."
        )
    account.own(folder)


def _clear_socket(layout: Layout) -> None:
    """Remove a dead server's socket and its lock, whose process id an uncollected or foreign process may still have."""
    for name in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):
        (layout.socket_dir / name).unlink(missing_ok=True)


def _write_configuration(layout: Layout, account: Account, *, durable: bool, settings: Mapping[str, str]) -> None:
    path = layout.pgdata / CONFIGURATION_FILE
    draft = path.with_suffix(".draft")
    draft.write_text(print_settings(compose_settings(layout.socket_dir, durable=durable, extra=settings)))
    account.own(draft)
    draft.rename(path)


def _launch(layout: Layout, account: Account) -> int:
    """Start the server; return where its words begin in the log. Whether it runs is seen there, not in a code."""
    _clear_socket(layout)
    if layout.server_log.exists() and layout.server_log.stat().st_size > LOG_LIMIT:
        layout.server_log.rename(layout.server_log.with_suffix(".old.log"))
    arguments = ["start", "-w", "-t", str(LAUNCH_SECONDS), "-s", "-D", str(layout.pgdata)]
    with layout.server_log.open("ab") as output:
        account.own(layout.server_log)
        log_start = output.tell()
        account.run([embedded_program("pg_ctl"), *arguments], output)
    return log_start


def _read_log(layout: Layout, start: int) -> str:
    if not layout.server_log.exists():
        return ""
    with layout.server_log.open("rb") as log:
        log.seek(start)
        return log.read().decode(errors="replace")
