"""Kernel locks that say who uses the cluster; the kernel drops them however a process ends.

`change.lock`    exclusive, short: whoever starts, stops, makes or counts holds it, so none of these interleave
`users.lock`     shared by every user for as long as it uses the server; exclusive proves that nobody does
`watchdog.lock`  exclusive by the one watchdog, whose process id stands in the file

`users.lock` is tried exclusively only under `change.lock`: two users leaving at once cannot both think that the
other one stays. A fork shares its parent's lock; a started program does not inherit it unless it is passed on.
Standard library only.
"""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self


class FileLock:
    """One open handle on a lock file; closing it, or dying, lets go."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def try_exclusive(self) -> bool:
        """Take it alone; on False any earlier shared hold of this handle is gone too."""
        return self._take(fcntl.LOCK_EX)

    def try_shared(self) -> bool:
        """Take it beside other sharers."""
        return self._take(fcntl.LOCK_SH)

    def release(self) -> None:
        """Let go and keep the handle."""
        fcntl.flock(self.fd, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go for good; closing twice does nothing."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def write(self, text: str) -> None:
        """Replace the file's content by a note for the others."""
        os.ftruncate(self.fd, 0)
        os.pwrite(self.fd, text.encode(), 0)

    def read(self) -> str:
        """Read the note of whoever holds the lock."""
        return os.pread(self.fd, 4096, 0).decode()

    def _take(self, kind: int) -> bool:
        try:
            fcntl.flock(self.fd, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
