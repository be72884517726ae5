"""Dee on her own pages: her request is in, and the practice has asked her for the agreement."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from stead.intake.tests.conftest import asked, house, received
from stead.platform.actors import Actor

__all__ = ["asked", "house", "received"]


@pytest.fixture
def dee(received: Any) -> Any:
    from stead.patients.models import Patient

    return Patient.objects.get(id=received.patient_id)


@pytest.fixture
def dee_actor(dee: Any) -> Actor:
    return Actor(id=dee.id, kind="patient", name="Dee Marsh", roles=frozenset({"patient"}))


@pytest.fixture
def case(received: Any, inside: UUID, priya: Actor, at: datetime) -> Any:
    """Dee's case at its second stage: the checks of the first are done."""
    from stead.processes.actions import accept_item
    from stead.processes.models import Case

    found = Case.objects.get(subject_id=received.id)
    for key in ("request_read", "safety_asked", "duplicate_checked"):
        accept_item(practice=inside, by=priya, at=at, case_id=found.id, key=key)
    return Case.objects.get(id=found.id)


@pytest.fixture
def told(inside: UUID) -> Callable[[], None]:
    """Return a function that runs the followers of the journal that wait, as the worker would."""
    from django.db import connection

    from stead.platform.jobs.queue import run_job
    from stead.testing.clients import outside

    def tell() -> None:
        with connection.cursor() as cursor:
            cursor.execute("delete from procrastinate_jobs where task_name = 'journal.follow' returning args")
            waiting = [json.loads(row[0]) if isinstance(row[0], str) else row[0] for row in cursor.fetchall()]
        for args in waiting:
            with outside():
                run_job("journal.follow", inside, {k: v for k, v in args.items() if k != "practice"})

    return tell


@pytest.fixture
def rosa(house: Any, inside: UUID, at: datetime, asked: Callable[..., Any]) -> Any:
    """Another patient, who speaks Spanish and has rows of every kind that the portal shows."""
    from stead.intake.actions import receive_request
    from stead.patients.models import Patient
    from stead.platform import actors

    request = asked(first_name="Rosa", last_name="Delgado", email="rosa@example.test", language="es")
    row = receive_request(practice=inside, by=actors.public(), at=at, request=request)
    return Patient.objects.get(id=row.patient_id)
