"""Coverage over REST: the same queries and actions behind a token."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from stead.coverage.models import Coverage
from stead.coverage.tests.cast import bluegrass, dee, policy
from stead.platform.accounts.tokens import create_token
from stead.platform.actors import Actor
from stead.platform.identifiers import new_id
from stead.testing.clients import InPractice, enter_person

pytestmark = pytest.mark.django_db
Call = Callable[..., Any]


@pytest.fixture
def covered(in_practice: InPractice, linden: UUID, olu: Actor, at: datetime) -> Coverage:
    with in_practice():
        return policy(linden, olu, at, dee(at), bluegrass(linden, olu, at))


@pytest.fixture
def call(practice_row: Any, mona: Actor, at: datetime) -> Call:
    text = create_token(
        membership=enter_person(practice_row, mona), name="t", scopes=("coverage.read", "coverage.ask"), at=at
    )[1]

    def make(path: str, body: dict[str, Any] | None = None, key: str = "k1") -> Any:
        headers = {"Authorization": f"Bearer {text}", "Idempotency-Key": key}
        client = Client(enforce_csrf_checks=True)
        if body is None:
            return client.get(f"/api/v1{path}", headers=headers)
        return client.post(f"/api/v1{path}", body, content_type="application/json", headers=headers)

    return make


def test_question_is_asked_once_per_key_and_read_back(call: Call, covered: Coverage) -> None:
    body = {"coverage_id": str(covered.id), "service_date": "2026-11-30"}
    first = call("/eligibility-checks", body)
    assert first.status_code == 201
    assert call("/eligibility-checks", body).json()["id"] == first.json()["id"]
    said = call(f"/eligibility-checks/{first.json()['id']}").json()
    assert (said["state"], said["copay_cents"]) == ("asked", None)


def test_policies_are_listed_and_strange_rows_are_not_there(call: Call, covered: Coverage) -> None:
    (row,) = call(f"/patients/{covered.patient_id}/coverages").json()
    assert (row["payer"], row["member_id"]) == ("Bluegrass Mutual", "W20014522")
    assert call(f"/patients/{new_id()}/coverages").status_code == 404
    assert call(f"/eligibility-checks/{new_id()}").status_code == 404
    assert call("/eligibility-checks", {"coverage_id": "x"}, "k2").status_code == 422
