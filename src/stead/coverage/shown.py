"""Coverage in words, ready to print: the queue of checks, one answer, and the section of the record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.urls import reverse

from stead.coverage import queries, rules
from stead.coverage.models import Authorization, Coverage, EligibilityCheck
from stead.coverage.terms import RANKS, RELATIONS
from stead.platform.ui import words
from stead.practice.queries import practice_zone

STATES = {
    "asked": ("asked", "no answer yet"),
    "active": ("met", "active"),
    "inactive": ("unmet", "not active"),
    "rejected": ("refused", "could not answer"),
    "failed": ("refused", "did not get through"),
}
NOT_SAID = "the payer did not say"


def state_of(check: EligibilityCheck, at: datetime) -> dict[str, str]:
    mark, word = STATES[check.state]
    if rules.is_silent(rules.Check(check.state, check.asked_at, check.answered_at), at):
        return {"mark": "over", "word": "silent", "tone": ""}
    return {"mark": mark, "word": word, "tone": "ink" if check.state in ("asked", "active") else ""}


def check_row(check: EligibilityCheck, at: datetime) -> dict[str, Any]:
    """One row of the queue."""
    patient, payer = check.coverage.patient, check.coverage.payer
    return {
        "id": check.id,
        "patient": patient.shown_name,
        "record_url": f"{reverse('patients_record', args=[check.patient_id])}#coverage",
        "payer": payer.name,
        "member_id": check.coverage.member_id,
        "age": rules.age_in_words(check.answered_at or check.asked_at, at),
        "for_day": words.day(check.service_date),
        "copay": words.money(check.copay_cents) if check.copay_cents is not None else "",
        "note": check.carve_out or check.answer.get("words", ""),
        "coverage_id": check.coverage_id,
        **state_of(check, at),
    }


def answer_of(check: EligibilityCheck, zone: ZoneInfo) -> dict[str, Any]:
    """The answer opened in place."""
    return {
        "id": check.id,
        "coverage_id": check.coverage_id,
        "is_open": check.state in ("asked", "failed"),
        "asked": words.moment(check.asked_at.astimezone(zone)),
        "answered": words.moment(check.answered_at.astimezone(zone)) if check.answered_at else "",
        "facts": [
            ("Copay of a visit", _money(check.copay_cents)),
            ("Deductible left", _money(check.deductible_left_cents)),
            (
                "Patient's share",
                f"{check.coinsurance_percent} %" if check.coinsurance_percent is not None else NOT_SAID,
            ),
            ("Authorization", {True: "needed", False: "not needed", None: NOT_SAID}[check.authorization_required]),
        ],
        "carve_out": check.carve_out,
        "words": check.answer.get("words", ""),
        "rows": check.answer.get("rows", []),
        "reject_code": check.reject_code,
        "trace": check.trace,
    }


def _money(cents: int | None) -> str:
    return NOT_SAID if cents is None else words.money(cents)


def section(patient_id: UUID, at: datetime) -> Mapping[str, Any]:
    """The section "Coverage" of a patient's record."""
    zone = practice_zone()
    policies = [policy_row(row, at, zone) for row in queries.coverages_of(patient_id, retired=True)]
    return {
        "patient_id": patient_id,
        "policies": policies,
        "authorizations": [authorization_row(row) for row in queries.authorizations_of(patient_id)],
    }


def policy_row(row: Coverage, at: datetime, zone: ZoneInfo) -> dict[str, Any]:
    newest = next(iter(queries.newest_checks(row.id, 1)), None)
    return {
        "id": row.id,
        "url": reverse("coverage_policy", args=[row.id]),
        "payer": row.payer.name,
        "member_id": row.member_id,
        "group_number": row.group_number,
        "order": "retired" if row.retired_at else RANKS[row.rank],
        "is_retired": row.retired_at is not None,
        "holder": holder_of(row),
        "card": _card(row, zone),
        "check": check_words(newest, at),
        "copay": words.money(newest.copay_cents) if newest and newest.copay_cents is not None else "",
        "dates": _dates(row),
    }


def holder_of(row: Coverage) -> str:
    if row.relation == "self":
        return RELATIONS["self"]
    name = f"{row.subscriber_first_name} {row.subscriber_last_name}".strip()
    return f"{name}, {RELATIONS.get(row.relation, row.relation)}"


def _card(row: Coverage, zone: ZoneInfo) -> dict[str, str]:
    if row.card_verified_at:
        return {
            "mark": "met",
            "word": f"compared {words.day(row.card_verified_at.astimezone(zone).date())}",
            "tone": "ink",
        }
    if row.card_front_file_id:
        return {"mark": "waiting", "word": "not compared yet", "tone": ""}
    return {"mark": "unknown", "word": "no photo", "tone": ""}


def check_words(check: EligibilityCheck | None, at: datetime) -> dict[str, str]:
    if check is None:
        return {"mark": "unknown", "word": "never asked", "tone": "", "age": ""}
    return state_of(check, at) | {"age": rules.age_in_words(check.answered_at or check.asked_at, at)}


def _dates(row: Coverage) -> str:
    first = f"from {words.day(row.starts_date, year=True)}" if row.starts_date else ""
    last = f"to {words.day(row.ends_date, year=True)}" if row.ends_date else ""
    return " ".join(part for part in (first, last) if part)


def authorization_row(row: Authorization) -> dict[str, Any]:
    left = row.units - row.units_used
    return {
        "number": row.number,
        "dates": f"{words.day(row.starts_date, year=True)} to {words.day(row.ends_date, year=True)}",
        "units": row.units,
        "used": row.units_used,
        "left": left,
        "mark": "met" if left else "unmet",
    }


def slip_part(patient_id: UUID) -> dict[str, Any]:
    """What the patient in hand shows of coverage."""
    coverage = queries.find_first_coverage(patient_id)
    return {"coverage": coverage.payer.name if coverage else "self-pay"}
