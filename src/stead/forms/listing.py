"""Ready-to-print rows of the forms room's pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.urls import reverse

from stead.forms import queries
from stead.forms.models import AgreementVersion, Signature
from stead.forms.terms import KINDS, RELATIONS
from stead.platform.tenancy.models import TenantQuerySet
from stead.platform.ui import words
from stead.platform.ui.parts import Choice, Filter, FilterBar

SORTS = {"signed": "signed_at", "name": "patient__name_key", "kind": "kind"}
CSV_HEAD = ("signed_at", "patient", "agreement", "version", "language", "signed_name", "signed_by", "revokes", "sha256")


@dataclass(frozen=True)
class Chosen:
    """What the address asks the list for."""

    kind: str = ""
    sort: str = "-signed"


def read_choice(query: QueryDict) -> Chosen:
    """Read the address; anything unknown means the default."""
    kind, sort = query.get("kind", ""), query.get("sort", "-signed")
    return Chosen(kind if kind in KINDS else "", sort if sort.lstrip("-") in SORTS else "-signed")


def signatures(chosen: Chosen) -> TenantQuerySet[Signature]:
    """Return the chosen signatures in the chosen order."""
    found = queries.signatures()
    if chosen.kind:
        found = found.filter(kind=chosen.kind)
    column = SORTS[chosen.sort.lstrip("-")]
    return found.order_by(f"-{column}" if chosen.sort.startswith("-") else column, "-id")


def filter_bar(chosen: Chosen, number: int) -> FilterBar:
    choices = [Choice("", "all", not chosen.kind), *(Choice(k, n, k == chosen.kind) for k, n in KINDS.items())]
    shown = KINDS.get(chosen.kind, "all")
    return FilterBar(
        (Filter("kind", "Agreement", shown, choices),),
        count=words.tally(number, "signature"),
        clear_url="?" if chosen.kind else "",
        kept=(("sort", chosen.sort),),
    )


def signature_row(s: Signature, zone: ZoneInfo) -> dict[str, Any]:
    """Return one signature in words, its moment on the clock of the practice."""
    return {
        "url": reverse("forms_signature", args=[s.id]),
        "patient": _patient_name(s),
        "patient_url": reverse("forms_patient", args=[s.patient_id]),
        "kind": KINDS.get(s.kind, s.kind),
        "version": f"version {s.agreement.number}, {'Spanish' if s.agreement.language == 'es' else 'English'}",
        "name": s.signed_name,
        "relation": RELATIONS.get(s.relation, s.relation),
        "when": words.day_and_clock(s.signed_at.astimezone(zone), "en"),
        "revokes": s.revokes,
        "sha256": s.text_sha256,
    }


def _patient_name(s: Signature) -> str:
    return f"{s.patient.first_name} {s.patient.last_name}"


def csv_row(s: Signature) -> tuple[object, ...]:
    return (
        s.signed_at.isoformat(),
        _patient_name(s),
        s.kind,
        s.agreement.number,
        s.agreement.language,
        s.signed_name,
        s.relation,
        "yes" if s.revokes else "no",
        s.text_sha256,
    )


def wordings_in_force(versions: list[AgreementVersion]) -> list[dict[str, Any]]:
    """Return one row per kind: the newest number and its languages; number None where nothing was published."""
    rows = []
    for kind, name in KINDS.items():
        of_kind = [v for v in versions if v.kind == kind]
        number = max((v.number for v in of_kind), default=None)
        newest = [v for v in of_kind if v.number == number]
        links = [
            {"label": v.title, "language": v.language, "url": reverse("forms_wording", args=[v.id])} for v in newest
        ]
        since = words.day(newest[0].effective_date, "en", year=True) if newest else ""
        publish = f"{reverse('forms_publish')}?kind={kind}"
        rows.append({"name": name, "number": number, "links": links, "since": since, "publish_url": publish})
    return rows


def standing_title(first_name: str, standing: Mapping[str, Signature]) -> str:
    missing = [name for kind, name in KINDS.items() if kind not in standing]
    if not missing:
        return f"{first_name} has signed everything."
    if len(missing) == len(KINDS):
        return f"{first_name} has signed nothing yet."
    return f"{words.count(len(missing), 'agreement', start=True)} still to sign."


def standing_rows(standing: Mapping[str, Signature], zone: ZoneInfo) -> list[dict[str, Any]]:
    """Return one row per kind: what stands, or that nothing does."""
    return [
        {"kind": kind, "name": name, "signed": signature_row(standing[kind], zone) if kind in standing else None}
        for kind, name in KINDS.items()
    ]
