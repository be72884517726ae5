"""Jobs that fail, or whose worker was killed, while the same job waits once more."""

from __future__ import annotations

import json
from uuid import UUID

import pytest
from django.db import connection, connections
from procrastinate.contrib.django import app
from procrastinate.jobs import Job

from stead.config.working import recover_stalled
from stead.platform.jobs import periodic, queue
from stead.platform.jobs.loops import run_to_end
from stead.platform.jobs.retries import (
    LONGEST_WAIT_OF_ROUND,
    MOST_ATTEMPTS,
    OutsideFailure,
    Patience,
    seconds_until_retry,
)
from stead.platform.tenancy import context
from stead.simulation.days.day import drain_jobs
from stead.testing.clients import ClientAs

NAME = "testing.fails"
_PLANT = """
insert into procrastinate_jobs (task_name, queue_name, priority, attempts, args, status, lock, queueing_lock,
  scheduled_at)
values (%s, 'testing', 0, 0, %s, %s, %s, %s, %s) returning id
"""


class Broken(RuntimeError):
    """What the job below always ends with."""


def plant(
    practice: UUID, status: str = "todo", *, once: str | None = None, lock: str | None = None, at: str | None = None
) -> int:
    """Write a job as the queue does; a running one without a worker is one whose worker was killed."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(_PLANT, [NAME, json.dumps({"practice": str(practice)}), status, lock, once, at])
        return int(cursor.fetchone()[0])


if NAME not in queue.names():

    @queue.job(NAME, queue="testing")
    def _fails_while_its_twin_is_enqueued() -> None:
        plant(context.practice_id(), once="same", at="2999-01-01")
        connections["owner"].close()
        raise Broken


def states() -> list[tuple[int, str]]:
    with connections["owner"].cursor() as cursor:
        cursor.execute("select id, status from procrastinate_jobs where task_name = %s order by id", [NAME])
        return list(cursor.fetchall())


def recover() -> int:
    async def run() -> int:
        async with app.open_async():
            return await recover_stalled()

    with app.replace_connector(app.connector.get_worker_connector()):  # type: ignore[attr-defined]
        return run_to_end(run())


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_job_that_fails_while_its_twin_waits_ends(linden: UUID) -> None:
    failing = plant(linden, once="same")
    drain_jobs()
    assert states() == [(failing + 1, "todo")]


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_killed_workers_job_ends_where_its_twin_waits_and_the_next_is_given_back(linden: UUID) -> None:
    plant(linden, "doing", once="same", lock="mailbox")
    waiting = plant(linden, once="same", lock="mailbox", at="2999-01-01")
    other = plant(linden, "doing")
    assert recover() == 2
    assert states() == [(waiting, "todo"), (other, "todo")]


@pytest.mark.django_db
def test_dead_job_whose_twin_waits_leaves_the_page(client_as: ClientAs, inside: UUID) -> None:
    manager = client_as("manager")
    dead = plant_here(inside, "failed")
    plant_here(inside, "todo")
    assert "No job has given up." in manager.post(f"/platform/jobs/{dead}/retry").content.decode()


def plant_here(practice: UUID, status: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_PLANT, [NAME, json.dumps({"practice": str(practice)}), status, None, "same", None])
        return int(cursor.fetchone()[0])


def test_permanent_failure_is_not_tried_again() -> None:
    job = Job(id=1, queue="q", lock=None, queueing_lock=None, task_name=NAME, attempts=0)
    wait = Patience()
    assert wait.get_retry_decision(exception=OutsideFailure("no", permanent=True), job=job) is None
    assert wait.get_retry_decision(exception=OutsideFailure("later", permanent=False), job=job) is not None
    assert wait.get_retry_decision(exception=Broken(), job=job.evolve(attempts=MOST_ATTEMPTS)) is None


def test_round_is_tried_again_within_a_minute_however_often_it_failed() -> None:
    waits = [seconds_until_retry(n, once=True) for n in range(MOST_ATTEMPTS)]
    assert waits[:3] == [4, 16, LONGEST_WAIT_OF_ROUND] and max(waits) == LONGEST_WAIT_OF_ROUND
    assert seconds_until_retry(6, once=False) == 4**7


@pytest.mark.django_db
def test_round_comes_to_the_other_practices_where_one_cannot_be_reached(
    linden: UUID, elsewhere: UUID, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(periodic, "_practices", lambda: [linden, elsewhere])
    came = list[UUID]()

    def reached(name: str, **given: object) -> None:
        if context.practice_id() == linden:
            raise Broken
        came.append(context.practice_id())

    monkeypatch.setattr(periodic, "enqueue", reached)
    with pytest.raises(periodic.RoundIncomplete, match=str(linden)):
        periodic.run_round("journal.seal")
    assert came == [elsewhere]
