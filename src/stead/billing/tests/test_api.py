"""Claims, denials and the ledger over REST: the same queries and actions behind a token."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from stead.billing.models import Claim, Denial, Payment
from stead.billing.tests.cast import House, answer
from stead.platform.access.models import PatientAccess
from stead.platform.accounts.tokens import create_token
from stead.platform.actors import Actor
from stead.platform.identifiers import new_id
from stead.testing.clients import enter_person, enter_practice, outside

pytestmark = pytest.mark.django_db
Call = Callable[..., Any]
SCOPES = ("billing.read", "billing.read_account", "billing.claim", "billing.take_payment")


@pytest.fixture
def denied(house: House) -> Denial:
    house.post(answer(house.claim(), 8000, [("CO", "45", 2000), ("PR", "3", 3000), ("CO", "197", 2000)]))
    return Denial.objects.get()


@pytest.fixture
def call_with(practice_row: Any, ben: Actor, at: datetime) -> Callable[..., Call]:
    def holding(*scopes: str) -> Call:
        with outside():
            text = create_token(membership=enter_person(practice_row, ben), name="t", scopes=scopes, at=at)[1]

        def make(path: str, body: dict[str, Any] | None = None, key: str = "k1") -> Any:
            headers = {"Authorization": f"Bearer {text}", "Idempotency-Key": key}
            client = Client(enforce_csrf_checks=True)
            with outside():
                if body is None:
                    return client.get(f"/api/v1{path}", headers=headers)
                return client.post(f"/api/v1{path}", body, content_type="application/json", headers=headers)

        return make

    return holding


@pytest.fixture
def call(call_with: Callable[..., Call]) -> Call:
    return call_with(*SCOPES)


def test_claims_are_listed_by_state_and_the_reading_is_written_down(call: Call, denied: Denial) -> None:
    (row,) = call("/claims").json()
    assert (row["id"], row["state"], row["paid_cents"]) == (str(denied.claim_id), "part_paid", 8000)
    assert call("/claims?state=part_paid").json() == [row]
    assert call("/claims?state=paid").json() == []
    assert PatientAccess.objects.filter(patient_ids__contains=[denied.patient_id]).exists()


@pytest.mark.parametrize("path", ["/claims?state=lost", "/denials?queue=lost", "/denials?state=lost"])
def test_filter_nobody_knows_is_refused_and_never_taken_for_none(call: Call, denied: Denial, path: str) -> None:
    assert call(path).status_code == 422


def test_claim_says_what_is_owed(call: Call, denied: Denial) -> None:
    row = call(f"/claims/{denied.claim_id}").json()
    assert (row["total_cents"], row["owed_cents"], row["held_because"]) == (15000, 2000, [])
    assert call(f"/claims/{new_id()}").status_code == 404


def test_denials_carry_codes_queue_and_money(call: Call, denied: Denial) -> None:
    (row,) = call("/denials?queue=authorization").json()
    assert (row["group_code"], row["reason_code"], row["amount_cents"], row["case_id"]) == ("CO", "197", 2000, None)
    assert call("/denials?queue=coding").json() == []
    assert call("/denials?state=paid").json() == []


def test_replacement_is_sent_once_per_key(call: Call, denied: Denial) -> None:
    path = f"/claims/{denied.claim_id}/resubmit"
    made = call(path, {}).json()
    assert (made["frequency"], made["state"]) == ("7", "ready")
    assert call(path, {}).json()["id"] == made["id"]
    assert Claim.objects.count() == 2
    assert call(path, {}, key="k2").status_code == 409


def test_ledger_adds_up_to_its_balance(call: Call, denied: Denial) -> None:
    told = call(f"/patients/{denied.patient_id}/ledger").json()
    assert told["balance_cents"] == 3000 == sum(line["change_cents"] for line in told["lines"])
    assert call(f"/patients/{new_id()}/ledger").status_code == 404


def test_payment_is_taken_once_however_often_it_is_sent(call: Call, denied: Denial) -> None:
    path, body = f"/patients/{denied.patient_id}/payments", {"amount_cents": 3000, "method": "cash", "key": "till-1"}
    assert call(path, body).json()["state"] == "paid"
    assert call(path, body, key="k2").json()["id"] == str(Payment.objects.get().id)
    assert call(path, body | {"amount_cents": 1}, key="k3").status_code == 409


@pytest.mark.parametrize("key", ["", "x" * 101])
def test_key_that_cannot_tell_payments_apart_is_refused(call: Call, denied: Denial, key: str) -> None:
    body = {"amount_cents": 3000, "method": "cash", "key": key}
    assert call(f"/patients/{denied.patient_id}/payments", body).status_code == 422
    assert not Payment.objects.exists()


def test_token_opens_only_what_it_names(call_with: Callable[..., Call], denied: Denial) -> None:
    call = call_with("billing.read")
    assert call("/claims").status_code == 200
    assert call(f"/patients/{denied.patient_id}/ledger").status_code == 403
    assert call(f"/claims/{denied.claim_id}/resubmit", {}).status_code == 403


def test_stranger_finds_no_claim_of_ours(elsewhere: UUID, eve: Actor, at: datetime, denied: Denial) -> None:
    with outside():
        theirs = enter_practice(elsewhere, "Elsewhere Therapy", "elsewhere")
        text = create_token(membership=enter_person(theirs, eve), name="t", scopes=SCOPES, at=at)[1]
        client, headers = Client(), {"Authorization": f"Bearer {text}"}
        assert client.get("/api/v1/claims", headers=headers).json() == []
        assert client.get(f"/api/v1/claims/{denied.claim_id}", headers=headers).status_code == 404
        assert client.get(f"/api/v1/patients/{denied.patient_id}/ledger", headers=headers).status_code == 404
