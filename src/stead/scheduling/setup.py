"""Set up what can be booked: services, who performs them, and when people work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from stead.platform.actions import action
from stead.platform.actors import Actor
from stead.platform.identifiers import uuid7
from stead.platform.journal import write as journal
from stead.platform.refusals import InvalidInput, NotFound
from stead.practice.models import Location, Room, StaffMember
from stead.practice.queries import practice_day
from stead.scheduling import free
from stead.scheduling.models import Service, ServicePractitioner, WorkPattern
from stead.scheduling.slots import HORIZON_DAYS
from stead.scheduling.terms import ServiceDetails, WorkHours


class ServiceNameTaken(InvalidInput):
    words = "There is already a service of this name."


class LengthImpossible(InvalidInput):
    words = "A visit lasts from 5 minutes to 8 hours, in steps of five, and its pause at most 2 hours."


class HoursReversed(InvalidInput):
    words = "Working hours end after they start, on one of the seven days."


class NotAPractitioner(InvalidInput):
    words = "Only practitioners perform services and keep working hours in the calendar."


@action("create_service", permission="calendar.set_up", words="set up a service")
def create_service(
    *, practice: UUID, by: Actor, at: datetime, details: ServiceDetails, practitioner_ids: Sequence[UUID] = ()
) -> Service:
    """Add a service to the catalogue, performed by these practitioners."""
    if not 5 <= details.minutes <= 480 or details.minutes % 5 or not 0 <= details.buffer_minutes <= 120:
        raise LengthImpossible(field="minutes")
    if details.price_cents < 0 or not details.name.strip():
        raise InvalidInput("A service needs a name and a price.", field="name")
    row = Service(id=uuid7(at), **{**vars(details), "name": details.name.strip()})
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise ServiceNameTaken(field="name") from None
    _perform(row.id, practitioner_ids)
    journal.write("service.created", by=by, at=at, subject=row, minutes=row.minutes)
    return row


@action("retire_service", permission="calendar.set_up", words="retire a service")
def retire_service(*, practice: UUID, by: Actor, at: datetime, service_id: UUID) -> Service:
    """Offer a service no longer; visits already booked stay."""
    row = Service.objects.get_or_none(id=service_id)
    if row is None:
        raise NotFound()
    row.retired_at = at
    row.save(force_update=True)
    journal.write("service.retired", by=by, at=at, subject=row)
    return row


@action("offer_service", permission="calendar.set_up", words="say who performs a service")
def offer_service(
    *, practice: UUID, by: Actor, at: datetime, service_id: UUID, practitioner_ids: Sequence[UUID]
) -> Service:
    """State who performs a service from now on; others no longer do."""
    row = Service.objects.get_or_none(id=service_id)
    if row is None:
        raise NotFound()
    ServicePractitioner.objects.filter(service_id=row.id).exclude(staff_id__in=list(practitioner_ids)).delete()
    _perform(row.id, practitioner_ids)
    journal.write("service.offered", by=by, at=at, subject=row, practitioners=[str(i) for i in practitioner_ids])
    return row


@action("set_work_hours", permission="calendar.set_up", words="set working hours")
def set_work_hours(*, practice: UUID, by: Actor, at: datetime, hours: WorkHours) -> WorkPattern:
    """Add a weekly block of working time and open the days it gives."""
    if not hours.starts < hours.ends or not 0 <= hours.weekday <= 6:
        raise HoursReversed(field="ends")
    _check_practitioners([hours.staff_id])
    if Location.objects.get_or_none(id=hours.location_id) is None:
        raise NotFound()
    if hours.room_id and Room.objects.get_or_none(id=hours.room_id, location_id=hours.location_id) is None:
        raise NotFound()
    row = WorkPattern.objects.create(id=uuid7(at), **vars(hours))
    _reopen(row, at)
    journal.write("work_hours.set", by=by, at=at, subject=row, staff=str(row.staff_id), weekday=row.weekday)
    return row


@action("end_work_hours", permission="calendar.set_up", words="end working hours")
def end_work_hours(*, practice: UUID, by: Actor, at: datetime, pattern_id: UUID, until_date: date) -> WorkPattern:
    """End a weekly block; visits already booked on its later days stay and are listed as outside working time."""
    row = WorkPattern.objects.get_or_none(id=pattern_id)
    if row is None:
        raise NotFound()
    row.until_date = until_date
    row.save(force_update=True)
    _reopen(row, at)
    journal.write("work_hours.ended", by=by, at=at, subject=row, staff=str(row.staff_id), until=str(until_date))
    return row


def _reopen(row: WorkPattern, at: datetime) -> None:
    today = practice_day(at)
    first = max(min(row.from_date, today), today - timedelta(days=7))
    free.rebuild_free_days([row.staff_id], first, today + timedelta(days=HORIZON_DAYS))


def _perform(service_id: UUID, practitioner_ids: Sequence[UUID]) -> None:
    _check_practitioners(practitioner_ids)
    known = set(ServicePractitioner.objects.filter(service_id=service_id).values_list("staff_id", flat=True))
    ServicePractitioner.objects.bulk_create(
        ServicePractitioner(service_id=service_id, staff_id=i) for i in sorted(set(practitioner_ids) - known)
    )


def _check_practitioners(staff_ids: Sequence[UUID]) -> None:
    found = StaffMember.objects.filter(id__in=list(staff_ids), is_practitioner=True).count()
    if found != len(set(staff_ids)):
        raise NotAPractitioner(field="staff_id")
