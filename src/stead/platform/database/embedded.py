"""An embedded PostgreSQL that is there while somebody uses it, and never a moment longer than a few seconds.

Every user of a data folder opens it, which takes a shared lock; the first starts the server, the last stops it. The
kernel drops the locks of a killed user; the watchdog then stops the server, and whoever opens next takes over what it
finds: a running server, a starting one, or the remains of a killed one, which PostgreSQL recovers.

    with open_cluster(Path(".stead/postgres")) as cluster:
        psycopg.connect(cluster.superuser_url)

Settings take effect when the server starts; a user who joins a running server gets it as it is.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from stead.platform.database import making, server
from stead.platform.database.account import Account, check_reachable, choose_account
from stead.platform.database.configuration import PORT
from stead.platform.database.errors import DatabaseTrouble, FolderUnreachable
from stead.platform.database.layout import Layout
from stead.platform.database.locks import FileLock
from stead.platform.database.postmaster import find_postmaster, stop_postmaster
from stead.platform.database.programs import embedded_bin
from stead.platform.database.urls import DatabaseUrl
from stead.platform.database.waiting import Progress, stay_silent, wait_until

LOCK_PATIENCE = 600.0


def open_cluster(
    data_dir: Path,
    *,
    durable: bool = True,
    settings: Mapping[str, str] | None = None,
    on_progress: Progress = stay_silent,
) -> "Cluster":
    """Open the cluster in `data_dir`, making and starting it if need be; ready when this returns.

    `durable=False` is for tests: fast, and worthless after a power cut.
    """
    layout = Layout(data_dir.absolute().resolve())
    account = prepare_folders(layout)
    cluster = Cluster(layout, account, durable=durable, settings=dict(settings or {}))
    try:
        cluster.ensure_running(on_progress)
    except BaseException:
        cluster.close()
        raise
    return cluster


class Cluster:
    """One user's hold on the cluster; leaving it lets go, and stops the server if nobody else holds it."""

    def __init__(self, layout: Layout, account: Account, *, durable: bool, settings: Mapping[str, str]) -> None:
        self.layout = layout
        self.account = account
        self.durable = durable
        self.settings = settings
        self._users = _open_lock(layout.users_lock, account)

    @property
    def data_dir(self) -> Path:
        return self.layout.data_dir

    def url(self, database: str, user: str, password: str) -> str:
        """Compose the DATABASE_URL of a database in this cluster."""
        return DatabaseUrl(
            database=database, user=user, password=password, host=str(self.layout.socket_dir), port=PORT
        ).compose()

    @property
    def superuser_url(self) -> str:
        """The DATABASE_URL of the superuser, for making roles and databases, never for the application."""
        return self.url("postgres", making.SUPERUSER, self.layout.password_file.read_text())

    def is_ready(self) -> bool:
        """Ask the server whether it takes connections."""
        return server.is_ready(self.layout)

    def log_tail(self, lines: int = 40) -> str:
        """Read the end of the server's log (no statements or data in it)."""
        return server.log_tail(self.layout, lines)

    def ensure_running(self, on_progress: Progress = stay_silent) -> None:
        """Start the server if it is not there, and its watchdog; a supervisor calls this again and again."""
        with self._changing(on_progress) as change:
            if not self._users.try_shared():
                raise DatabaseTrouble(f"{self._users.path} is locked by a program that is not Stead; end it first.")
            making.check_usable(self.layout)
            if not self.layout.pgdata.exists():
                making.make_cluster(self.layout, self.account, change, durable=self.durable, on_progress=on_progress)
            self._ensure_watchdog()  # first, so that a server whose starter is killed has one
            server.ensure_started(
                self.layout, self.account, durable=self.durable, settings=self.settings, on_progress=on_progress
            )
            self._ensure_watchdog()  # again, for one that was being killed when we looked

    def close(self, on_progress: Progress = stay_silent) -> None:
        """Let go; the last one out stops the server. Closing twice does nothing."""
        if self._users.fd < 0:
            return
        try:
            with self._changing(on_progress):
                if self._users.try_exclusive():
                    self._stop(on_progress)
        finally:
            self._users.close()

    def _stop(self, on_progress: Progress) -> None:
        running = find_postmaster(self.layout.pgdata)
        if running:
            on_progress("Stopping the database")
            stop_postmaster(running, on_progress=on_progress)
        self.layout.remove_short_socket_dir()
        self._dismiss_watchdog()

    def _changing(self, on_progress: Progress) -> FileLock:
        """Take the change lock, which others hold for seconds at most unless they make, recover or stop."""
        change = _open_lock(self.layout.change_lock, self.account)
        words = "Waiting for another Stead that starts or stops the database"
        if not wait_until(change.try_exclusive, patience=LOCK_PATIENCE, words=words, on_progress=on_progress):
            change.close()
            raise DatabaseTrouble(f"Another program has been starting or stopping {self.data_dir} for ten minutes.")
        return change

    def _ensure_watchdog(self) -> None:
        with _open_lock(self.layout.watchdog_lock, self.account) as duty:
            if not duty.try_exclusive():
                return
        with (self.layout.log_dir / "watchdog.log").open("ab") as log:
            subprocess.run(
                [sys.executable, "-P", "-m", "stead.platform.database.watchdog", str(self.data_dir)],
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                check=True,
            )

    def _dismiss_watchdog(self) -> None:
        with _open_lock(self.layout.watchdog_lock, self.account) as duty:
            if duty.try_exclusive():
                return
            os.kill(int(duty.read()), 15)
            wait_until(duty.try_exclusive, patience=5, words="Waiting for the watchdog to leave")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def prepare_folders(layout: Layout) -> Account:
    """Make the folders, private to the server's account, and refuse early what that account cannot reach."""
    account = choose_account(layout.pgdata)
    try:
        for folder in (layout.data_dir, layout.log_dir):
            folder.mkdir(mode=0o700, parents=folder == layout.data_dir, exist_ok=True)
            account.own(folder)
        check_reachable(account, layout.data_dir, purpose="the data")
        server.make_socket_dir(layout, account)
    except (PermissionError, NotADirectoryError, FileExistsError) as error:
        raise FolderUnreachable(
            f"{error.filename} cannot be used for the database as the account “{account.name}” ({error.strerror}). "
            "Start Stead as the user who first started it, or choose another data folder."
        ) from error
    check_reachable(account, embedded_bin(), purpose="Stead's own PostgreSQL")
    return account


def _open_lock(path: Path, account: Account) -> FileLock:
    lock = FileLock(path)
    account.own(path)
    return lock
