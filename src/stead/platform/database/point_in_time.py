"""Go back to any second: a base copy of the whole cluster plus the archive of all that happened since.

The cluster archives each finished piece of its log (`configuration.archive_settings`), at the latest 30 s after the
work it holds, so what a lost machine can take with it is under a minute. A restore never touches the cluster it
came from: it makes a new data folder, which `open_cluster` then opens.

    <target>/base                 what pg_basebackup wrote, with PostgreSQL's own manifest
    <target>/superuser.password   opens the restored cluster; as secret as the data
"""

import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from stead.platform.database.account import check_reachable, choose_account
from stead.platform.database.configuration import INCLUDE_LINE, archive_settings, quote_value
from stead.platform.database.embedded import Cluster, open_cluster, prepare_folders
from stead.platform.database.errors import (
    BackupDamaged,
    BackupExists,
    DatabaseNotEmpty,
    DatabaseTrouble,
    DiskFull,
    PointNotReached,
    ToolFailed,
)
from stead.platform.database.layout import Layout
from stead.platform.database.making import sync_folder, write_password
from stead.platform.database.tools import run_tool
from stead.platform.database.waiting import Progress, stay_silent, wait_until

BASE = "base"
PASSWORD = "superuser.password"  # noqa: S105 - the name of a file
REPLAY_PATIENCE = 24 * 3600.0
LEFT_BEHIND = ("postmaster.pid", "postmaster.opts")


def prepare_archive(archive: Path, data_dir: Path) -> dict[str, str]:
    """Make the archive folder, the server's own, and give the settings with which `open_cluster` fills it."""
    account = choose_account(Layout(data_dir.absolute().resolve()).pgdata)
    archive = archive.absolute().resolve()
    archive.mkdir(mode=0o700, parents=True, exist_ok=True)
    account.own(archive)
    check_reachable(account, archive, purpose="the archive")
    return archive_settings(archive)


def physical_backup(cluster: Cluster, target: Path, *, on_progress: Progress = stay_silent) -> Path:
    """Copy the running cluster to the new folder `target`, verified; a base for any later moment."""
    if target.exists():
        raise BackupExists(f"{target} exists already and is left as it is. Name a new folder for this backup.")
    draft = target.with_name(target.name + ".partial")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700, parents=True)
    on_progress("Copying the cluster")
    try:
        run_tool("pg_basebackup", ["-D", draft / BASE, "-X", "stream", "-c", "fast"], cluster.superuser_url)
        shutil.copy2(cluster.layout.password_file, draft / PASSWORD)
        verify_physical_backup(draft)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    draft.rename(target)
    sync_folder(target.parent)
    return target


def verify_physical_backup(source: Path, *, on_progress: Progress = stay_silent) -> None:
    """Prove by PostgreSQL's manifest that every file of the base is there and unchanged."""
    if not (source / BASE / "backup_manifest").is_file():
        raise BackupDamaged(f"{source} is not a copy of a cluster: it has no {BASE}/backup_manifest.")
    on_progress(f"Checking {source}")
    try:
        run_tool("pg_verifybackup", ["--quiet", source / BASE])
    except ToolFailed as error:
        raise BackupDamaged(f"{source} is not what was written: use another one.\n{error}") from error


def prune_archive(archive: Path, oldest_base: Path) -> int:
    """Remove the log files that no base from `oldest_base` on needs; return how many went."""
    label = (oldest_base / BASE / "backup_label").read_text()
    found = re.search(r"\(file ([0-9A-F]{24})\)", label)
    if found is None:
        raise BackupDamaged(f"{oldest_base} does not say where its log begins.")
    before = len(list(archive.iterdir()))
    run_tool("pg_archivecleanup", [archive, found.group(1)])
    return before - len(list(archive.iterdir()))


