"""Jobs that come round by themselves, once per practice.

    every("messaging.deliver", cron="*/10 * * * * *")      # six fields: the first are minutes, the last seconds

A round enqueues the job for each practice unless one is waiting there already, so many workers and slow rounds never
pile up. Rooms declare theirs beside the job.
"""

from __future__ import annotations

import logging
from uuid import UUID

from django.db import OperationalError
from procrastinate.contrib.django import app

from stead.platform import actors
from stead.platform.jobs.queue import enqueue
from stead.platform.tenancy import context

log = logging.getLogger(__name__)
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


class RoundIncomplete(RuntimeError):
    """A round did not come to some practices; it has come to all the others."""


def run_round(name: str) -> None:
    """Enqueue the job for every practice. What one practice's rows do wrong holds up no other; it ends the round as
    failed, so that `stead doctor` tells of it."""
    missed: list[UUID] = []
    for practice in _practices():
        try:
            with context.acting(practice, actors.system(), kind="worker"):
                enqueue(name, once=name)
        except OperationalError:
            raise  # the database is out of reach for all of them
        except Exception:  # whatever it is, it is this practice's
            log.exception("the round %s did not come to practice %s", name, practice)
            missed.append(practice)
    if missed:
        raise RoundIncomplete(f"{name} did not come to {', '.join(map(str, missed))}.")


def _practices() -> list[UUID]:
    from stead.platform.accounts.models import Practice

    return list(Practice.objects.order_by("id").values_list("id", flat=True))


def rounds() -> dict[str, str]:
    """Return the declared rounds, job name to cron."""
    return dict(_rounds)
