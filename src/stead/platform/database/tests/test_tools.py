"""PostgreSQL's programs are found, run without telling secrets, and explained when they fail."""

from pathlib import Path

import pytest

from stead.platform.database.configuration import compose_settings, print_settings
from stead.platform.database.embedded import Cluster
from stead.platform.database.errors import DiskFull, FolderUnreachable, ServerDidNotStart, ToolFailed, ToolMissing
from stead.platform.database.programs import embedded_program
from stead.platform.database.tools import explain_tool_failure, find_tool, run_tool, tool_version
from stead.platform.database.trouble import explain_failure

LOCAL = "postgresql://ana@/stead?host=/run/pg"
REMOTE = "postgresql://ana@db.example/stead"


def program_on_path(folder: Path, monkeypatch: pytest.MonkeyPatch, version: str) -> Path:
    program = folder / "pg_dump"
    program.write_text(f"#!/bin/sh\necho 'pg_dump (PostgreSQL) {version}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return program


@pytest.mark.parametrize("name", ["pg_dump", "pg_restore", "pg_basebackup", "psql", "pgbench"])
def test_wheel_brings_every_program_of_version_18(name: str) -> None:
    assert find_tool(name, LOCAL) == embedded_program(name)
    assert tool_version(embedded_program(name)) == 18


def test_remote_database_gets_the_machines_program_when_it_is_new_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = program_on_path(tmp_path, monkeypatch, "19.1")
    assert find_tool("pg_dump", REMOTE) == own
    assert find_tool("pg_dump", LOCAL) == embedded_program("pg_dump")


def test_old_program_of_the_machine_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program_on_path(tmp_path, monkeypatch, "17.4 (Debian 17.4-1)")
    assert find_tool("pg_dump", REMOTE) == embedded_program("pg_dump")
    with pytest.raises(ToolMissing, match="encrypted"):
        find_tool("pg_dump", REMOTE + "?sslmode=verify-full")


def test_program_runs_against_the_database_and_its_error_is_told(shared: Cluster) -> None:
    assert run_tool("psql", ["-X", "-Atc", "SELECT 6 * 7"], shared.superuser_url) == "42\n"
    with pytest.raises(ToolFailed, match="does not exist"):
        run_tool("psql", ["-X", "-c", "SELECT * FROM nowhere"], shared.superuser_url)


def test_benchmark_program_runs(shared: Cluster) -> None:
    run_tool("pgbench", ["-i", "-q"], shared.superuser_url)
    assert "number of transactions actually processed: 10/10" in run_tool("pgbench", ["-t", "10"], shared.superuser_url)


@pytest.mark.parametrize(
    ("log", "kind"),
    [
        ("FATAL: could not write lock file: No space left on device", DiskFull),
        ("FATAL: could not open directory: Permission denied", FolderUnreachable),
        ("FATAL: could not map shared memory: Cannot allocate memory", ServerDidNotStart),
        ("FATAL: something else", ServerDidNotStart),
    ],
)
def test_cause_of_a_failed_start_is_named(log: str, kind: type[Exception]) -> None:
    trouble = explain_failure(log, Path("postgres.log"))
    assert type(trouble) is kind
    assert log in str(trouble)


def test_full_disk_of_a_program_is_named() -> None:
    assert isinstance(explain_tool_failure("pg_restore", "ERROR: No space left on device"), DiskFull)


def test_setting_cannot_break_out_of_its_line() -> None:
    printed = print_settings({"archive_command": "cp '%p' \\x"})
    assert printed.splitlines()[1] == "archive_command = 'cp ''%p'' \\\\x'"
    for name, value in (("a b", "1"), ("work_mem", "1\nfsync = off")):
        with pytest.raises(ValueError, match="not a setting"):
            print_settings({name: value})


def test_archive_command_switches_archiving_on() -> None:
    settings = compose_settings(Path("/run/pg"), durable=True, extra={"archive_command": "cp %p /archive/%f"})
    assert (settings["archive_mode"], settings["archive_timeout"]) == ("on", "30")
    assert "archive_mode" not in compose_settings(Path("/run/pg"), durable=True, extra={})
