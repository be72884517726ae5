"""What an upgrade left behind is found before the front desk finds it."""

from __future__ import annotations

from typing import Any

import pytest

from stead.config.verifying import gates_can_be_asked
from stead.platform.invariants import Finding
from stead.processes.models import Gate, PlaybookVersion
from stead.processes.soundness import unaskable
from stead.processes.tests.cast import Stage
from stead.testing.clients import outside


def told() -> Finding:
    """Walk the practices of the directory, as `stead verify` does."""
    with outside():
        return gates_can_be_asked()


def test_what_was_just_published_can_be_asked(practice_row: Any, stage: Stage) -> None:
    assert list(unaskable()) == []
    assert told().count == 0


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"applies_when": "patient.of_an_older_stead"}, "There is no fact"),
        ({"clauses": [{"id": "a", "words": "A", "expression": "patient.of_an_older_stead"}]}, "There is no fact"),
        ({"clauses": [{"id": "a", "words": "A", "expression": "appointment.lane == 0"}]}, "about the appointment"),
        ({"clauses": [{"id": "a", "of_an_older_stead": 1}]}, "cannot be read"),
        ({"clauses": []}, "no clause"),
        ({"action": "of_an_older_stead"}, "No action called"),
    ],
)
def test_a_gate_that_can_no_longer_be_asked_is_named(
    practice_row: Any, stage: Stage, changes: dict[str, object], why: str
) -> None:
    Gate.objects.filter(key="rehearsal_gate").update(not_overridable=[], **changes)
    [found] = unaskable()
    assert (found.kind, found.name) == ("gate", "rehearsal_gate")
    assert why in found.why
    finding = told()
    assert finding.count == 1
    assert "gate rehearsal_gate of Linden Street Counseling" in finding.words
    Gate.objects.update(retired_at=stage.house.at)
    assert list(unaskable()) == []


def test_a_playbook_that_can_no_longer_be_asked_is_named(stage: Stage) -> None:
    version = PlaybookVersion.objects.get(state="published")
    version.document["stages"][0]["leave_when"][0]["expression"] = "patient.of_an_older_stead"
    PlaybookVersion.objects.filter(id=version.id).update(state="retired")
    PlaybookVersion.objects.create(  # a version's document is kept once read, so the changed one is a new version
        playbook_id=version.playbook_id, number=2, state="published", source="", document=version.document
    )
    [found] = unaskable()
    assert (found.kind, found.name) == ("playbook", "rehearsal version 2")
    assert "There is no fact" in found.why
