"""Facts: what a gate may ask about a record, declared by the room that owns the record.

A room's `facts.py` declares its facts when Stead starts:

    def _standing(patient: PatientInHand) -> dict[str, FactValue | None]:
        row = standing_of(patient.practice, patient.id)          # one query answers both facts
        return {"patient.card_on_file": row.has_card, "patient.overdue": row.overdue_cents}

    standing = SharedLoader(_standing)
    facts.declare(
        Fact("patient.card_on_file", Kind.BOOL, meaning="A card is stored and chargeable", subject="patient",
             cost=Cost.QUERY, load=standing),
        Fact("patient.overdue", Kind.MONEY, meaning="Owed for more than 90 days", subject="patient",
             cost=Cost.QUERY, load=standing),
    )

A loader returns `NOT_KNOWN` for what nobody has found out; an exception in it is a fault and rises. A fact without
loader is given by whoever asks the gate (`now`, `today`, what the request says).
"""

import difflib
import itertools
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from stead.platform.policy.kinds import FactValue, Kind, in_words

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
# fmt: off
_RESERVED: Final = frozenset((
    "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if",
    "import", "let", "loop", "package", "namespace", "return", "var", "void", "while", "bool", "int",
    "uint", "double", "string", "bytes", "list", "map", "timestamp", "duration", "money", "date",
    "date_of", "years", "size", "has", "all", "exists", "exists_one", "filter",
))
# fmt: on
_versions = itertools.count(1)


class Cost(IntEnum):
    """What it takes to learn a fact; dearer ones are asked only while the answer still depends on them."""

    ROW = 0
    """The caller holds the row already."""
    QUERY = 1
    """One statement to our database."""
    OUTSIDE = 2
    """An answer of somebody else's system."""


@dataclass(frozen=True, slots=True, eq=False)
class SharedLoader:
    """A loader that learns many facts at once; it runs at most once per evaluation and subject.

    `learn` answers by fact name and leaves none of its facts out: what is not known is said so.
    """

    learn: Callable[[Any], Mapping[str, FactValue | None]]


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing a gate may ask.

    `subject` names the record the loader is handed ("patient"); `says` words a value for the screen.
    """

    name: str
    kind: Kind
    meaning: str
    subject: str = ""
    cost: Cost = Cost.ROW
    load: Callable[[Any], FactValue | None] | SharedLoader | None = None
    says: Callable[[Any], str] | None = None

    def words(self, value: FactValue | None) -> str:
        """Say a value of this fact for the screen."""
        if value is None or self.says is None:
            return in_words(self.kind, value)
        return self.says(value)


class FactDeclarationWrong(ValueError):
    """A room declared a fact twice or under an impossible name: Stead does not start."""


class FactRegistry:
    """All facts of a Stead, filled at start-up; safe to read from any thread."""

    def __init__(self) -> None:
        self._facts: dict[str, Fact] = {}
        self._lock = threading.Lock()
        self.version = next(_versions)
        """Changes with every declaration, never the same for two registries: what is compiled is kept under it."""

    def declare(self, *facts: Fact) -> None:
        """Add facts; all or none. Refuses a name already taken, a malformed one, and a fact without meaning."""
        with self._lock:
            declared = dict(self._facts)
            for fact in facts:
                _check_declaration(fact, declared)
                declared[fact.name] = fact
            self._facts, self.version = declared, next(_versions)

    def snapshot(self) -> tuple[int, Mapping[str, Fact]]:
        """Return the version and the facts that belong to it, not to be changed."""
        with self._lock:
            return self.version, self._facts

    def find(self, name: str) -> Fact | None:
        """Return the fact of this name or None."""
        return self._facts.get(name)

    def get(self, name: str) -> Fact:
        """Return the fact of this name; KeyError where none is declared."""
        return self._facts[name]

    def for_subject(self, subject: str) -> tuple[Fact, ...]:
        """Return the facts about one kind of record, by name."""
        return tuple(fact for fact in self if fact.subject == subject)

    def nearest(self, name: str) -> tuple[str, ...]:
        """Return up to three declared names somebody may have meant by this one, likeliest first."""
        names = sorted(self._facts)
        close = difflib.get_close_matches(name, names, n=3, cutoff=0.6)
        if close:
            return tuple(close)
        last = name.rpartition(".")[2]
        return tuple(known for known in names if known.rpartition(".")[2] == last)[:3]

    def __iter__(self) -> Iterator[Fact]:
        facts = self._facts
        return iter(sorted(facts.values(), key=lambda fact: fact.name))

    def __len__(self) -> int:
        return len(self._facts)


def _check_declaration(fact: Fact, declared: Mapping[str, Fact]) -> None:
    if not _NAME.fullmatch(fact.name) or _RESERVED & set(fact.name.split(".")):
        raise FactDeclarationWrong(f"{fact.name!r} cannot be the name of a fact: lower-case words joined by dots")
    if fact.name in declared:
        raise FactDeclarationWrong(f"fact {fact.name} is declared twice")
    if not fact.meaning.strip():
        raise FactDeclarationWrong(f"fact {fact.name} has no meaning written down")
    if fact.load is not None and not fact.subject:
        raise FactDeclarationWrong(f"fact {fact.name} has a loader but no subject to hand it")


facts: Final = FactRegistry()
"""The registry every room declares its facts in."""
