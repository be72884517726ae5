"""`stead bench scorecard`: what thirteen weeks of every measure cost, kept and not kept, and what one late event costs.

The practice is loaded by COPY-like inserts: visits back to back with their encounters and signed notes, in the weeks
before the bench's own now. Reading is measured through the query that the page uses; the bare statement beside it
reads the same kept figures and nothing else.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, connections, transaction

from stead.operating import figures, queries
from stead.platform import actors, clock
from stead.platform.accounts.models import Practice
from stead.platform.identifiers import new_id
from stead.platform.journal.write import write
from stead.platform.tenancy import context
from stead.platform.tenancy.context import acting
from stead.platform.tenancy.standalone import Progress, own_database
from stead.scheduling.models import Appointment

TURNS = 15
_NOW = datetime(2026, 11, 24, 15, 42, tzinfo=UTC)

_PRACTICE = """
with loc as (insert into location (practice_id, id, name, time_zone, hours, line1, city, state, zip_code, phone, npi)
  values (%(p)s, %(l)s, 'Main', 'America/New_York', '{}', '', '', '', '', '', '') returning id)
, svc as (insert into service (practice_id, id, name, name_es, minutes, buffer_minutes, modality, is_first_visit,
  procedure_code, price_cents)
  values (%(p)s, %(s)s, 'Individual', '', 50, 0, 'room', false, '', 15000) returning id)
insert into staff_member (practice_id, id, name, credentials, email, phone, roles, is_practitioner, npi, taxonomy,
  languages, accepts_new) values (%(p)s, %(d)s, 'Practitioner', '', '', '', '{}', true, '', '', '{}', true)
"""
_PATIENTS = """
insert into patient (practice_id, id, number, status, first_name, middle_name, last_name, preferred_name, sex, pronouns,
  language, email, phone, line1, city, state, zip_code, time_zone, source, ssn_encrypted, created_at)
select %(p)s, uuidv7(), n, 'active', 'P', '', n::text, '', 'unknown', '', 'en', '', '', '', '', '', '', '', '', '',
  now() from generate_series(1, %(patients)s) n
"""
_VISITS = """
insert into appointment (practice_id, id, patient_id, practitioner_id, service_id, location_id, starts_at, ends_at,
  lane, modality, status, booked_by_name, booked_at, ended_reason, version_no)
select %(p)s, uuidv7(), t.id, %(d)s, %(s)s, %(l)s, at, at + interval '50 minutes', 0, 'room',
  case when n %% 17 = 0 then 'no_show' when n %% 29 = 0 then 'late_cancel' else 'done' end, '',
  at - interval '9 days', '', 1
from (select n, %(now)s::timestamptz - n * %(every)s::interval as at, 1 + (n / 12 + n * 7 %% 40) %% %(patients)s number
      from generate_series(1, %(visits)s) n) v
join patient t on t.practice_id = %(p)s and t.number = v.number
"""
_ENCOUNTERS = """
insert into encounter (practice_id, id, appointment_id, patient_id, practitioner_id, service_id, location_id, starts_at,
  ends_at, service_date, diagnosis_codes, due_at, source)
select practice_id, uuidv7(), id, patient_id, practitioner_id, service_id, location_id, starts_at, ends_at,
  starts_at::date, '{}', ends_at + interval '72 hours', 'stead'
from appointment where practice_id = %(p)s and status = 'done'
"""
_NOTES = """
insert into note (practice_id, id, encounter_id, patient_id, author_id, template, body_encrypted, state, created_at,
  saved_at, signed_at, signed_by_name, signed_sha256, version_no)
select practice_id, uuidv7(), id, patient_id, practitioner_id, 'progress', '', 'signed', ends_at, ends_at,
  ends_at + interval '20 hours', '', '', 1
from encounter where practice_id = %(p)s
"""
_BARE = """
select measure_key, week_start_date, value, numerator, denominator, events, counted_events from week_figure
where practice_id = %s and week_start_date >= %s and week_start_date <= %s
"""


def bench_scorecard(full: bool = False, progress: Progress = lambda words: None) -> dict[str, Any]:
    """Return the milliseconds of the scorecard when its weeks are kept, and beside it the bare read, the first count
    of all weeks, and one late event with the count it causes. `full` loads a million visits of ten years, else 60,000
    of two."""
    visits = 1_000_000 if full else 60_000
    with own_database(progress, shared_buffers="256MB", max_connections="20"), clock.driven(_NOW):
        given = _load(visits, 3650 if full else 730, progress)
        progress("Counting all weeks, then reading them kept")
        first = _timed(given, _read_and_keep)
        kept = statistics.median(_timed(given, _read_and_keep) for _ in range(TURNS))
        bare = statistics.median(_timed(given, _bare) for _ in range(TURNS))
        progress("One late event at a time")
        one = statistics.median(_timed(given, lambda: _late_event(given)) for _ in range(TURNS))
        with acting(given["p"], actors.system()):
            card = queries.scorecard(at=_NOW)
    return {
        "value": round(kept, 2),
        "unit": "ms",
        "ratio": round(kept / bare, 2),
        "against": "bare SQL of the kept figures",
        "n": visits,
        "measures": len(card.rows),
        "weeks": len(card.weeks),
        "first_count_ms": round(first, 1),
        "one_event_ms": round(one, 2),
        "bare_ms": round(bare, 3),
    }


def _load(visits: int, days: int, progress: Progress) -> dict[str, Any]:
    given: dict[str, Any] = {name: new_id() for name in ("p", "l", "s", "d")}
    given |= {"now": _NOW, "visits": visits, "patients": max(400, visits // 30)}
    given["every"] = timedelta(days=days) / visits
    Practice.objects.using("owner").create(id=given["p"], name="Measured", slug="measured")
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        for words, statement in (
            ("the practice", _PRACTICE), ("patients", _PATIENTS), (f"{visits} visits", _VISITS),
            ("encounters", _ENCOUNTERS), ("notes", _NOTES),
        ):  # fmt: skip
            progress(f"Loading {words}")
            cursor.execute(statement, given)
    with connections["owner"].cursor() as cursor:
        cursor.execute("analyze appointment, encounter, note, patient, service, staff_member")
    return given


def _timed(given: dict[str, Any], work: Callable[[], object]) -> float:
    with acting(given["p"], actors.system()):
        started = time.perf_counter()
        work()
        return (time.perf_counter() - started) * 1000


def _read_and_keep() -> None:
    card = queries.scorecard(at=_NOW)
    figures.keep(card.found, card.weeks, _NOW)


def _bare() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_BARE, [context.practice_id(), _NOW.date() - timedelta(days=100), _NOW.date()])
        cursor.fetchall()


def _late_event(given: dict[str, Any]) -> None:
    """Record last week's visit as a no-show today, and read the scorecard again."""
    last_week = _NOW - timedelta(days=7)
    visit = Appointment.objects.filter(starts_at__lt=last_week, status="done").order_by("-starts_at")[0]
    visit.status = "no_show"
    visit.save(update_fields=["status"])
    write("appointment.no_show", by=actors.system(), at=_NOW, subject=visit, patient_id=visit.patient_id)
    _read_and_keep()
