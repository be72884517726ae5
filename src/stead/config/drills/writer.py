"""Write as fast as one program can, and note each write that was acknowledged: the load of the kill drill.

    python -m stead.config.drills.writer ACKNOWLEDGED PRACTICE_ID

A write is a registered patient: a row, a counter and a journal line in one transaction. Its identifier goes into the
file only after the commit came back, so every line of the file is a promise.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from uuid import UUID

from stead.config.children import die_with_parent
from stead.config.commands.shared import set_up


def main(acknowledged: Path, practice: UUID) -> None:
    die_with_parent()
    set_up()
    number = 0
    with acknowledged.open("a") as file:
        while True:
            number += 1
            patient = register(practice, f"Kill{os.getpid()}", f"Drill{number}")
            if patient is not None:
                file.write(f"{patient}\n")
                file.flush()
                os.fsync(file.fileno())


def register(practice: UUID, first: str, last: str) -> UUID | None:
    """Register one patient; None when the database was not there, which promises nothing."""
    from django.db import Error, connections

    from stead.patients.actions import register_patient
    from stead.patients.terms import PatientDetails
    from stead.platform import actors, clock
    from stead.platform.tenancy import context

    by = actors.system()
    try:
        with context.acting(practice, by, kind="worker"):
            details = PatientDetails(first_name=first, last_name=last, source="drill")
            row = register_patient(practice=practice, by=by, at=clock.now(), details=details)
        return row.id
    except Error:
        connections.close_all()
        time.sleep(0.1)
        return None


if __name__ == "__main__":
    main(Path(sys.argv[1]), UUID(sys.argv[2]))
