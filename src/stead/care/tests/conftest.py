from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from stead.care.models import Encounter
from stead.care.tests.cast import dee, session_of, visit
from stead.patients.models import Patient
from stead.platform.actors import Actor


@pytest.fixture
def patient(practice_row: object, inside: UUID, at: datetime) -> Patient:
    return dee(at)


@pytest.fixture
def held(patient: Patient, cho: Actor, ana: Actor, at: datetime) -> Encounter:
    """A session of Dee Marsh with Dr Cho that ended two hours ago."""
    return session_of(visit(patient, cho, at - timedelta(hours=3)), ana, at - timedelta(hours=2))
