"""Gates refuse, warn and watch; a refusal explains itself and is written down; overrides are fair and end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from stead.platform.actions import find
from stead.platform.actors import Actor
from stead.platform.journal.models import JournalEntry
from stead.platform.policy.gates import NotOverridable
from stead.platform.refusals import NotPermitted
from stead.processes import actions, gates
from stead.processes.gates import GateBroken, GateRefused, OverrideInvalid, OverrideRequest
from stead.processes.models import Gate, GateOverride
from stead.processes.tests import cast
from stead.processes.tests.cast import PLAYBOOK, Stage

NOW = datetime(2026, 11, 24, 15, 42, tzinfo=UTC)
REASON = "She showed the card on the telephone"


@pytest.fixture
def rehearse(stage: Stage) -> Any:
    """The gated action, wrapped as actions are."""
    from stead.platform.actions import action

    found = find("rehearse_once")
    if found is None:
        globals()["_wrapped"] = action(
            "rehearse_once", permission="cases.work", words="rehearse", gated=True, hands=("patient",)
        )(cast._rehearse_visit)
    return globals()["_wrapped"]


def lines(verb: str) -> list[dict[str, Any]]:
    return list(JournalEntry.objects.filter(verb=verb).values_list("data", flat=True))


def test_a_gate_refuses_names_all_that_is_missing_and_writes_one_line(stage: Stage, rehearse: Any) -> None:
    case = stage.case()
    stage.told.answered = None
    with pytest.raises(GateRefused) as refused:
        rehearse(**stage.who, patient=stage.dee)
    assert [(c["id"], c["outcome"]) for c in refused.value.clauses] == [("signed", "unmet"), ("answered", "unknown")]
    assert "The gate Before the rehearsal stopped this." in refused.value.words
    entry = JournalEntry.objects.get(verb="gate.refused")
    assert entry.data["clauses"] == ["signed", "answered"]
    assert entry.data["unknown"] == ["answered"]
    assert (entry.patient_id, entry.case_id) == (stage.dee.id, case.id)
    assert not JournalEntry.objects.filter(verb="visit.rehearsed").exists()


def test_a_gate_that_is_met_lets_pass(stage: Stage, rehearse: Any) -> None:
    stage.told.signed = stage.told.answered = True
    assert rehearse(**stage.who, patient=stage.dee).allowed
    assert lines("gate.refused") == []


def test_an_action_without_gates_passes(stage: Stage) -> None:
    assert gates.ask("send_nothing", {"patient": stage.dee}, by=stage.house.by, at=NOW).allowed


@pytest.mark.parametrize(("mode", "verb"), [("warn", "gate.warned"), ("watch", "gate.watched")])
def test_warn_and_watch_never_refuse_and_are_written_down(stage: Stage, rehearse: Any, mode: str, verb: str) -> None:
    Gate.objects.update(mode=mode)
    decision = rehearse(**stage.who, patient=stage.dee)
    assert decision.allowed
    assert bool(decision.warnings) == (mode == "warn")
    assert lines(verb)[0]["clauses"] == ["signed", "answered"]


def test_all_gates_of_an_action_are_asked_together(stage: Stage, rehearse: Any) -> None:
    Gate.objects.create(
        key="second", name="Second", action="rehearse_visit", mode="enforce",
        clauses=[{"id": "open", "words": "Open", "expression": "rehearsal.open"}],
    )  # fmt: skip
    stage.told.open = False
    with pytest.raises(GateRefused) as refused:
        rehearse(**stage.who, patient=stage.dee)
    assert {clause["id"] for clause in refused.value.clauses} == {"signed", "answered", "open"}
    assert refused.value.decision.allowed is False


def test_a_gate_is_silent_where_it_does_not_apply(stage: Stage) -> None:
    Gate.objects.update(applies_when="rehearsal.open")
    stage.told.open = False
    assert gates.why_not("rehearse_visit", {"patient": stage.dee}, at=NOW).allowed
    stage.told.open = None  # not known whether it applies: it speaks
    assert not gates.why_not("rehearse_visit", {"patient": stage.dee}, at=NOW).allowed


def test_an_override_lets_pass_is_kept_and_is_honoured_until_it_ends(stage: Stage, rehearse: Any) -> None:
    stage.told.answered = True
    wanted = OverrideRequest(REASON, NOW + timedelta(days=7))
    assert rehearse(**stage.who, patient=stage.dee, override=wanted).allowed
    row = GateOverride.objects.get()
    assert (row.clause_ids, row.patient_id, row.by_name) == (["signed"], stage.dee.id, "Olu Adeyemi")
    assert lines("gate.overridden")[0]["clauses"] == ["signed"]
    assert REASON not in str(lines("gate.overridden"))
    who = stage.who | {"at": NOW + timedelta(days=6, hours=23)}
    assert rehearse(**who, patient=stage.dee).allowed
    with pytest.raises(GateRefused):
        rehearse(**(stage.who | {"at": NOW + timedelta(days=7)}), patient=stage.dee)
    with pytest.raises(GateRefused):
        rehearse(**stage.who, patient=cast.a_patient(NOW, 2))  # it was for Dee


@pytest.mark.parametrize(
    ("reason", "ends"),
    [
        ("too short", timedelta(days=1)),
        (" " * 30, timedelta(days=1)),
        (REASON, timedelta(days=31)),
        (REASON, timedelta(0)),
    ],
)
def test_an_override_without_reason_or_with_a_wrong_end_is_refused(
    stage: Stage, rehearse: Any, reason: str, ends: timedelta
) -> None:
    stage.told.answered = True
    with pytest.raises(OverrideInvalid):
        rehearse(**stage.who, patient=stage.dee, override=OverrideRequest(reason, NOW + ends))
    assert not GateOverride.objects.exists()


def test_what_is_not_overridable_cannot_be_overridden_by_the_owner(stage: Stage, rehearse: Any) -> None:
    wanted = OverrideRequest(REASON, NOW + timedelta(days=1))
    with pytest.raises(NotOverridable):
        rehearse(**stage.who, patient=stage.dee, override=wanted)
    with pytest.raises(GateRefused):  # the other clause alone does not open the gate
        rehearse(**stage.who, patient=stage.dee, override=OverrideRequest(REASON, NOW + timedelta(days=1), ("signed",)))
    assert not GateOverride.objects.exists()


def test_who_may_not_override_is_refused(stage: Stage, rehearse: Any, ana: Actor) -> None:
    stage.told.answered = True
    who = stage.who | {"by": ana}
    with pytest.raises(NotPermitted):
        rehearse(**who, patient=stage.dee, override=OverrideRequest(REASON, NOW + timedelta(days=1)))


def test_the_refusal_page_says_what_whose_and_how_to_mend(stage: Stage) -> None:
    case = stage.case()
    decision = gates.why_not("rehearse_visit", {"patient": stage.dee}, at=NOW)
    shown = gates.as_refusal(decision, done="booked", by=stage.house.by, override_url="/x/")
    assert shown.sentence == "Not booked. Two of two clauses are not met."
    assert shown.gate == "Before the rehearsal"
    signed, answered = shown.clauses
    assert (signed.state, signed.whose, signed.seat) == ("unmet", "Priya Nair", "Intake coordinator")
    assert signed.says == "Rehearsal signed: no"
    assert (answered.whose, answered.seat) == ("", "Front desk")  # no one
    assert signed.fix is not None and signed.fix.url == f"/cases/{case.id}/"
    assert shown.override is None  # one clause that refuses may be overridden by nobody


def test_a_gate_of_a_retired_or_changed_playbook_falls_silent(stage: Stage) -> None:
    changed = PLAYBOOK[: PLAYBOOK.index("gates:")]
    actions.publish_playbook(**stage.who, source=changed)
    assert gates.why_not("rehearse_visit", {"patient": stage.dee}, at=NOW).decisions == ()


def test_a_changed_gate_is_asked_as_it_is_now(stage: Stage) -> None:
    stage.told.signed = True
    assert not gates.why_not("rehearse_visit", {"patient": stage.dee}, at=NOW).allowed
    row = Gate.objects.get()
    row.clauses = row.clauses[:1]
    row.not_overridable = []
    row.save()
    assert gates.why_not("rehearse_visit", {"patient": stage.dee}, at=NOW).allowed


def test_a_gate_on_an_action_nobody_asks_is_refused_at_publishing(stage: Stage) -> None:
    with pytest.raises(Exception, match="No action called “fly_away” asks gates"):
        actions.publish_playbook(**stage.who, source=PLAYBOOK.replace("rehearse_visit", "fly_away"))


@pytest.mark.parametrize("part", ["applies_when", "clauses"])
def test_a_gate_that_no_longer_type_checks_lets_nothing_pass_and_says_so(
    stage: Stage, rehearse: Any, part: str
) -> None:
    stage.told.signed = stage.told.answered = True
    gate = Gate.objects.get(key="rehearsal_gate")
    gone = "patient.of_an_older_stead"
    setattr(gate, part, gone if part == "applies_when" else [gate.clauses[0] | {"expression": gone}, *gate.clauses[1:]])
    gate.save()
    with pytest.raises(GateBroken, match="nothing passes it: There is no fact"):
        rehearse(**stage.who, patient=stage.dee)
