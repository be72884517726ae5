"""Look at running programs by /proc; on systems without it nothing is found, and the drills say so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

PROC = Path("/proc")


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


def using(folder: Path) -> list[int]:
    """Return the programs that name the folder in their arguments or serve it as their state."""
    mark = f"STEAD_STATE={folder}\0"
    return [
        pid for pid in running() if any(str(folder) in part for part in command(pid)) or mark in environment(pid) + "\0"
    ]
