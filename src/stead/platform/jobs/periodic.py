"""Jobs that come round by themselves, once per practice.

    every("messaging.deliver", cron="*/10 * * * * *")      # six fields: the first are minutes, the last seconds

A round enqueues the job for each practice unless one is waiting there already, so many workers and slow rounds never
pile up. Rooms declare theirs beside the job.
"""

from __future__ import annotations

from procrastinate.contrib.django import app

from stead.platform import actors
from stead.platform.jobs.queue import enqueue
from stead.platform.tenancy import context

_rounds: dict[str, str] = {}


def every(name: str, *, cron: str) -> None:
    """Let the declared job `name` come round by `cron` (croniter's syntax; a sixth field counts seconds)."""
    if name in _rounds:
        raise ValueError(f"The job {name} comes round twice.")
    _rounds[name] = cron

    @app.periodic(cron=cron)
    @app.task(name=f"every:{name}", queueing_lock=f"every:{name}", pass_context=False)
    def come_round(timestamp: int) -> None:
        run_round(name)


def run_round(name: str) -> None:
    """Enqueue the job for every practice."""
    from stead.platform.accounts.models import Practice

    for practice in Practice.objects.values_list("id", flat=True):
        with context.acting(practice, actors.system(), kind="worker"):
            enqueue(name, once=name)


def rounds() -> dict[str, str]:
    """Return the declared rounds, job name to cron."""
    return dict(_rounds)
