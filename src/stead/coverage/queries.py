"""Read coverage."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from stead.coverage.models import Authorization, Coverage, EligibilityCheck, Enrollment, Payer
from stead.coverage.rules import Check, is_verified, verified_age_days
from stead.coverage.terms import Standing
from stead.platform.refusals import NotFound
from stead.practice.queries import day_bounds


def payers() -> QuerySet[Payer]:
    """Every payer, by name."""
    return Payer.objects.get_queryset().order_by("name")


def coverages_of(patient_id: UUID, *, retired: bool = False) -> QuerySet[Coverage]:
    """The patient's policies, first billed first; with `retired` the ended ones too."""
    rows = Coverage.objects.filter(patient_id=patient_id).select_related("payer")
    return (rows if retired else rows.filter(retired_at=None)).order_by(F("retired_at").asc(nulls_first=True), "rank")


def get_coverage(coverage_id: UUID) -> Coverage:
    row = Coverage.objects.select_related("payer").filter(id=coverage_id).first()
    if row is None:
        raise NotFound()
    return row


def find_first_coverage(patient_id: UUID, on: date | None = None) -> Coverage | None:
    """The policy billed first, on a day if one is given."""
    rows = Coverage.objects.filter(patient_id=patient_id).select_related("payer")
    if on is None:
        return rows.filter(retired_at=None).order_by("rank").first()
    return rows.filter(_in_force(on)).order_by("rank", "-id").first()


def _in_force(day: date) -> Q:
    within = Q(starts_date=None) | Q(starts_date__lte=day)
    within &= Q(ends_date=None) | Q(ends_date__gte=day)
    # A retired policy whose last day nobody wrote down ended when it was retired.
    return within & (Q(retired_at=None) | Q(ends_date__isnull=False) | Q(retired_at__gte=day_bounds(day)[1]))


def eligibility_checks(state: str = "", payer_id: UUID | None = None) -> QuerySet[EligibilityCheck]:
    """Questions to payers, newest first."""
    rows = EligibilityCheck.objects.select_related("coverage__payer", "coverage__patient")
    if state:
        rows = rows.filter(state=state)
    if payer_id:
        rows = rows.filter(coverage__payer_id=payer_id)
    return rows.order_by("-asked_at", "-id")


def get_check(check_id: UUID) -> EligibilityCheck:
    row = EligibilityCheck.objects.select_related("coverage__payer", "coverage__patient").filter(id=check_id).first()
    if row is None:
        raise NotFound()
    return row


def newest_checks(coverage_id: UUID, count: int = 10) -> list[EligibilityCheck]:
    return list(EligibilityCheck.objects.filter(coverage_id=coverage_id).order_by("-asked_at", "-id")[:count])


def find_newest_answer(coverage_id: UUID) -> EligibilityCheck | None:
    """The newest question that the payer answered about the cover itself."""
    rows = EligibilityCheck.objects.filter(coverage_id=coverage_id, state__in=("active", "inactive"))
    return rows.order_by("-answered_at").first()


def authorizations_of(patient_id: UUID) -> QuerySet[Authorization]:
    return Authorization.objects.filter(patient_id=patient_id).order_by("-ends_date")


def find_authorization(coverage_id: UUID, on: date) -> Authorization | None:
    """The authorization of the day that ends first and has a unit left."""
    rows = Authorization.objects.filter(
        coverage_id=coverage_id, state="approved", starts_date__lte=on, ends_date__gte=on, units_used__lt=F("units")
    )
    return rows.order_by("ends_date", "id").first()


def is_used_up(coverage_id: UUID, on: date) -> bool:
    """Tell whether the policy has authorizations for the day and none of them a unit left."""
    rows = Authorization.objects.filter(
        coverage_id=coverage_id, state="approved", starts_date__lte=on, ends_date__gte=on
    )
    return rows.exists() and not rows.filter(units_used__lt=F("units")).exists()


def is_enrolled(*, staff_id: UUID, payer_id: UUID, location_id: UUID | None, on: date) -> bool:
    """Whether the payer pays this practitioner there on that day; an enrollment without location holds everywhere."""
    rows = Enrollment.objects.filter(staff_id=staff_id, payer_id=payer_id, effective_date__lte=on)
    rows = rows.filter(Q(ended_date=None) | Q(ended_date__gt=on))
    return rows.filter(Q(location_id=None) | Q(location_id=location_id)).exists()


def standing_of(patient_id: UUID, at: datetime, on: date | None = None) -> Standing:
    """Where the patient's first coverage stands: what the facts and the slip say."""
    coverage = find_first_coverage(patient_id, on)
    if coverage is None:
        return Standing(is_present=False, verified=False, active=False, card_verified=False)
    rows = newest_checks(coverage.id)
    checks = [Check(row.state, row.asked_at, row.answered_at) for row in rows]
    answer = next((row for row in rows if row.state in ("active", "inactive")), None)
    verified = is_verified(checks)
    return Standing(
        is_present=True,
        card_verified=coverage.card_verified_at is not None,
        verified=verified,
        active=answer.state == "active" if answer else None,
        verified_age_days=verified_age_days(checks, at),
        copay_cents=answer.copay_cents if answer else None,
        authorization_required=answer.authorization_required if answer else None,
        carve_out=answer.carve_out if answer else "",
        payer_name=coverage.payer.name,
        words=_words(coverage.payer.name, verified, rows[0].state if rows else ""),
    )


def _words(payer: str, verified: bool | None, newest: str) -> str:
    if not newest:
        return f"{payer}, not asked yet"
    if verified is None:
        return f"{payer}, no answer yet" if newest == "asked" else f"{payer}, the question did not get through"
    said = {"active": "active", "inactive": "not active", "rejected": "could not answer"}[newest]
    return f"{payer}, {said}"


def attention_checks(silent_since: datetime) -> QuerySet[EligibilityCheck]:
    """Questions somebody must look at: the newest one of its policy, and not active, unanswerable or silent."""
    newer = EligibilityCheck.objects.filter(coverage_id=OuterRef("coverage_id"), asked_at__gt=OuterRef("asked_at"))
    bad = Q(state__in=("inactive", "rejected", "failed")) | Q(state="asked", asked_at__lt=silent_since)
    return eligibility_checks().filter(bad, ~Exists(newer), coverage__retired_at=None)


def medicaid_first(patient_ids: Iterable[UUID]) -> set[UUID]:
    """Return for whom Medicaid is billed first."""
    rows = Coverage.objects.filter(patient_id__in=list(patient_ids), retired_at=None).order_by("rank", "id")
    first: dict[UUID, bool] = {}
    for patient_id, is_medicaid in rows.values_list("patient_id", "payer__is_medicaid"):
        first.setdefault(patient_id, is_medicaid)
    return {patient_id for patient_id, is_medicaid in first.items() if is_medicaid}


def copays_of(patient_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Return the copay of a visit in cents, as the newest answer of a payer that covers the patient says it; those
    whose payer named none, or said no, are left out."""
    rows = (
        EligibilityCheck.objects.filter(
            patient_id__in=list(patient_ids), answered_at__isnull=False, coverage__retired_at=None, coverage__rank=1
        )
        .order_by("answered_at")
        .values_list("patient_id", "state", "copay_cents")
    )
    newest = {patient_id: cents if state == "active" else None for patient_id, state, cents in rows}
    return {patient_id: cents for patient_id, cents in newest.items() if cents is not None}
