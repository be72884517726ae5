"""Actions: the only door for a change.

`@action` wraps a function `verb_noun(*, practice, by, at, ...)` so that each call authorises first, runs in one
transaction and is known by name to gates, docs and the simulator. An action that changed something without a journal
line is a fault, found at once.

    @action("check_in_patient", permission="appointments.check_in", words="check a patient in")
    def check_in_patient(*, practice: UUID, by: Actor, at: datetime, appointment_id: UUID) -> Appointment: ...
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from django.db import transaction

from stead.platform import permissions
from stead.platform.refusals import Refusal
from stead.platform.tenancy import context


@dataclass(frozen=True)
class Action:
    """One entry of the catalogue. `gated` says that the practice may attach gates to it, `hands` which records their
    clauses may ask about; `asks` names the action whose gates it asks instead of its own."""

    name: str
    words: str
    permission: str
    gated: bool
    room: str
    summary: str
    hands: tuple[str, ...] = ()
    asks: str = ""


_catalogue: dict[str, Action] = {}
_after_refusal: list[Callable[[str, Refusal, dict[str, Any]], None]] = []


class JournalMissing(RuntimeError):
    """An action returned without a journal line. The transaction must not commit."""


def catalogue() -> list[Action]:
    """Return every declared action by name: what gates can be attached to and docs print."""
    return sorted(_catalogue.values(), key=lambda a: a.name)


def find(name: str) -> Action | None:
    return _catalogue.get(name)


def on_refusal(handler: Callable[[str, Refusal, dict[str, Any]], None]) -> None:
    """Register what is written down when an action is refused; runs after the action's rows are rolled back."""
    _after_refusal.append(handler)


def action[F: Callable[..., Any]](
    name: str, *, permission: str, words: str, gated: bool = False, hands: tuple[str, ...] = (), asks: str = "",
    may_change_nothing: bool = False,
) -> Callable[[F], F]:  # fmt: skip
    """Declare an action. A `gated` one says which records it `hands` its gates; one that `asks` the gates of another is
    held by them and has none of its own. `may_change_nothing` is for those that are idempotent, such as an import."""

    def declare(function: F) -> F:
        if name in _catalogue:
            raise ValueError(f"The action {name} is declared twice.")
        if gated != bool(hands):
            raise ValueError(f"The action {name} is gated and hands its gates no record, or hands some to none.")
        summary = (function.__doc__ or "").strip().splitlines()[0] if function.__doc__ else words
        room = function.__module__.split(".")[1]
        _catalogue[name] = Action(name, words, permission, gated, room, summary, hands, asks)

        @functools.wraps(function)
        def run(**given: Any) -> Any:
            now = context.current()
            if given["practice"] != now.practice_id:
                raise RuntimeError(f"{name} was called for another practice than the one in force.")
            permissions.check(given["by"], permission)
            before = now.written
            try:
                with transaction.atomic():
                    result = function(**given)
                    if now.written == before and not may_change_nothing:
                        raise JournalMissing(f"{name} wrote no journal line.")
            except Refusal as refusal:
                for handler in _after_refusal:
                    handler(name, refusal, given)
                raise
            return result

        return cast(F, run)

    return declare


@contextmanager
def undo_on_refusal() -> Iterator[None]:
    """Run several actions as one: a refusal of any takes back the earlier ones, and rises."""
    with transaction.atomic():
        yield
