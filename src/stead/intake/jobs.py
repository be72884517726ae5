"""What intake does by the clock: tell the next person of a safety alarm, and say when an urgent request is late."""

from __future__ import annotations

from stead.intake import queries
from stead.intake.actions import ring_safety_alarm, say_urgent_late
from stead.platform import clock
from stead.platform.actors import system
from stead.platform.jobs.queue import job
from stead.platform.tenancy import context


@job("intake.ring_on", queue="messages")
def ring_on() -> None:
    """Look at every alarm that rings: there are few, and the action itself knows whether its time has come."""
    now = clock.now()
    for alarm_id in queries.ringing_alarms():
        ring_safety_alarm(practice=context.practice_id(), by=system(), at=now, alarm_id=alarm_id)


@job("intake.look_for_late_urgent")
def look_for_late_urgent() -> None:
    now = clock.now()
    for case_id in queries.late_urgent(now):
        say_urgent_late(practice=context.practice_id(), by=system(), at=now, case_id=case_id)
