"""The front desk's day: who comes, who has arrived, and what is missing for each of today's patients."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from stead.billing.models import PaymentCard
from stead.coverage.models import Coverage, EligibilityCheck
from stead.forms.models import Signature
from stead.messaging.queries import unreached
from stead.operating.links import address
from stead.platform.actors import Actor
from stead.platform.ui import words
from stead.practice.models import Location, SeatHolding, StaffMember
from stead.scheduling.models import Appointment
from stead.scheduling.terms import COUNTED

MARKS = {
    "booked": "booked",
    "confirmed": "confirmed",
    "arrived": "waiting",
    "in_session": "session",
    "done": "met",
    "no_show": "noshow",
}
WORDS = {"arrived": "waiting", "in_session": "in session", "no_show": "no-show"}
AGREEMENTS = {"financial_agreement": "financial agreement", "consent_treatment": "consent to treatment"}
FRESH = timedelta(days=30)
"""A payer's answer this old still counts as known today (playbook new-patient intake: re-run when the month is new)."""


@dataclass(frozen=True)
class Visit:
    """One of today's visits with what is missing for it."""

    id: UUID
    patient_id: UUID
    time: str
    patient: str
    patient_url: str
    service: str
    who: str
    where: str
    status: str
    mark: str
    word: str
    wait: str
    missing: Sequence[str]
    url: str

    @property
    def missing_words(self) -> str:
        return words.listed(list(self.missing))

    @property
    def ahead(self) -> bool:
        return self.status in ("booked", "confirmed")


def location_of(by: Actor, today: Any) -> UUID | None:
    """Return the location whose desk this person holds, else where they work; None is all of them."""
    held = (
        SeatHolding.objects.filter(staff_id=by.id, from_date__lte=today, seat__location_id__isnull=False)
        .exclude(until_date__lte=today)
        .values_list("seat__location_id", flat=True)
        .first()
    )
    return held or StaffMember.objects.filter(id=by.id).values_list("home_location_id", flat=True).first()


def next_day_of(at: datetime, visits: QuerySet[Appointment], zone: ZoneInfo) -> date | None:
    """Return the first local day after today on which one of these visits takes place."""
    midnight = datetime.combine(at.astimezone(zone).date() + timedelta(days=1), time(), zone)
    coming = visits.filter(starts_at__gte=midnight, status__in=COUNTED).order_by("starts_at")
    first = coming.values_list("starts_at", flat=True).first()
    return first.astimezone(zone).date() if first else None


def to_call(at: datetime, location_id: UUID | None, zone: ZoneInfo) -> tuple[date, int] | None:
    """Return the next day with visits and how many of them no reminder can be sent for; None where there are none."""
    book = Appointment.objects.filter(location_id=location_id) if location_id else Appointment.objects.all()
    day = next_day_of(at, book, zone)
    if day is None:
        return None
    starts = datetime.combine(day, time(), zone)
    coming = book.filter(
        starts_at__gte=starts, starts_at__lt=starts + timedelta(days=1), status__in=("booked", "confirmed")
    )
    patients = list(coming.values_list("patient_id", flat=True))
    alone = unreached(set(patients), "care")
    count = sum(key in alone for key in patients)
    return (day, count) if count else None


def visits_of(
    at: datetime,
    *,
    location_id: UUID | None = None,
    practitioner_id: UUID | None = None,
    zone: ZoneInfo,
    day: date | None = None,
) -> list[Visit]:
    """Return a day's visits (today's if none is given) in order, of one location or one practitioner, in seven queries
    however many visits."""
    places = {row.id: (row.name, ZoneInfo(row.time_zone)) for row in Location.objects.get_queryset()}
    here = places[location_id][1] if location_id in places else zone
    starts = datetime.combine(day or at.astimezone(here).date(), time(), here)
    rows = Appointment.objects.filter(
        starts_at__gte=starts, starts_at__lt=starts + timedelta(days=1), status__in=COUNTED
    )
    if location_id:
        rows = rows.filter(location_id=location_id)
    if practitioner_id:
        rows = rows.filter(practitioner_id=practitioner_id)
    found = list(rows.select_related("patient", "service", "practitioner").order_by("starts_at"))
    missing = missing_of({v.patient_id for v in found}, at)
    return [_visit(v, places, at, missing.get(v.patient_id, [])) for v in found]


def _visit(row: Appointment, places: dict[UUID, tuple[str, ZoneInfo]], at: datetime, missing: list[str]) -> Visit:
    place, zone = places.get(row.location_id, ("", ZoneInfo("UTC")))
    waits = row.status == "arrived" and row.arrived_at
    return Visit(
        id=row.id,
        patient_id=row.patient_id,
        time=words.clock(row.starts_at.astimezone(zone)),
        patient=f"{row.patient.preferred_name or row.patient.first_name} {row.patient.last_name}",
        patient_url=address("patients_record", row.patient_id),
        service=row.service.name,
        who=row.practitioner.name,
        where=place,
        status=row.status,
        mark=MARKS[row.status],
        word=WORDS.get(row.status, row.status),
        wait=f"{words.length((at - row.arrived_at).total_seconds() / 60)}" if waits and row.arrived_at else "",
        missing=missing if row.status in ("booked", "confirmed", "arrived") else (),
        url=address("calendar_visit", row.id),
    )


def missing_of(patient_ids: set[UUID], at: datetime) -> dict[UUID, list[str]]:
    """Say for each patient what the record lacks before a visit: agreements, card, coverage, the payer's answer."""
    signed: dict[UUID, set[str]] = defaultdict(set)
    for patient_id, kind, revokes in (
        Signature.objects.filter(patient_id__in=patient_ids, kind__in=AGREEMENTS)
        .order_by("signed_at")
        .values_list("patient_id", "kind", "revokes")
    ):
        (signed[patient_id].discard if revokes else signed[patient_id].add)(kind)
    cards = set(
        PaymentCard.objects.filter(patient_id__in=patient_ids, removed_at=None).values_list("patient_id", flat=True)
    )
    covered = set(
        Coverage.objects.filter(patient_id__in=patient_ids, retired_at=None).values_list("patient_id", flat=True)
    )
    answers: dict[UUID, str] = dict(
        EligibilityCheck.objects.filter(patient_id__in=patient_ids, answered_at__gte=at - FRESH)
        .order_by("answered_at")
        .values_list("patient_id", "state")
    )
    return {
        p: [
            *(said for kind, said in AGREEMENTS.items() if kind not in signed[p]),
            *([] if p in cards else ["card on file"]),
            *([] if p not in covered or answers.get(p) == "active" else ["the payer's answer"]),
        ]
        for p in patient_ids
    }


def title(visits: Sequence[Visit], day: str = "") -> str:
    """Write the page's title: "31 visits today. Four lack something."; `day` names the next one when today has none."""
    if not visits:
        return "No visit is booked today."
    said = f"{words.count(len(visits), 'visit', start=True)} today."
    if day:
        said = f"No visit is booked today. {words.count(len(visits), 'visit', start=True)} on {day}."
    lack = sum(bool(v.missing) for v in visits)
    waiting = sum(v.status == "arrived" for v in visits)
    if waiting:
        said += f" {words.number_word(waiting, start=True)} {'waits' if waiting == 1 else 'wait'}."
    if lack:
        said += f" {words.number_word(lack, start=True)} {'lacks' if lack == 1 else 'lack'} something."
    return said if lack or waiting else f"{said} Nothing is missing."
