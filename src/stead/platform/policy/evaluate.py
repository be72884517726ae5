"""Ask clauses: met, unmet, or unknown, with the facts that were read.

Facts are learned one by one, the cheapest first, and only until the answer is certain: `patient.self_pay ||
coverage.verified` never calls the payer for a patient who pays alone. What is learned later cannot change a certain
answer, so asking lazily and asking everything agree (a property test holds this).

Whatever keeps the engine from yes or no (a fact nobody knows, a division by zero, an exhausted iteration budget)
makes the clause *unknown*, never met. A loader that breaks is a fault of ours and rises.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from stead.platform.policy import facts as declared
from stead.platform.policy.clauses import Clause, CompiledClause
from stead.platform.policy.engine import Undecided
from stead.platform.policy.facts import Fact, FactRegistry, SharedLoader
from stead.platform.policy.kinds import FactValue, to_engine


class Outcome(StrEnum):
    """The three answers of a clause."""

    MET = "met"
    UNMET = "unmet"
    UNKNOWN = "unknown"


class FactFault(RuntimeError):
    """A fact could not be asked at all: an undeclared name, a subject not handed over, a loader that left it out."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A fact as it was when the clause was asked; a value of None is not known yet."""

    fact: Fact
    value: FactValue | None

    @property
    def words(self) -> str:
        """The value as the screen says it."""
        return self.fact.words(self.value)


@dataclass(frozen=True, slots=True)
class ClauseResult:
    """What became of one clause.

    `fault` says why the engine could not answer although the facts were there. It may quote values: for the screen of
    who may see the record, never for a log.
    """

    clause: Clause
    outcome: Outcome
    readings: tuple[Reading, ...]
    fault: str | None = None

    @property
    def missing(self) -> tuple[Fact, ...]:
        """The facts nobody knows yet; for an unknown clause these are what it waits for."""
        return tuple(reading.fact for reading in self.readings if reading.value is None)


class Facts:
    """What is known during one evaluation; each loader runs at most once. Belongs to one thread.

    `subjects` maps a subject's name to what its loaders are handed; None says that there is no such record, and its
    facts are not known. `given` holds facts the caller answers itself (`now`, `today`, the request); they stand
    before any loader.
    """

    __slots__ = ("_engine_values", "_learned", "_registry", "_subjects", "_values")

    def __init__(
        self,
        subjects: Mapping[str, object],
        given: Mapping[str, FactValue | None] | None = None,
        registry: FactRegistry = declared.facts,
    ) -> None:
        self._registry, self._subjects = registry, subjects
        self._values: dict[str, FactValue | None] = {}
        self._engine_values: dict[str, object] = {}
        self._learned: dict[tuple[int, str], Mapping[str, FactValue | None]] = {}
        for name, value in (given or {}).items():
            self._keep(self._declared(name), value)

    def read(self, name: str) -> FactValue | None:
        """Return a fact's value, learning it if nobody has; None is not known yet."""
        if name not in self._values:
            self.learn(self._declared(name))
        return self._values[name]

    def learn(self, fact: Fact) -> None:
        """Learn a fact not read so far."""
        self._keep(fact, None if fact.load is None else self._load(fact))

    def unread(self, wanted: tuple[Fact, ...]) -> list[Fact]:
        """Return those of the wanted facts that nobody has asked."""
        return [fact for fact in wanted if fact.name not in self._values]

    def at_hand(self, wanted: tuple[Fact, ...]) -> dict[str, object]:
        """Return those of the wanted facts that are known, as the engine takes them.

        What a shared loader learned along with an earlier fact costs nothing more and is taken up here.
        """
        for fact in wanted:
            if fact.name not in self._values and (id(fact.load), fact.subject) in self._learned:
                self.learn(fact)
        known = self._engine_values
        return {fact.name: known[fact.name] for fact in wanted if fact.name in known}

    def readings(self, wanted: tuple[Fact, ...]) -> tuple[Reading, ...]:
        """Return those of the wanted facts that were asked."""
        values = self._values
        return tuple([Reading(fact, values[fact.name]) for fact in wanted if fact.name in values])

    def _declared(self, name: str) -> Fact:
        fact = self._registry.find(name)
        if fact is None:
            raise FactFault(f"fact {name} is not declared")
        return fact

    def _keep(self, fact: Fact, value: FactValue | None) -> None:
        if value is not None:
            self._engine_values[fact.name] = to_engine(fact.name, fact.kind, value)
        self._values[fact.name] = value

    def _load(self, fact: Fact) -> FactValue | None:
        if fact.subject not in self._subjects:
            raise FactFault(f"fact {fact.name} needs the {fact.subject}, which was not handed over")
        subject, load = self._subjects[fact.subject], fact.load
        if subject is None or load is None:
            return None
        if isinstance(load, SharedLoader):
            return self._shared(fact, load, subject)
        return load(subject)

    def _shared(self, fact: Fact, load: SharedLoader, subject: object) -> FactValue | None:
        key = (id(load), fact.subject)
        if key not in self._learned:
            self._learned[key] = load.learn(subject)
        if fact.name not in self._learned[key]:
            raise FactFault(f"the loader of {fact.name} gave no answer for it")
        return self._learned[key][fact.name]


def evaluate(compiled: CompiledClause, facts: Facts) -> ClauseResult:
    """Ask one clause, learning no more facts than its answer depends on."""
    wanted, program = compiled.checked.facts, compiled.checked.program
    answer = compiled.checked.at_rest
    if isinstance(answer, Undecided) and (known := facts.at_hand(wanted)):
        answer = program.run(known)
    while isinstance(answer, Undecided):
        fact = _next(facts.unread(wanted), answer.asked_for)
        if fact is None:
            return ClauseResult(compiled.clause, Outcome.UNKNOWN, facts.readings(wanted), answer.fault)
        facts.learn(fact)
        answer = program.run(facts.at_hand(wanted))
    return ClauseResult(compiled.clause, Outcome.MET if answer else Outcome.UNMET, facts.readings(wanted))


def _next(unread: list[Fact], asked_for: str | None) -> Fact | None:
    """Choose the cheapest unread fact; among equals the one the engine missed, so that no idle branch is asked."""
    if len(unread) < 2:
        return unread[0] if unread else None
    return min(unread, key=lambda fact: (fact.cost, fact.name != asked_for))
