"""What processes does by the clock: fire timers, and at the day's turn look whose cases are."""

from __future__ import annotations

from stead.platform import clock
from stead.platform.actors import system
from stead.platform.jobs.queue import enqueue, job
from stead.platform.tenancy import context
from stead.processes.actions import fire_timers, reroute_cases

BATCH = 200


@job("processes.fire_due_timers")
def fire_due_timers() -> None:
    """Fire what is due; when a batch was full, go on in the next job, so that no transaction grows long."""
    fired = fire_timers(practice=context.practice_id(), by=system(), at=clock.now(), limit=BATCH)
    if fired == BATCH:
        enqueue("processes.fire_due_timers", lock="processes.timers")


@job("processes.reroute_cases")
def reroute() -> None:
    """Absences begin and end at midnight without anybody writing a line; this job notices."""
    reroute_cases(practice=context.practice_id(), by=system(), at=clock.now())
