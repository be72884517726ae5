"""What gates say: the decision, and the refusal that explains itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from django.db.models import Q

from stead.platform import clock
from stead.platform.actors import Actor
from stead.platform.policy import gates as policy
from stead.platform.policy.cache import Bounded
from stead.platform.policy.clauses import Clause as PolicyClause
from stead.platform.policy.clauses import ClauseInvalid, compile_clause
from stead.platform.policy.evaluate import ClauseResult, Facts, Outcome, evaluate
from stead.platform.policy.facts import facts as registry
from stead.platform.policy.gates import CompiledGate, GateRule, Mode, compile_gate
from stead.platform.refusals import Conflict, Refusal
from stead.platform.ui import words
from stead.practice import queries as practice
from stead.practice.models import Location
from stead.processes.document import ClausePart, clause_of
from stead.processes.gates.mending import Remedy, remedies
from stead.processes.gates.subjects import location_of, patient_id_of, subject_id_of
from stead.processes.models import Gate, GateOverride


@dataclass(frozen=True)
class Decision:
    """What all gates of an action said. `decisions` holds one answer per gate that applies."""

    action: str
    subjects: Mapping[str, object]
    at: datetime
    decisions: tuple[policy.Decision, ...]

    @property
    def allowed(self) -> bool:
        return all(decision.allowed for decision in self.decisions)

    @property
    def refusals(self) -> tuple[ClauseResult, ...]:
        return tuple(result for decision in self.decisions for result in decision.refusals)

    @property
    def warnings(self) -> tuple[ClauseResult, ...]:
        return tuple(result for decision in self.decisions for result in decision.warnings)

    @property
    def refusing(self) -> tuple[policy.Decision, ...]:
        return tuple(decision for decision in self.decisions if decision.refusals)

    @property
    def overridable(self) -> bool:
        """Tell whether some seat may let everything pass that refuses."""
        return bool(self.refusing) and all(decision.overridable for decision in self.refusing)


class GateRefused(Refusal):
    """Gates of the practice said no to `by`. `decision` is for `as_refusal`, `clauses` and `details` for machines."""

    def __init__(self, decision: Decision, by: Actor) -> None:
        self.decision, self.by = decision, by
        self.clauses = [
            {"id": result.clause.id, "words": result.clause.words, "outcome": result.outcome.value}
            for result in decision.refusals
        ]
        names = words.listed([gate.gate.name for gate in decision.refusing])
        unmet = words.listed([result.clause.words for result in decision.refusals])
        super().__init__(f"The gate {names} stopped this. Not met: {unmet}. Nothing was changed.")

    def told(self, language: str) -> list[str]:
        """Return the words for patients of the clauses that have some; never the clause's own, nor what it read."""
        known = [result.clause.for_patients for result in self.decision.refusals]
        return list(dict.fromkeys(said.in_language(language) for said in known if said))

    def details(self) -> dict[str, object]:
        """Return each clause that is not met with what mends it; `yours` says whether the asker's seat may."""
        told = []
        for said, result in zip(self.clauses, self.decision.refusals, strict=True):
            fixes = [_for_machines(remedy, self.by) for remedy in remedies(result, self.decision.subjects)]
            told.append(said | {"seat": result.clause.seat, "fixes": fixes})
        return {"clauses": told}


def _for_machines(remedy: Remedy, by: Actor) -> dict[str, object]:
    fix = remedy.fix
    said = {"id": remedy.mending.name, "words": fix.label, "url": fix.url, "method": fix.method}
    return said | {"permission": remedy.mending.permission, "yours": remedy.is_for(by)}


class GateBroken(Conflict):
    """A stored gate that does not type-check any more, as when it asks a fact that a newer Stead does not declare.

    Nothing passes it. `simulate` and other programs must not count it among the practice's own refusals.
    """

    def __init__(self, gate: Gate, wrong: str) -> None:
        super().__init__(
            f"The gate {gate.name} can no longer be asked, so nothing passes it: {wrong} Nothing was changed. "
            "Whoever keeps the playbooks mends the clause and publishes it again."
        )


def why_not(action: str, subjects: Mapping[str, object], *, at: datetime | None = None) -> Decision:
    """Answer what would stop an action, without refusing and without a line."""
    moment = at or clock.now()
    gates = list(Gate.objects.filter(action=action, retired_at=None).order_by("key"))
    if not gates:
        return Decision(action, subjects, moment, ())
    facts = Facts(subjects, {"now": moment, "today": _today(subjects, moment)})
    answers = {gate.id: answer for gate in gates if (answer := _decide(gate, facts)) is not None}
    if any(answer.refusals for answer in answers.values()):  # only a refusal can be overridden, so only then is asked
        living = _living_overrides(gates, subjects, moment)
        answers = {gate_id: _with_living(answer, living.get(gate_id)) for gate_id, answer in answers.items()}
    return Decision(action, subjects, moment, tuple(answers.values()))


def _today(subjects: Mapping[str, object], at: datetime) -> date:
    """Return the local day; a visit in hand brings its location, and with it the zone."""
    location = getattr(subjects.get("appointment"), "location", None)
    if isinstance(location, Location):
        return at.astimezone(ZoneInfo(location.time_zone)).date()
    return at.astimezone(practice.zone_of(location_of(subjects))).date()


def _decide(gate: Gate, facts: Facts) -> policy.Decision | None:
    try:
        applies = compile_clause(PolicyClause("applies", gate.name, gate.applies_when)) if gate.applies_when else None
        ready = compiled(gate)
    except (ClauseInvalid, policy.GateInvalid) as wrong:
        raise GateBroken(gate, wrong.words) from wrong
    if applies is not None and evaluate(applies, facts).outcome is Outcome.UNMET:
        return None
    return policy.decide(ready, facts)


def _with_living(decision: policy.Decision, living: frozenset[str] | None) -> policy.Decision:
    refusing = {result.clause.id for result in decision.refusals}
    passing = (living or frozenset()) & refusing - decision.gate.not_overridable
    return policy.override(decision, passing) if passing else decision


_compiled: Bounded[tuple[Any, ...], CompiledGate] = Bounded(512)


def compiled(gate: Gate) -> CompiledGate:
    """Return the gate ready to be asked; kept while neither its text nor the declared facts change."""
    clauses = msgspec.json.encode(gate.clauses)
    key = (gate.id, gate.name, gate.mode, clauses, tuple(gate.not_overridable), registry.version)
    return _compiled.get(key, lambda: compile_gate(rule_of(gate)))


def rule_of(gate: Gate) -> GateRule:
    parts = msgspec.convert(gate.clauses, list[ClausePart])
    clauses = tuple(clause_of(part) for part in parts)
    kept = frozenset(gate.not_overridable)
    return GateRule(gate.key, gate.name, gate.action, Mode(gate.mode), clauses, kept)


def _living_overrides(
    gates: Sequence[Gate], subjects: Mapping[str, object], at: datetime
) -> dict[UUID, frozenset[str]]:
    about = Q()
    if patient_id := patient_id_of(subjects):
        about |= Q(patient_id=patient_id, subject_id=None)
    if subject_id := subject_id_of(subjects):
        about |= Q(subject_id=subject_id)
    if not about:
        return {}
    living: dict[UUID, frozenset[str]] = {}
    rows = GateOverride.objects.filter(about, gate_id__in=[gate.id for gate in gates], at__lte=at, expires_at__gt=at)
    for gate_id, clause_ids in rows.values_list("gate_id", "clause_ids"):
        living[gate_id] = living.get(gate_id, frozenset()) | frozenset(clause_ids)
    return living
