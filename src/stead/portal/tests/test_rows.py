"""What the portal's role reads: the signed-in patient's rows and no others, even by raw SQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db import ProgrammingError, connection, transaction

from stead.platform.actors import Actor
from stead.platform.tenancy.context import acting
from stead.platform.tenancy.models import TenantModel
from stead.portal import queries
from stead.testing.clients import outside

pytestmark = pytest.mark.django_db


@contextmanager
def as_patient(practice: UUID, patient: Any) -> Iterator[Any]:
    by = Actor(id=patient.id, kind="patient", name="A patient", roles=frozenset({"patient"}))
    with outside(), acting(practice, by, kind="portal", patient_id=patient.id), connection.cursor() as cursor:
        yield cursor


def own_tables() -> list[str]:
    models = [m for m in apps.get_models() if issubclass(m, TenantModel) and m.portal == "own"]
    return sorted(m._meta.db_table for m in models)


@pytest.mark.parametrize("table", own_tables())
def test_rows_of_another_patient_are_not_read_by_raw_sql(
    inside: UUID, dee: Any, rosa: Any, case: Any, table: str
) -> None:
    with as_patient(inside, dee) as cursor:
        cursor.execute(f"select count(*) from {table} where patient_id is distinct from %s", [dee.id])
        assert cursor.fetchone() == (0,)


def test_patient_reads_only_herself(inside: UUID, dee: Any, rosa: Any) -> None:
    with as_patient(inside, dee) as cursor:
        cursor.execute("select id from patient")
        assert cursor.fetchall() == [(dee.id,)]
        cursor.execute("select count(*) from case_item")
        assert cursor.fetchone()[0] > 0


@pytest.mark.parametrize(
    "table", ["intake_request", "playbook_version", "task", "portal_invitation", "patient_message"]
)
def test_tables_of_the_staff_are_closed(inside: UUID, dee: Any, table: str) -> None:
    with as_patient(inside, dee) as cursor, pytest.raises(ProgrammingError, match="permission denied"):  # noqa: SIM117
        with transaction.atomic():
            cursor.execute(f"select 1 from {table}")


def test_patient_words_of_a_playbook_are_read_for_own_cases_only(inside: UUID, dee: Any, rosa: Any, case: Any) -> None:
    with as_patient(inside, dee) as cursor:
        cursor.execute("select distinct case_id from stead.portal_stages()")
        assert cursor.fetchall() == [(case.id,)]
        cursor.execute("select * from stead.portal_stages() limit 1")
        assert [c.name for c in cursor.description] == ["case_id", "place", "stage_key", "en", "es"]


def test_staff_context_learns_nothing_from_the_portals_functions(inside: UUID, case: Any) -> None:
    with connection.cursor() as cursor, pytest.raises(ProgrammingError, match="permission denied"):  # noqa: SIM117
        with transaction.atomic():
            cursor.execute("select * from stead.portal_stages()")


def test_queries_name_no_field_of_the_staff(inside: UUID, dee: Any, case: Any) -> None:
    with as_patient(inside, dee):
        walk = queries.find_journey(dee.id)
        assert walk is not None
        seen = {*vars(walk), *queries.items_of(dee.id, case.id)[0], *vars(queries.get_me(dee.id))}
    staff_only = {
        "held_up_cents",
        "owner_reason",
        "owner_seat_key",
        "title",
        "decided_by_name",
        "ssn_encrypted",
        "notes",
    }
    assert not seen & staff_only
