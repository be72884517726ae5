"""The settings of the embedded server, written to `stead.conf` before every start.

Failing statements and the DETAIL of an error carry patients' names, so neither is logged. Segments are 4 MB
rather than 16, because a backup archive closes one every half minute.
"""

import re
import sys
from collections.abc import Mapping
from pathlib import Path

CONFIGURATION_FILE = "stead.conf"
INCLUDE_LINE = f"\ninclude '{CONFIGURATION_FILE}'\n"
WAL_SEGMENT_MB = 4
ARCHIVE_SECONDS = 30
PORT = 5432

COMMON = {
    "listen_addresses": "",
    "port": str(PORT),
    "max_connections": "60",
    "wal_level": "replica",
    "min_wal_size": "64MB",
    "max_wal_size": "1GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "log_checkpoints": "off",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
DURABLE = {"shared_buffers": "256MB"}
THROWAWAY = {
    "shared_buffers": "64MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum_naptime": "5min",
}
SETTING_NAME = re.compile(r"[a-z_][a-z0-9_.]*", re.ASCII)


def compose_settings(socket_dir: Path, *, durable: bool, extra: Mapping[str, str]) -> dict[str, str]:
    """Merge the settings, the caller's last; an archive target switches archiving on."""
    settings = COMMON | (DURABLE if durable else THROWAWAY) | {"unix_socket_directories": str(socket_dir)}
    if sys.platform == "linux":
        settings["recovery_init_sync_method"] = "syncfs"
    if extra.get("archive_command") or extra.get("archive_library"):
        settings |= {"archive_mode": "on", "archive_timeout": str(ARCHIVE_SECONDS)}
    return settings | dict(extra)


def archive_settings(folder: Path) -> dict[str, str]:
    """Settings that copy each finished WAL segment to `folder`, durably, at least every 30 s while work is done."""
    return {"archive_library": "basic_archive", "basic_archive.archive_directory": str(folder)}


def print_settings(settings: Mapping[str, str]) -> str:
    """Print them in PostgreSQL's syntax; a name or value that could break out of its line is a fault of the caller."""
    for name, value in settings.items():
        if not SETTING_NAME.fullmatch(name) or "\n" in value:
            raise ValueError(f"not a setting: {name}")
    lines = (f"{name} = {quote_value(value)}" for name, value in settings.items())
    return "# Written by Stead before every start; changes here are lost.\n" + "\n".join(lines) + "\n"


def quote_value(value: str) -> str:
    """Quote for a configuration file, where a backslash escapes."""
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
