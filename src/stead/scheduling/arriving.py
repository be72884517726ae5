"""What is to be done with somebody who has arrived, besides the visit: a copay to take, say.

Higher rooms add what they know, before anybody is shown. `register` takes a function from the visits of those who are
here, the person at the desk and the moment to a `Due` for some of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from stead.platform.actors import Actor
from stead.platform.ui.parts import Step
from stead.scheduling.queries import DayVisit


@dataclass(frozen=True)
class Due:
    """One thing in words, and the step that does it while it is not done."""

    words: str
    step: Step | None = None


Part = Callable[[Sequence[DayVisit], Actor, datetime], dict[UUID, Due]]
_parts: list[Part] = []


def register(part: Part) -> Part:
    _parts.append(part)
    return part


def due(visits: Sequence[DayVisit], by: Actor, at: datetime) -> dict[UUID, list[Due]]:
    """Return what is due for each visit of somebody who is here."""
    here = [visit for visit in visits if visit.status in ("arrived", "in_session")]
    found: dict[UUID, list[Due]] = {}
    for part in _parts if here else ():
        for visit_id, one in part(here, by, at).items():
            found.setdefault(visit_id, []).append(one)
    return found
