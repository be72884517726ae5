"""A load is a practice like any other: it holds every invariant, and has the size that was asked for."""

from __future__ import annotations

from typing import Any

import pytest

from stead.config.verifying import verify_all
from stead.platform import actors
from stead.platform.accounts.models import Membership
from stead.platform.tenancy import context
from stead.practice.models import StaffMember
from stead.scheduling.models import Appointment
from stead.simulation.load.create import create_load, team

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def test_five_practitioners_and_a_year_hold_every_invariant(tmp_path: Any, settings: Any) -> None:
    settings.STATE = tmp_path
    made = create_load(5, 1, lambda words: None)
    assert {finding.name: finding.count for finding in verify_all() if finding.count} == {}
    assert 7_000 < made.rows["appointment"] < 12_000
    assert made.rows["journal_entry"] > 2 * made.rows["appointment"]
    with context.acting(made.practice, actors.system(), kind="worker"):
        assert Appointment.objects.count() == made.rows["appointment"]
        assert StaffMember.objects.filter(is_practitioner=True).count() == 5
    assert Membership.objects.filter(practice_id=made.practice).count() == len(made.staff) == 6


def test_team_of_any_size_has_different_names() -> None:
    assert len({worker.name for worker in team(60)}) == 60
