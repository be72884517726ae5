"""Who pays: payers, policies, what the payer said about them, and its yes to a service."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import ForeignObject, Q

from stead.platform.tenancy.models import PortalView, TenantModel, tenant_fk


class Payer(TenantModel):
    """An insurer as the clearinghouse knows it. Clocks are in days and come from the contract."""

    portal: ClassVar[PortalView] = "all"

    name = models.CharField(max_length=120)
    edi_id = models.CharField(max_length=20)
    filing_code = models.CharField(max_length=2, default="CI")
    is_medicaid = models.BooleanField(default=False)
    timely_filing_days = models.IntegerField(default=90)
    appeal_days = models.IntegerField(default=90)
    silent_after_days = models.IntegerField(default=21)

    class Meta(TenantModel.Meta):
        db_table = "payer"
        constraints = [models.UniqueConstraint(fields=["practice_id", "edi_id"], name="payer_edi_id_once")]


class Coverage(TenantModel):
    """A patient's policy. `rank` 1 is billed first; the patient may be the subscriber or depend on one."""

    portal: ClassVar[PortalView] = "own"

    patient_id = models.UUIDField()
    patient: ForeignObject[Any, Any] = tenant_fk("patients.Patient", "patient_id", related_name="coverages")
    payer_id = models.UUIDField()
    payer: ForeignObject[Any, Payer] = tenant_fk("coverage.Payer", "payer_id")
    rank = models.IntegerField(default=1)
    member_id = models.CharField(max_length=40)
    group_number = models.CharField(max_length=40, default="")
    relation = models.CharField(max_length=10, default="self")
    subscriber_first_name = models.CharField(max_length=100, default="")
    subscriber_last_name = models.CharField(max_length=100, default="")
    subscriber_birth_date = models.DateField(null=True)
    starts_date = models.DateField(null=True)
    ends_date = models.DateField(null=True)
    card_front_file_id = models.UUIDField(null=True)
    card_back_file_id = models.UUIDField(null=True)
    card_verified_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        db_table = "coverage"
        constraints = [
            models.UniqueConstraint(
                fields=["practice_id", "patient_id", "rank"], condition=Q(retired_at=None), name="coverage_one_per_rank"
            )
        ]


class EligibilityCheck(TenantModel):
    """One question to a payer (270) and its answer (271). Zero dollars is an answer; None is not known."""

    coverage_id = models.UUIDField()
    coverage: ForeignObject[Any, Coverage] = tenant_fk("coverage.Coverage", "coverage_id", related_name="checks")
    patient_id = models.UUIDField()
    patient: ForeignObject[Any, Any] = tenant_fk("patients.Patient", "patient_id")
    trace = models.CharField(max_length=50)
    service_date = models.DateField()
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    state = models.CharField(
        max_length=10,
        default="asked",
        choices=[
            ("asked", "asked"),
            ("active", "active"),
            ("inactive", "inactive"),
            ("rejected", "rejected"),
            ("failed", "failed"),
        ],
    )
    copay_cents = models.BigIntegerField(null=True)
    deductible_left_cents = models.BigIntegerField(null=True)
    coinsurance_percent = models.IntegerField(null=True)
    authorization_required = models.BooleanField(null=True)
    carve_out = models.CharField(max_length=120, default="")
    reject_code = models.CharField(max_length=4, default="")
    answer = models.JSONField(default=dict)

    class Meta(TenantModel.Meta):
        db_table = "eligibility_check"
        constraints = [models.UniqueConstraint(fields=["practice_id", "trace"], name="eligibility_trace_once")]
        indexes = [
            models.Index(fields=["practice_id", "coverage_id", "-asked_at"], name="eligibility_newest"),
            models.Index(fields=["practice_id", "patient_id", "answered_at"], name="eligibility_patient"),
        ]


class Authorization(TenantModel):
    """The payer's yes: units of a service between two dates."""

    patient_id = models.UUIDField()
    coverage_id = models.UUIDField()
    coverage: ForeignObject[Any, Coverage] = tenant_fk(
        "coverage.Coverage", "coverage_id", related_name="authorizations"
    )
    number = models.CharField(max_length=50)
    units = models.IntegerField()
    units_used = models.IntegerField(default=0)
    starts_date = models.DateField()
    ends_date = models.DateField()
    state = models.CharField(max_length=10, default="approved")

    class Meta(TenantModel.Meta):
        db_table = "payer_authorization"
        constraints = [
            models.CheckConstraint(condition=Q(units_used__lte=models.F("units")), name="authorization_units")
        ]


class AuthorizationUse(TenantModel):
    """The units that a visit took of an authorization, once; given back when its charge was voided. `units_used` of the
    authorization is the sum of what was not given back."""

    authorization_id = models.UUIDField()
    authorization: ForeignObject[Any, Authorization] = tenant_fk(
        "coverage.Authorization", "authorization_id", related_name="uses"
    )
    encounter_id = models.UUIDField()
    """The visit; care lies above this room, so it is no foreign key."""
    units = models.IntegerField(default=1)
    at = models.DateTimeField()
    given_back_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        db_table = "authorization_use"
        constraints = [
            models.UniqueConstraint(
                fields=["practice_id", "encounter_id"],
                condition=Q(given_back_at=None),
                name="authorization_use_once",
            ),
            models.CheckConstraint(condition=Q(units__gte=1), name="authorization_use_units"),
        ]


class Enrollment(TenantModel):
    """Whether a payer pays this practitioner at this location, from when."""

    staff_id = models.UUIDField()
    staff: ForeignObject[Any, Any] = tenant_fk("practice.StaffMember", "staff_id", related_name="enrollments")
    payer_id = models.UUIDField()
    payer: ForeignObject[Any, Payer] = tenant_fk("coverage.Payer", "payer_id", related_name="enrollments")
    location_id = models.UUIDField(null=True)
    effective_date = models.DateField()
    ended_date = models.DateField(null=True)

    class Meta(TenantModel.Meta):
        db_table = "enrollment"
        constraints = [
            models.UniqueConstraint(
                fields=["practice_id", "staff_id", "payer_id", "location_id"],
                name="enrollment_once",
                nulls_distinct=False,
            )
        ]
