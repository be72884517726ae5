"""Who acts, when, and what came of it: the frame in which every part of a simulated day acts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from random import Random
from typing import Any, Literal, cast
from uuid import UUID

from stead.patients.models import Patient
from stead.platform import actors, clock
from stead.platform.actors import Actor, Role
from stead.platform.refusals import Refusal
from stead.platform.tenancy import context
from stead.practice.models import StaffMember
from stead.processes.gates import GateBroken

Progress = Callable[[str], None]


class Nothing(Exception):
    """There was nothing to do."""


class Life:
    """One practice on its way through days. Nothing happens before `begun`."""

    def __init__(self, practice: UUID, seed: int, begun: datetime) -> None:
        self.practice, self.begun = practice, begun
        self.random = Random(seed)  # noqa: S311 - a story
        self.did: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self._people: dict[tuple[UUID | None, Role], Actor] = {}

    def moment(self, morning: datetime, first_hour: float, last_hour: float) -> datetime:
        """Return some moment between two hours of the day, counted from its morning (6:00 UTC)."""
        at = morning + timedelta(hours=self.random.uniform(first_hour, last_hour))
        return max(at.replace(microsecond=0), self.begun)

    @contextmanager
    def counting(self, name: str) -> Iterator[list[bool]]:
        """Count what was done, or the refusal; yields a list that is filled when it went well."""
        went: list[bool] = []
        try:
            yield went
        except GateBroken:
            raise  # a fault of the database or of ours, no part of anybody's day
        except Refusal as refusal:
            self.refused[type(refusal).__name__] += 1
        except Nothing:
            pass
        else:
            went.append(True)
            self.did[name] += 1

    @contextmanager
    def acting(self, by: Actor, at: datetime) -> Iterator[None]:
        kind: Literal["app", "worker"] = "worker" if by.kind == "system" else "app"
        with clock.driven(at), context.acting(self.practice, by, kind=kind):
            yield

    def do(self, count_as: str, action: Callable[..., Any], by: Actor, at: datetime, /, **given: Any) -> Any:
        """Run one action as somebody at a moment; return its row, or None when it was refused."""
        with self.counting(count_as), self.acting(by, at):
            return action(practice=self.practice, by=by, at=at, **given)
        return None

    def read[R](self, at: datetime, question: Callable[[], R]) -> R:
        """Look something up, as Stead itself."""
        with self.acting(actors.system(), at):
            return question()

    def of_role(self, role: Role) -> Actor:
        return self._actor(None, role)

    def staff(self, staff_id: UUID) -> Actor:
        return self._actor(staff_id, "front_desk")

    def patient(self, patient: Patient) -> Actor:
        name = f"{patient.first_name} {patient.last_name}"
        return Actor(id=patient.id, kind="patient", name=name, roles=frozenset({"patient"}))

    def _actor(self, staff_id: UUID | None, role: Role) -> Actor:
        key = (staff_id, role)
        if key not in self._people:
            with context.acting(self.practice, actors.system(), kind="worker"):
                rows = StaffMember.objects.filter(roles__contains=[role], ended_date=None).order_by("id")
                row = StaffMember.objects.get(id=staff_id) if staff_id else rows.first()
            if row is None:
                raise LookupError(f"Nobody in this practice has the role {role}.")
            self._people[key] = Actor(
                id=row.id, kind="staff", name=row.name, roles=cast("frozenset[Role]", frozenset(row.roles))
            )
        return self._people[key]
