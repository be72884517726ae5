"""Look at running programs by /proc; on systems without it nothing is found, and the drills say so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")
LISTENING = "0A"
"""The state of a listening socket in the kernel's table."""


def running() -> Iterator[int]:
    yield from (int(entry.name) for entry in PROC.glob("[0-9]*"))


def command(pid: int) -> list[str]:
    """Return the program's arguments; none if it has ended."""
    try:
        return (PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return []


def environment(pid: int) -> str:
    try:
        return (PROC / str(pid) / "environ").read_bytes().decode(errors="replace")
    except OSError:
        return ""


def parent(pid: int) -> int:
    try:
        return int((PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return 0


def children_of(pid: int) -> list[int]:
    return [other for other in running() if parent(other) == pid]


def tree_of(pid: int) -> set[int]:
    """Return the program and everything that descends from it, by one look at all parents."""
    parents = {other: parent(other) for other in running()}
    found = {pid}
    while more := {child for child, of in parents.items() if of in found} - found:
        found |= more
    return found


def listening_on(port: int) -> list[int]:
    """Return the programs that hold a listening socket of the port, in either family."""
    wanted = {f"socket:[{inode}]" for inode in _listeners(port)}
    return [pid for pid in running() if wanted & _open_files(pid)] if wanted else []


def _listeners(port: int) -> Iterator[str]:
    for table in ("tcp", "tcp6"):
        try:
            lines = (PROC / "net" / table).read_text().splitlines()[1:]
        except OSError:
            continue
        for fields in map(str.split, lines):
            if fields[3] == LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                yield fields[9]


def _open_files(pid: int) -> set[str]:
    found = set()
    with suppress(OSError):  # it has ended, or is somebody else's
        for entry in (PROC / str(pid) / "fd").iterdir():
            with suppress(OSError):  # closed while we look
                found.add(str(entry.readlink()))
    return found


def using(folder: Path) -> list[int]:
    """Return the programs that name the folder in their arguments or serve it as their state."""
    mark = f"STEAD_STATE={folder}\0"
    return [
        pid for pid in running() if any(str(folder) in part for part in command(pid)) or mark in environment(pid) + "\0"
    ]
