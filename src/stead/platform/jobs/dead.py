"""Dead jobs: those that failed for good. A manager sees them and tries them again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from stead.platform.actions import action
from stead.platform.actors import Actor
from stead.platform.journal.write import write
from stead.platform.refusals import NotFound
from stead.platform.tenancy import context
from stead.platform.web.door import PageRequest, staff
from stead.platform.web.pages import staff_page

MOST = 200


@dataclass(frozen=True)
class DeadJob:
    """`args` are identifiers only: a job carries no patient data."""

    id: int
    name: str
    attempts: int
    args: str
    died_at: datetime | None


_DEAD = """
select j.id, j.task_name, j.attempts, j.args - 'practice', max(e.at) from procrastinate_jobs j
left join procrastinate_events e on e.job_id = j.id and e.type = 'failed'
where j.status = 'failed' and j.args->>'practice' = %s group by j.id order by j.id desc limit %s
"""


def dead_jobs() -> list[DeadJob]:
    """Return the practice's dead jobs, newest first."""
    with connection.cursor() as cursor:
        cursor.execute(_DEAD, [str(context.practice_id()), MOST])
        return [DeadJob(i, name, attempts, _words(args), at) for i, name, attempts, args, at in cursor.fetchall()]


def _words(args: Any) -> str:
    said = json.loads(args) if isinstance(args, str) else args
    return ", ".join(f"{key} {value}" for key, value in sorted(said.items()))


# Where the same job waits already, two of it may not wait: the dead one leaves the page and the waiting one does it.
_RETRY = """
update procrastinate_jobs j set scheduled_at = null, attempts = 0, status = case when exists (
  select from procrastinate_jobs t where t.queueing_lock = j.queueing_lock and t.status = 'todo')
  then 'cancelled'::procrastinate_job_status else 'todo' end
where id = %s and status = 'failed' and args->>'practice' = %s returning task_name
"""


@action("retry_job", permission="jobs.manage", words="try a dead job again")
def retry_job(*, practice: UUID, by: Actor, at: datetime, job_id: int) -> str:
    """Put a dead job back in the queue with fresh tries. Refuses what is not dead, or is another practice's."""
    with connection.cursor() as cursor:
        cursor.execute(_RETRY, [job_id, str(practice)])
        row = cursor.fetchone()
    if row is None:
        raise NotFound("This job is not among the dead ones any more.")
    write("job.retried", by=by, at=at, job=job_id, name=row[0])
    return str(row[0])


@staff("jobs.manage")
@require_GET
def dead(request: PageRequest) -> HttpResponse:
    return staff_page(request, "jobs/dead.html", {"jobs": dead_jobs()}, room="today")


@staff("jobs.manage")
@require_POST
def retry(request: PageRequest, job_id: int) -> HttpResponse:
    retry_job(practice=request.practice.id, by=request.by, at=request.at, job_id=job_id)
    return redirect("jobs_dead")
