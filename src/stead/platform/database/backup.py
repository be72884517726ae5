"""Back up a database into a folder, check the folder, restore it into an empty database.

    <target>/database.dump    pg_dump's custom format
    <target>/manifest.json    what it holds: sha256, versions, roles, and the rows of each table

Rows are counted in the very snapshot that is dumped, so that a restore can prove it brought all of them back. The
folder gets its name last: a folder with that name is a whole backup. Roles belong to the server, not to the database:
they are named in the manifest and must exist before a restore.
"""

import hashlib
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import psycopg
from psycopg import sql

from stead.platform.database.errors import (
    BackupDamaged,
    BackupExists,
    DatabaseNotEmpty,
    DiskFull,
    RolesMissing,
    ToolFailed,
)
from stead.platform.database.tools import run_tool, stream_tool
from stead.platform.database.urls import DatabaseUrl
from stead.platform.database.waiting import Progress, stay_silent

DUMP_FILE = "database.dump"
MANIFEST_FILE = "manifest.json"
PROGRESS_BYTES = 64 * 1024 * 1024
NO_SPACE = 28

TABLES = """
    SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
      AND NOT EXISTS (SELECT FROM pg_depend d
                      WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
    ORDER BY 1, 2"""
ROLES = """
    SELECT DISTINCT r.rolname FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid
    WHERE d.refclassid = 'pg_authid'::regclass
      AND d.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
    ORDER BY 1"""
OCCUPANTS = """
    SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
      AND NOT EXISTS (SELECT FROM pg_depend d
                      WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
    ORDER BY 1 LIMIT 3"""


class BackupManifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a backup holds; `rows` by schema-qualified table, partitions each by itself."""

    format: int
    taken_at: datetime
    database: str
    server_version: str
    size_bytes: int
    sha256: str
    roles: list[str]
    rows: dict[str, int]


def backup(url: str, target: Path, *, on_progress: Progress = stay_silent) -> BackupManifest:
    """Write a backup of the database to the new folder `target`; the role must see all rows (superuser, BYPASSRLS)."""
    if target.exists():
        raise BackupExists(f"{target} exists already and is left as it is. Name a new folder for this backup.")
    draft = target.with_name(target.name + ".partial")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700, parents=True)
    try:
        manifest = _write_backup(url, draft, on_progress)
    except OSError as error:
        shutil.rmtree(draft, ignore_errors=True)
        if error.errno == NO_SPACE:
            raise DiskFull(f"There is no room for the backup at {target}. Nothing was kept; free some room.") from error
        raise
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    draft.rename(target)
    return manifest


def verify_backup(source: Path, *, on_progress: Progress = stay_silent) -> BackupManifest:
    """Prove that the backup is whole and readable and holds the tables its manifest names."""
    manifest = read_manifest(source)
    dump = source / DUMP_FILE
    on_progress(f"Checking {source}")
    if not dump.is_file() or dump.stat().st_size != manifest.size_bytes or file_sha256(dump) != manifest.sha256:
        raise BackupDamaged(f"{dump} is not the file that was written: it was cut off or changed. Use another backup.")
    listed = run_tool("pg_restore", ["--list", dump])  # "…; TABLE DATA public patient owner", unquoted
    filled = (name for name, rows in manifest.rows.items() if rows)
    missing = sorted(name for name in filled if f" DATA {name.replace('.', ' ', 1)} " not in listed)
    if missing:
        raise BackupDamaged(f"{dump} lacks tables that its manifest names: {', '.join(missing[:5])}.")
    return manifest


def restore(url: str, source: Path, *, on_progress: Progress = stay_silent) -> BackupManifest:
    """Restore into an empty database, all or nothing, and compare every table's rows with the manifest."""
    manifest = verify_backup(source, on_progress=on_progress)
    with psycopg.connect(DatabaseUrl.parse(url).as_conninfo()) as connection:
        _check_empty(connection, url)
        _check_roles(connection, manifest)
    on_progress(f"Restoring {len(manifest.rows)} tables")
    name = DatabaseUrl.parse(url).database
    run_tool("pg_restore", ["--exit-on-error", "--single-transaction", "-d", name, source / DUMP_FILE], url)
    _check_rows(url, manifest, on_progress)
    return manifest


