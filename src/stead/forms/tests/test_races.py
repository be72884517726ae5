"""Two at once, on committed data with threads: one version, one signature, one taking back."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import connections

from stead.forms import actions, samples
from stead.forms.models import AgreementVersion, Signature
from stead.patients.actions import register_patient
from stead.patients.terms import PatientDetails
from stead.platform.actors import Actor
from stead.platform.tenancy.context import acting

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "owner"])]
KIND = "consent_treatment"


@pytest.fixture
def dee(practice_row: Any, linden: UUID, olu: Actor, at: datetime) -> UUID:
    """A committed patient of a practice with its agreements."""
    door: dict[str, Any] = {"practice": linden, "by": olu, "at": at}
    with acting(linden, olu):
        actions.publish_sample_agreements(**door)
        details = PatientDetails("Dee", "Marsh", birth_date=date(1991, 3, 14))
        return register_patient(**door, details=details).id


def at_once(practice: UUID, by: Actor, attempts: list[Callable[[], Any]]) -> Counter[str]:
    """Run the attempts at the same instant, each in its own transaction; count what came of them."""
    gate, results = threading.Barrier(len(attempts)), ["" for _ in attempts]

    def run(n: int) -> None:
        try:
            gate.wait(timeout=20)
            with acting(practice, by):
                results[n] = type(attempts[n]()).__name__
        except Exception as problem:
            results[n] = type(problem).__name__
        finally:
            connections["default"].close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(attempts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return Counter(results)


def test_two_who_publish_at_once_leave_one_version_and_a_refusal(
    dee: UUID, linden: UUID, olu: Actor, at: datetime
) -> None:
    wordings = samples.sample_wordings(KIND, "Linden Street")

    def publish() -> Any:
        return actions.publish_agreement(practice=linden, by=olu, at=at, kind=KIND, wordings=wordings)

    came = at_once(linden, olu, [publish] * 6)
    assert set(came) <= {"AgreementVersion", "PublishedAtOnce"}
    with acting(linden, olu):
        numbers = AgreementVersion.objects.filter(kind=KIND, language="en").values_list("number", flat=True)
        assert sorted(numbers) == list(range(1, 2 + came["AgreementVersion"]))


def test_signing_twice_at_once_is_one_signature(dee: UUID, linden: UUID, olu: Actor, at: datetime) -> None:
    me = Actor(dee, "patient", "Dee Marsh", frozenset({"patient"}))

    def sign() -> Any:
        return actions.sign_agreement(practice=linden, by=me, at=at, patient_id=dee, kind=KIND, signed_name="Dee Marsh")

    assert at_once(linden, me, [sign] * 6) == {"Signature": 6}
    with acting(linden, olu):
        assert Signature.objects.filter(patient_id=dee, kind=KIND).count() == 1


def test_taking_back_twice_at_once_is_one_row(dee: UUID, linden: UUID, olu: Actor, mona: Actor, at: datetime) -> None:
    me = Actor(dee, "patient", "Dee Marsh", frozenset({"patient"}))
    with acting(linden, me):
        actions.sign_agreement(practice=linden, by=me, at=at, patient_id=dee, kind=KIND, signed_name="Dee Marsh")

    def take_back() -> Any:
        return actions.revoke_agreement(practice=linden, by=mona, at=at, patient_id=dee, kind=KIND)

    came = at_once(linden, mona, [take_back] * 4)
    assert set(came) <= {"Signature", "SignedAtOnce", "NothingToRevoke"}
    assert came["Signature"] == 1
    with acting(linden, olu):
        assert Signature.objects.filter(patient_id=dee, kind=KIND, revokes=True).count() == 1
