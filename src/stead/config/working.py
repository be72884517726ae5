"""Run jobs: those that actions enqueue, and those that come round by themselves.

A worker that was killed leaves its jobs marked as running; every worker that starts, and each minute, gives those of
workers without a sign of life back to the queue. Delivery is at least once, and each effect has a unique key.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

from procrastinate.app import WorkerOptions

from stead.platform import clock

logger = logging.getLogger(__name__)
SILENT_SECONDS = 20.0
RECOVERY_SECONDS = 15.0
STOP_SECONDS = 5.0


def run_worker(concurrency: int, queues: list[str] | None) -> None:
    """Work until SIGTERM or Ctrl-C; a job in hand is finished first, within a few seconds."""
    from procrastinate.contrib.django import app

    from stead.config.rounds import declare

    declare()
    with app.replace_connector(app.connector.get_worker_connector()):  # type: ignore[attr-defined]
        asyncio.run(_run(concurrency, queues))


async def _run(concurrency: int, queues: list[str] | None) -> None:
    from procrastinate.contrib.django import app

    options: WorkerOptions = {
        "concurrency": concurrency,
        "install_signal_handlers": True,
        "shutdown_graceful_timeout": STOP_SECONDS,
        "fetch_job_polling_interval": 5.0,
        "update_heartbeat_interval": 5.0,
        "stalled_worker_timeout": SILENT_SECONDS,
        "delete_jobs": "successful",
    }
    if queues:
        options["queues"] = queues
    async with app.open_async():
        recovery = asyncio.create_task(_recover_for_ever())
        try:
            await app.run_worker_async(**options)
        finally:
            recovery.cancel()


async def _recover_for_ever() -> None:
    while True:
        try:
            await recover_stalled()
        except Exception:
            logger.exception("Jobs of killed workers could not be looked for; the next look is in a moment.")
        await asyncio.sleep(RECOVERY_SECONDS)


async def recover_stalled() -> int:
    """Give the jobs of silent workers back to the queue; return how many."""
    from procrastinate.contrib.django import app

    stalled = list(await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=SILENT_SECONDS))
    for job in stalled:
        await app.job_manager.retry_job(job, retry_at=clock.now() - timedelta(seconds=1))
    return len(stalled)
