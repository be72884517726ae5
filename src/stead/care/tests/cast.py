"""Rows that care needs to stand on: a patient, a place, a service, a visit that started."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from stead.care import actions
from stead.care.models import Encounter, Note
from stead.patients.models import Patient
from stead.platform.actors import Actor
from stead.platform.journal.write import write
from stead.practice.models import Location, StaffMember
from stead.scheduling.models import Appointment, Service

GOOD = {"data": "Talked about the week.", "assessment": "Steady.", "plan": "Again in a week."}


def dee(at: datetime, number: int = 1, **more: Any) -> Patient:
    given: dict[str, Any] = {
        "first_name": "Dee",
        "last_name": "Marsh",
        "birth_date": date(1991, 4, 9),
        "sex": "female",
        "email": "dee@example.org",
        "line1": "12 Oak Street",
        "city": "Louisville",
        "state": "KY",
        "zip_code": "402020001",
        "status": "active",
    }
    return Patient.objects.create(number=number, created_at=at, **(given | more))


def linden_street() -> Location:
    found = Location.objects.filter(name="Linden Street").first()
    return found or Location.objects.create(
        name="Linden Street",
        time_zone="America/Kentucky/Louisville",
        hours={day: ["08:00", "19:00"] for day in ("mon", "tue", "wed", "thu", "fri")},
        line1="214 Linden Street",
        city="Louisville",
        state="KY",
        zip_code="402020001",
    )


def practitioner(actor: Actor, **more: Any) -> StaffMember:
    given = {"name": actor.name, "roles": ["clinician"], "npi": "1234567893", "taxonomy": "103TC0700X"}
    found = StaffMember.objects.filter(id=actor.id).first()
    return found or StaffMember.objects.create(
        id=actor.id, is_practitioner=True, home_location_id=linden_street().id, **(given | more)
    )


def service(name: str = "Individual, 50 min", **more: Any) -> Service:
    found = Service.objects.filter(name=name).first()
    given = {"minutes": 50, "procedure_code": "H0004", "price_cents": 15000}
    return found or Service.objects.create(name=name, **(given | more))


def visit(patient: Patient, who: Actor, starts_at: datetime, of: Service | None = None, **more: Any) -> Appointment:
    of = of or service()
    given = {"modality": of.modality, "status": "in_session", "session_started_at": starts_at}
    return Appointment.objects.create(
        patient_id=patient.id,
        practitioner_id=practitioner(who).id,
        service_id=of.id,
        location_id=linden_street().id,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=of.minutes),
        booked_at=starts_at - timedelta(days=7),
        **(given | more),
    )


def session_of(appointment: Appointment, by: Actor, at: datetime) -> Encounter:
    """Start and end the session as scheduling tells it, so that care hears it."""
    write("appointment.session_started", by=by, at=at, subject=appointment, patient_id=appointment.patient_id)
    appointment.status, appointment.done_at = "done", appointment.ends_at
    appointment.save(update_fields=["status", "done_at"])
    write("appointment.finished", by=by, at=at, subject=appointment, patient_id=appointment.patient_id)
    return Encounter.objects.get(appointment_id=appointment.id)


def draft_of(
    practice: UUID,
    by: Actor,
    at: datetime,
    encounter: Encounter,
    body: dict[str, str] | None = None,
    diagnoses: tuple[str, ...] = ("F41.1",),
) -> Note:
    """Start and fill a note, ready to sign."""
    note = actions.start_note(practice=practice, by=by, at=at, encounter_id=encounter.id)
    return actions.save_note(
        practice=practice,
        by=by,
        at=at,
        note_id=note.id,
        version_no=note.version_no,
        body=GOOD if body is None else body,
        diagnosis_codes=diagnoses,
    )
