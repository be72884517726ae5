"""`stead bench tenancy`: what row-level security costs, on the same data in the same run.

Three questions, each against the same rows without row-level security and with the practice named: the day list of a
location; patient search by name through its reviewed function; overlap of the day's claims. Turns are interleaved, and
a figure is the median of the turns, because the machine has neighbours.
"""

from __future__ import annotations

import statistics
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connections, transaction

from stead.platform import actors
from stead.platform.identifiers import new_id
from stead.platform.tenancy.context import acting
from stead.platform.tenancy.standalone import Progress, own_database

TURNS, REPEATS = 15, 20
_DAY = datetime(2026, 11, 24, tzinfo=UTC)

_FILL = """
with p as (select %(p)s::uuid as id)
, loc as (insert into location (practice_id, id, name, time_zone, hours, line1, city, state, zip_code, phone, npi)
  select p.id, %(l)s, 'Main', 'UTC', '{}', '', '', '', '', '', '' from p returning practice_id)
, svc as (insert into service (practice_id, id, name, name_es, minutes, buffer_minutes, modality, is_first_visit,
  procedure_code, price_cents)
  select p.id, %(s)s, 'Individual', '', 50, 0, 'room', false, '', 15000 from p returning id)
insert into staff_member (practice_id, id, name, credentials, email, phone, roles, is_practitioner, npi, taxonomy,
  languages, accepts_new) select p.id, %(d)s, 'Practitioner', '', '', '', '{}', true, '', '', '{}', true from p
"""
_PATIENTS = """
insert into patient (practice_id, id, number, status, first_name, middle_name, last_name, preferred_name, sex, pronouns,
  language, email, phone, line1, city, state, zip_code, time_zone, source, ssn_encrypted, created_at)
select %(p)s, uuidv7(), n, 'active', initcap(translate(left(md5('f' || n %% 997), 6), '0123456789', 'ghijklmnop')), '',
  initcap(translate(left(md5(n::text), 8), '0123456789', 'ghijklmnop')), '', 'unknown', '', 'en', '', '', '', '', '',
  '', '', '', '', now() from generate_series(1, %(n)s) n
"""
_VISITS = """
insert into appointment (practice_id, id, patient_id, practitioner_id, service_id, location_id, starts_at, ends_at,
  lane, modality, status, booked_by_name, booked_at, ended_reason, version_no)
select %(p)s, uuidv7(), t.id, %(d)s, %(s)s, %(l)s, %(day)s::timestamptz + n * interval '40 minutes',
  %(day)s::timestamptz + n * interval '40 minutes' + interval '30 minutes', 0, 'room', 'booked', '', now(), '', 1
from (select id, row_number() over () n from patient where practice_id = %(p)s) t
"""
_CLAIMS = """
insert into resource_claim (practice_id, id, appointment_id, resource_kind, resource_id, lane, during)
select practice_id, uuidv7(), id, 'practitioner', practitioner_id, 0, tstzrange(starts_at, ends_at) from appointment
where practice_id = %(p)s
"""

_DAY_LIST = """
select a.id, a.starts_at, a.status, t.first_name, t.last_name, s.name from appointment a
join patient t on t.practice_id = a.practice_id and t.id = a.patient_id
join service s on s.practice_id = a.practice_id and s.id = a.service_id
where a.practice_id = %(p)s and a.location_id = %(l)s and a.starts_at >= %(day)s
  and a.starts_at < %(day)s::timestamptz + interval '1 day' order by a.starts_at
"""
_SEARCH_BY_FUNCTION = "select id from stead.search_patients(%(p)s, %(name)s, '', null, 20)"
_SEARCH_BARE = """
with hits as (
  select id, 3 as r, name_key from patient where practice_id = %(p)s and name_key like '%%' || %(name)s || '%%'
  union all
  select id, 4, name_key from patient where practice_id = %(p)s and %(name)s <%% name_key)
select id from hits group by id, name_key order by min(r), name_key limit 20
"""
# Timestamps compare leakproof, && does not: the calendar asks by start time, with the longest service as the bound.
_OVERLAP = """
select id from appointment where practice_id = %(p)s and practitioner_id = %(d)s
  and starts_at < %(day)s::timestamptz + interval '10 hours' and starts_at > %(day)s::timestamptz + interval '1 hour'
  and ends_at > %(day)s::timestamptz + interval '9 hours'
"""
_OVERLAP_BARE = """
select id from resource_claim where practice_id = %(p)s and resource_id = %(d)s and lane = 0
  and during && tstzrange(%(day)s::timestamptz + interval '9 hours', %(day)s::timestamptz + interval '10 hours')
"""


