"""Seal the journal again and again, and keep the newest seal outside the database as well.

The copy lies in STATE/seals, one file per practice. Whoever can rewrite the database cannot rewrite a copy that was
shipped elsewhere: a deployment should send this folder to another machine (docs/deployment.md).
"""

from __future__ import annotations

import fcntl
import json
from pathlib import Path

from django.conf import settings
from django.db import transaction

from stead.platform import clock
from stead.platform.files.store import write_whole
from stead.platform.jobs.queue import job
from stead.platform.journal.models import JournalSeal
from stead.platform.journal.seals import seal_batch
from stead.platform.tenancy import context


@job("journal.seal")
def seal_journal() -> None:
    """Seal what is pending in the practice; the copy outside is written after the commit, so it is never ahead."""
    seal = seal_batch(clock.now())
    if seal is not None:
        practice = str(context.practice_id())
        transaction.on_commit(lambda: keep_anchor(Path(settings.STATE), practice, seal))


def keep_anchor(state: Path, practice: str, seal: JournalSeal) -> None:
    """Replace the practice's copy of its newest seal in one step. An older seal never replaces a newer one."""
    folder = state / "seals"
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / f"{practice}.json"
    with (folder / f".{practice}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if kept.exists() and json.loads(kept.read_text())["number"] >= seal.number:
            return
        said = {"number": seal.number, "hash": bytes(seal.hash).hex(), "at": str(seal.sealed_at)}
        write_whole(kept, json.dumps(said).encode())
