"""Days lived on from today: the practice goes on through its own doors, its faults stay, its refusals are counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from stead.billing import ports
from stead.billing.models import Claim, Denial, Payment
from stead.config.verifying import verify_all
from stead.intake.models import IntakeRequest
from stead.platform import actors, clock
from stead.platform.accounts.models import Practice
from stead.platform.tenancy import context
from stead.processes.models import Case, Task
from stead.simulation.days import live
from stead.simulation.demo import create_demo_practice

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
MONDAY = datetime(2026, 11, 30, 10, tzinfo=UTC)
WEEKS = 9
"""The past that every planted fault still fits into."""
OURS = {
    "ClauseInvalid", "GateInvalid", "GateBroken", "NoProcessor", "NotPermitted", "NotFound", "WriteOffAboveLimit",
}  # fmt: skip
"""Refusals that would be a fault of the simulator or of the product, no part of anybody's day."""


def test_a_day_goes_on_through_the_doors_and_the_faults_stay(
    tmp_path: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.STATE = tmp_path
    monkeypatch.setattr(ports, "_provide", [])
    with clock.driven(MONDAY):
        practice = Practice.objects.get(id=create_demo_practice(weeks=WEEKS).id)
        lived = live(practice, 1, 1, lambda words: None)
        said: list[str] = []
        again = live(practice, 0, 1, said.append)
    assert (lived["from"], again["from"]) == (MONDAY.date(), MONDAY.date() + timedelta(days=1))
    assert "they go on from there" in said[0]
    did, refused = lived["did"], lived["refused"]
    for name in ("requests", "checked", "checked_in", "signed", "booked", "payments"):
        assert did[name] > 0, (name, lived)
    assert not OURS & set(refused), refused
    assert sum(refused.values()) < 0.1 * sum(did.values()), lived
    with context.acting(practice.id, actors.system(), kind="worker"):
        _look_around()
    assert {finding.name: finding.count for finding in verify_all() if finding.count} == {}


def _look_around() -> None:
    assert IntakeRequest.objects.filter(received_at__gte=MONDAY).exists()
    assert Claim.objects.filter(sent_at__gte=MONDAY).exists()
    assert Payment.objects.filter(started_at__gte=MONDAY, state="paid").exists()
    ready = Case.objects.filter(playbook_key="new_patient_intake", state="open", stage_key="booking")
    assert ready.filter(opened_at__lt=MONDAY - timedelta(days=10)).count() == 10
    assert Denial.objects.filter(state="open", reason_code="16", remark_codes=["N255"]).count() == 7
    assert Task.objects.filter(seat_key="owner", state="open", key__startswith="demo.owner").count() >= 7
