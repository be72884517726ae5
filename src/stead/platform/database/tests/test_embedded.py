"""The embedded cluster comes, is shared, survives every kill and leaves."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from stead.platform.database.embedded import open_cluster
from stead.platform.database.errors import (
    DiskFull,
    FolderUnreachable,
    MadeByAnotherVersion,
    RestoreUnfinished,
    ServerDidNotStart,
)
from stead.platform.database.layout import SOCKET_PATH_LIMIT, Layout
from stead.platform.database.locks import FileLock
from stead.platform.database.making import check_room
from stead.platform.database.postmaster import find_postmaster, processes_in
from stead.platform.database.tests.conftest import ask, gone_within
from stead.platform.database.waiting import wait_until

type Holder = Callable[[Path], subprocess.Popen[str]]


def server_pid(pgdata: Path) -> int:
    found = find_postmaster(pgdata)
    assert found is not None
    return found.pid


def has_watchdog(layout: Layout) -> bool:
    with FileLock(layout.watchdog_lock) as duty:
        return not duty.try_exclusive()


def test_new_cluster_starts_with_progress_and_stops_with_its_last_user(folder: Path) -> None:
    said: list[str] = []
    with open_cluster(folder / "pg", durable=False, on_progress=said.append) as cluster:
        assert cluster.is_ready()
        assert ask(cluster.superuser_url, "SELECT datlocale FROM pg_database WHERE datname = 'postgres'") == "C.UTF-8"
        assert ask(cluster.superuser_url, "SHOW server_encoding") == "UTF8"
        assert ask(cluster.superuser_url, "SHOW listen_addresses") == ""
        assert ask(cluster.superuser_url, "SHOW TimeZone") == "UTC"
        assert cluster.layout.password_file.stat().st_mode & 0o777 == 0o600
        assert "ready to accept connections" in cluster.log_tail()
        assert has_watchdog(cluster.layout)
    assert said == ["Making a new database cluster", "Starting the database"]
    assert not cluster.is_ready()
    assert not has_watchdog(cluster.layout)
    assert processes_in(cluster.layout.pgdata) == []


def test_durable_cluster_keeps_every_promise_to_the_disk(folder: Path) -> None:
    with open_cluster(folder / "pg", settings={"work_mem": "7MB"}) as cluster:
        shown = [ask(cluster.superuser_url, f"SHOW {name}") for name in ("fsync", "full_page_writes", "wal_level")]
        assert shown == ["on", "on", "replica"]
        assert ask(cluster.superuser_url, "SHOW synchronous_commit") == "on"
        assert ask(cluster.superuser_url, "SHOW data_checksums") == "on"
        assert ask(cluster.superuser_url, "SHOW work_mem") == "7MB"


def test_wrong_password_is_refused(folder: Path) -> None:
    with (
        open_cluster(folder / "pg", durable=False) as cluster,
        pytest.raises(psycopg.OperationalError, match="password authentication failed"),
    ):
        psycopg.connect(cluster.url("postgres", "postgres", "wrong"))


def test_server_stays_until_the_second_user_leaves(folder: Path, holder: Holder) -> None:
    with open_cluster(folder / "pg", durable=False) as cluster:
        other = holder(folder / "pg")
        first_pid = server_pid(cluster.layout.pgdata)
    assert cluster.is_ready()
    with open_cluster(folder / "pg", durable=False) as again:
        assert server_pid(again.layout.pgdata) == first_pid
    other.communicate("")
    assert other.returncode == 0
    assert not cluster.is_ready()
    assert processes_in(cluster.layout.pgdata) == []


def test_killed_server_is_started_again_with_its_data(folder: Path) -> None:
    with open_cluster(folder / "pg") as cluster:
        ask(cluster.superuser_url, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
        with psycopg.connect(cluster.superuser_url) as busy:
            os.kill(server_pid(cluster.layout.pgdata), signal.SIGKILL)
            cluster.ensure_running()
            assert ask(cluster.superuser_url, "SELECT count(*) FROM kept") == 1000
            with pytest.raises(psycopg.OperationalError):
                busy.execute("SELECT 1")


def test_killed_last_user_takes_the_server_with_it(folder: Path, holder: Holder) -> None:
    process = holder(folder / "pg")
    layout = Layout((folder / "pg").resolve())
    assert processes_in(layout.pgdata)
    process.kill()
    assert gone_within(10, layout.pgdata)
    with open_cluster(folder / "pg", durable=False) as cluster:
        assert cluster.is_ready()
        assert "was not properly shut down" not in cluster.log_tail()


def test_killed_user_does_not_take_the_server_from_others(folder: Path, holder: Holder) -> None:
    with open_cluster(folder / "pg", durable=False) as cluster:
        pid = server_pid(cluster.layout.pgdata)
        holder(folder / "pg").kill()
        time.sleep(2.5)  # two looks of the watchdog
        assert server_pid(cluster.layout.pgdata) == pid
    assert processes_in(cluster.layout.pgdata) == []


def test_everything_killed_at_once_is_recovered_by_the_next_user(folder: Path, holder: Holder) -> None:
    process = holder(folder / "pg")
    layout = Layout((folder / "pg").resolve())
    watchdog = int(layout.watchdog_lock.read_text())
    for pid in (watchdog, process.pid, *processes_in(layout.pgdata)):
        os.kill(pid, signal.SIGKILL)
    with open_cluster(folder / "pg", durable=False) as cluster:
        assert ask(cluster.superuser_url, "SELECT 1") == 1
        assert has_watchdog(cluster.layout)


def test_killed_watchdog_is_replaced(folder: Path) -> None:
    with open_cluster(folder / "pg", durable=False) as cluster:
        os.kill(int(cluster.layout.watchdog_lock.read_text()), signal.SIGKILL)
        assert wait_until(lambda: not has_watchdog(cluster.layout), patience=5, words="")
        cluster.ensure_running()
        assert has_watchdog(cluster.layout)


def test_broken_off_first_start_is_made_anew(folder: Path) -> None:
    code = HOLDER_THAT_IS_KILLED.format(repr(str(folder / "pg")))
    process = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
    layout = Layout((folder / "pg").resolve())
    while not (layout.making / "PG_VERSION").exists():
        time.sleep(0.005)
    os.killpg(process.pid, signal.SIGKILL)  # with initdb, which is in its session
    process.wait()
    assert not layout.pgdata.exists()
    said: list[str] = []
    with open_cluster(folder / "pg", durable=False, on_progress=said.append) as cluster:
        assert cluster.is_ready()
    assert any("broken off" in words for words in said)


HOLDER_THAT_IS_KILLED = """
import pathlib
from stead.platform.database.embedded import open_cluster
open_cluster(pathlib.Path({}), durable=False)
"""


def test_short_socket_of_a_killed_user_is_removed_too(folder: Path, holder: Holder) -> None:
    deep = folder / ("long-name-" * 9) / "pg"
    deep.parent.mkdir(mode=0o755)
    holder(deep).kill()
    assert gone_within(10, Layout(deep.resolve()).pgdata)
    assert wait_until(lambda: not Layout(deep.resolve()).socket_dir.exists(), patience=5, words="")


def test_long_path_gets_a_short_socket_that_is_removed(folder: Path) -> None:
    deep = folder / ("long-name-" * 9) / "pg"
    deep.parent.mkdir(mode=0o755)
    with open_cluster(deep, durable=False) as cluster:
        assert len(str(cluster.layout.socket_dir)) <= SOCKET_PATH_LIMIT
        assert ask(cluster.superuser_url, "SELECT 1") == 1
        assert cluster.layout.socket_dir.stat().st_mode & 0o077 == 0
    assert not cluster.layout.socket_dir.exists()


def test_pid_file_that_names_a_foreign_process_does_not_block_the_start(folder: Path) -> None:
    with open_cluster(folder / "pg", durable=False) as cluster:
        pid_file = cluster.layout.pgdata / "postmaster.pid"
        rest = pid_file.read_text().partition("\n")[2]
        os.kill(server_pid(cluster.layout.pgdata), signal.SIGKILL)
        assert gone_within(10, cluster.layout.pgdata)
        foreign = subprocess.Popen(["sleep", "60"], **cluster_account(cluster.account.uid))  # type: ignore[call-overload]
        try:
            pid_file.write_text(f"{foreign.pid}\n{rest}")
            cluster.ensure_running()
            assert ask(cluster.superuser_url, "SELECT 1") == 1
            assert foreign.poll() is None
        finally:
            foreign.kill()
            foreign.wait()


def cluster_account(uid: int) -> dict[str, int]:
    return {"user": uid} if os.geteuid() == 0 else {}


def test_data_of_another_version_is_refused_untouched(folder: Path) -> None:
    layout = Layout((folder / "pg").resolve())
    layout.pgdata.mkdir(parents=True)
    (layout.pgdata / "PG_VERSION").write_text("17\n")
    with pytest.raises(MadeByAnotherVersion, match=r"made by PostgreSQL 17.*stead backup.*stead restore"):
        open_cluster(folder / "pg")
    assert [entry.name for entry in layout.pgdata.iterdir()] == ["PG_VERSION"]


def test_unfinished_restore_is_refused(folder: Path) -> None:
    Layout((folder / "pg").resolve()).restoring.mkdir(parents=True)
    with pytest.raises(RestoreUnfinished, match="restore again"):
        open_cluster(folder / "pg")


def test_folder_that_cannot_be_used_is_refused_by_name(folder: Path) -> None:
    (folder / "closed").mkdir()
    (folder / "closed").chmod(0o600)
    with pytest.raises(FolderUnreachable, match="closed"):
        open_cluster(folder / "closed" / "pg")
    (folder / "file").write_text("")
    with pytest.raises(FolderUnreachable, match="file"):
        open_cluster(folder / "file" / "pg")


def test_too_little_room_is_refused_before_anything_is_written(folder: Path) -> None:
    with pytest.raises(DiskFull, match="Only 3 MB are free"):
        check_room(3 * 2**20, folder)
    check_room(2**40, folder)


def test_server_that_refuses_its_settings_is_explained_and_leaves_nothing(folder: Path) -> None:
    with pytest.raises(ServerDidNotStart, match="work_mem"):
        open_cluster(folder / "pg", durable=False, settings={"work_mem": "much"})
    with open_cluster(folder / "pg", durable=False) as cluster:
        assert cluster.is_ready()


def test_failing_statement_and_its_data_stay_out_of_the_log(folder: Path) -> None:
    with open_cluster(folder / "pg", durable=False) as cluster:
        ask(cluster.superuser_url, "CREATE TABLE person (name text PRIMARY KEY)")
        ask(cluster.superuser_url, "INSERT INTO person VALUES ('Dee Example')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            ask(cluster.superuser_url, "INSERT INTO person VALUES ('Dee Example')")
        assert "duplicate key" in cluster.log_tail()
        assert "Dee" not in cluster.log_tail()
