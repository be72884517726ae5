"""What gates may ask about coverage, authorizations, licences and enrollments."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from stead.coverage import queries
from stead.patients.models import Patient
from stead.platform import clock
from stead.platform.policy.facts import Cost, Fact, SharedLoader, facts
from stead.platform.policy.kinds import FactValue, Kind
from stead.practice.models import License


def _of_patient(patient: Patient) -> dict[str, FactValue | None]:
    # A loader gets the record and no moment; an age can only be counted from now.
    standing = queries.standing_of(patient.id, clock.now())
    return {
        "coverage.present": standing.is_present,
        "patient.is_self_pay": False if standing.is_present else patient.pays_self,
        "coverage.card_verified": standing.card_verified,
        "coverage.verified": standing.verified,
        "coverage.active": standing.active,
        "coverage.verified_age_days": standing.verified_age_days,
        "coverage.copay": standing.copay_cents,
        "coverage.carve_out": bool(standing.carve_out),
        "coverage.payer": standing.payer_name,
    }


_patient = SharedLoader(_of_patient)
type Loader = Callable[[Any], FactValue | None]


def local_day(draft: Any) -> date:
    """The calendar day of the visit at its location."""
    day: date = draft.starts_at.astimezone(ZoneInfo(draft.location.time_zone)).date()
    return day


def _authorization_ok(draft: Any) -> bool | None:
    """True where none is needed or one has a visit left that day; not known while the payer has not said."""
    patient_id = getattr(draft, "patient_id", None)
    if patient_id is None:
        return None
    day = local_day(draft)
    coverage = queries.find_first_coverage(patient_id, day)
    if coverage is None or queries.find_authorization(coverage.id, day):
        return True
    answer = queries.find_newest_answer(coverage.id)
    if answer is None or answer.authorization_required is None:
        return None
    return not answer.authorization_required


def _enrolled(draft: Any) -> bool | None:
    """Whether the first payer pays this practitioner there; a self-pay visit needs no enrollment."""
    patient_id = getattr(draft, "patient_id", None)
    if patient_id is None:
        return None
    day = local_day(draft)
    coverage = queries.find_first_coverage(patient_id, day)
    if coverage is None:
        return True
    return queries.is_enrolled(
        staff_id=draft.practitioner.id, payer_id=coverage.payer_id, location_id=draft.location.id, on=day
    )


def _licensed(draft: Any) -> bool | None:
    """Whether the practitioner is licensed in the state where the patient is on the day. For a room that is the
    location's state, else `visit_state`; without one nobody knows."""
    state = draft.location.state if draft.modality == "room" else draft.visit_state
    if not state:
        return None
    return License.objects.filter(
        staff_id=draft.practitioner.id, state=state, expires_date__gte=local_day(draft)
    ).exists()


def _active_on_day(draft: Any) -> bool | None:
    """Whether a policy is in force on the day of the visit by its dates and the payer's newest answer."""
    patient_id = getattr(draft, "patient_id", None)
    if patient_id is None:
        return None
    coverage = queries.find_first_coverage(patient_id, local_day(draft))
    if coverage is None:
        return False
    answer = queries.find_newest_answer(coverage.id)
    return answer.state == "active" if answer else None


def _medicaid(patient: Patient) -> bool:
    """Whether Medicaid is billed first; a patient without coverage has none."""
    first = queries.find_first_coverage(patient.id)
    return first is not None and first.payer.is_medicaid


def _patient_fact(name: str, kind: Kind, meaning: str, load: Loader | SharedLoader = _patient) -> Fact:
    return Fact(name, kind, meaning=meaning, subject="patient", cost=Cost.QUERY, load=load)


def _visit_fact(name: str, meaning: str, load: Loader) -> Fact:
    return Fact(name, Kind.BOOL, meaning=meaning, subject="appointment", cost=Cost.QUERY, load=load)


facts.declare(
    _patient_fact("coverage.present", Kind.BOOL, "A policy is on record"),
    _patient_fact("patient.is_self_pay", Kind.BOOL, "The patient pays without insurance"),
    _patient_fact("coverage.card_verified", Kind.BOOL, "The insurance card was compared"),
    _patient_fact("coverage.verified", Kind.BOOL, "The payer confirmed the policy; not known while it is silent"),
    _patient_fact("coverage.active", Kind.BOOL, "The payer's newest answer says active"),
    _patient_fact("coverage.verified_age_days", Kind.INT, "Days since the payer last confirmed the policy"),
    _patient_fact("coverage.copay", Kind.MONEY, "Copay of a visit as the payer said it"),
    _patient_fact("coverage.carve_out", Kind.BOOL, "Another company carries the mental-health benefit"),
    _patient_fact("coverage.medicaid", Kind.BOOL, "Medicaid is billed first", _medicaid),
    _patient_fact("coverage.payer", Kind.STRING, "The payer billed first"),
    _visit_fact("authorization.ok", "No authorization is needed, or one has a visit left that day", _authorization_ok),
    _visit_fact("coverage.active_on", "A policy is in force on the day of the visit", _active_on_day),
    _visit_fact("practitioner.enrolled", "The payer pays this practitioner at this location on that day", _enrolled),
    _visit_fact("practitioner.licensed", "Licensed in the state where the patient is on that day", _licensed),
)
