"""Where the embedded cluster keeps its things; standard library only, because the watchdog starts from here.

<data_dir>/pgdata             PostgreSQL's own folder, complete from the moment it has this name
<data_dir>/pgdata.making      a cluster being made: thrown away and made anew if it was broken off
<data_dir>/pgdata.restoring   a restore being made: never thrown away silently
<data_dir>/run                the socket (or a short folder below /tmp when this path is too long)
<data_dir>/log                postgres.log, initdb.log, watchdog.log
<data_dir>/*.lock             see `locks`
"""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

SOCKET_PATH_LIMIT = 80  # the kernel allows 107 (macOS 103) with the file name; the rest is margin
SHORT_SOCKET_PARENT = Path("/tmp")  # noqa: S108 - fixed, so that every process finds it; owner and mode are checked


@dataclass(frozen=True)
class Layout:
    """The paths of one cluster."""

    data_dir: Path

    @property
    def pgdata(self) -> Path:
        return self.data_dir / "pgdata"

    @property
    def making(self) -> Path:
        return self.data_dir / "pgdata.making"

    @property
    def restoring(self) -> Path:
        return self.data_dir / "pgdata.restoring"

    @property
    def log_dir(self) -> Path:
        return self.data_dir / "log"

    @property
    def server_log(self) -> Path:
        return self.log_dir / "postgres.log"

    @property
    def password_file(self) -> Path:
        return self.data_dir / "superuser.password"

    @property
    def change_lock(self) -> Path:
        return self.data_dir / "change.lock"

    @property
    def users_lock(self) -> Path:
        return self.data_dir / "users.lock"

    @property
    def watchdog_lock(self) -> Path:
        return self.data_dir / "watchdog.lock"

    @property
    def socket_dir(self) -> Path:
        inside = self.data_dir / "run"
        if len(str(inside)) <= SOCKET_PATH_LIMIT:
            return inside
        digest = hashlib.sha256(str(self.data_dir).encode()).hexdigest()[:16]
        return SHORT_SOCKET_PARENT / f"stead-pg-{digest}"

    def remove_short_socket_dir(self) -> None:
        """Leave nothing below /tmp once the server has stopped."""
        if self.socket_dir.parent != self.data_dir:
            shutil.rmtree(self.socket_dir, ignore_errors=True)
