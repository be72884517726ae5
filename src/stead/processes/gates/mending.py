"""From an unmet clause to the forms that mend it: the declared mendings it names, those that apply, in its order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stead.platform import permissions
from stead.platform.actors import Actor
from stead.platform.policy.evaluate import ClauseResult
from stead.platform.policy.mendings import Mending, mendings
from stead.platform.refusals import Fix
from stead.processes.gates.subjects import subject

OPEN_CASE = "case"
"""What mends a clause that names nothing: the patient's open case says what to do."""


@dataclass(frozen=True)
class Remedy:
    """A mending that applies to the records at hand, and the step it opens."""

    mending: Mending
    fix: Fix

    def is_for(self, by: Actor) -> bool:
        return permissions.holds(by, self.mending.permission)


def remedies(result: ClauseResult, subjects: Mapping[str, object]) -> list[Remedy]:
    """Return what mends a clause here and now; one that this Stead no longer declares is left out."""
    found = [remedy for written in result.clause.fixes if (remedy := _remedy(written, subjects))]
    if found or result.clause.fixes:
        return found
    return [remedy] if (remedy := _remedy(OPEN_CASE, subjects)) else []


def _remedy(written: str, subjects: Mapping[str, object]) -> Remedy | None:
    mending = mendings.find(written)
    about = subject(mending.subject, subjects) if mending else None
    if mending is None or about is None:
        return None
    fix = mending.opens(about, written.partition(":")[2])
    return Remedy(mending, fix) if fix else None
