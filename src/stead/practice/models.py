"""The practice itself: places, people, seats and who sits in them, absences and closed days."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import F, ForeignObject, Func, Q

from stead.platform.tenancy.models import PortalView, TenantModel, Writes, tenant_fk


class PracticeProfile(TenantModel):
    """How the practice names itself to payers (837P loop 2010AA). One row per practice, id = practice_id."""

    legal_name = models.CharField(max_length=200)
    npi = models.CharField(max_length=10)
    tax_id = models.CharField(max_length=9)
    taxonomy = models.CharField(max_length=10)
    phone = models.CharField(max_length=20)
    email = models.EmailField()
    line1 = models.CharField(max_length=100)
    city = models.CharField(max_length=60)
    state = models.CharField(max_length=2)
    zip_code = models.CharField(max_length=9)

    class Meta(TenantModel.Meta):
        db_table = "practice_profile"


class Location(TenantModel):
    """A place where people are seen. `hours` maps "mon".."sun" to ["08:00", "19:00"]; an absent day is closed."""

    portal: ClassVar[PortalView] = "all"

    name = models.CharField(max_length=100)
    time_zone = models.CharField(max_length=60)
    hours = models.JSONField(default=dict)
    line1 = models.CharField(max_length=100, default="")
    city = models.CharField(max_length=60, default="")
    state = models.CharField(max_length=2, default="")
    zip_code = models.CharField(max_length=9, default="")
    phone = models.CharField(max_length=20, default="")
    npi = models.CharField(max_length=10, default="")
    closed_date = models.DateField(null=True)

    class Meta(TenantModel.Meta):
        db_table = "location"
        constraints = [models.UniqueConstraint(fields=["practice_id", "name"], name="location_name_once")]


class Room(TenantModel):
    """A consulting room: a resource that an appointment claims."""

    portal: ClassVar[PortalView] = "all"

    location_id = models.UUIDField()
    location: ForeignObject[Any, Location] = tenant_fk("practice.Location", "location_id", related_name="rooms")
    name = models.CharField(max_length=60)
    capacity = models.IntegerField(default=2)

    class Meta(TenantModel.Meta):
        db_table = "room"
        constraints = [models.UniqueConstraint(fields=["practice_id", "location_id", "name"], name="room_name_once")]


class StaffMember(TenantModel):
    """Somebody who works here. A practitioner is a member of staff with `is_practitioner` and, mostly, an NPI."""

    portal: ClassVar[PortalView] = "all"

    name = models.CharField(max_length=200)
    credentials = models.CharField(max_length=40, default="")
    email = models.EmailField(default="")
    phone = models.CharField(max_length=20, default="")
    roles = ArrayField(models.CharField(max_length=20), default=list)
    is_practitioner = models.BooleanField(default=False)
    npi = models.CharField(max_length=10, default="")
    taxonomy = models.CharField(max_length=10, default="")
    languages = ArrayField(models.CharField(max_length=10), default=list)
    accepts_new = models.BooleanField(default=True)
    home_location_id = models.UUIDField(null=True)
    home_location: ForeignObject[Any, Location] = tenant_fk("practice.Location", "home_location_id", null=True)
    started_date = models.DateField(null=True)
    ended_date = models.DateField(null=True)

    class Meta(TenantModel.Meta):
        db_table = "staff_member"
        indexes = [models.Index(fields=["practice_id", "name"], name="staff_member_name")]


class License(TenantModel):
    """A state's licence of a practitioner; the law looks at the state where the patient is."""

    staff_id = models.UUIDField()
    staff: ForeignObject[Any, StaffMember] = tenant_fk("practice.StaffMember", "staff_id", related_name="licenses")
    state = models.CharField(max_length=2)
    number = models.CharField(max_length=40)
    expires_date = models.DateField()

    class Meta(TenantModel.Meta):
        db_table = "license"
        constraints = [models.UniqueConstraint(fields=["practice_id", "staff_id", "state"], name="license_once")]


