"""Clauses: one condition of a gate in the practice's words, its expression over facts, and what mends it.

    Clause(
        id="card",
        words="A card is on file, or the payer is Medicaid",
        expression="patient.card_on_file || payer.medicaid",
        fixes=("portal_link",),
        seat="front_desk",
    )

An expression is CEL: `&& || ! == != < <= > >= + - * in ? :`, `size contains startsWith endsWith matches exists all
filter`, `timestamp("…Z")`, `duration("24h")`, and ours: `money("300.00")`, `date("2026-11-24")`, `date_of(moment,
"America/New_York")` (the day it then is there), `years(from_day, to_day)` (full years). Days less days are a number
of days.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from stead.platform.policy import facts as declared
from stead.platform.policy.cache import Bounded
from stead.platform.policy.complaints import ClauseInvalid, explain, place, type_in_words
from stead.platform.policy.engine import EngineComplaint, Language, Program, Undecided
from stead.platform.policy.facts import Fact, FactRegistry
from stead.platform.policy.literals import LiteralWrong, Written, lower, probe, written_in

__all__ = ["Clause", "ClauseInvalid", "CompiledClause", "compile_clause"]

LONGEST: Final = 4_000
"""Characters an expression may have; a clause people can read has under 200."""


@dataclass(frozen=True, slots=True)
class ForPatients:
    """What a patient is told when a clause stops them, in both languages: what is still needed, and no fact of theirs
    or ours."""

    en: str
    es: str

    def in_language(self, language: str) -> str:
        return self.es if language.startswith("es") else self.en


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition of a gate; `fixes` name what mends it (policy.mendings), `seat` is whose that is, "" nobody's."""

    id: str
    words: str
    expression: str
    fixes: tuple[str, ...] = ()
    seat: str = ""
    for_patients: ForPatients | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """An accepted expression: `facts` are its references, cheapest first, `at_rest` its answer before any is read."""

    program: Program
    facts: tuple[Fact, ...]
    at_rest: bool | Undecided


@dataclass(frozen=True, slots=True)
class CompiledClause:
    """A clause that passed the type check, ready for evaluation in any thread."""

    clause: Clause
    checked: Checked

    @property
    def references(self) -> tuple[str, ...]:
        """The names of the facts it asks, cheapest first."""
        return tuple(fact.name for fact in self.checked.facts)


# The engine cannot take control characters and lone surrogates; marks that turn the direction of writing would show
# people another rule than the one that runs.
_HIDDEN: Final = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
_languages: Final[Bounded[int, Language]] = Bounded(4)
_checked: Final[Bounded[tuple[str, int], Checked]] = Bounded(2_048)


def compile_clause(
    clause: Clause, registry: FactRegistry = declared.facts, subjects: Collection[str] | None = None
) -> CompiledClause:
    """Type-check a clause against the declared facts. Raise `ClauseInvalid` with the place in the expression.

    `subjects` are the records the gate's action hands over; a fact about any other is refused. None accepts all.
    """
    version, known = registry.snapshot()
    key = (clause.expression, version)
    checked = _checked.get(key, lambda: _check(clause.expression, version, known, registry))
    if subjects is not None:
        _refuse_strange_subjects(clause.expression, checked.facts, subjects)
    return CompiledClause(clause, checked)


def _check(expression: str, version: int, known: Mapping[str, Fact], registry: FactRegistry) -> Checked:
    _refuse_unreadable(expression)
    language = _languages.get(version, lambda: Language({fact.name: fact.kind for fact in known.values()}))
    try:
        answers, names = language.check(expression)
        if answers != "bool":
            message = f"A clause must answer yes or no; this one answers with {type_in_words(answers)}."
            raise ClauseInvalid(message, 1, 1)
        _probe_literals(expression, language)
        program = language.program(lower(expression))
    except EngineComplaint as complaint:
        raise explain(complaint, expression, registry) from None
    except LiteralWrong as wrong:
        raise ClauseInvalid(f"{wrong.message}.", *place(expression, wrong.offset), wrong.suggestion) from None
    asked = sorted((known[name] for name in names), key=lambda fact: fact.cost)
    return Checked(program, tuple(asked), program.run({}))


def _refuse_unreadable(expression: str) -> None:
    if not expression.strip():
        raise ClauseInvalid("The clause is empty.", 1, 1)
    if len(expression) > LONGEST:
        raise ClauseInvalid(f"The clause is longer than {LONGEST:,} characters.", *place(expression, LONGEST))
    if hidden := _HIDDEN.search(expression):
        message = f"Here stands a character nobody can see (U+{ord(hidden[0]):04X})."
        raise ClauseInvalid(message, *place(expression, hidden.start()), "Delete it and type the clause again.")


def _probe_literals(expression: str, language: Language) -> None:
    for written in written_in(expression):
        snippet = probe(written)
        if snippet and language.fault_of(snippet):
            raise _wrong_literal(written)


def _wrong_literal(written: Written) -> LiteralWrong:
    what, shape = {
        "duration": ("a length of time", 'duration("24h")'),
        "timestamp": ("a moment", 'timestamp("2026-11-24T09:00:00Z")'),
        "matches": ("a pattern that can be searched for", ""),
    }.get(written.function, ("a time zone", '"America/New_York"'))
    return LiteralWrong(f"{written.source} is not {what}", written.start, shape)


def _refuse_strange_subjects(expression: str, asked: tuple[Fact, ...], subjects: Collection[str]) -> None:
    for fact in asked:
        if fact.load is not None and fact.subject not in subjects:
            about = f"{fact.name} is about the {fact.subject}, which the action of this gate does not have at hand."
            raise ClauseInvalid(about, *place(expression, max(expression.find(fact.name), 0)))