def restore_point_in_time(
    archive: Path,
    base: Path,
    target_time: datetime | None,
    new_data_dir: Path,
    *,
    on_progress: Progress = stay_silent,
) -> Path:
    """Make `new_data_dir` the cluster as it was at `target_time` (None: the latest the archive knows), stopped."""
    if target_time is not None and target_time.tzinfo is None:
        raise ValueError("target_time needs a time zone")
    if new_data_dir.exists() and any(new_data_dir.iterdir()):
        raise DatabaseNotEmpty(f"{new_data_dir} is not empty. A restore never overwrites: name a new folder.")
    verify_physical_backup(base, on_progress=on_progress)
    _lay_out(base, Layout(new_data_dir.absolute().resolve()), archive.absolute().resolve(), target_time, on_progress)
    _replay(new_data_dir, target_time, on_progress)
    return new_data_dir


def _lay_out(base: Path, layout: Layout, archive: Path, target_time: datetime | None, on_progress: Progress) -> None:
    account = prepare_folders(layout)
    check_reachable(account, archive, purpose="the archive")
    _check_room(base, layout)
    on_progress("Laying out the base copy")
    shutil.copytree(base / BASE, layout.restoring, symlinks=True)
    layout.restoring.chmod(0o700)
    for name in LEFT_BEHIND:
        (layout.restoring / name).unlink(missing_ok=True)
    _ensure_include(layout.restoring / "postgresql.conf")
    with (layout.restoring / "postgresql.auto.conf").open("a") as settings:
        settings.write(_recovery_settings(archive, target_time))
    (layout.restoring / "recovery.signal").touch()
    account.own_tree(layout.restoring)
    write_password(layout, account, (base / PASSWORD).read_text())
    layout.restoring.rename(layout.pgdata)
    sync_folder(layout.data_dir)


def _check_room(base: Path, layout: Layout) -> None:
    needed = sum(path.stat().st_size for path in (base / BASE).rglob("*") if path.is_file())
    free = shutil.disk_usage(layout.data_dir).free
    if free < needed:
        raise DiskFull(
            f"The restore needs {needed // 2**20} MB where {layout.data_dir} lies; {free // 2**20} MB are free. "
            "Nothing was written. Free some room or name a folder on another disk."
        )


def _ensure_include(configuration: Path) -> None:
    text = configuration.read_text()
    if INCLUDE_LINE not in text:
        configuration.write_text(text + INCLUDE_LINE)


def _recovery_settings(archive: Path, target_time: datetime | None) -> str:
    copy = f'cp "{archive}/%f" "%p"'
    lines = [f"restore_command = {quote_value(copy)}", "recovery_target_action = 'promote'"]
    if target_time is not None:
        lines.append(f"recovery_target_time = '{target_time.astimezone(UTC).isoformat(sep=' ')}'")
    return "\n".join(lines) + "\n"


def _replay(new_data_dir: Path, target_time: datetime | None, on_progress: Progress) -> None:
    """Open the new cluster until it has caught up; without archiving, so that it cannot write into the old archive."""
    try:
        with open_cluster(new_data_dir, on_progress=on_progress) as cluster:
            _await_promotion(cluster, on_progress)
            with psycopg.connect(cluster.superuser_url, autocommit=True) as connection:
                for name in ("restore_command", "recovery_target_action", "recovery_target_time"):
                    connection.execute(f"ALTER SYSTEM RESET {name}")
    except DatabaseTrouble as error:
        if "before configured recovery target was reached" in str(error):
            raise PointNotReached(
                f"The archive ends before {target_time}. Restore to an earlier moment, or without one to the latest "
                f"that the archive knows, into a new folder. {new_data_dir} may be removed."
            ) from error
        raise


def _await_promotion(cluster: Cluster, on_progress: Progress) -> None:
    def has_ended() -> bool:
        try:
            with psycopg.connect(cluster.superuser_url) as connection:
                row = connection.execute("SELECT NOT pg_is_in_recovery()").fetchone()
                return row is not None and bool(row[0])
        except psycopg.OperationalError:
            cluster.ensure_running(on_progress)  # raises with the server's own words if it gave up
            return False

    words = "Replaying the archive"
    if not wait_until(has_ended, patience=REPLAY_PATIENCE, words=words, on_progress=on_progress):
        raise PointNotReached(f"The replay into {cluster.data_dir} is not over after a day; see its log.")
