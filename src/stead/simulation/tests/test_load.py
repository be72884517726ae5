"""A load is a practice like any other: it holds every invariant, and has the size that was asked for."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, connections

from stead.config.verifying import verify_all
from stead.operating import figures, rules
from stead.operating.measures import CATALOGUE
from stead.operating.terms import Measure
from stead.platform import actors, clock
from stead.platform.accounts.models import Membership
from stead.platform.tenancy import context
from stead.practice.models import StaffMember
from stead.scheduling.models import Appointment
from stead.simulation.bare import LoadBroken
from stead.simulation.load import history
from stead.simulation.load.bench import ask, rows_read, sign_in
from stead.simulation.load.create import Load, create_load, team

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def catalogue() -> set[tuple[Any, ...]]:
    """Return all constraints, indexes and triggers as the database states them, the journal's months aside."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "select conrelid, conname, pg_get_constraintdef(oid), convalidated from pg_constraint"
            " union all select tgrelid, tgname, pg_get_triggerdef(oid), true from pg_trigger where not tgisinternal"
            " union all select i.indrelid, c.relname, pg_get_indexdef(i.indexrelid), i.indisvalid"
            " from pg_index i join pg_class c on c.oid = i.indexrelid"
        )
        found = set(cursor.fetchall())
        cursor.execute(
            "select oid from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
            " and not relispartition"
        )
        ours = {oid for (oid,) in cursor.fetchall()}
        return {row for row in found if row[0] in ours}


@pytest.mark.parametrize("bulk", [False, True])
def test_five_practitioners_and_a_year_hold_every_invariant(tmp_path: Any, settings: Any, bulk: bool) -> None:
    settings.STATE = tmp_path
    before = catalogue()
    made = create_load(5, 1, lambda words: None, bulk=bulk)
    assert catalogue() == before
    assert {finding.name: finding.count for finding in verify_all() if finding.count} == {}
    assert 7_000 < made.rows["appointment"] < 12_000
    assert made.rows["journal_entry"] > 2 * made.rows["appointment"]
    with context.acting(made.practice, actors.system(), kind="worker"):
        assert Appointment.objects.count() == made.rows["appointment"]
        assert StaffMember.objects.filter(is_practitioner=True).count() == 5
    assert Membership.objects.filter(practice_id=made.practice).count() == len(made.staff) == 6


def test_bare_load_that_breaks_an_invariant_leaves_nothing(tmp_path: Any, settings: Any, monkeypatch: Any) -> None:
    settings.STATE = tmp_path
    before = catalogue()
    monkeypatch.setattr(history, "_SIDES", history._SIDES + " and s.account <> 'cash'")
    with pytest.raises(LoadBroken, match="sums to zero"):
        create_load(1, 0.25, lambda words: None, bulk=True)
    assert catalogue() == before
    with connections["owner"].cursor() as cursor:
        cursor.execute("select count(*) from appointment")
        assert cursor.fetchone() == (0,)


def test_no_home_and_no_measure_reads_the_history(tmp_path: Any, settings: Any) -> None:
    """Rows and index entries read, as the server counts them: a year more of history adds none worth the name. What may
    be read more: whether each patient of last week has been here before."""
    settings.STATE = tmp_path
    young, aged = (create_load(2, years, lambda words: None) for years in (0.25, 1.5))
    assert aged.rows["appointment"] > 3 * young.rows["appointment"]
    with connection.cursor() as cursor:
        # Tables this small would be read whole: make every row dear, so that an index is used wherever one fits.
        cursor.execute("set enable_seqscan = off; set cpu_tuple_cost = 1; set cpu_index_tuple_cost = 1")
    try:
        read = {measure.key: (read_for(young, measure), read_for(aged, measure)) for measure in CATALOGUE}
        read |= {role: (read_by(young, role), read_by(aged, role)) for role in aged.staff}
    finally:
        connection.close()
    assert {role: pair for role, pair in read.items() if pair[1] > pair[0] * 1.5 + 300} == {}


def read_by(load: Load, role: str) -> int:
    """Return what the home of a role reads once the leaders' closed weeks are kept."""
    client = sign_in(load.practice, load.staff[role])
    ask(client)
    return rows_read(lambda: ask(client))


def read_for(load: Load, measure: Measure) -> int:
    """Return what counting one measure of last week reads."""

    def count() -> None:
        with context.acting(load.practice, actors.system(), kind="worker"):
            zone = figures.zone_of_practice()
            figures.count([(measure, rules.closed_weeks(clock.now(), zone, 1)[0])], zone)

    return rows_read(count)


def test_team_of_any_size_has_different_names() -> None:
    assert len({worker.name for worker in team(60)}) == 60
