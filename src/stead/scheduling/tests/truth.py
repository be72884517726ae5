"""What the free days must say, computed another way: from patterns and claims, in Python."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from stead.practice.models import Absence, Location
from stead.scheduling import rules
from stead.scheduling.models import FreeDay, ResourceClaim, WorkPattern
from stead.scheduling.terms import TRAVEL_MINUTES

Rows = dict[tuple[UUID, UUID, date], list[tuple[datetime, datetime]]]


def free_rows(day: date = date(2026, 11, 30)) -> Rows:
    rows = FreeDay.objects.filter(day=day)
    return {(r.staff_id, r.location_id, r.day): [(s.lower, s.upper) for s in r.free] for r in rows}


def true_free_rows(day: date = date(2026, 11, 30)) -> Rows:
    zones = {p.id: ZoneInfo(p.time_zone) for p in Location.objects.all()}
    absent = Absence.objects.filter(cancelled_at=None, first_date__lte=day, last_date__gte=day)
    away = set(absent.values_list("staff_id"))
    travel = timedelta(minutes=TRAVEL_MINUTES)
    blocks: dict[tuple[UUID, UUID], list[WorkPattern]] = {}
    for pattern in WorkPattern.objects.filter(weekday=day.weekday()):
        if (pattern.staff_id,) not in away:
            blocks.setdefault((pattern.staff_id, pattern.location_id), []).append(pattern)
    claims = ResourceClaim.objects.filter(resource_kind="practitioner", lane=0).select_related("appointment")
    found: Rows = {}
    for (staff, place), patterns in blocks.items():
        open_time = rules.worked(day, [(p.starts, p.ends) for p in patterns], zones[place])
        taken = []
        for claim in claims:
            if claim.resource_id == staff:
                far = claim.appointment.location_id != place and claim.appointment.modality == "room"
                by = travel if far else timedelta(0)
                taken.append((claim.during.lower - by, claim.during.upper + by))
        found[staff, place, day] = rules.without(open_time, taken)
    return found
