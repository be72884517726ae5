import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from stead.platform.actors import Actor, system
from stead.platform.tenancy import context

type Bundle = Callable[..., dict[str, Any]]


def patient(key: str = "p1", **changes: Any) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "id": key,
        "identifier": [{"system": "urn:example:mrn", "value": f"MRN-{key}"}],
        "name": [{"use": "official", "family": "Núñez987", "given": ["Zoë12", "Ana"]}],
        "gender": "female",
        "birthDate": "1990-03-04",
        "telecom": [{"system": "phone", "value": "502-555-0143"}],
        "address": [{"line": ["1 Oak Street"], "city": "Louisville", "state": "Kentucky", "postalCode": "40204"}],
    } | changes


def practitioner(key: str = "d1", **changes: Any) -> dict[str, Any]:
    return {"resourceType": "Practitioner", "id": key, "name": [{"family": "Ortiz", "given": ["Rafael"]}]} | changes


def encounter(key: str = "e1", **changes: Any) -> dict[str, Any]:
    return {
        "resourceType": "Encounter",
        "id": key,
        "status": "finished",
        "subject": {"reference": "urn:uuid:p1"},
        "participant": [{"individual": {"reference": "urn:uuid:d1"}}],
        "period": {"start": "2025-05-01T14:00:00-04:00", "end": "2025-05-01T14:50:00-04:00"},
    } | changes


def explanation(key: str = "x1", payer: str = "Bluegrass Mutual", patient: str = "p1") -> dict[str, Any]:
    coverage = {"resourceType": "Coverage", "id": "coverage", "payor": [{"display": payer}]}
    reference = {"reference": f"urn:uuid:{patient}"}
    return {"resourceType": "ExplanationOfBenefit", "id": key, "patient": reference, "contained": [coverage]}


def bundle(*resources: Any) -> dict[str, Any]:
    entries = [{"fullUrl": f"urn:uuid:{r['id']}", "resource": r} if isinstance(r, dict) else r for r in resources]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """Write files, given as name=bundle or raw text, into a folder."""

    def write(**files: Any) -> Path:
        for name, said in files.items():
            text = said if isinstance(said, str) else json.dumps(said)
            (tmp_path / f"{name}.json").write_text(text, encoding="utf-8")
        return tmp_path

    return write


@pytest.fixture
def look(linden: UUID) -> Callable[[Callable[[], Any]], Any]:
    """Ask something inside the practice."""

    def ask(question: Callable[[], Any]) -> Any:
        actor: Actor = system()
        with context.acting(linden, actor):
            return question()

    return ask
