"""Read the record of care: a clinician's day, notes due, one note."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, QuerySet, Subquery

from stead.care.models import Encounter, Note, NoteAmendment
from stead.care.rules import template_for
from stead.care.terms import TEMPLATES, NoteDue, Template, Visit
from stead.care.text import amendment_text, body_of
from stead.patients.models import Patient
from stead.platform.refusals import NotFound
from stead.practice.models import Location, StaffMember
from stead.scheduling.models import Appointment, Service


def notes_due(practitioner_id: UUID | None = None) -> list[NoteDue]:
    """Visits whose note is not signed, oldest first, of one practitioner or of all."""
    rows = _owing_a_note()
    if practitioner_id:
        rows = rows.filter(practitioner_id=practitioner_id)
    services, zones = _services(), _zones()
    found = rows.select_related("patient", "practitioner").order_by("due_at", "id")
    return [_due(row, services.get(row.service_id), zones.get(row.location_id, "UTC")) for row in found]


def _owing_a_note() -> QuerySet[Encounter]:
    """Imported visits carry no due moment: their notes were written elsewhere."""
    note = Note.objects.filter(encounter_id=OuterRef("id")).values("id")
    rows = Encounter.objects.filter(due_at__isnull=False, signed_at=None)
    return rows.annotate(note_id=Subquery(note[:1]))


def _due(row: Encounter, service: Service | None, zone: str) -> NoteDue:
    assert row.due_at is not None
    return NoteDue(
        encounter_id=row.id,
        note_id=row.note_id,  # type: ignore[attr-defined]  # annotated
        patient_id=row.patient_id,
        patient_name=f"{row.patient.first_name[:1]}. {row.patient.last_name}",
        practitioner_id=row.practitioner_id,
        practitioner_name=row.practitioner.name,
        service_name=service.name if service else "Visit",
        starts_at=row.starts_at,
        due_at=row.due_at,
        time_zone=zone,
        held_cents=service.price_cents if service else 0,
    )


def _services() -> dict[UUID | None, Service]:
    return {row.id: row for row in Service.objects.get_queryset()}


def _zones() -> dict[UUID | None, str]:
    return dict(Location.objects.values_list("id", "time_zone"))


def zone_of(practitioner_id: UUID) -> ZoneInfo:
    """Return the time zone in which a practitioner's day is cut: that of the home location."""
    staff = StaffMember.objects.select_related("home_location").filter(id=practitioner_id).first()
    home = staff.home_location if staff and staff.home_location_id else Location.objects.order_by("name").first()
    return ZoneInfo(home.time_zone if home else "UTC")


def my_day(practitioner_id: UUID, day: date) -> list[Visit]:
    """The visits of a practitioner on one local day, in order, with the state of each note."""
    starts = datetime.combine(day, datetime.min.time(), zone_of(practitioner_id))
    rows = (
        Appointment.objects.select_related("patient", "service", "location", "room")
        .filter(practitioner_id=practitioner_id, starts_at__gte=starts, starts_at__lt=starts + timedelta(days=1))
        .exclude(status__in=("held", "released", "cancelled"))
        .order_by("starts_at", "id")
    )
    visits = list(rows)
    held = Encounter.objects.filter(appointment_id__in=[v.id for v in visits], voided_at=None)
    encounters = dict(held.values_list("appointment_id", "id"))
    notes = {n.encounter_id: n for n in Note.objects.filter(encounter_id__in=encounters.values())}
    return [_visit(v, encounters.get(v.id), notes) for v in visits]


def _visit(row: Appointment, encounter_id: UUID | None, notes: dict[UUID, Note]) -> Visit:
    note = notes.get(encounter_id) if encounter_id else None
    return Visit(
        appointment_id=row.id,
        patient_id=row.patient_id,
        patient_name=_full_name(row.patient),
        service_name=row.service.name,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        status=row.status,
        modality=row.modality,
        where=f"{row.location.name}, {row.room.name}" if row.room_id and row.room else row.location.name,
        time_zone=row.location.time_zone,
        encounter_id=encounter_id,
        note_id=note.id if note else None,
        note_state=note.state if note else "",
        template_name=TEMPLATES[note.template].name if note else template_for(row.service.is_first_visit).name,
    )


def _full_name(patient: Patient) -> str:
    return f"{patient.preferred_name or patient.first_name} {patient.last_name}"


@dataclass(frozen=True, slots=True)
class OpenedNote:
    """A note with its text opened, for the person who may read it."""

    note: Note
    encounter: Encounter
    template: Template
    body: dict[str, str]
    amendments: list[tuple[NoteAmendment, str]]
    service_name: str
    time_zone: str
    patient_name: str
    author_name: str


def get_note(note_id: UUID) -> OpenedNote:
    note = Note.objects.select_related("author").filter(id=note_id).first()
    if note is None:
        raise NotFound()
    encounter = Encounter.objects.select_related("patient").get(id=note.encounter_id)
    service = Service.objects.filter(id=encounter.service_id).first() if encounter.service_id else None
    amendments = NoteAmendment.objects.filter(note_id=note.id).order_by("at", "id")
    return OpenedNote(
        note=note,
        encounter=encounter,
        template=TEMPLATES[note.template],
        body=body_of(note),
        amendments=[(row, amendment_text(row)) for row in amendments],
        service_name=service.name if service else "Visit",
        time_zone=_zones().get(encounter.location_id, "UTC"),
        patient_name=_full_name(encounter.patient),
        author_name=note.author.name,
    )
