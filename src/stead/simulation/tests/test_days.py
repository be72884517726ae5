"""Days lived on from today: gates refuse for a reason of the practice, never for a fault of ours."""

from __future__ import annotations

from typing import Any

import pytest

from stead.platform.accounts.models import Practice
from stead.simulation.days import live
from stead.simulation.demo import create_demo_practice

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def test_patients_book_again_and_no_gate_of_the_library_is_broken(tmp_path: Any, settings: Any) -> None:
    settings.STATE = tmp_path
    practice = Practice.objects.get(id=create_demo_practice().id)
    lived = live(practice, 2, 1, lambda words: None)
    assert lived["did"]["booked"] > 0
    assert not {"ClauseInvalid", "GateInvalid", "GateBroken"} & set(lived["refused"]), lived["refused"]
