"""When a failed job is tried again, and what becomes of it where the same job waits already.

A job of `enqueue(once=…)` holds its name only while it waits. So its twin may be waiting when it fails, or when its
worker was killed; putting it back would break the queue's unique key, and it would stay "running" for ever, together
with the lock it holds. The twin does the same, so the failed one ends.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from procrastinate.app import App
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.manager import QUEUEING_LOCK_CONSTRAINT, JobManager
from procrastinate.retry import BaseRetryStrategy, RetryDecision

logger = logging.getLogger(__name__)
MOST_ATTEMPTS = 8
LONGEST_WAIT_OF_ROUND = 60


class OutsideFailure(RuntimeError):
    """Something outside did not work. `permanent` decides: True ends the job as dead, False tries again."""

    def __init__(self, words: str, *, permanent: bool) -> None:
        self.permanent = permanent
        super().__init__(words)


def seconds_until_retry(attempts: int, *, once: bool) -> int:
    """Wait 4, 16, 64, … seconds. A job of which only one may wait is tried each minute: while its retry waits no other
    is enqueued, and a round that comes every ten seconds must not be away for hours after a short trouble."""
    wait: int = 4 ** (attempts + 1)
    return min(wait, LONGEST_WAIT_OF_ROUND) if once else wait


class Patience(BaseRetryStrategy):
    """Try again eight times, unless the failure says that it is for good."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if job.attempts >= MOST_ATTEMPTS or (isinstance(exception, OutsideFailure) and exception.permanent):
            return None
        return RetryDecision(retry_in={"seconds": seconds_until_retry(job.attempts, once=bool(job.queueing_lock))})


class Manager(JobManager):
    """Puts failed jobs back, and ends those that a waiting twin stands for."""

    async def retry_job(self, job: Job, retry_at: datetime | None = None, *args: Any, **more: Any) -> None:
        try:
            await super().retry_job(job, retry_at, *args, **more)
        except UniqueViolation as taken:
            if taken.constraint_name != QUEUEING_LOCK_CONSTRAINT:
                raise
            logger.info("Job %s is waiting once more already; this run ends.", job.task_name)
            await self.finish_job(job, Status.ABORTED, delete_job=True)


def install(app: App) -> None:
    """Give the queue its manager; named in the settings, called when Django is ready."""
    app.job_manager = Manager(app.connector)
