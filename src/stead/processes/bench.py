"""`stead bench gates`: what a gate and a stage change cost, in CPU time of our process (the database's is not in it).

`value` is one whole gate check (the action's gates, living overrides and facts read from the database, six clauses,
explanations) plus one whole stage change (an item accepted, the case moved, owner, timers and journal written).
`ratio` compares like with like: the same six clauses over the same values already at hand, ours with three-valued
answers and explanations, against the bare engine. What reading and writing add stands apart, in `check_ms` and
`change_ms`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from stead.patients.models import Patient
from stead.platform import actors
from stead.platform.identifiers import new_id
from stead.platform.policy.engine import Language
from stead.platform.policy.evaluate import Facts
from stead.platform.policy.facts import Cost, Fact, SharedLoader, facts
from stead.platform.policy.gates import decide
from stead.platform.policy.kinds import FactValue, Kind
from stead.platform.policy.literals import lower
from stead.platform.tenancy.context import acting
from stead.platform.tenancy.standalone import Progress, own_database
from stead.practice import actions as practice
from stead.practice.terms import LocationDetails, SeatDetails, StaffDetails
from stead.processes import actions, gates
from stead.processes.models import Case, Gate

_AT = datetime(2026, 11, 24, 15, 42, tzinfo=UTC)
_NAMES = ("agreement", "card", "medicaid", "self_pay", "verified", "licensed", "authorized")
_CLAUSES = (
    "bench.agreement",
    "bench.card || bench.medicaid",
    "bench.verified || bench.self_pay",
    "bench.self_pay || bench.verified",
    "bench.licensed",
    "bench.authorized",
)
_PLAYBOOK = """\
playbook: bench
name: Bench
purpose: To be measured.
subjects: [patients.patient]
owner: intake_coordinator
done: done
ends: {done: Done}
stages:
  - {key: first, name: First, owner: intake_coordinator, due: 4, guide: Read., patient: {en: One., es: Uno.},
     items: [{key: read, kind: check, words: It was read}],
     automations: [{on: late, do: remind, words: Late}, {on: late, after: 4, do: remind, words: Later}]}
  - {key: second, name: Second, owner: intake_coordinator, due: 4, guide: Wait., patient: {en: Two., es: Dos.},
     items: [{key: never, kind: check, words: Never done}],
     automations: [{on: late, do: remind, words: Late}]}
"""


def bench_gates(progress: Progress, full: bool = False) -> dict[str, Any]:
    """Return CPU milliseconds of a gate check and a stage change, and the ratio to the bare engine."""
    rounds = 2_000 if full else 300
    practice_id = new_id()
    with own_database(progress), acting(practice_id, actors.system()):
        progress("Founding a practice to measure in")
        patient = _found(practice_id)
        evaluated, bare = _evaluation(patient, 20_000 if full else 4_000)
        progress("Checking the gate")
        check = _cpu(lambda: gates.why_not("book_appointment", {"patient": patient}, at=_AT), rounds)
        progress("Moving cases")
        change = _stage_changes(practice_id, rounds)
    return {
        "value": round((check + change) * 1e3, 3),
        "unit": "ms CPU",
        "ratio": round(evaluated / bare, 2),
        "against": "the bare CEL engine on the same clauses and values",
        "n": rounds,
        "evals_per_s": round(len(_CLAUSES) / evaluated),
        "check_ms": round(check * 1e3, 3),
        "change_ms": round(change * 1e3, 3),
        "evaluation_ms": round(evaluated * 1e3, 4),
        "bare_ms": round(bare * 1e3, 4),
    }


def _found(practice_id: UUID) -> Patient:
    who: dict[str, Any] = {"practice": practice_id, "by": actors.system(), "at": _AT}
    week = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ("08:00", "17:00"))
    practice.create_location(**who, details=LocationDetails("Main", "America/New_York", week))
    person = practice.create_staff_member(**who, details=StaffDetails("A person", ["intake"]))
    seat = practice.create_seat(**who, details=SeatDetails("intake_coordinator", "Intake coordinator"))
    practice.assign_seat(**who, seat_id=seat.id, staff_id=person.id, from_date=_AT.date())
    actions.publish_playbook(**who, source=_PLAYBOOK)
    _declare()
    clauses = [{"id": f"c{n}", "words": text, "expression": text} for n, text in enumerate(_CLAUSES)]
    Gate.objects.create(key="bench", name="Bench", action="book_appointment", mode="enforce", clauses=clauses)
    return _patient(1)


def _patient(number: int) -> Patient:
    return Patient.objects.create(number=number, first_name="A", last_name="Patient", state="KY", created_at=_AT)


def _declare() -> None:
    """Declare the facts: one statement learns all of them, as the rooms' own loaders do."""

    def learn(patient: Patient) -> dict[str, FactValue | None]:
        known = Patient.objects.filter(id=patient.id, state="KY").exists()
        return {f"bench.{name}": known for name in _NAMES}

    loader = SharedLoader(learn)
    if facts.find("bench.card") is None:
        facts.declare(*(Fact(f"bench.{n}", Kind.BOOL, n, "patient", Cost.QUERY, loader) for n in _NAMES))


def _evaluation(patient: Patient, times: int) -> tuple[float, float]:
    """Return seconds per gate, ours and the bare engine's, over values at hand; turns alternate."""
    compiled = gates.compiled(Gate.objects.get())
    given: dict[str, FactValue | None] = {f"bench.{name}": True for name in _NAMES}
    language = Language(dict.fromkeys(given, Kind.BOOL))
    run = language.bare([language.program(lower(text)) for text in _CLAUSES])

    def ours() -> object:
        return decide(compiled, Facts({"patient": patient}, given)).allowed

    if ours() is not True or run(given) != [True] * len(_CLAUSES):
        raise AssertionError("the gate and the bare engine disagree, so their times say nothing")
    turns = [(_cpu(ours, times // 10), _cpu(lambda: run(given), times // 10)) for _ in range(10)]
    return sum(a for a, _ in turns) / 10, sum(b for _, b in turns) / 10


def _stage_changes(practice_id: UUID, times: int) -> float:
    who: dict[str, Any] = {"practice": practice_id, "by": actors.system()}
    cases = []
    for number in range(times):
        patient = _patient(number + 2)
        cases.append(
            actions.open_case(
                **who, at=_AT, playbook_key="bench", subject=patient, patient_id=patient.id, title="A case"
            )
        )
    waiting = iter(cases)
    later = _AT + timedelta(minutes=30)
    spent = _cpu(lambda: actions.accept_item(**who, at=later, case_id=next(waiting).id, key="read"), times)
    if Case.objects.filter(stage_key="second").count() != times:
        raise AssertionError("not every case moved, so the time of a move says nothing")
    return spent


def _cpu(work: Callable[[], object], times: int) -> float:
    start = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - start) / times
