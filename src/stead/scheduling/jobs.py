"""What the book does by itself: give held times back, keep half a year of free days open."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from stead.platform import actors, clock
from stead.platform.jobs.queue import job
from stead.platform.tenancy import context
from stead.practice.queries import practice_day
from stead.scheduling import actions, free
from stead.scheduling.models import Appointment, WorkPattern
from stead.scheduling.slots import HORIZON_DAYS


@job("scheduling.release_hold")
def release_hold(*, appointment_id: UUID) -> None:
    """Give one held time back if it is still held and its hour has come."""
    row = Appointment.objects.get_or_none(id=appointment_id, status="held", held_until__lte=clock.now())
    if row is not None:
        _release(row.id)


@job("scheduling.release_expired_holds")
def release_expired_holds() -> None:
    """Give back every hold whose hour has passed: what a lost job would have left."""
    rows = Appointment.objects.filter(status="held", held_until__lte=clock.now()).order_by("id")
    for row_id in rows.values_list("id", flat=True):
        _release(row_id)


@job("scheduling.extend_free_days")
def extend_free_days() -> None:
    """Open the days that have come within the horizon. Restating days that exist changes nothing."""
    staff = list(WorkPattern.objects.order_by("staff_id").values_list("staff_id", flat=True).distinct())
    today = practice_day(clock.now())
    free.rebuild_free_days(staff, today - timedelta(days=1), today + timedelta(days=HORIZON_DAYS))


def _release(appointment_id: UUID) -> None:
    practice, by = context.practice_id(), actors.system()
    actions.release_hold(practice=practice, by=by, at=clock.now(), appointment_id=appointment_id)
