"""The mailbox port: where files to payers are put and files from payers are found.

The folder mailbox holds four trays per practice: `outbound` and `inbound`, from our side, `archive` for what was read,
`refused` for what could not be, each file beside a `.reason.txt`. Whatever carries the folders (SFTP, a clearinghouse's
agent, the sandbox payer) sees whole files only: a file is written under a dotted name and then renamed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol
from uuid import UUID

from django.conf import settings

from stead.exchange.rules import FileTooLarge, check_file_name

TRAYS = ("outbound", "inbound", "archive", "refused")
MOST_BYTES = 200 * 1024 * 1024


class Mailbox(Protocol):
    """What the rest needs of a mailbox. Every call may be repeated after a kill."""

    def put(self, name: str, data: bytes) -> None: ...
    def waiting(self) -> list[str]: ...
    def take(self, name: str) -> bytes | None: ...
    def archive(self, name: str) -> None: ...
    def refuse(self, name: str, reason: str) -> None: ...


class FolderMailbox:
    """A mailbox of folders on disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for tray in TRAYS:
            (folder / tray).mkdir(parents=True, exist_ok=True, mode=0o700)

    def put(self, name: str, data: bytes) -> None:
        """Lay a file out to be fetched, whole or not at all."""
        write_whole(self.folder / "outbound" / check_file_name(name), data)

    def waiting(self) -> list[str]:
        """Names of the files to read, oldest name first; a name that is not plain comes too and is refused later."""
        return sorted(path.name for path in self._files("inbound"))

    def take(self, name: str) -> bytes | None:
        """Read a waiting file without moving it: it leaves the tray only after its content is safe. None if it has
        been moved meanwhile. Refuses one above `MOST_BYTES`: it is read into memory."""
        try:
            with (self.folder / "inbound" / Path(name).name).open("rb") as file:
                if os.fstat(file.fileno()).st_size > MOST_BYTES:
                    raise FileTooLarge()
                return file.read(MOST_BYTES)
        except FileNotFoundError:
            return None

    def archive(self, name: str) -> None:
        self._move(name, "archive")

    def refuse(self, name: str, reason: str) -> None:
        """Move a file aside with the reason beside it."""
        moved = self._move(name, "refused")
        if moved is not None:
            write_whole(moved.with_name(f"{moved.name}.reason.txt"), f"{reason}\n".encode())

    def count(self, tray: str) -> int:
        return sum(not path.name.endswith(".reason.txt") for path in self._files(tray))

    def _files(self, tray: str) -> Iterator[Path]:
        return (p for p in (self.folder / tray).iterdir() if p.is_file() and not p.name.startswith("."))

    def _move(self, name: str, tray: str) -> Path | None:
        """Rename into a tray; a file of the same name there is kept and the new one gets a number."""
        source = self.folder / "inbound" / Path(name).name
        target = self.folder / tray / source.name
        number = 1
        while target.exists():
            target = self.folder / tray / f"{source.stem}-{number}{source.suffix}"
            number += 1
        try:
            source.rename(target)
        except FileNotFoundError:
            return None  # another worker, or an earlier run of this one, has moved it
        return target


def write_whole(path: Path, data: bytes) -> None:
    """Write to a dotted name, force it to disk, then rename."""
    part = path.with_name(f".{path.name}.part")
    with part.open("wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    part.replace(path)


def folder_of(practice: UUID) -> Path:
    return Path(settings.STATE) / "mailboxes" / str(practice)


def mailbox_of(practice: UUID) -> FolderMailbox:
    return FolderMailbox(folder_of(practice))