def read_manifest(source: Path) -> BackupManifest:
    """Read the manifest of a backup folder."""
    try:
        return msgspec.json.decode((source / MANIFEST_FILE).read_bytes(), type=BackupManifest)
    except FileNotFoundError:
        raise BackupDamaged(f"{source} is not a backup: it has no {MANIFEST_FILE}.") from None
    except msgspec.DecodeError as error:
        raise BackupDamaged(f"The manifest of {source} cannot be read ({error}). Use another backup.") from error


def file_sha256(path: Path) -> str:
    """Digest a file of any size."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_backup(url: str, folder: Path, on_progress: Progress) -> BackupManifest:
    address = DatabaseUrl.parse(url)
    with psycopg.connect(address.as_conninfo()) as connection:
        connection.execute("SET row_security = off")  # a role that would miss rows is refused, not believed
        connection.commit()
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        taken_at = datetime.now(UTC)
        snapshot = _text(connection, "SELECT pg_export_snapshot()")
        rows = _count_rows(connection, on_progress)
        size, digest = _dump(url, snapshot, folder / DUMP_FILE, on_progress)
        manifest = BackupManifest(
            format=1,
            taken_at=taken_at,
            database=address.database,
            server_version=_text(connection, "SHOW server_version"),
            size_bytes=size,
            sha256=digest,
            roles=[row[0] for row in connection.execute(ROLES)],
            rows=rows,
        )
    _write_durably(folder / MANIFEST_FILE, msgspec.json.format(msgspec.json.encode(manifest)))
    return manifest


def _dump(url: str, snapshot: str, path: Path, on_progress: Progress) -> tuple[int, str]:
    digest, size, next_words = hashlib.sha256(), 0, PROGRESS_BYTES
    with path.open("wb") as file:

        def keep(piece: bytes) -> None:
            nonlocal size, next_words
            file.write(piece)
            digest.update(piece)
            size += len(piece)
            if size >= next_words:
                on_progress(f"{size // 2**20} MB written")
                next_words += PROGRESS_BYTES

        stream_tool("pg_dump", ["--format=custom", f"--snapshot={snapshot}"], url, keep)
        file.flush()
        os.fsync(file.fileno())
    return size, digest.hexdigest()


def _count_rows(connection: psycopg.Connection, on_progress: Progress) -> dict[str, int]:
    tables = connection.execute(TABLES).fetchall()
    on_progress(f"Counting the rows of {len(tables)} tables")
    counted = {}
    for schema, table in tables:
        query = sql.SQL("SELECT count(*) FROM ONLY {}").format(sql.Identifier(schema, table))
        counted[f"{schema}.{table}"] = int(_text(connection, query))
    return counted


def _text(connection: psycopg.Connection, query: sql.Composed | str) -> str:
    row = connection.execute(query).fetchone()
    assert row is not None
    return str(row[0])


def _check_empty(connection: psycopg.Connection, url: str) -> None:
    found = [row[0] for row in connection.execute(OCCUPANTS)]
    if found:
        raise DatabaseNotEmpty(
            f"The database {DatabaseUrl.parse(url).address} already holds data ({', '.join(found)} …). A restore never "
            "overwrites: make a new, empty database and restore into that one. Nothing was changed."
        )


def _check_roles(connection: psycopg.Connection, manifest: BackupManifest) -> None:
    known = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
    missing = [role for role in manifest.roles if role not in known]
    if missing:
        raise RolesMissing(
            f"The backup belongs to roles that this server does not know: {', '.join(missing)}. Make them first "
            "(`stead migrate` on another, empty database does), then restore again. Nothing was changed."
        )


def _check_rows(url: str, manifest: BackupManifest, on_progress: Progress) -> None:
    with psycopg.connect(DatabaseUrl.parse(url).as_conninfo()) as connection:
        connection.execute("SET row_security = off")
        restored = _count_rows(connection, on_progress)
    differing = sorted(name for name in manifest.rows | restored if manifest.rows.get(name) != restored.get(name))
    if differing:
        raise ToolFailed(f"After the restore these tables differ from the manifest: {', '.join(differing[:5])}.")


def _write_durably(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
