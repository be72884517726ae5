"""Gates: the rule of a practice for one action, and the decision that explains itself.

    gate = compile_gate(rule, registry, subjects={"patient", "appointment"})
    decision = decide(gate, Facts({"patient": patient, "appointment": draft}, given={"now": at}))
    if not decision.allowed: ...        # decision.refusals: clause, outcome, readings, fix, seat

An *enforce* gate refuses on every clause that is unmet or unknown. *Warn* and *watch* never refuse: a warning is
shown to the person acting, what is watched is only counted.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum

from stead.platform.policy import facts as declared
from stead.platform.policy.clauses import Clause, CompiledClause, compile_clause
from stead.platform.policy.evaluate import ClauseResult, Facts, Outcome, evaluate
from stead.platform.policy.facts import FactRegistry
from stead.platform.refusals import InvalidInput, Refusal


class Mode(StrEnum):
    """How seriously a gate takes itself."""

    ENFORCE = "enforce"
    WARN = "warn"
    WATCH = "watch"


class GateInvalid(InvalidInput):
    """A gate cannot be saved as a whole, although each clause may be right."""


class NotOverridable(Refusal):
    """Somebody tried to override a clause that no seat may override."""


@dataclass(frozen=True, slots=True)
class GateRule:
    """A gate as the practice wrote it; `not_overridable` names clauses no seat may set aside."""

    id: str
    name: str
    action: str
    mode: Mode
    clauses: tuple[Clause, ...]
    not_overridable: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class CompiledGate:
    """A gate whose clauses all passed the type check; may be kept and asked from any thread."""

    rule: GateRule
    clauses: tuple[CompiledClause, ...]

    @property
    def references(self) -> frozenset[str]:
        """All facts the gate may ask."""
        return frozenset(name for clause in self.clauses for name in clause.references)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a gate said. `clauses` holds all in the rule's order; those not met are in one of the other three too."""

    gate: GateRule
    allowed: bool
    refusals: tuple[ClauseResult, ...]
    warnings: tuple[ClauseResult, ...]
    watched: tuple[ClauseResult, ...]
    clauses: tuple[ClauseResult, ...]
    overridden: frozenset[str] = frozenset()

    @property
    def overridable(self) -> bool:
        """Tell whether every clause that refuses may be overridden by some seat."""
        return not any(result.clause.id in self.gate.not_overridable for result in self.refusals)


def compile_gate(
    rule: GateRule, registry: FactRegistry = declared.facts, subjects: Collection[str] | None = None
) -> CompiledGate:
    """Check a gate and all its clauses. Raise `GateInvalid` or `ClauseInvalid`."""
    ids = [clause.id for clause in rule.clauses]
    if not ids:
        raise GateInvalid(f"The gate {rule.name} has no clause.")
    if twice := sorted({name for name in ids if ids.count(name) > 1}):
        raise GateInvalid(f"The gate {rule.name} has two clauses called {twice[0]}.")
    if strange := sorted(rule.not_overridable - set(ids)):
        raise GateInvalid(f"The gate {rule.name} has no clause {strange[0]} that could be kept from overriding.")
    return CompiledGate(rule, tuple(compile_clause(clause, registry, subjects) for clause in rule.clauses))


def decide(gate: CompiledGate, facts: Facts) -> Decision:
    """Ask every clause of a gate, so that a refusal names all that is missing at once."""
    results = tuple([evaluate(clause, facts) for clause in gate.clauses])
    lacking = tuple([result for result in results if result.outcome is not Outcome.MET])
    mode = gate.rule.mode
    return Decision(
        gate=gate.rule,
        allowed=not (lacking and mode is Mode.ENFORCE),
        refusals=lacking if mode is Mode.ENFORCE else (),
        warnings=lacking if mode is Mode.WARN else (),
        watched=lacking if mode is Mode.WATCH else (),
        clauses=results,
    )


def override(decision: Decision, clause_ids: Collection[str]) -> Decision:
    """Set refusing clauses aside. Raise `NotOverridable` for one that must hold or does not refuse.

    Who may do this, how often and with which reason is asked by the caller; here only the rule itself speaks.
    """
    wanted = frozenset(clause_ids)
    if kept := sorted(wanted & decision.gate.not_overridable):
        raise NotOverridable(f"No seat may override {kept[0]}.")
    if strange := sorted(wanted - {result.clause.id for result in decision.refusals}):
        raise NotOverridable(f"{strange[0]} does not refuse here, so there is nothing to override.")
    left = tuple(result for result in decision.refusals if result.clause.id not in wanted)
    return replace(decision, allowed=not left, refusals=left, overridden=decision.overridden | wanted)
