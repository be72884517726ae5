"""A backup is whole or absent, proves itself, and comes back only into an empty database."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from stead.platform.database.backup import DUMP_FILE, MANIFEST_FILE, backup, restore, verify_backup
from stead.platform.database.embedded import Cluster
from stead.platform.database.errors import (
    BackupDamaged,
    BackupExists,
    DatabaseNotEmpty,
    DiskFull,
    RolesMissing,
    ToolFailed,
)
from stead.platform.database.tests.conftest import ask
from stead.platform.database.urls import DatabaseUrl

SCHEMA = """
    CREATE TABLE patient (practice int NOT NULL, id int NOT NULL, name text, PRIMARY KEY (practice, id));
    INSERT INTO patient SELECT n % 3, n, 'Patient ' || n FROM generate_series(1, 500) n;
    ALTER TABLE patient ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
    CREATE POLICY own ON patient TO backup_clerk USING (practice = 1);
    GRANT SELECT ON patient TO backup_clerk;
    CREATE TABLE journal (at date, verb text) PARTITION BY RANGE (at);
    CREATE TABLE journal_2026 PARTITION OF journal FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
    INSERT INTO journal SELECT date '2026-01-01' + n, 'booked' FROM generate_series(1, 50) n;
    CREATE TABLE "odd Name" (x int);
    INSERT INTO "odd Name" VALUES (1);
"""


def make_database(cluster: Cluster, name: str) -> str:
    with psycopg.connect(cluster.superuser_url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    address = DatabaseUrl.parse(cluster.superuser_url)
    return cluster.url(name, address.user, address.password)


@pytest.fixture(scope="module")
def source(shared: Cluster) -> str:
    ask(shared.superuser_url, "CREATE ROLE backup_clerk LOGIN PASSWORD 'clerk'")
    url = make_database(shared, "practice")
    ask(url, SCHEMA)
    return url


@pytest.fixture
def empty(shared: Cluster) -> Iterator[str]:
    yield make_database(shared, "restored")


def test_backup_comes_back_whole(source: str, empty: str, tmp_path: Path) -> None:
    said: list[str] = []
    manifest = backup(source, tmp_path / "b", on_progress=said.append)
    assert manifest.rows == {"public.patient": 500, "public.journal_2026": 50, "public.odd Name": 1}
    assert manifest.roles == ["backup_clerk"]
    assert manifest.server_version.startswith("18")
    assert said == ["Counting the rows of 3 tables"]
    assert restore(empty, tmp_path / "b") == manifest
    digest = "SELECT md5(string_agg(p::text, ',' ORDER BY id)) FROM patient p"
    assert ask(empty, digest) == ask(source, digest)
    assert ask(empty, "SELECT relforcerowsecurity FROM pg_class WHERE relname = 'patient'") is True
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b"]


def test_backup_holds_one_moment_while_work_goes_on(source: str, empty: str, tmp_path: Path) -> None:
    def work(_words: str) -> None:
        ask(source, "INSERT INTO journal VALUES ('2026-05-05', 'late')")

    manifest = backup(source, tmp_path / "b", on_progress=work)  # the row arrives between snapshot and dump
    assert ask(source, "SELECT count(*) FROM journal") == manifest.rows["public.journal_2026"] + 1
    restore(empty, tmp_path / "b")
    assert ask(empty, "SELECT count(*) FROM journal WHERE verb = 'late'") == 0
    ask(source, "DELETE FROM journal WHERE verb = 'late'")


def test_role_that_would_miss_rows_is_refused_and_leaves_nothing(shared: Cluster, source: str, tmp_path: Path) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        backup(shared.url("practice", "backup_clerk", "clerk"), tmp_path / "b")
    assert list(tmp_path.iterdir()) == []
    assert source


def test_existing_backup_is_never_overwritten(source: str, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    with pytest.raises(BackupExists, match="left as it is"):
        backup(source, tmp_path / "b")


def test_full_disk_is_told_and_leaves_nothing(source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("stead.platform.database.backup._write_durably", no_room)
    with pytest.raises(DiskFull, match="no room for the backup"):
        backup(source, tmp_path / "b")
    assert list(tmp_path.iterdir()) == []


def test_database_with_data_is_never_overwritten(source: str, empty: str, tmp_path: Path) -> None:
    backup(source, tmp_path / "b")
    ask(empty, "CREATE TABLE mine (x int)")
    with pytest.raises(DatabaseNotEmpty, match=r"public\.mine.*Nothing was changed"):
        restore(empty, tmp_path / "b")
    assert ask(empty, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 1


def test_missing_role_is_named_before_anything_changes(source: str, empty: str, tmp_path: Path) -> None:
    backup(source, tmp_path / "b")
    manifest = tmp_path / "b" / MANIFEST_FILE
    manifest.write_text(manifest.read_text().replace("backup_clerk", "portal_role"))
    with pytest.raises(RolesMissing, match="portal_role"):
        restore(empty, tmp_path / "b")


def test_manifest_that_counts_other_rows_is_noticed(source: str, empty: str, tmp_path: Path) -> None:
    backup(source, tmp_path / "b")
    manifest = tmp_path / "b" / MANIFEST_FILE
    manifest.write_text(manifest.read_text().replace("500", "501"))
    with pytest.raises(ToolFailed, match=r"differ from the manifest: public\.patient"):
        restore(empty, tmp_path / "b")


def test_damage_is_found(source: str, tmp_path: Path) -> None:
    backup(source, tmp_path / "b")
    manifest, dump = tmp_path / "b" / MANIFEST_FILE, tmp_path / "b" / DUMP_FILE
    whole, words = dump.read_bytes(), manifest.read_text()
    dump.write_bytes(whole[:-1])
    with pytest.raises(BackupDamaged, match="cut off or changed"):
        verify_backup(tmp_path / "b")
    dump.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(BackupDamaged, match="cut off or changed"):
        verify_backup(tmp_path / "b")
    dump.write_bytes(whole)
    manifest.write_text(words.replace("public.patient", "public.person"))
    with pytest.raises(BackupDamaged, match=r"lacks tables .*public\.person"):
        verify_backup(tmp_path / "b")
    manifest.write_text(words[:-20])
    with pytest.raises(BackupDamaged, match="cannot be read"):
        verify_backup(tmp_path / "b")
    manifest.unlink()
    with pytest.raises(BackupDamaged, match="not a backup"):
        verify_backup(tmp_path / "b")
