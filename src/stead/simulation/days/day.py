"""One day in its order: timers, requests, work before and after noon, visits, money, the evening's files."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from django.conf import settings

from stead.platform import clock
from stead.platform.jobs.loops import run_to_end
from stead.platform.jobs.queue import run_job
from stead.practice.queries import calendar_of
from stead.simulation.days import arrivals, money, work
from stead.simulation.days.life import Life
from stead.simulation.days.visits import Visits
from stead.simulation.payer import SandboxPayer

EVENING = time(23, 30)
NIGHTLY = ("scheduling.extend_free_days", "processes.reroute_cases", "scheduling.release_expired_holds")


class Day:
    """A day that begins at 6:00 UTC, the end of the night everywhere in the practice."""

    def __init__(self, life: Life, morning: datetime) -> None:
        self.life, self.morning = life, morning

    def live(self) -> None:
        self._timers(self.morning, NIGHTLY)
        arrivals.ask_for_care(self.life, self.morning)
        if self._is_open():
            for first, last in ((7.5, 11), (12, 15.5)):  # mornings and afternoons in Kentucky
                arrivals.take_along(self.life, self.morning, first, last)
            work.do_tasks(self.life, self.morning)
            work.work_denials(self.life, self.morning)
            money.send_statements(self.life, self.morning)
        Visits(self.life).hold(self.morning)
        money.patients_pay(self.life, self.morning)
        self._evening(datetime.combine(self.morning.date(), EVENING, UTC))

    def _is_open(self) -> bool:
        day = self.morning.date()
        calendar = self.life.read(self.morning, lambda: calendar_of(None))
        return day.weekday() < 5 and day not in calendar.closed

    def _timers(self, at: datetime, jobs: tuple[str, ...] = ()) -> None:
        with clock.driven(max(at, self.life.begun)):
            for name in (*jobs, "processes.fire_due_timers"):
                run_job(name, self.life.practice, {})
            drain_jobs()

    def _evening(self, at: datetime) -> None:
        """Send claims, let payers answer, read what came."""
        self._timers(at)
        with clock.driven(at):
            run_job("exchange.send_claims", self.life.practice, {})
            drain_jobs()
        folder = Path(settings.STATE) / "mailboxes" / str(self.life.practice)
        for later in (0, 1, 4):  # a payer says at once that a file came, minutes later what is covered
            moment = at + timedelta(minutes=later)
            with clock.driven(moment):
                if folder.is_dir():
                    self.life.did["answers"] += len(SandboxPayer(folder).run(moment))
                run_job("exchange.poll_mailbox", self.life.practice, {})
                drain_jobs()


def drain_jobs() -> None:
    """Run every job that is due, on the driven clock, and return when none is left."""
    from procrastinate.contrib.django import app

    async def run() -> None:
        async with app.open_async():
            await app.run_worker_async(wait=False, install_signal_handlers=False, listen_notify=False)

    with app.replace_connector(app.connector.get_worker_connector()):  # type: ignore[attr-defined]
        run_to_end(run())
