"""A cluster for tests: fast, alone, gone afterwards.

It lies in a folder of its own right below the machine's temporary folder, because the server's account must be able
to reach it and a private folder of ours would not let it in. Folders of killed test runs are swept an hour later.
"""

import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from stead.platform.database.embedded import Cluster, open_cluster
from stead.platform.database.layout import SHORT_SOCKET_PARENT, Layout
from stead.platform.database.locks import FileLock
from stead.platform.database.waiting import Progress, stay_silent

PREFIX = "stead-test-"
SWEEP_SECONDS = 3600


@contextmanager
def throwaway_folder() -> Iterator[Path]:
    """Give an empty folder that the server's account can reach, and remove it."""
    sweep_folders()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=SHORT_SOCKET_PARENT))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def throwaway_cluster(
    settings: Mapping[str, str] | None = None, on_progress: Progress = stay_silent
) -> Iterator[Cluster]:
    """Give a running cluster without durability."""
    with (
        throwaway_folder() as folder,
        open_cluster(folder / "pg", durable=False, settings=settings, on_progress=on_progress) as cluster,
    ):
        yield cluster


def sweep_folders() -> None:
    """Remove what killed test runs left behind and nobody uses."""
    for folder in SHORT_SOCKET_PARENT.glob(f"{PREFIX}*"):
        try:
            if time.time() - folder.stat().st_mtime > SWEEP_SECONDS and not _is_used(folder):
                shutil.rmtree(folder)
        except (FileNotFoundError, PermissionError):
            continue  # swept by another run, or of another account


def _is_used(folder: Path) -> bool:
    for users in folder.glob("*/users.lock"):
        with FileLock(Layout(users.parent).users_lock) as lock:
            if not lock.try_exclusive():
                return True
    return False
