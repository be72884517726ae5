"""Which jobs come round by themselves, and how often. Six fields: the last one counts seconds."""

from stead.platform.jobs import queue
from stead.platform.jobs.periodic import every, rounds

ROUNDS = {
    "journal.seal": "* * * * * */20",
    "scheduling.release_expired_holds": "* * * * *",
    "scheduling.extend_free_days": "17 3 * * *",
    "processes.fire_due_timers": "* * * * * */10",
    "processes.reroute_cases": "3 * * * *",
    "intake.ring_on": "* * * * * */10",
    "intake.look_for_late_urgent": "*/5 * * * *",
    "exchange.send_claims": "*/5 * * * *",
    "exchange.poll_mailbox": "* * * * * */5",
    "messaging.sweep": "*/2 * * * *",
    "billing.settle_forgotten": "*/15 * * * *",
    "billing.close_months": "3 * * * *",
    "operating.count_weeks": "7 * * * *",
    "setup.end_due_access": "7 * * * *",
}


def declare() -> list[str]:
    """Let those come round that some room declared; return their names."""
    wanted = [name for name in ROUNDS if name in queue.names() and name not in rounds()]
    for name in wanted:
        every(name, cron=ROUNDS[name])
    return wanted
