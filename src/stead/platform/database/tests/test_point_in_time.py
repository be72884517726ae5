"""The cluster of any archived second can be had again, beside the one that runs."""

import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from stead.platform.database.embedded import Cluster, open_cluster
from stead.platform.database.errors import BackupDamaged, BackupExists, DatabaseNotEmpty, DiskFull, PointNotReached
from stead.platform.database.layout import Layout
from stead.platform.database.point_in_time import (
    BASE,
    physical_backup,
    prepare_archive,
    prune_archive,
    restore_point_in_time,
    verify_physical_backup,
)
from stead.platform.database.tests.conftest import ask
from stead.platform.database.throwaway import throwaway_folder


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    with throwaway_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def archive(place: Path) -> Path:
    return place / "archive"


@pytest.fixture(scope="module")
def living(place: Path, archive: Path) -> Iterator[Cluster]:
    settings = prepare_archive(archive, place / "pg") | {"archive_timeout": "2"}
    with open_cluster(place / "pg", durable=False, settings=settings) as cluster:
        ask(cluster.superuser_url, "CREATE TABLE visit (n int)")
        ask(cluster.superuser_url, "INSERT INTO visit SELECT generate_series(1, 100)")
        yield cluster


@pytest.fixture(scope="module")
def base(place: Path, living: Cluster) -> Path:
    return physical_backup(living, place / "base")


@pytest.fixture(scope="module")
def before_the_mistake(living: Cluster, base: Path, archive: Path) -> datetime:
    """The moment between good work and a deletion, all of it in the archive."""
    assert base
    ask(living.superuser_url, "INSERT INTO visit SELECT generate_series(101, 150)")
    time.sleep(0.2)
    moment = datetime.now(UTC)
    time.sleep(0.2)
    ask(living.superuser_url, "DELETE FROM visit")
    last = str(ask(living.superuser_url, "SELECT pg_walfile_name(pg_current_wal_lsn())"))
    end = time.monotonic() + 20  # nobody switches the log by hand: the time limit of the archive must do it
    while not (archive / last).exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert (archive / last).exists()
    return moment


def test_second_before_a_mistake_comes_back(
    place: Path, archive: Path, base: Path, living: Cluster, before_the_mistake: datetime
) -> None:
    said: list[str] = []
    new = restore_point_in_time(archive, base, before_the_mistake, place / "then", on_progress=said.append)
    with open_cluster(new, durable=False) as cluster:
        assert ask(cluster.superuser_url, "SELECT count(*) FROM visit") == 150
        ask(cluster.superuser_url, "INSERT INTO visit VALUES (151)")
        assert ask(cluster.superuser_url, "SHOW restore_command") == ""
    assert ask(living.superuser_url, "SELECT count(*) FROM visit") == 0
    assert "Laying out the base copy" in said


def test_latest_moment_comes_back_without_a_time(
    place: Path, archive: Path, base: Path, before_the_mistake: datetime
) -> None:
    assert before_the_mistake
    new = restore_point_in_time(archive, base, None, place / "latest")
    with open_cluster(new, durable=False) as cluster:
        assert ask(cluster.superuser_url, "SELECT count(*) FROM visit") == 0


def test_moment_beyond_the_archive_is_refused(place: Path, archive: Path, base: Path) -> None:
    with pytest.raises(PointNotReached, match="The archive ends before"):
        restore_point_in_time(archive, base, datetime.now(UTC) + timedelta(days=1), place / "future")


def test_folders_in_use_are_never_overwritten(place: Path, archive: Path, base: Path, living: Cluster) -> None:
    with pytest.raises(BackupExists):
        physical_backup(living, base)
    with pytest.raises(DatabaseNotEmpty):
        restore_point_in_time(archive, base, None, living.data_dir)
    with pytest.raises(ValueError, match="time zone"):
        restore_point_in_time(archive, base, datetime(2026, 1, 1), place / "naive")


def test_restore_without_room_is_refused_before_anything_is_written(
    place: Path, archive: Path, base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=2 * 2**20))
    with pytest.raises(DiskFull, match="2 MB are free"):
        restore_point_in_time(archive, base, None, place / "narrow")
    assert not Layout(place / "narrow").restoring.exists()


def test_damaged_base_is_found(place: Path, base: Path) -> None:
    file = base / BASE / "PG_VERSION"
    whole = file.read_bytes()
    file.write_bytes(b"17\n")
    with pytest.raises(BackupDamaged, match="PG_VERSION"):
        verify_physical_backup(base)
    file.write_bytes(whole)
    verify_physical_backup(base)
    with pytest.raises(BackupDamaged, match="not a copy"):
        verify_physical_backup(place)


def test_log_older_than_the_oldest_base_is_removed(archive: Path, base: Path, before_the_mistake: datetime) -> None:
    assert before_the_mistake
    kept_before = {path.name for path in archive.iterdir()}
    removed = prune_archive(archive, base)
    kept = {path.name for path in archive.iterdir()}
    assert removed == len(kept_before - kept) > 0
    verify_physical_backup(base)
