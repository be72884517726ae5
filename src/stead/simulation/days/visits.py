"""The visits of a day: who comes, misses or cancels; the session, its note, and the next time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from stead.care import actions as care
from stead.care.models import Encounter, Note
from stead.scheduling import actions as scheduling
from stead.scheduling.models import Appointment, Service
from stead.scheduling.queries import find_slots
from stead.scheduling.terms import BookingRequest
from stead.simulation.days.life import Life, Nothing
from stead.simulation.demo.people import BELL
from stead.simulation.notes import Writer

NO_SHOW, CANCEL, BOOK_AGAIN = 0.05, 0.11, 0.8
LATE_WRITER_SIGNS = 0.6
"""The share of notes that a clinician who is behind writes on the day; the rest waits with the others."""


class Visits:
    def __init__(self, life: Life) -> None:
        self.life, self.random = life, life.random

    def hold(self, morning: datetime) -> None:
        """Hold every visit that is still in the book of the day."""
        for visit in self.life.read(morning, lambda: self._of_the_day(morning)):
            self._visit(visit)

    def _of_the_day(self, morning: datetime) -> list[Appointment]:
        rows = Appointment.objects.filter(starts_at__lt=morning + timedelta(days=1), status__in=["booked", "confirmed"])
        first = max(morning, self.life.begun)
        return list(rows.filter(starts_at__gte=first).select_related("patient").order_by("starts_at", "id"))

    def _visit(self, visit: Appointment) -> None:
        desk, chance = self.life.of_role("front_desk"), self.random.random()
        which = {"appointment_id": visit.id}
        if chance < NO_SHOW:
            at = visit.starts_at + timedelta(minutes=15)
            self.life.do("no_shows", scheduling.mark_no_show, desk, at, **which)
        elif chance < CANCEL:
            at = max(visit.starts_at - timedelta(hours=3), self.life.begun)
            self.life.do("cancelled", scheduling.cancel_appointment, desk, at, reason="patient_asked", **which)
        elif self.life.do(
            "checked_in", scheduling.check_in_patient, desk, visit.starts_at - timedelta(minutes=4), **which
        ):
            self._session(visit)
            if self.random.random() < BOOK_AGAIN:
                self._book_again(visit)

    def _session(self, visit: Appointment) -> None:
        held, which = self.life.staff(visit.practitioner_id), {"appointment_id": visit.id}
        self.life.do("sessions", scheduling.start_session, held, visit.starts_at, **which)
        self.life.do("finished", scheduling.finish_session, held, visit.ends_at, **which)
        if held.name == BELL and self.random.random() > LATE_WRITER_SIGNS:
            return
        at = visit.ends_at + timedelta(minutes=self.random.randrange(5, 240))
        with self.life.counting("signed"), self.life.acting(held, at):
            encounter = Encounter.objects.get(appointment_id=visit.id)
            number = Encounter.objects.filter(patient_id=visit.patient_id, starts_at__lt=visit.starts_at).count()
            door = {"practice": self.life.practice, "by": held, "at": at}
            _write_note(encounter, visit.patient.number, number, visit.modality, door)

    def _book_again(self, visit: Appointment) -> None:
        desk, at = self.life.of_role("front_desk"), visit.ends_at + timedelta(minutes=3)
        service = find_followup(self.life, visit, at)
        with self.life.counting("booked"), self.life.acting(desk, at):
            slots = find_slots(
                service_id=service,
                practitioner_ids=[visit.practitioner_id],
                location_ids=[visit.location_id],
                earliest=visit.starts_at + timedelta(days=6, hours=20),
                count=1,
            )
            if not slots:
                self.life.refused["NoSlot"] += 1
                raise Nothing
            wanted = BookingRequest(
                patient_id=visit.patient_id,
                service_id=service,
                practitioner_id=visit.practitioner_id,
                location_id=visit.location_id,
                starts_at=slots[0].starts_at,
                modality=visit.modality,
            )
            scheduling.book_appointment(practice=self.life.practice, by=desk, at=at, request=wanted)


def find_followup(life: Life, visit: Appointment, at: datetime) -> UUID:
    """Return the service of the next visit: the same, after a first visit the usual one."""

    def usual() -> UUID:
        service = Service.objects.get(id=visit.service_id)
        rows = Service.objects.filter(is_first_visit=False, modality=visit.modality, retired_at=None)
        return (rows.order_by("id")[0] if service.is_first_visit else service).id

    return life.read(at, usual)


def _write_note(encounter: Encounter, seed: int, number: int, modality: str, door: dict[str, Any]) -> None:
    writer = Writer(seed, encounter.patient_id)
    note: Note = care.start_note(**door, encounter_id=encounter.id)
    body = dict(writer.note(note.template, number, by_video=modality == "video"))
    codes = encounter.diagnosis_codes or [writer.code]
    saved = care.save_note(**door, note_id=note.id, version_no=note.version_no, body=body, diagnosis_codes=codes)
    care.sign_note(**door, note_id=saved.id)
