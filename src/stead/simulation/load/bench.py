"""`stead bench page`: what years of history cost the page that everybody opens first.

Three practices of the same size in one database: one with years of history, one empty, one a quarter old. The home of
each staff role is asked for by turns in all, in this process, through the whole stack from the address to the answer.
`ratio` is against the empty one, which has no visits today either; `history_ratio` is against the young one, whose days
are as full, and so shows what history alone costs. `rows_read` counts the rows and index entries that one home reads,
which no neighbour on the machine changes: what it reads more than on the young practice is history. The first answer of
each home is told apart (`first_ms`). Before it the worker's hourly round has counted the closed weeks of the scorecard,
as it has in any practice that runs; what that took with thirteen weeks to count is `count_weeks_s`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, connections
from django.http import HttpRequest
from django.test import Client
from django.test.utils import CaptureQueriesContext

from stead.platform.accounts import session
from stead.platform.accounts.models import Membership
from stead.platform.jobs.queue import run_job
from stead.platform.tenancy.standalone import Progress, own_database
from stead.simulation.load.create import Load, create_load

_SERVER = {"shared_buffers": "256MB", "work_mem": "32MB", "max_wal_size": "4GB"}


def bench_page(progress: Progress, full: bool = False) -> dict[str, Any]:
    """Return the 95th percentile of the slowest home with a history, and its ratio to the same home without one."""
    clinicians, years, times = (50, 10.0, 100) if full else (6, 2.0, 30)
    with own_database(progress, **_SERVER):
        loaded, young, empty = (create_load(clinicians, y, progress) for y in (years, 0.25, 0))
        counted = _count_weeks(loaded.practice)
        progress(f"Asking for the homes of {len(loaded.staff)} roles, {times} times each, by turns")
        roles = {role: _by_turns(role, (loaded, empty, young), times) for role in loaded.staff}
    slowest = max(roles, key=lambda role: float(roles[role]["p95_ms"]))
    return {
        "value": roles[slowest]["p95_ms"],
        "unit": "ms, p95 of the slowest home",
        "ratio": roles[slowest]["ratio"],
        "against": "same page on an empty practice",
        "n": times,
        "role": slowest,
        "clinicians": clinicians,
        "years": years,
        "appointments": loaded.rows["appointment"],
        "history_ratio": roles[slowest]["history_ratio"],
        "count_weeks_s": round(counted, 2),
        "roles": roles,
    }


def _count_weeks(practice: UUID) -> float:
    """Return the seconds of the round that counts the scorecard's weeks, none of which is kept yet."""
    started = time.perf_counter()
    run_job("operating.count_weeks", practice, {})
    return time.perf_counter() - started


def _by_turns(role: str, loads: tuple[Load, Load, Load], times: int) -> dict[str, float]:
    clients = [sign_in(load.practice, load.staff[role]) for load in loads]
    first, *_ = [ask(client) for client in clients]
    for client in clients:
        ask(client)
    queries = _work(clients[0])
    read, young_read = rows_read(lambda: ask(clients[0])), rows_read(lambda: ask(clients[2]))
    turns = [[ask(client) for client in clients] for _ in range(times)]
    ours, empty, young = (_p95(list(column)) for column in zip(*turns, strict=True))
    return {
        "p95_ms": round(ours, 1),
        "empty_p95_ms": round(empty, 1),
        "ratio": round(ours / empty, 2),
        "history_ratio": round(ours / young, 2),
        "first_ms": round(first, 1),
        "queries": queries,
        "rows_read": read,
        "young_rows_read": young_read,
    }


def _work(client: Client) -> int:
    """Return how many statements a home asks of the database."""
    with CaptureQueriesContext(connection) as asked:
        ask(client)
    return len(asked)


_READ = """
select (select sum(seq_tup_read) from pg_stat_user_tables) + (select sum(idx_tup_read) from pg_stat_user_indexes)
"""


def rows_read(work: Callable[[], object]) -> int:
    """Return how many rows and index entries some work reads, as the server counts them when its transaction ends."""

    def so_far() -> int:
        with connection.cursor() as cursor, connections["owner"].cursor() as owner:
            cursor.execute("select pg_stat_force_next_flush()")
            cursor.execute("select 1")
            owner.execute(_READ)
            return int(owner.fetchone()[0])

    before = so_far()
    work()
    return so_far() - before


def sign_in(practice: UUID, staff: UUID) -> Client:
    """Sign in as after a passkey: the leaders' home opens to nobody who used a password alone."""
    membership = Membership.objects.select_related("account", "practice").get(practice_id=practice, person_id=staff)
    request = HttpRequest()
    request.session = SessionStore()
    session.sign_in(request, membership.account, membership, way="passkey")
    request.session.save()
    client = Client(SERVER_NAME=_host())
    client.cookies[settings.SESSION_COOKIE_NAME] = str(request.session.session_key)
    return client


def _host() -> str:
    named = [host for host in settings.ALLOWED_HOSTS if host and not host.startswith((".", "*"))]
    return named[0] if named else "localhost"


def ask(client: Client) -> float:
    """Return the milliseconds until the home was answered; anything but the page itself is a fault."""
    started = time.perf_counter()
    answer = client.get("/", secure=True)
    taken = (time.perf_counter() - started) * 1000
    if answer.status_code != 200:
        raise RuntimeError(f"The home answered {answer.status_code}.")
    return taken


def _p95(values: list[float]) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(len(ordered) * 0.95))]
