"""Patients and the people around them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, ForeignObject, Value
from django.db.models.functions import Concat, Lower, Reverse

from stead.patients.terms import PROOFS
from stead.platform.tenancy.models import PortalView, TenantModel, Writes, tenant_fk

SEXES = [("female", "female"), ("male", "male"), ("other", "other"), ("unknown", "not known")]
STATUSES = [
    ("prospect", "asked for care"),
    ("active", "in care"),
    ("discharged", "care ended"),
    ("deceased", "deceased"),
]


class Patient(TenantModel):
    """A person in care or asking for it. `number` is what people say on the telephone; addresses carry the UUID."""

    portal: ClassVar[PortalView] = "self"

    number = models.BigIntegerField()
    status = models.CharField(max_length=12, choices=STATUSES, default="prospect")
    first_name = models.CharField(max_length=100)
    middle_name = models.CharField(max_length=100, default="")
    last_name = models.CharField(max_length=100)
    preferred_name = models.CharField(max_length=100, default="")
    name_key = models.GeneratedField(
        expression=Lower(Concat(F("last_name"), Value(" "), F("first_name"), Value(" "), F("preferred_name"))),
        output_field=models.CharField(max_length=320),
        db_persist=True,
    )
    birth_date = models.DateField(null=True)
    sex = models.CharField(max_length=10, choices=SEXES, default="unknown")
    pronouns = models.CharField(max_length=40, default="")
    language = models.CharField(max_length=10, default="en")
    email = models.EmailField(default="")
    phone = models.CharField(max_length=20, default="")
    line1 = models.CharField(max_length=100, default="")
    city = models.CharField(max_length=60, default="")
    state = models.CharField(max_length=2, default="")
    zip_code = models.CharField(max_length=9, default="")
    time_zone = models.CharField(max_length=60, default="")
    source = models.CharField(max_length=60, default="")
    pays_self = models.BooleanField(null=True)
    """Whether the person said they pay without insurance; None: nobody has asked, which no gate takes for a yes."""
    ssn_encrypted = models.TextField(default="")
    home_location_id = models.UUIDField(null=True)
    home_location: ForeignObject[Any, Any] = tenant_fk("practice.Location", "home_location_id", null=True)
    practitioner_id = models.UUIDField(null=True)
    practitioner: ForeignObject[Any, Any] = tenant_fk("practice.StaffMember", "practitioner_id", null=True)
    deceased_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        db_table = "patient"
        constraints = [models.UniqueConstraint(fields=["practice_id", "number"], name="patient_number_once")]
        indexes = [
            models.Index(fields=["practice_id", "name_key"], name="patient_name"),
            models.Index(fields=["practice_id", "birth_date"], name="patient_birth_date"),
            models.Index(fields=["practice_id", "phone"], name="patient_phone"),
            models.Index(F("practice_id"), OpClass(Reverse("phone"), "text_pattern_ops"), name="patient_phone_end"),
            GinIndex(F("practice_id"), OpClass("name_key", "gin_trgm_ops"), name="patient_name_trigram"),
        ]

    @property
    def shown_name(self) -> str:
        """The name people call them by: "Dee Marsh" for Deirdre Marsh who goes by Dee."""
        return f"{self.preferred_name or self.first_name} {self.last_name}"

    @property
    def legal_name(self) -> str:
        return " ".join(part for part in (self.first_name, self.middle_name, self.last_name) if part)


class RelatedPerson(TenantModel):
    """A guardian, partner or payer. Who may consent, who may see and who pays are three separate facts; consent rests
    on the paper that was seen, and counts until the person is `ended_at`."""

    portal: ClassVar[PortalView] = "own"

    patient_id = models.UUIDField()
    patient: ForeignObject[Any, Patient] = tenant_fk("patients.Patient", "patient_id", related_name="related_people")
    name = models.CharField(max_length=200)
    relation = models.CharField(max_length=30)
    phone = models.CharField(max_length=20, default="")
    email = models.EmailField(default="")
    may_consent = models.BooleanField(default=False)
    may_see = models.BooleanField(default=False)
    pays = models.BooleanField(default=False)
    proof = models.CharField(max_length=20, default="", choices=PROOFS)
    added_at = models.DateTimeField(null=True)
    added_by_id = models.UUIDField(null=True)
    """Who wrote the person down, and so saw the paper."""
    added_by_name = models.CharField(max_length=200, default="")
    ended_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        db_table = "related_person"
        constraints = [
            models.UniqueConstraint(fields=["practice_id", "id", "patient_id"], name="related_person_of_patient"),
            models.CheckConstraint(
                condition=models.Q(may_consent=False) | ~models.Q(proof=""), name="related_person_consent_proven"
            ),
        ]
        indexes = [models.Index(fields=["practice_id", "patient_id"], name="related_person_patient")]


class PatientIdentifier(TenantModel):
    """A number that another system gives the patient; what makes a second import change nothing."""

    patient_id = models.UUIDField()
    patient: ForeignObject[Any, Patient] = tenant_fk("patients.Patient", "patient_id", related_name="identifiers")
    system = models.CharField(max_length=200)
    value = models.CharField(max_length=200)

    class Meta(TenantModel.Meta):
        db_table = "patient_identifier"
        constraints = [
            models.UniqueConstraint(fields=["practice_id", "system", "value"], name="patient_identifier_once")
        ]
        indexes = [models.Index(fields=["practice_id", "patient_id"], name="patient_identifier_patient")]


class ContactConsent(TenantModel):
    """Whether a patient may be reached by a channel for a purpose; the newest row of the pair counts."""

    writes: ClassVar[Writes] = "insert"
    portal: ClassVar[PortalView] = "own"

    patient_id = models.UUIDField()
    patient: ForeignObject[Any, Patient] = tenant_fk("patients.Patient", "patient_id", related_name="contact_consents")
    channel = models.CharField(max_length=10)
    purpose = models.CharField(max_length=12)
    granted = models.BooleanField()
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        db_table = "contact_consent"
        indexes = [
            models.Index(
                fields=["practice_id", "patient_id", "channel", "purpose", "-at"], name="contact_consent_newest"
            )
        ]


class PatientNumber(TenantModel):
    """The last patient number given out; one row per practice, id = practice_id, locked while counting."""

    last = models.BigIntegerField(default=0)

    class Meta(TenantModel.Meta):
        db_table = "patient_number"
