"""What gates may ask about a visit. The subject is the visit as it would be stored (an Appointment row)."""

from __future__ import annotations

from typing import Any

from stead.patients.models import Patient
from stead.platform.policy.facts import Cost, Fact, facts
from stead.platform.policy.kinds import Kind
from stead.scheduling.models import Appointment

STANDING = ("booked", "confirmed", "arrived", "in_session", "done")


def _fact(name: str, kind: Kind, meaning: str, load: Any, cost: Cost = Cost.ROW) -> Fact:
    return Fact(f"appointment.{name}", kind, meaning, "appointment", cost, load)


def _is_first(visit: Appointment) -> bool:
    done = Appointment.objects.filter(patient_id=visit.patient_id, status="done")
    return not done.exclude(id=visit.id).exists()


def _missed(visit: Appointment) -> int:
    return Appointment.objects.filter(patient_id=visit.patient_id, status__in=("no_show", "late_cancel")).count()


def _stands(patient: Patient) -> bool:
    """Tell whether the patient is to come, is here, or has been; a visit that fell away or was missed is none."""
    return Appointment.objects.filter(patient_id=patient.id, status__in=STANDING).exists()


facts.declare(
    Fact(
        "patient.visit_stands", Kind.BOOL, "A visit is in the book or has taken place", "patient", Cost.QUERY, _stands
    ),
    _fact("is_first_visit", Kind.BOOL, "The service is a first visit", lambda v: v.service.is_first_visit),
    _fact("service", Kind.STRING, "The name of the service", lambda v: v.service.name),
    _fact("modality", Kind.STRING, "room, video or phone", lambda v: v.modality),
    _fact("starts_at", Kind.TIMESTAMP, "When the visit starts", lambda v: v.starts_at),
    _fact("lane", Kind.INT, "0 in the normal book, more when overbooked", lambda v: v.lane),
    _fact("visit_state", Kind.STRING, "The state the patient is in during the visit", lambda v: v.visit_state or None),
    _fact("location_state", Kind.STRING, "The state of the location", lambda v: v.location.state or None),
    _fact("price", Kind.MONEY, "What the service costs", lambda v: v.service.price_cents),
    _fact("patient_is_new", Kind.BOOL, "The patient has had no visit here", _is_first, Cost.QUERY),
    _fact("patient_missed", Kind.INT, "Visits the patient missed or cancelled late", _missed, Cost.QUERY),
)
