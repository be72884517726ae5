"""Agreements and who signed which wording of them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import ForeignObject

from stead.forms.terms import WAYS
from stead.platform.tenancy.models import PortalView, TenantModel, Writes, tenant_fk


class AgreementVersion(TenantModel):
    """One wording of an agreement (financial agreement, consent to treatment, telehealth consent, privacy notice)."""

    writes: ClassVar[Writes] = "insert"
    portal: ClassVar[PortalView] = "all"

    kind = models.CharField(max_length=40)
    number = models.IntegerField()
    language = models.CharField(max_length=10)
    title = models.CharField(max_length=200)
    text = models.TextField()
    effective_date = models.DateField()
    signed_anew = models.BooleanField(default=False)
    """Whether what was signed of earlier versions stops counting on the effective date."""

    class Meta(TenantModel.Meta):
        db_table = "agreement_version"
        constraints = [
            models.UniqueConstraint(fields=["practice_id", "kind", "number", "language"], name="agreement_version_once")
        ]


class Signature(TenantModel):
    """Somebody signed exactly this wording. Append-only; a revocation is a row of its own. `turn` counts a patient's
    rows of one kind: of two at once only one takes the next turn, and the highest counts. `way` says how it was given;
    what staff wrote down says who did and when, and of paper has the scan where there is one."""

    writes: ClassVar[Writes] = "insert"
    portal: ClassVar[PortalView] = "own"

    patient_id = models.UUIDField()
    patient: ForeignObject[Any, Any] = tenant_fk("patients.Patient", "patient_id", related_name="signatures")
    agreement_id = models.UUIDField()
    agreement: ForeignObject[Any, AgreementVersion] = tenant_fk("forms.AgreementVersion", "agreement_id")
    kind = models.CharField(max_length=40)
    turn = models.IntegerField(default=1)
    signed_name = models.CharField(max_length=200)
    relation = models.CharField(max_length=30, default="self")
    signed_at = models.DateTimeField()
    revokes = models.BooleanField(default=False)
    text_sha256 = models.CharField(max_length=64)
    related_person_id = models.UUIDField(null=True)
    related_person: ForeignObject[Any, Any] = tenant_fk(
        "patients.RelatedPerson", "related_person_id", null=True, same=("patient_id",)
    )
    """Who signed for the patient, by the record."""
    way = models.CharField(max_length=8, default="own", choices=list(WAYS.items()))
    recorded_by_id = models.UUIDField(null=True)
    recorded_by_name = models.CharField(max_length=200, default="")
    recorded_at = models.DateTimeField(null=True)
    paper_file_id = models.UUIDField(null=True)
    paper_file: ForeignObject[Any, Any] = tenant_fk(
        "platform.StoredFile", "paper_file_id", null=True, same=("patient_id",)
    )

    class Meta(TenantModel.Meta):
        db_table = "signature"
        constraints = [
            models.UniqueConstraint(fields=["practice_id", "patient_id", "kind", "turn"], name="signature_turn_once")
        ]
        indexes = [models.Index(fields=["practice_id", "patient_id", "kind", "-signed_at"], name="signature_newest")]
