"""Check a whole database: the declared invariants, then the journal's chain of each practice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from stead.config import invariants as _across_rooms  # noqa: F401  declares them
from stead.platform import actors, invariants
from stead.platform.accounts.models import Practice
from stead.platform.invariants import Finding
from stead.platform.journal import seals
from stead.platform.tenancy import context
from stead.processes.soundness import Unaskable, unaskable


def verify_all() -> Iterator[Finding]:
    yield from invariants.check()
    yield gates_can_be_asked()
    yield Finding("seals_hold", "The journal's seals hold, also against the copy kept outside", _broken_seals())


def gates_can_be_asked() -> Finding:
    """Count the gates and playbooks in force that this Stead cannot ask, and name them in the words."""
    found = list(unaskable_gates())
    said = "Every gate and playbook in force can be asked"
    names = "; ".join(f"{one.kind} {one.name} of {practice}: {one.why}" for practice, one in found)
    return Finding("gates_can_be_asked", f"{said}. {names}" if names else said, len(found))


def unaskable_gates() -> Iterator[tuple[str, Unaskable]]:
    """Yield (practice, gate or playbook) of the whole database."""
    for practice, name in Practice.objects.order_by("name").values_list("id", "name"):
        with context.acting(practice, actors.system(), kind="worker"):
            found = list(unaskable())
        yield from ((name, one) for one in found)


def _broken_seals() -> int:
    broken = 0
    for practice in Practice.objects.values_list("id", flat=True):
        with context.acting(practice, actors.system(), kind="worker"):
            broken += len(seals.verify(anchor_of(Path(settings.STATE), str(practice))))
    return broken


def anchor_of(state: Path, practice: str) -> tuple[int, str] | None:
    """Return the newest seal kept outside the database (number, hex hash), if there is a copy."""
    path = state / "seals" / f"{practice}.json"
    if not path.is_file():
        return None
    said = json.loads(path.read_text())
    return int(said["number"]), str(said["hash"])
