"""Dee Marsh and the shipped agreements."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest

from stead.platform.actors import Actor


@pytest.fixture
def dee(inside: UUID, at: datetime) -> Any:
    from stead.patients.models import Patient

    return Patient.objects.create(
        number=1, first_name="Deirdre", preferred_name="Dee", last_name="Marsh", birth_date=date(1991, 3, 14),
        created_at=at,
    )  # fmt: skip


@pytest.fixture
def dee_actor(dee: Any) -> Actor:
    return Actor(id=dee.id, kind="patient", name="Dee Marsh", roles=frozenset({"patient"}))


@pytest.fixture
def published(practice_row: Any, inside: UUID, olu: Actor, at: datetime) -> None:
    from stead.forms.actions import publish_sample_agreements

    publish_sample_agreements(practice=inside, by=olu, at=at)
