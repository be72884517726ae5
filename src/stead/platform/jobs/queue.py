"""Jobs on the same PostgreSQL: enqueued in the action's transaction, so none is lost and none is a phantom.

    @job("messaging.deliver")
    def deliver(*, message: UUID) -> None: ...      # runs inside acting(..., kind="worker")

    enqueue("messaging.deliver", message=row.id)    # inside an action

Delivery is at least once: a job that touches the world outside claims its effect first (`once_only`). Arguments are
identifiers only, never patient data. procrastinate stays behind this module (stack.md §4).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from procrastinate.contrib.django import app

from stead.platform import actors
from stead.platform.jobs.models import Effect
from stead.platform.jobs.retries import OutsideFailure, Patience
from stead.platform.tenancy import context

_jobs: dict[str, Callable[..., Any]] = {}
_own_transactions: set[str] = set()


def job[F: Callable[..., Any]](
    name: str, *, queue: str = "default", own_transactions: bool = False
) -> Callable[[F], F]:
    """Declare a job. Its function takes keyword arguments; those that end in `_id` arrive as UUIDs.

    It runs in one transaction, as the worker, unless it says `own_transactions`: then it is given `practice` too and
    opens `acting(...)` itself, because it calls something slow outside between two of them.
    """

    def declare(function: F) -> F:
        if name in _jobs:
            raise ValueError(f"The job {name} is declared twice.")
        _jobs[name] = function
        if own_transactions:
            _own_transactions.add(name)

        @app.task(name=name, queue=queue, retry=Patience(), pass_context=False)
        def run(practice: str, **args: Any) -> None:
            run_job(name, UUID(practice), args)

        return function

    return declare


def run_job(name: str, practice: UUID, args: dict[str, Any]) -> None:
    """Run one job now, in its own transaction as the worker role."""
    ready = {key: UUID(value) if key.endswith("_id") and value else value for key, value in args.items()}
    if name in _own_transactions:
        _jobs[name](practice=practice, **ready)
        return
    with context.acting(practice, actors.system(), kind="worker"):
        _jobs[name](**ready)


def names() -> list[str]:
    return sorted(_jobs)


def enqueue(
    name: str, *, at: datetime | None = None, lock: str | None = None, once: str | None = None, **args: Any
) -> None:
    """Put a job in the queue, in the transaction in force. `lock` serialises jobs of the same lock; `once` keeps at
    most one waiting job of that name."""
    if name not in _jobs:
        raise ValueError(f"There is no job {name}.")
    practice = context.practice_id()
    plain = _plain(args)
    deferrer = app.configure_task(
        name,
        schedule_at=at,
        lock=f"{practice}:{lock}" if lock else None,
        queueing_lock=f"{practice}:{once}" if once else None,
    )
    if not once:  # nothing unique that could break, so no savepoint is paid for
        deferrer.defer(practice=str(practice), **plain)
        return
    from procrastinate.exceptions import AlreadyEnqueued

    try:
        with transaction.atomic():  # the broken unique key must not end the action's own transaction
            deferrer.defer(practice=str(practice), **plain)
    except AlreadyEnqueued:
        return  # the waiting one will do the same


def enqueue_all(name: str, each: Sequence[dict[str, Any]]) -> None:
    """Put many jobs of one kind in the queue, in one round trip; each with its own arguments, none with a lock."""
    if name not in _jobs:
        raise ValueError(f"There is no job {name}.")
    practice = str(context.practice_id())
    jobs = [{"practice": practice} | _plain(args) for args in each]
    if jobs:
        app.configure_task(name).batch_defer(*jobs)


def _plain(args: dict[str, Any]) -> dict[str, Any]:
    return {key: str(value) if isinstance(value, UUID) else value for key, value in args.items()}


def once_only(key: str) -> bool:
    """Claim an effect outside. True for the first; False if it was done before. Commits with the job."""
    from django.db import connection

    from stead.platform.identifiers import new_id

    with connection.cursor() as cursor:
        cursor.execute(
            "insert into effect (practice_id, id, key, done_at, answer) values (%s, %s, %s, clock_timestamp(), '{}')"
            " on conflict (practice_id, key) do nothing",
            [context.practice_id(), new_id(), key],
        )
        return bool(cursor.rowcount)


__all__ = ["Effect", "OutsideFailure", "enqueue", "enqueue_all", "job", "names", "once_only", "run_job"]
