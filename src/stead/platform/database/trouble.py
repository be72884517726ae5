"""Turn what a PostgreSQL program wrote before it gave up into a named trouble with a way out."""

from pathlib import Path

from stead.platform.database.errors import DatabaseTrouble, DiskFull, FolderUnreachable, ServerDidNotStart

SHOWN_LINES = 12


def explain_failure(log: str, log_file: Path) -> DatabaseTrouble:
    """Name the cause if the log tells it; the last lines always follow."""
    tail = "\n".join(log.strip().splitlines()[-SHOWN_LINES:])
    kind, words = _cause(log)
    return kind(f"{words} What is stored is untouched. The log, {log_file}, ends with:\n{tail}")


def _cause(log: str) -> tuple[type[DatabaseTrouble], str]:
    if "No space left on device" in log or "Disk quota exceeded" in log:
        return DiskFull, "The disk is full, so PostgreSQL cannot run. Free some room, then start again."
    if "Permission denied" in log or "has wrong ownership" in log:
        return FolderUnreachable, (
            "PostgreSQL may not use a file or folder it needs. Give the data folder back to the account that made it, "
            "or start Stead as the user who first started it."
        )
    if "Cannot allocate memory" in log:
        return ServerDidNotStart, "PostgreSQL found too little memory. Close other programs, then start again."
    if "Too many open files" in log:
        return ServerDidNotStart, "The machine's limit of open files is reached. Raise it, then start again."
    return ServerDidNotStart, "PostgreSQL did not start."
