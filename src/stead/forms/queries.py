"""What agreements there are and who has signed them."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db.models import Max

from stead.forms import rules
from stead.forms.models import AgreementVersion, Signature
from stead.forms.terms import KINDS, Signed
from stead.platform.refusals import NotFound
from stead.platform.tenancy.models import TenantQuerySet


def find_current_agreement(kind: str, language: str, on: date | None = None) -> AgreementVersion | None:
    """Return the newest wording in force, in the language or else in English. None if none was published."""
    versions = AgreementVersion.objects.filter(kind=kind, language__in={language[:2], "en"})
    if on is not None:
        versions = versions.filter(effective_date__lte=on)
    newest = list(versions.order_by("-number")[:2])
    same = [v for v in newest if v.number == newest[0].number] if newest else []
    return min(same, key=lambda v: v.language != language[:2], default=None)


def get_agreement(agreement_id: UUID) -> AgreementVersion:
    found = AgreementVersion.objects.get_or_none(id=agreement_id)
    if found is None:
        raise NotFound()
    return found


def get_signature(signature_id: UUID) -> Signature:
    found = Signature.objects.select_related("agreement", "patient").filter(id=signature_id).first()
    if found is None:
        raise NotFound()
    return found


def newest_signatures(patient_id: UUID) -> dict[str, Signature]:
    """Return kind to the newest signature that was not taken back, whether or not it still counts. A later revocation
    takes it away, a still later signature gives it."""
    newest: dict[str, Signature] = {}
    rows = Signature.objects.filter(patient_id=patient_id).select_related("agreement", "patient").order_by("turn")
    for signature in rows:
        newest[signature.kind] = signature
    return {kind: signature for kind, signature in newest.items() if not signature.revokes}


def standing_signatures(patient_id: UUID, on: date) -> dict[str, Signature]:
    """Return kind to the signature that counts on a day: not taken back, not of a version that has to be signed anew by
    then, and not a guardian's for somebody who is of age by then."""
    newest = newest_signatures(patient_id)
    anew = _signed_anew_from(on) if newest else {}
    return {
        kind: row
        for kind, row in newest.items()
        if rules.counts(
            Signed(row.agreement.number, row.relation),
            anew_from=anew.get(kind, 0),
            birth_date=row.patient.birth_date,
            day=on,
        )
    }


def _signed_anew_from(on: date) -> dict[str, int]:
    """Return kind to the number of the newest version in force that everybody signs anew."""
    rows = AgreementVersion.objects.filter(signed_anew=True, effective_date__lte=on)
    return dict(rows.values("kind").annotate(newest=Max("number")).values_list("kind", "newest"))


def is_signed(patient_id: UUID, kind: str, on: date) -> bool:
    """Answer whether a signature of the patient on this agreement counts on the day."""
    return kind in standing_signatures(patient_id, on)


def signatures_of(patient_id: UUID) -> TenantQuerySet[Signature]:
    """Return every signature and revocation, newest first."""
    return Signature.objects.filter(patient_id=patient_id).select_related("agreement").order_by("-signed_at", "-id")  # type: ignore[return-value]


def signatures() -> TenantQuerySet[Signature]:
    """Return the signatures and revocations of the whole practice, newest first."""
    return Signature.objects.select_related("agreement", "patient").order_by("-signed_at", "-id")  # type: ignore[return-value]


def versions() -> list[AgreementVersion]:
    """Return every published wording: by kind, newest first, English first."""
    order = list(KINDS)
    rows = AgreementVersion.objects.all()
    return sorted(rows, key=lambda v: (order.index(v.kind) if v.kind in order else 99, -v.number, v.language))
