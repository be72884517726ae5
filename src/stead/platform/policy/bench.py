"""Measure a gate of four clauses against the bare engine on the same clauses and values, in CPU time of one run."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime

from stead.platform.policy.clauses import Clause
from stead.platform.policy.engine import Language
from stead.platform.policy.evaluate import Facts
from stead.platform.policy.facts import Cost, Fact, FactRegistry, SharedLoader
from stead.platform.policy.gates import GateRule, Mode, compile_gate, decide
from stead.platform.policy.kinds import FactValue, Kind, to_engine
from stead.platform.policy.literals import lower

_NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
_PATIENT: dict[str, FactValue | None] = {
    "patient.card_on_file": False,
    "patient.agreement_signed": True,
    "patient.overdue": 12_500,
    "patient.consents": ["treatment", "telehealth"],
}
_COVERAGE: dict[str, FactValue | None] = {
    "coverage.medicaid": True,
    "coverage.checked_date": date(2026, 11, 20),
    "coverage.self_pay": False,
}
_KINDS = {
    "patient.card_on_file": Kind.BOOL,
    "patient.agreement_signed": Kind.BOOL,
    "patient.overdue": Kind.MONEY,
    "patient.consents": Kind.STRINGS,
    "coverage.medicaid": Kind.BOOL,
    "coverage.checked_date": Kind.DATE,
    "coverage.self_pay": Kind.BOOL,
    "today": Kind.DATE,
}
_CLAUSES = (
    "patient.agreement_signed && (patient.card_on_file || coverage.medicaid)",
    "coverage.self_pay || today - coverage.checked_date <= 7",
    'patient.overdue < money("300.00")',
    '"treatment" in patient.consents',
)


def bench_policy(seconds: float = 1.0) -> dict[str, float | int]:
    """Return gates and clauses asked per CPU second and how many times the bare engine's time a gate takes.

    Ours starts from nothing each time: two loaders, seven facts, explanations. The bare engine is handed all values.
    """
    gate = compile_gate(_rule(), registry := _registry())
    given: dict[str, FactValue | None] = {"today": _NOW.date()}
    subjects = {"patient": _PATIENT, "coverage": _COVERAGE}

    def ours() -> object:
        return decide(gate, Facts(subjects, given, registry)).allowed

    language = Language(_KINDS)
    bare = language.bare([language.program(lower(text)) for text in _CLAUSES])
    known = {**_PATIENT, **_COVERAGE, **given}
    values = {name: to_engine(name, _KINDS[name], value) for name, value in known.items() if value is not None}
    if ours() is not True or bare(values) != [True] * len(_CLAUSES):
        raise AssertionError("the gate and the bare engine disagree, so their times say nothing")
    return _compare(ours, lambda: bare(values), seconds)


def _compare(ours: Callable[[], object], bare: Callable[[], object], seconds: float) -> dict[str, float | int]:
    rounds, spent = 0, [0.0, 0.0]
    while sum(spent) < seconds:
        for index, work in enumerate((ours, bare)):
            spent[index] += _time(work, 500)
        rounds += 500
    gates_per_s = rounds / spent[0]
    return {
        "gates_per_s": round(gates_per_s),
        "evals_per_s": round(gates_per_s * len(_CLAUSES)),
        "bare_evals_per_s": round(rounds / spent[1] * len(_CLAUSES)),
        "ratio": round(spent[0] / spent[1], 2),
        "n": rounds,
    }


def _time(work: Callable[[], object], times: int) -> float:
    start = time.process_time()
    for _ in range(times):
        work()
    return time.process_time() - start


def _rule() -> GateRule:
    clauses = tuple(Clause(f"clause-{n}", text, text) for n, text in enumerate(_CLAUSES))
    return GateRule("bench", "Bench", "book_appointment", Mode.ENFORCE, clauses)


def _registry() -> FactRegistry:
    registry = FactRegistry()
    loader = SharedLoader(lambda row: row)
    for name, kind in _KINDS.items():
        subject = name.partition(".")[0] if "." in name else ""
        load = loader if subject else None
        registry.declare(Fact(name, kind, meaning=name, subject=subject, cost=Cost.QUERY, load=load))
    return registry
