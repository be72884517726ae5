"""Rows that coverage needs to stand on: a patient, a payer, a policy, a practitioner."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from stead.coverage import actions
from stead.coverage.models import Coverage, Payer
from stead.coverage.terms import PayerDetails
from stead.patients.models import Patient
from stead.platform.actors import Actor
from stead.practice.models import Location, StaffMember

HOURS = {day: ["08:00", "19:00"] for day in ("mon", "tue", "wed", "thu", "fri")}


def dee(at: datetime, number: int = 1, **more: Any) -> Patient:
    given: dict[str, Any] = {
        "first_name": "Dee",
        "last_name": "Marsh",
        "birth_date": date(1991, 4, 9),
        "sex": "female",
        "email": "dee@example.org",
        "phone": "+15025550142",
        "line1": "12 Oak Street",
        "city": "Louisville",
        "state": "KY",
        "zip_code": "402020001",
        "time_zone": "America/Kentucky/Louisville",
        "status": "active",
    }
    return Patient.objects.create(number=number, created_at=at, **(given | more))


def bluegrass(practice: UUID, by: Actor, at: datetime, edi_id: str = "BGM01") -> Payer:
    return actions.add_payer(
        practice=practice, by=by, at=at, details=PayerDetails("Bluegrass Mutual", edi_id, silent_after_days=21)
    )


def policy(practice: UUID, by: Actor, at: datetime, patient: Patient, payer: Payer, **more: Any) -> Coverage:
    given: dict[str, Any] = {"member_id": "W200 145-22"}
    return actions.add_coverage(
        practice=practice, by=by, at=at, patient_id=patient.id, payer_id=payer.id, **(given | more)
    )


def linden_street(**more: Any) -> Location:
    given: dict[str, Any] = {
        "name": "Linden Street",
        "time_zone": "America/Kentucky/Louisville",
        "hours": HOURS,
        "line1": "100 Linden Street",
        "city": "Louisville",
        "state": "KY",
        "zip_code": "402020001",
        "npi": "",
    }
    return Location.objects.create(**(given | more))


def dr_cho(**more: Any) -> StaffMember:
    given: dict[str, Any] = {"name": "Grace Cho", "credentials": "PhD", "is_practitioner": True, "npi": "1234567893"}
    return StaffMember.objects.create(**(given | {"taxonomy": "103TC0700X"} | more))
