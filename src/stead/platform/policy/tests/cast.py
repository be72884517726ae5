"""A small registry and helpers the tests of this room share."""

from collections.abc import Mapping
from datetime import UTC, datetime

from stead.platform.policy.clauses import Clause, CompiledClause, compile_clause
from stead.platform.policy.evaluate import ClauseResult, Facts, evaluate
from stead.platform.policy.facts import Fact, FactRegistry
from stead.platform.policy.kinds import FactValue, Kind

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
KINDS = {
    "now": Kind.TIMESTAMP,
    "today": Kind.DATE,
    "patient.card_on_file": Kind.BOOL,
    "patient.agreement_signed": Kind.BOOL,
    "patient.birth_date": Kind.DATE,
    "patient.overdue": Kind.MONEY,
    "patient.language": Kind.STRING,
    "patient.consents": Kind.STRINGS,
    "patient.no_shows": Kind.INT,
    "coverage.verified_at": Kind.TIMESTAMP,
    "coverage.end_date": Kind.DATE,
    "appointment.length": Kind.DURATION,
    "location.zone": Kind.STRING,
}


def registry_of(*facts: Fact) -> FactRegistry:
    registry = FactRegistry()
    registry.declare(*facts)
    return registry


REGISTRY = registry_of(*(Fact(name, kind, meaning=f"What {name} says") for name, kind in KINDS.items()))


def compiled(expression: str, registry: FactRegistry = REGISTRY) -> CompiledClause:
    return compile_clause(Clause("clause", "The clause holds", expression), registry)


def ask(expression: str, given: Mapping[str, FactValue | None] | None = None) -> ClauseResult:
    return evaluate(compiled(expression), Facts({}, given, REGISTRY))
