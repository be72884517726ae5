"""Live on from today: the same actions that people and jobs use, on a driven clock.

Each day: whoever is in the book comes, misses or cancels; sessions are held, notes written and signed; most patients
book again; the evening's claims leave, payers answer, and what came back is read. Refusals are part of life here: they
are counted by name and the day goes on.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any, Literal
from uuid import UUID

from django.conf import settings

from stead.care import actions as care
from stead.care.models import Encounter, Note
from stead.care.terms import TEMPLATES
from stead.platform import actors, clock
from stead.platform.accounts.models import Practice
from stead.platform.actors import Actor, Role
from stead.platform.jobs.queue import run_job
from stead.platform.refusals import Refusal
from stead.platform.tenancy import context
from stead.practice.models import StaffMember
from stead.processes.gates import GateBroken
from stead.scheduling import actions as scheduling
from stead.scheduling.models import Appointment
from stead.scheduling.queries import find_slots
from stead.scheduling.terms import BookingRequest
from stead.simulation.payer import SandboxPayer

Progress = Callable[[str], None]
EVENING = time(23, 30)
NOTE_WORDS = "Held as planned; what comes next was agreed with the patient."
DIAGNOSIS = ["F41.1"]
NO_SHOW, CANCEL, BOOK_AGAIN = 0.05, 0.11, 0.8


class Life:
    """One practice on its way through days."""

    def __init__(self, practice: UUID, seed: int) -> None:
        self.practice = practice
        self.random = Random(seed)  # noqa: S311 - a story
        self.did: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self._people: dict[tuple[UUID | None, Role], Actor] = {}

    def day(self, morning: datetime) -> None:
        """Live one day, from its first visit to the payers' answers at night."""
        with self._as(actors.system(), morning):
            visits = list(
                Appointment.objects.filter(
                    starts_at__gte=morning,
                    starts_at__lt=morning + timedelta(days=1),
                    status__in=["booked", "confirmed"],
                ).order_by("starts_at", "id")
            )
        for visit in visits:
            self._visit(visit)
        self._evening(datetime.combine(morning.date(), EVENING, UTC))

    def _visit(self, visit: Appointment) -> None:
        chance = self.random.random()
        if chance < NO_SHOW:
            self._do("no_shows", scheduling.mark_no_show, visit.starts_at + timedelta(minutes=15), visit)
        elif chance < CANCEL:
            at = visit.starts_at - timedelta(hours=3)
            self._do("cancelled", scheduling.cancel_appointment, at, visit, reason="patient_asked")
        elif self._do("checked_in", scheduling.check_in_patient, visit.starts_at - timedelta(minutes=4), visit):
            self._session(visit)
            if self.random.random() < BOOK_AGAIN:
                self._book_again(visit)

    def _session(self, visit: Appointment) -> None:
        held = self._actor(visit.practitioner_id, "clinician")
        self._do("sessions", scheduling.start_session, visit.starts_at, visit, by=held)
        self._do("finished", scheduling.finish_session, visit.ends_at, visit, by=held)
        at = visit.ends_at + timedelta(minutes=self.random.randrange(5, 240))
        with self._counting("signed"), self._as(held, at):
            encounter = Encounter.objects.get(appointment_id=visit.id)
            self._write_note(encounter, {"practice": self.practice, "by": held, "at": at})

    def _write_note(self, encounter: Encounter, door: dict[str, Any]) -> None:
        note: Note = care.start_note(**door, encounter_id=encounter.id)
        body = {part.key: NOTE_WORDS for part in TEMPLATES[note.template].parts}
        codes = encounter.diagnosis_codes or DIAGNOSIS
        saved = care.save_note(**door, note_id=note.id, version_no=note.version_no, body=body, diagnosis_codes=codes)
        care.sign_note(**door, note_id=saved.id)

    def _book_again(self, visit: Appointment) -> None:
        at = visit.ends_at + timedelta(minutes=3)
        desk = self._desk()
        with self._counting("booked"), self._as(desk, at):
            slots = find_slots(
                service_id=visit.service_id,
                practitioner_ids=[visit.practitioner_id],
                location_ids=[visit.location_id],
                earliest=visit.starts_at + timedelta(days=14),
                count=1,
            )
            if not slots:
                self.refused["NoSlot"] += 1
                raise _Nothing
            wanted = BookingRequest(
                patient_id=visit.patient_id,
                service_id=visit.service_id,
                practitioner_id=visit.practitioner_id,
                location_id=visit.location_id,
                starts_at=slots[0].starts_at,
                modality=visit.modality,
            )
            scheduling.book_appointment(practice=self.practice, by=desk, at=at, request=wanted)

    def _evening(self, at: datetime) -> None:
        """Send claims, let payers answer, read what came."""
        with clock.driven(at):
            run_job("exchange.send_claims", self.practice, {})
            drain_jobs()
            folder = Path(settings.STATE) / "mailboxes" / str(self.practice)
            if folder.is_dir():
                self.did["answers"] += len(SandboxPayer(folder).run(at))
            run_job("exchange.poll_mailbox", self.practice, {})
            drain_jobs()

    def _do(self, name: str, action: Callable[..., Any], at: datetime, visit: Appointment, **more: Any) -> bool:
        by: Actor = more.pop("by", None) or self._desk()
        with self._counting(name) as went, self._as(by, at):
            action(practice=self.practice, by=by, at=at, appointment_id=visit.id, **more)
        return bool(went)

    @contextmanager
    def _counting(self, name: str) -> Iterator[list[bool]]:
        """Count what was done, or the refusal; yields a list that is filled when it went well."""
        went: list[bool] = []
        try:
            yield went
        except GateBroken:
            raise  # a fault of the database or of ours, no part of anybody's day
        except Refusal as refusal:
            self.refused[type(refusal).__name__] += 1
        except _Nothing:
            pass
        else:
            went.append(True)
            self.did[name] += 1

    @contextmanager
    def _as(self, by: Actor, at: datetime) -> Iterator[None]:
        kind: Literal["app", "worker"] = "worker" if by.kind == "system" else "app"
        with clock.driven(at), context.acting(self.practice, by, kind=kind):
            yield

    def _desk(self) -> Actor:
        return self._actor(None, "front_desk")

    def _actor(self, staff_id: UUID | None, role: Role) -> Actor:
        key = (staff_id, role)
        if key not in self._people:
            with context.acting(self.practice, actors.system(), kind="worker"):
                rows = StaffMember.objects.filter(roles__contains=[role]).order_by("id")
                row = StaffMember.objects.get(id=staff_id) if staff_id else rows.first()
            if row is None:
                raise LookupError(f"Nobody in this practice has the role {role}.")
            self._people[key] = Actor(id=row.id, kind="staff", name=row.name, roles=frozenset({role}))
        return self._people[key]


class _Nothing(Exception):
    """There was nothing to do."""


def drain_jobs() -> None:
    """Run every job that is due, on the driven clock, and return when none is left."""
    from procrastinate.contrib.django import app

    async def run() -> None:
        async with app.open_async():
            await app.run_worker_async(wait=False, install_signal_handlers=False, listen_notify=False)

    with app.replace_connector(app.connector.get_worker_connector()):  # type: ignore[attr-defined]
        asyncio.run(run())


def live(practice: Practice, days: int, seed: int, progress: Progress) -> dict[str, Any]:
    """Live `days` days from today on; return what was done and what was refused, by name."""
    life = Life(practice.id, seed)
    first = datetime.combine(clock.now().date(), time(0), UTC) + timedelta(hours=6)
    for number in range(days):
        morning = first + timedelta(days=number)
        before = life.did.copy()
        life.day(morning)
        done = ", ".join(f"{count} {name}" for name, count in sorted((life.did - before).items())) or "nothing"
        progress(f"{morning:%a %b %d}: {done}")
    return {"name": "simulate days", "days": days, "did": dict(life.did), "refused": dict(life.refused)}
