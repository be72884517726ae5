"""Run PostgreSQL's programs (pg_dump, pg_restore, pg_basebackup, psql, pgbench) against a database.

The wheel's programs serve every database on this machine. They were built without TLS, so a database elsewhere gets
the machine's own programs when these are new enough. What identifies the user travels by environment: arguments are
visible to every account.
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from stead.platform.database.errors import DiskFull, ToolFailed, ToolMissing
from stead.platform.database.programs import MAJOR_VERSION, embedded_program
from stead.platform.database.urls import DatabaseUrl

CHUNK = 1024 * 1024
SHOWN_LINES = 12


def find_tool(name: str, url: str | None = None) -> Path:
    """Find the program that suits the database; refuse when a remote one needs TLS and only the wheel's is here."""
    address = DatabaseUrl.parse(url) if url else None
    if address is None or not (address.is_external or address.needs_tls):
        return embedded_program(name)
    own = shutil.which(name)
    if own and tool_version(Path(own)) >= MAJOR_VERSION:
        return Path(own)
    if address.needs_tls:
        raise ToolMissing(
            f"DATABASE_URL asks for an encrypted connection, which the embedded {name} cannot make. Install the "
            f"PostgreSQL {MAJOR_VERSION} client programs (for Debian: postgresql-client-{MAJOR_VERSION}) and put them "
            "on PATH."
        )
    return embedded_program(name)


def tool_version(program: Path) -> int:
    """Read the major version a program reports; 0 if it reports none."""
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"\b(\d+)(?:\.\d+|devel|beta|rc)", said)
    return int(found.group(1)) if found else 0


def run_tool(name: str, args: Sequence[str | Path], url: str | None = None) -> str:
    """Run the program to its end and return what it printed."""
    with tempfile.TemporaryFile() as output:
        stream_tool(name, args, url, output.write)
        output.seek(0)
        return output.read().decode(errors="replace")


def stream_tool(name: str, args: Sequence[str | Path], url: str | None, write: Callable[[bytes], object]) -> None:
    """Run the program and hand over what it prints, piece by piece; a failure is raised at the end."""
    command = [find_tool(name, url), *args]
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, env=_environment(url)
        ) as process,
    ):
        try:
            _pump(process.stdout, write)
        except BaseException:
            process.kill()
            raise
        if process.wait() != 0:
            errors.seek(0)
            raise explain_tool_failure(name, errors.read().decode(errors="replace"))


def explain_tool_failure(name: str, said: str) -> ToolFailed | DiskFull:
    """Name the cause if the program told it."""
    tail = "\n".join(said.strip().splitlines()[-SHOWN_LINES:])
    if "No space left on device" in said:
        return DiskFull(f"The disk became full while {name} ran. Free some room, then try again.\n{tail}")
    return ToolFailed(f"{name} ended with an error:\n{tail}")


def _pump(source: IO[bytes] | None, write: Callable[[bytes], object]) -> None:
    while source and (piece := source.read(CHUNK)):
        write(piece)


def _environment(url: str | None) -> dict[str, str]:
    """Our environment without anybody's PG* variables, which would lead elsewhere, plus the database's own."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return clean | (DatabaseUrl.parse(url).as_environment() if url else {})
