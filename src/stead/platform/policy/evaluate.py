"""Ask clauses: met, unmet, or unknown, with the facts that were read.

Facts are learned one by one, the cheapest first, and only until the answer is certain: `patient.self_pay ||
coverage.verified` never calls the payer for a patient who pays alone. What is learned later cannot change a certain
answer, so asking lazily and asking everything agree (a property test holds this).

Whatever keeps the engine from yes or no (a fact nobody knows, a division by zero, an exhausted iteration budget)
makes the clause *unknown*, never met. A loader that breaks is a fault of ours and rises.
"""

from collections.abc import Iterable, Mapping
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
    """What became of one clause. `fault` says why the engine could not answer although the facts were there."""

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

    def is_read(self, fact: Fact) -> bool:
        """Tell whether the fact has been asked, with whatever answer."""
        return fact.name in self._values

    def effort(self, fact: Fact) -> int:
        """Return what asking this fact now would take: nothing where its shared loader has already run."""
        return -1 if isinstance(fact.load, SharedLoader) and self._key(fact, fact.load) in self._learned else fact.cost

    def engine_values(self, wanted: Iterable[Fact]) -> dict[str, object]:
        """Return those of the wanted facts that are known, as the engine takes them."""
        known = self._engine_values
        return {fact.name: known[fact.name] for fact in wanted if fact.name in known}

    def readings(self, wanted: Iterable[Fact]) -> tuple[Reading, ...]:
        """Return those of the wanted facts that were asked."""
        values = self._values
        return tuple(Reading(fact, values[fact.name]) for fact in wanted if fact.name in values)

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
        key = self._key(fact, load)
        if key not in self._learned:
            self._learned[key] = load.learn(subject)
        if fact.name not in self._learned[key]:
            raise FactFault(f"the loader of {fact.name} gave no answer for it")
        return self._learned[key][fact.name]

    @staticmethod
    def _key(fact: Fact, load: SharedLoader) -> tuple[int, str]:
        return id(load), fact.subject


def evaluate(compiled: CompiledClause, facts: Facts) -> ClauseResult:
    """Ask one clause, learning no more facts than its answer depends on."""
    wanted = compiled.checked.facts
    answer = compiled.checked.at_rest
    if isinstance(answer, Undecided) and any(facts.is_read(fact) for fact in wanted):
        answer = compiled.checked.program.run(facts.engine_values(wanted))
    while isinstance(answer, Undecided):
        fact = _next(wanted, facts, answer.asked_for)
        if fact is None:
            return ClauseResult(compiled.clause, Outcome.UNKNOWN, facts.readings(wanted), answer.fault)
        facts.learn(fact)
        answer = compiled.checked.program.run(facts.engine_values(wanted))
    return ClauseResult(compiled.clause, Outcome.MET if answer else Outcome.UNMET, facts.readings(wanted))


def _next(wanted: tuple[Fact, ...], facts: Facts, asked_for: str | None) -> Fact | None:
    """Choose the unread fact of least effort; among equals the one the engine missed, so no idle branch is asked."""
    unread = [fact for fact in wanted if not facts.is_read(fact)]
    if len(unread) < 2:
        return unread[0] if unread else None
    return min(unread, key=lambda fact: (facts.effort(fact), fact.name != asked_for))
