"""Mendings: what a person can do so that an unmet clause is met, declared by the room whose page does it.

A room's `mendings.py` declares them when Stead starts, as its `facts.py` declares what may be asked:

    def _sign(patient: Patient, kind: str) -> Fix | None:
        return Fix("Record the signature", f"{reverse('forms_patient', args=[patient.id])}?kind={kind}#sign")

    mendings.declare(Mending("agreement", "Record the signature of an agreement", "agreements.sign", "patient", _sign,
                             choices=frozenset({"financial_agreement"})))

A clause names it, `fix: agreement:financial_agreement`, or several, of which the first that applies is the main button.
`opens` answers None where there is nothing to mend this way: no photo to compare, no policy to ask about.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from stead.platform.refusals import Fix

ITEM: Final = "item"
"""`takes` of a mending whose argument is an item of the playbook that the clause stands in."""


@dataclass(frozen=True, slots=True)
class Mending:
    """One way to mend. `permission` is what its page asks for; `opens` is handed the `subject` and what follows the
    colon. With `choices` that must be one of them; `takes` says in the reference what it is."""

    name: str
    words: str
    permission: str
    subject: str
    opens: Callable[[Any, str], Fix | None]
    choices: frozenset[str] = frozenset()
    takes: str = ""


class MendingDeclarationWrong(ValueError):
    """A room declared a mending twice or without words: Stead does not start."""


class MendingRegistry:
    """All mendings of a Stead, filled at start-up."""

    def __init__(self) -> None:
        self._mendings: dict[str, Mending] = {}

    def declare(self, *mendings: Mending) -> None:
        for mending in mendings:
            if mending.name in self._mendings or not mending.words.strip() or ":" in mending.name:
                raise MendingDeclarationWrong(f"mending {mending.name!r} is declared twice or cannot be named so")
            self._mendings[mending.name] = mending

    def find(self, written: str) -> Mending | None:
        """Return the mending that a clause names, argument or not; None where none is declared."""
        return self._mendings.get(written.partition(":")[0])

    def complaint(self, written: str, items: Mapping[str, object] | frozenset[str] = frozenset()) -> str:
        """Say why a clause cannot name this, or ""; `items` are those of its playbook."""
        name, _, argument = written.partition(":")
        found = self._mendings.get(name)
        if found is None:
            return f"No mending is called “{name}”; there are {', '.join(sorted(self._mendings))}."
        if found.takes == ITEM and argument not in items:
            return f"“{name}:” is followed by an item of this playbook, and it has none called “{argument}”."
        if found.choices and argument not in found.choices:
            return f"“{name}:” is followed by one of {', '.join(sorted(found.choices))}."
        if argument and not found.takes:
            return f"“{name}” is written without anything behind it."
        return ""

    def __iter__(self) -> Iterator[Mending]:
        return iter(sorted(self._mendings.values(), key=lambda mending: mending.name))


mendings: Final = MendingRegistry()
"""The registry every room declares its mendings in."""
