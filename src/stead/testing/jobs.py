"""Run what waits in the queue, in this process and under the driven clock, as the worker would."""

from __future__ import annotations

import json
from uuid import UUID

from django.db import connections

_NEXT = """
select id, task_name, args from procrastinate_jobs
where status = 'todo' and (scheduled_at is null or scheduled_at <= %s) and args->>'practice' = %s
order by id limit 1
"""


def run_waiting(practice: UUID, limit: int = 500) -> int:
    """Run the jobs that are due in the practice, those they enqueue too, and return how many there were. A job that
    fails rises: in a story nothing may fail silently."""
    from stead.platform import clock
    from stead.platform.jobs.queue import run_job

    for done in range(limit):
        with connections["owner"].cursor() as cursor:
            cursor.execute(_NEXT, [clock.now(), str(practice)])
            row = cursor.fetchone()
        if row is None:
            return done
        number, name, raw = row
        args = json.loads(raw) if isinstance(raw, str) else dict(raw)
        run_job(name, UUID(args.pop("practice")), args)
        with connections["owner"].cursor() as cursor:
            cursor.execute("update procrastinate_jobs set status = 'succeeded' where id = %s", [number])
    raise AssertionError(f"More than {limit} jobs: something enqueues itself for ever.")
