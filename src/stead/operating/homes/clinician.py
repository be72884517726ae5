"""The clinician's day: visits, notes due, and what waits on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef

from stead.care.models import Encounter, Note
from stead.operating.homes.desk import Visit
from stead.operating.links import address
from stead.platform.ui import words
from stead.scheduling.models import Service

SHOWN = 40


@dataclass(frozen=True)
class NoteDue:
    """A visit whose note is not signed: its age, its limit, the money that waits for it."""

    encounter_id: UUID
    patient_id: UUID
    patient: str
    visit: str
    clock: str
    over: bool
    started: bool
    cents: int
    url: str

    @property
    def held(self) -> str:
        return words.money(self.cents, cents=False)


def notes_due(practitioner_id: UUID, at: datetime, zone: ZoneInfo) -> list[NoteDue]:
    """Return the visits without a signed note, the oldest first, in two queries."""
    notes = Note.objects.filter(encounter_id=OuterRef("id"))
    rows = (
        Encounter.objects.filter(
            practitioner_id=practitioner_id, signed_at=None, due_at__isnull=False, starts_at__lte=at
        )
        .annotate(begun=Exists(notes))
        .select_related("patient")
        .order_by("starts_at")[:SHOWN]
    )
    prices = dict(Service.objects.values_list("id", "price_cents"))
    return [_due(row, prices.get(row.service_id, 0) if row.service_id else 0, at, zone) for row in rows]


def _due(row: Encounter, cents: int, at: datetime, zone: ZoneInfo) -> NoteDue:
    left = (row.due_at - at).total_seconds() / 60 if row.due_at else None
    begun = bool(getattr(row, "begun", False))
    return NoteDue(
        encounter_id=row.id,
        patient_id=row.patient_id,
        patient=f"{row.patient.preferred_name or row.patient.first_name} {row.patient.last_name}",
        visit=words.moment(row.starts_at.astimezone(zone)),
        clock="no limit" if left is None else words.over_limit(-left) if left < 0 else f"{words.length(left)} left",
        over=left is not None and left < 0,
        started=begun,
        cents=cents,
        url=address("care_start_note", row.id),
    )


def title(visits: Sequence[Visit], due: Sequence[NoteDue], day: str = "") -> str:
    """Write the page's title: "Six visits today. Two notes are due."; `day` names the next one when today has none."""
    first = f"{words.count(len(visits), 'visit', start=True)} today." if visits else "No visit today."
    if day:
        first = f"No visit today, {words.number_word(len(visits))} on {day}."
    if not due:
        return f"{first} Every note is signed."
    over = sum(n.over for n in due)
    said = f"{first} {words.count(len(due), 'note', start=True)} {'is' if len(due) == 1 else 'are'} due"
    return f"{said}; {words.number_word(over)} past {'its' if over == 1 else 'their'} limit." if over else f"{said}."
