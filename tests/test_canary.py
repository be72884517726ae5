"""A canary in every sensitive column; every page read as every person; the canary sings only where it may.

SENSITIVE says for each column which roles may ever see it. OPENED_ELSEWHERE names the sealed
columns that cannot hold a canary. A column that is sealed or named like a secret and stands in neither fails a test.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import uuid4
from zlib import crc32

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import CharField, TextField

from stead.platform import permissions
from stead.platform.actors import STAFF_ROLES
from stead.testing.clients import ClientAs, InPractice, SeatClient
from stead.testing.matrix import all_routes
from stead.testing.rows import Rows

pytestmark = pytest.mark.django_db
EVERYBODY = frozenset(STAFF_ROLES)
CLINICAL = frozenset({"owner", "clinician"})

SENSITIVE: dict[str, frozenset[str]] = {
    "patients.Patient.first_name": EVERYBODY,
    "patients.Patient.last_name": EVERYBODY,
    "patients.Patient.preferred_name": EVERYBODY,
    "patients.Patient.line1": EVERYBODY,
    "patients.Patient.ssn_encrypted": frozenset(),
    "patients.RelatedPerson.name": EVERYBODY,
    "care.Note.body_encrypted": frozenset(),
    "coverage.Coverage.member_id": EVERYBODY,
    "billing.PaymentCard.token": frozenset(),
}
"""Column to the roles on whose pages it may appear. The sealed columns appear nowhere as they are stored; the opened
text of a note is planted apart (NOTE)."""

OPENED_ELSEWHERE = frozenset({
    "intake.IntakeRequest.need_encrypted", "intake.PatientMessage.text_encrypted", "platform.Totp.secret_encrypted",
    "care.NoteAmendment.body_encrypted",
})  # fmt: skip
"""Sealed columns whose rows are append-only or belong to no practice, so that no canary can be written over them."""
NO_SECRETS = frozenset({"intake.PortalInvitation.token_sha256", "platform.ApiToken.token_sha256"})
"""Columns that are only named like a secret: hashes of tokens, which open nothing."""
TELLING = ("_encrypted", "ssn", "token", "secret", "member_id")

NOTE = "nightingalenote"


def canary(column: str) -> str:
    """Return the canary of a column: short, unique, and found in lower case too."""
    return "cnry" + f"{crc32(column.encode()):08x}"


def columns() -> list[tuple[str, Any, Any]]:
    found = []
    for name in SENSITIVE:
        label, _, field = name.rpartition(".")
        model = apps.get_model(label)
        found.append((name, model, model._meta.get_field(field)))
    return found


def test_sensitive_columns_exist_and_are_text() -> None:
    assert all(isinstance(field, (CharField, TextField)) for _, _, field in columns())


def test_every_column_that_is_sealed_or_named_like_a_secret_is_declared() -> None:
    known = {*SENSITIVE, *OPENED_ELSEWHERE, *NO_SECRETS}
    found = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model.__module__.startswith("stead.")
        for field in model._meta.concrete_fields
        if isinstance(field, (CharField, TextField)) and any(sign in field.name for sign in TELLING)
    }
    assert found - known == set()
    assert known - found - {name for name in SENSITIVE if not any(sign in name for sign in TELLING)} == set()


@pytest.fixture
def planted(in_practice: InPractice) -> Rows:
    """One row of everything, the sensitive columns holding their canaries."""
    with in_practice():
        rows = Rows()
        for _, model, _ in columns():
            rows.of(model._meta.label)
        for route in all_routes():
            if not route.missing():
                route.filled(rows)
        rows.text = NOTE
        _write_note(rows)
        for name, model, field in columns():
            if name != "care.Note.body_encrypted":
                model.objects.all().update(**{field.name: canary(name)[: field.max_length]})
    return rows


def _write_note(rows: Rows) -> None:
    from stead.testing.matrix import _note

    _note(rows)


def pages(rows: Rows, in_practice: InPractice) -> list[tuple[str, str]]:
    with in_practice():
        return [
            (route.access.permission, route.filled(rows))
            for route in all_routes()
            if route.method == "page" and route.access.kind == "staff" and not route.missing()
        ]


def test_canary_sings_only_where_it_may(
    client_as: ClientAs,
    eve_client: SeatClient,
    planted: Rows,
    in_practice: InPractice,
    caplog: pytest.LogCaptureFixture,
    at: datetime,
) -> None:
    wrong = []
    heard: set[str] = set()
    caplog.set_level(logging.DEBUG)
    people: list[tuple[str, SeatClient]] = [(role, client_as(role)) for role in STAFF_ROLES]
    for who, client in [*people, ("eve", eve_client)]:
        client.raise_request_exception = False
        for permission, address in pages(planted, in_practice):
            answer = client.get(address)
            body = getattr(answer, "content", b"").decode(errors="replace").lower()
            for name, roles in SENSITIVE.items():
                if canary(name) in body:
                    heard.add(name)
                    if who not in roles or not _holds(who, permission):
                        wrong.append(f"{name} on {address} for {who}")
            if NOTE in body:
                heard.add("note")
                if who not in CLINICAL:
                    wrong.append(f"the text of a note on {address} for {who}")
    assert "\n".join(wrong) == ""
    assert "patients.Patient.last_name" in heard, "the crawl saw no patient at all"
    assert _leaks(caplog.text) == []


def _holds(who: str, permission: str) -> bool:
    found = permissions.find(permission)
    return found is not None and who in found.roles


def _leaks(text: str) -> list[str]:
    return [name for name in SENSITIVE if canary(name) in text.lower()] + (["note"] if NOTE in text.lower() else [])


def test_canary_is_in_no_job_address_or_key(
    client_as: ClientAs, planted: Rows, in_practice: InPractice, patient_client: Callable[[Any], SeatClient]
) -> None:
    """Every form is sent; what it leaves in the queue, in redirects and among the keys names nobody."""
    owner = client_as("owner")
    owner.raise_request_exception = False
    redirects = []
    for _, address in pages(planted, in_practice):
        answer = owner.post(address, {}, follow=False, headers={"Idempotency-Key": str(uuid4())})
        redirects.append(answer.get("Location", ""))
    with connection.cursor() as cursor:
        cursor.execute("select coalesce(string_agg(args::text || coalesce(lock, ''), ' '), '') from procrastinate_jobs")
        queued = cursor.fetchone()[0]
    with in_practice(), connection.cursor() as cursor:
        cursor.execute("select coalesce(string_agg(data::text, ' '), '') from journal_entry")
        journal = cursor.fetchone()[0]
        cursor.execute("select coalesce(string_agg(location, ' '), '') from idempotency_key")
        keys = cursor.fetchone()[0]
    assert _leaks(" ".join([*redirects, queued, keys])) == []
    assert _leaks(journal) == []
