"""Follow the journal: how a lower room reaches a higher one without knowing it.

`@handles("note.signed")` runs in the very transaction of the line, and its failure undoes it: for what must be true
together (a signed note has its charge). `@follows("case.stage_entered")` runs afterwards as a job, so that a failing
automation never blocks or loses the work; it is retried and, at last, shown among the dead jobs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from stead.platform.jobs.queue import enqueue_all, job
from stead.platform.journal.models import JournalEntry

Handler = Callable[[JournalEntry], None]

_handlers: dict[str, list[Handler]] = {}
_followers: dict[str, dict[str, Handler]] = {}


def handles[H: Handler](*verbs: str) -> Callable[[H], H]:
    """Run the function with each line of these verbs, in the line's transaction."""

    def declare(function: H) -> H:
        for verb in verbs:
            _handlers.setdefault(verb, []).append(function)
        return function

    return declare


def follows[H: Handler](*verbs: str) -> Callable[[H], H]:
    """Run the function with each line of these verbs, as a job after the line's commit. Must bear repetition."""

    def declare(function: H) -> H:
        name = f"{function.__module__}.{function.__qualname__}"
        for verb in verbs:
            _followers.setdefault(verb, {})[name] = function
        return function

    return declare


def tell(entries: Sequence[JournalEntry]) -> None:
    """Pass lines on, in their order; called by `journal.write` only. Their followers are enqueued in one round trip."""
    for entry in entries:
        for handler in _handlers.get(entry.verb, []):
            handler(entry)
    enqueue_all(
        "journal.follow",
        [{"entry_id": entry.id, "follower": name} for entry in entries for name in _followers.get(entry.verb, {})],
    )


@job("journal.follow")
def follow(*, entry_id: UUID, follower: str) -> None:
    """Run one follower for one line."""
    entry = JournalEntry.objects.get(id=entry_id)
    _followers[entry.verb][follower](entry)
