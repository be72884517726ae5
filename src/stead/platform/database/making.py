"""Make a new cluster, all or nothing: it gets its name `pgdata` by a rename, last, when it is complete.

So a `pgdata.making` that somebody finds was broken off and never held a row; it is thrown away. `initdb` inherits
the change lock: if we are killed meanwhile, the next opener waits until the orphan has ended.
"""

import os
import secrets
import shutil
from pathlib import Path

from stead.platform.database.account import Account
from stead.platform.database.configuration import INCLUDE_LINE, WAL_SEGMENT_MB
from stead.platform.database.errors import DiskFull, MadeByAnotherVersion, RestoreUnfinished
from stead.platform.database.layout import Layout
from stead.platform.database.locks import FileLock
from stead.platform.database.programs import MAJOR_VERSION, embedded_program
from stead.platform.database.trouble import explain_failure
from stead.platform.database.waiting import Progress

SUPERUSER = "postgres"
ROOM_NEEDED = 200 * 1024 * 1024


def make_cluster(layout: Layout, account: Account, change: FileLock, *, durable: bool, on_progress: Progress) -> None:
    """Make the cluster that is not there yet."""
    check_room(shutil.disk_usage(layout.data_dir).free, layout.data_dir)
    if layout.making.exists():
        on_progress("An earlier first start was broken off before it held any data; starting over")
        shutil.rmtree(layout.making)
    on_progress("Making a new database cluster")
    write_password(layout, account, secrets.token_urlsafe(24))
    _run_initdb(layout, account, change, durable=durable)
    with (layout.making / "postgresql.conf").open("a") as configuration:
        configuration.write(INCLUDE_LINE)
    layout.making.rename(layout.pgdata)
    if durable:
        sync_folder(layout.data_dir)


def check_room(free: int, folder: Path) -> None:
    """Refuse before writing half a cluster."""
    if free < ROOM_NEEDED:
        raise DiskFull(
            f"Only {free // 2**20} MB are free where {folder} lies; a new database needs {ROOM_NEEDED // 2**20} MB. "
            "Nothing was written. Free some room or choose another data folder, then start again."
        )


def check_usable(layout: Layout) -> None:
    """Refuse a data folder of another PostgreSQL version and one whose restore was broken off."""
    if layout.restoring.exists():
        raise RestoreUnfinished(
            f"A restore into {layout.data_dir} was broken off, so it must not be used. The backup is untouched: "
            f"remove {layout.data_dir} and restore again."
        )
    if not layout.pgdata.exists():
        return
    found = (layout.pgdata / "PG_VERSION").read_text().strip()
    if found != str(MAJOR_VERSION):
        raise MadeByAnotherVersion(
            f"{layout.data_dir} was made by PostgreSQL {found}; this Stead brings {MAJOR_VERSION}. Nothing was "
            "changed. To move: start the earlier Stead once more and run `stead backup FOLDER`, set this data folder "
            "aside, start this Stead, and run `stead restore FOLDER`."
        )


def write_password(layout: Layout, account: Account, password: str) -> None:
    """Write the superuser's password for the server's account and root alone."""
    fd = os.open(layout.password_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(fd, "w") as file:
        file.write(password)
        os.fsync(fd)
    account.own(layout.password_file)


def sync_folder(folder: Path) -> None:
    """Make a rename in the folder survive a power cut."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _run_initdb(layout: Layout, account: Account, change: FileLock, *, durable: bool) -> None:
    log = layout.log_dir / "initdb.log"
    with log.open("wb") as output:
        code = account.run(
            [embedded_program("initdb"), *_initdb_arguments(layout, durable=durable)], output, pass_fds=[change.fd]
        )
    if code != 0:
        raise explain_failure(log.read_text(errors="replace"), log)


def _initdb_arguments(layout: Layout, *, durable: bool) -> list[str]:
    return [
        *("-D", str(layout.making)),
        *("-U", SUPERUSER),
        f"--pwfile={layout.password_file}",
        *("-E", "UTF8"),
        "--no-locale",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--auth-local=scram-sha-256",
        "--auth-host=reject",
        f"--wal-segsize={WAL_SEGMENT_MB}",
        "--no-instructions",
        *([] if durable else ["--no-sync"]),
        *(["--sync-method=syncfs"] if durable and os.uname().sysname == "Linux" else []),
    ]