def bench_tenancy(full: bool = False, progress: Progress = lambda words: None) -> dict[str, Any]:
    """Return the day list in milliseconds, its ratio to the same without row-level security, and the ratios of search
    and overlap. `full` loads 300,000 patients into the practice that is asked, else 20,000."""
    size, others = (300_000, 20) if full else (20_000, 5)
    with own_database(progress, shared_buffers="256MB", max_connections="20"):
        given = _load(size, others, progress)
        progress("Asking, with row-level security and without, by turns")
        day = _race(_DAY_LIST, _DAY_LIST, given)
        search = _race(_SEARCH_BY_FUNCTION, _SEARCH_BARE, given)
        overlap = _race(_OVERLAP, _OVERLAP_BARE, given)
    return {
        "name": "tenancy",
        "value": round(day[0], 3),
        "unit": "ms",
        "ratio": round(day[1], 2),
        "against": "same query without row-level security",
        "n": size,
        "search_ratio": round(search[1], 2),
        "overlap_ratio": round(overlap[1], 2),
        "search_ms": round(search[0], 3),
        "overlap_ms": round(overlap[0], 3),
    }


def _load(size: int, others: int, progress: Progress) -> dict[str, Any]:
    given: dict[str, Any] = {}
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        for number in range(others + 1):
            people = size if number == 0 else 4000
            progress(f"Loading practice {number + 1} of {others + 1}, {people} patients")
            rows: dict[str, Any] = {name: new_id() for name in ("p", "l", "s", "d")} | {"n": people, "day": _DAY}
            for statement in (_FILL, _PATIENTS, _VISITS, _CLAIMS):
                cursor.execute(statement, rows)
            given = given or rows
    with connections["owner"].cursor() as cursor:
        cursor.execute("analyze patient, appointment, resource_claim, location, service, staff_member")
    return given | {"day": _DAY + timedelta(days=3), "name": _some_name(given["p"])}


def _some_name(practice: UUID) -> str:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "select lower(last_name) from patient where practice_id = %s order by number offset 12345 limit 1",
            [practice],
        )
        return str(cursor.fetchone()[0])


def _race(ours: str, bare: str, given: dict[str, Any]) -> tuple[float, float]:
    """Return our milliseconds and the median over the turns of ours ÷ bare."""
    mine, ratios = [], []
    for _ in range(TURNS):
        here, there = _as_app(ours, given), _without(bare, given)
        mine.append(here)
        ratios.append(here / there)
    return statistics.median(mine), statistics.median(ratios)


def _as_app(statement: str, given: dict[str, Any]) -> float:
    practice: UUID = given["p"]
    with acting(practice, actors.system()):
        return _milliseconds("default", statement, given)


def _without(statement: str, given: dict[str, Any]) -> float:
    with transaction.atomic(using="owner"):
        with connections["owner"].cursor() as cursor:  # as the search function has it
            cursor.execute("select similarity('a', 'a')")
            cursor.execute("set local pg_trgm.word_similarity_threshold = 0.45")
        return _milliseconds("owner", statement, given)


def _milliseconds(alias: str, statement: str, given: dict[str, Any]) -> float:
    with connections[alias].cursor() as cursor:
        started = time.perf_counter()
        for _ in range(REPEATS):
            cursor.execute(statement, given)
            cursor.fetchall()
        return (time.perf_counter() - started) * 1000 / REPEATS
