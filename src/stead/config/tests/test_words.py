"""What the commands say when something outside is wrong: words, never a broken command."""

from __future__ import annotations

import pytest
from django.db import connections

from stead.config import examining, founding


@pytest.mark.parametrize("port", ["smtp", "", "0", "65536", "-1", "\u0662\u0665"])
def test_port_that_is_no_number_is_a_finding(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    monkeypatch.setenv("STEAD_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("STEAD_SMTP_PORT", port)
    found = examining._mail()
    assert (found.name, found.state) == ("mail", "wrong")
    assert "no port" in found.words


def test_short_name_taken_in_the_meantime_is_said_in_words() -> None:
    from django.db import IntegrityError

    with pytest.raises(founding.PracticeExists, match="linden"), founding._refusing_taken("linden"):
        raise IntegrityError('duplicate key value violates unique constraint "platform_practice_slug_key"')
    with pytest.raises(IntegrityError), founding._refusing_taken("linden"):
        raise IntegrityError("another constraint")


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_round_that_failed_today_is_told_apart_from_a_practices_dead_job() -> None:
    """A round is nobody's, so it stands on no practice's page of dead jobs."""

    def said() -> dict[str, tuple[str, str]]:
        return {found.name: (found.state, found.words) for found in examining._life()}

    assert said()["rounds"][0] == "good"
    with connections["owner"].cursor() as cursor:
        for name, args in (("every:journal.seal", "{}"), ("messaging.deliver", '{"practice": "x"}')):
            cursor.execute(
                "insert into procrastinate_jobs (task_name, queue_name, priority, args, status, attempts)"
                " values (%s, 'default', 0, %s, 'doing', 0) returning id",
                [name, args],
            )
            cursor.execute("update procrastinate_jobs set status = 'failed' where id = %s", cursor.fetchone())
    assert said()["jobs"] == ("wrong", "1 jobs gave up")
    assert said()["rounds"] == ("wrong", "These came round in the last 24 hours and failed: journal.seal")
    with connections["owner"].cursor() as cursor:
        cursor.execute("update procrastinate_events set at = at - interval '2 days'")
    assert said()["rounds"][0] == "good"