class Seat(TenantModel):
    """A function with exactly one name, or none, which is shown as loudly. Limits are what the seat may approve, in
    cents per item; None means it may approve none."""

    key = models.CharField(max_length=60)
    name = models.CharField(max_length=100)
    duties = ArrayField(models.CharField(max_length=300), default=list)
    reports_to_id = models.UUIDField(null=True)
    reports_to: ForeignObject[Any, Seat] = tenant_fk("practice.Seat", "reports_to_id", null=True)
    location_id = models.UUIDField(null=True)
    location: ForeignObject[Any, Location] = tenant_fk("practice.Location", "location_id", null=True)
    write_off_limit_cents = models.BigIntegerField(null=True)
    refund_limit_cents = models.BigIntegerField(null=True)
    spend_limit_cents = models.BigIntegerField(null=True)
    fill_within_days = models.IntegerField(default=10)
    position = models.IntegerField(default=0)
    closed_date = models.DateField(null=True)

    class Meta(TenantModel.Meta):
        db_table = "seat"
        constraints = [models.UniqueConstraint(fields=["practice_id", "key"], name="seat_key_once")]


class SeatHolding(TenantModel):
    """Who holds a seat, from and until when (half-open). The constraint keeps it to one name at a time."""

    seat_id = models.UUIDField()
    seat: ForeignObject[Any, Seat] = tenant_fk("practice.Seat", "seat_id", related_name="holdings")
    staff_id = models.UUIDField()
    staff: ForeignObject[Any, StaffMember] = tenant_fk("practice.StaffMember", "staff_id", related_name="holdings")
    from_date = models.DateField()
    until_date = models.DateField(null=True)

    class Meta(TenantModel.Meta):
        db_table = "seat_holding"
        constraints = [
            ExclusionConstraint(
                name="seat_one_holder",
                expressions=[
                    (F("practice_id"), RangeOperators.EQUAL),
                    (F("seat_id"), RangeOperators.EQUAL),
                    (Func("from_date", "until_date", function="daterange"), RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=Q(until_date=None) | Q(until_date__gt=F("from_date")), name="seat_holding_days"
            ),
        ]


class SeatBackup(TenantModel):
    """Who takes a seat's work while its holder is away, in order of rank from 1."""

    writes: ClassVar[Writes] = "insert update delete"

    seat_id = models.UUIDField()
    seat: ForeignObject[Any, Seat] = tenant_fk("practice.Seat", "seat_id", related_name="backups")
    staff_id = models.UUIDField()
    staff: ForeignObject[Any, StaffMember] = tenant_fk("practice.StaffMember", "staff_id", related_name="backing")
    rank = models.IntegerField()

    class Meta(TenantModel.Meta):
        db_table = "seat_backup"
        constraints = [
            models.UniqueConstraint(fields=["practice_id", "seat_id", "rank"], name="seat_backup_rank_once"),
            models.UniqueConstraint(fields=["practice_id", "seat_id", "staff_id"], name="seat_backup_person_once"),
        ]


class Absence(TenantModel):
    """Days somebody is away (both ends included), planned or sudden."""

    staff_id = models.UUIDField()
    staff: ForeignObject[Any, StaffMember] = tenant_fk("practice.StaffMember", "staff_id", related_name="absences")
    first_date = models.DateField()
    last_date = models.DateField()
    planned = models.BooleanField(default=True)
    words = models.CharField(max_length=200, default="")
    cancelled_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        db_table = "absence"
        constraints = [models.CheckConstraint(condition=Q(last_date__gte=F("first_date")), name="absence_days")]


class Closure(TenantModel):
    """A day on which a location (or, without one, the whole practice) is closed."""

    writes: ClassVar[Writes] = "insert update delete"

    location_id = models.UUIDField(null=True)
    location: ForeignObject[Any, Location] = tenant_fk("practice.Location", "location_id", null=True)
    closed_on_date = models.DateField()
    words = models.CharField(max_length=100)

    class Meta(TenantModel.Meta):
        db_table = "closure"
        constraints = [
            models.UniqueConstraint(
                fields=["practice_id", "location_id", "closed_on_date"], name="closure_once", nulls_distinct=False
            )
        ]
