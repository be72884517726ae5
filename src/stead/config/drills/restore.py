"""`stead drill restore`: lose the machine of the database in the middle of the work, and go back to the latest moment.

A cluster of its own archives its log as an installation with a backup does. Two practices work through actions; a base
copy is taken; they work on, slowly, so that the time limit of the archive and not its fill decides what is kept. After
each acknowledged step every table is summed up. Then the server is killed, its folder removed, and the base and the
archive make a new one, which must be, row for row, what stood after one of those steps. How long ago that step was
acknowledged when the machine was lost is the work that is gone: `rpo_s`. Every practice's journal must hold, also
against the newest seal that was remembered by then.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connections, transaction

from stead.patients.actions import register_patient
from stead.patients.models import Patient
from stead.patients.terms import PatientDetails
from stead.platform import actors, clock
from stead.platform.accounts.models import Practice
from stead.platform.database.embedded import Cluster, open_cluster
from stead.platform.database.point_in_time import physical_backup, prepare_archive, restore_point_in_time
from stead.platform.database.postmaster import find_postmaster
from stead.platform.database.throwaway import throwaway_folder
from stead.platform.identifiers import new_id
from stead.platform.journal import seals
from stead.platform.tenancy.context import acting
from stead.platform.tenancy.migrate import migrate
from stead.platform.tenancy.standalone import connected_to
from stead.practice.actions import create_location
from stead.practice.terms import LocationDetails

Progress = Callable[[str], None]
LONGEST_LOSS = 60.0
STEPS_BETWEEN_SEALS = 12
PAUSE = 0.15
_WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ("08:00", "17:00"))


@dataclass(frozen=True)
class Promise:
    """The whole database after one acknowledged step, and the newest seal of each practice by then."""

    at: float
    digest: str
    seals: dict[UUID, tuple[int, str]]


@dataclass
class Work:
    """What the two practices did."""

    practices: list[UUID]
    promises: list[Promise] = field(default_factory=list)
    seals: dict[UUID, tuple[int, str]] = field(default_factory=dict)
    steps: int = 0

    def go_on(self) -> None:
        """Take one step, a patient or a seal, and note what the database promised."""
        self.steps += 1
        practice = self.practices[self.steps % len(self.practices)]
        if self.steps % STEPS_BETWEEN_SEALS < len(self.practices):
            self._seal(practice)
        else:
            _register(practice, self.steps)
        # Read after the commit came back: a promise is dated when it was given, not when it was summed up.
        given = time.monotonic()
        self.promises.append(Promise(given, digest(), dict(self.seals)))

    def _seal(self, practice: UUID) -> None:
        with acting(practice, actors.system(), kind="worker"):
            sealed = seals.seal_batch(clock.now())
        if sealed is not None:
            self.seals[practice] = (sealed.number, bytes(sealed.hash).hex())


def drill_restore(progress: Progress, full: bool = False) -> dict[str, Any]:
    """Return the seconds until the restored database answered the application, and whether it is what was promised."""
    with throwaway_folder() as folder:
        # The archive closes a piece of the log every 30 s: the loss comes midway between two, with `full` at the worst.
        work, lost_at, patience = _live_and_lose(folder, 148 if full else 44, 4000 if full else 200, progress)
        started = time.monotonic()
        progress("Restoring to the latest moment of the archive")
        restored = restore_point_in_time(folder / "archive", folder / "base", None, folder / "new")
        with open_cluster(restored) as cluster, connected_to(cluster):
            with acting(work.practices[0], actors.system()):
                Patient.objects.count()
            opened = time.monotonic() - started
            progress("Comparing with what was promised")
            return _compare(work, lost_at, opened) | {"archive_timeout_s": patience}


def _live_and_lose(folder: Path, seconds: int, before: int, progress: Progress) -> tuple[Work, float, int]:
    """Work, copy, work on, and lose the server with its folder. Returns the work and the moment of the loss."""
    settings = prepare_archive(folder / "archive", folder / "pg")
    with open_cluster(folder / "pg", settings=settings, on_progress=progress) as cluster, connected_to(cluster):
        migrate(cluster.superuser_url, progress)
        work = Work([_found(number) for number in (1, 2)])
        for number in range(before):
            _register(work.practices[number % 2], number)
        physical_backup(cluster, folder / "base", on_progress=progress)
        progress(f"Working on for {seconds} s")
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            work.go_on()
            time.sleep(PAUSE)
        with connections["owner"].cursor() as cursor:
            cursor.execute("select setting::int from pg_settings where name = 'archive_timeout'")
            patience = int(cursor.fetchone()[0])
        progress("Killing the server and removing its folder")
        lost_at = _lose(cluster)
    shutil.rmtree(folder / "pg")
    return work, lost_at, patience


def _lose(cluster: Cluster) -> float:
    server = find_postmaster(cluster.layout.pgdata)
    if server is None:
        raise RuntimeError("There is no server to lose.")
    os.kill(server.pid, signal.SIGKILL)
    lost_at = time.monotonic()
    while server.is_alive():
        time.sleep(0.01)
    return lost_at


def _found(number: int) -> UUID:
    practice = new_id()
    Practice.objects.create(id=practice, name=f"Drill {number}", slug=f"drill-{number}")
    by = actors.system()
    with acting(practice, by):
        details = LocationDetails("Main", "America/New_York", _WEEK)
        create_location(practice=practice, by=by, at=clock.now(), details=details)
    return practice


def _register(practice: UUID, number: int) -> None:
    by = actors.system()
    with acting(practice, by, kind="worker"):
        details = PatientDetails(first_name="Restore", last_name=f"Drill{number}", source="drill")
        register_patient(practice=practice, by=by, at=clock.now(), details=details)


_TABLES = """
select quote_ident(n.nspname) || '.' || quote_ident(c.relname)
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r' and n.nspname in ('public', 'stead') order by 1
"""


def digest() -> str:
    """Sum up every row of every table as they stand in one snapshot."""
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("set transaction isolation level repeatable read, read only")
        cursor.execute(_TABLES)
        tables = [name for (name,) in cursor.fetchall()]
        each = (
            f"select '{name}' as name, count(*) as n, sum(hashtextextended(t::text, 0)::numeric) as sum from {name} t"  # noqa: S608 - names from the catalogue, quoted
            for name in tables
        )
        cursor.execute(" union all ".join(each))
        return hashlib.sha256(repr(sorted(cursor.fetchall())).encode()).hexdigest()


def _compare(work: Work, lost_at: float, opened: float) -> dict[str, Any]:
    found = digest()
    kept = next((n for n, promise in enumerate(work.promises) if promise.digest == found), None)
    rpo = None if kept is None else _lost_seconds(work, kept, lost_at)
    anchors = work.promises[kept].seals if kept is not None else {}
    seals_ok = _seals_hold(work.practices, anchors)
    return {
        "value": round(opened, 2),
        "unit": "s to open",
        "n": len(work.promises),
        "kept": 0 if kept is None else kept + 1,
        "rows_equal": kept is not None,
        "rpo_s": None if rpo is None else round(rpo, 1),
        "seals_ok": seals_ok,
        "seals": sum(number for number, _ in anchors.values()),
        "ok": kept is not None and rpo is not None and rpo <= LONGEST_LOSS and seals_ok,
    }


def _lost_seconds(work: Work, kept: int, lost_at: float) -> float:
    """How long before the loss the last step that came back was acknowledged; nothing if that was the last step."""
    return 0.0 if kept == len(work.promises) - 1 else lost_at - work.promises[kept].at


def _seals_hold(practices: list[UUID], anchors: dict[UUID, tuple[int, str]]) -> bool:
    """Every practice's journal holds up to the seal remembered outside; that one of them has a seal is part of it."""
    return bool(anchors) and not any(_tampered(practice, anchors.get(practice)) for practice in practices)


def _tampered(practice: UUID, anchor: tuple[int, str] | None) -> bool:
    with acting(practice, actors.system(), kind="worker"):
        return bool(seals.verify(anchor))
