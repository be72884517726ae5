"""Row-level security, the signed context and append-only tables, as the roles that the product runs as."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import pytest
from django.db import ProgrammingError, connection, transaction

from stead.platform.actors import Actor, public
from stead.platform.identifiers import new_id
from stead.platform.jobs.models import Effect
from stead.platform.refusals import NotFound
from stead.platform.tenancy import context
from stead.platform.tenancy.context import NoPractice, acting

pytestmark = pytest.mark.django_db


def count(table: str = "effect") -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) from {table}")
        return int(cursor.fetchone()[0])


def test_rows_of_another_practice_are_not_seen(linden: UUID, elsewhere: UUID, olu: Actor, eve: Actor) -> None:
    with acting(linden, olu):
        Effect.objects.create(key="a")
        assert count() == 1
    with acting(elsewhere, eve):
        assert count() == 0
        assert not Effect.objects.exists()


def test_a_row_for_another_practice_cannot_be_written(linden: UUID, elsewhere: UUID, eve: Actor) -> None:
    with acting(elsewhere, eve), pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        Effect(practice_id=linden, key="a").save(force_insert=True)


def test_a_query_without_a_practice_is_a_fault() -> None:
    with pytest.raises(NoPractice):
        Effect.objects.count()


def test_the_login_alone_reads_no_tenant_row() -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        count()


@pytest.mark.parametrize("kind", ["worker", "portal"])
def test_a_context_signed_for_one_kind_does_not_serve_another(linden: UUID, olu: Actor, kind: context.Kind) -> None:
    with acting(linden, olu):
        Effect.objects.create(key="a")
    with acting(linden, olu, kind=kind), connection.cursor() as cursor:
        cursor.execute("set local role stead_app")
        assert count() == 0


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda t, other: "", "no practice context"),
        (lambda t, other: t[:-1] + ("0" if t[-1] != "0" else "1"), "forged"),
        (lambda t, other: t.replace(t.split("|")[1], other), "forged"),
        *(
            (lambda t, other, n=n: "|".join(t.split("|")[:n]).replace(t.split("|")[1], other), "forged")
            for n in (1, 2, 3, 4, 5)
        ),
    ],
)
def test_a_forged_context_is_refused(linden: UUID, elsewhere: UUID, olu: Actor, spoil: object, words: str) -> None:
    with acting(linden, olu) as now, connection.cursor() as cursor:
        token = spoil(context.signed(now), str(elsewhere))  # type: ignore[operator]
        cursor.execute("select set_config('stead.context', %s, true)", [token])
        with pytest.raises(ProgrammingError, match=words), transaction.atomic():
            count()


def test_the_context_key_is_readable_by_nobody_who_serves(linden: UUID, olu: Actor) -> None:
    with acting(linden, olu), pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        count("stead.context_key")


def test_append_only_rows_cannot_be_changed(inside: UUID) -> None:
    row = Effect.objects.create(key="a")
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        Effect.objects.filter(id=row.id).update(key="b")
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        Effect.objects.filter(id=row.id).delete()


def test_contexts_do_not_nest(linden: UUID, elsewhere: UUID, olu: Actor, eve: Actor) -> None:
    with acting(linden, olu), pytest.raises(RuntimeError, match="never nested"), acting(elsewhere, eve):
        pass


def test_identifiers_follow_the_clock(at: datetime) -> None:
    from stead.platform import clock

    with clock.driven(at):
        made = [new_id() for _ in range(50)]
    assert {m.int >> 80 for m in made} == {int(at.timestamp() * 1000)}
    assert all(m.version == 7 for m in made)


def test_directory_is_read_outside_the_practice_and_no_tenant_row_with_it(linden: UUID, olu: Actor) -> None:
    with acting(linden, olu):
        Effect.objects.create(key="a")
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            count("platform_account")
        with context.in_directory() as now:
            assert (now.practice_id, count("platform_account")) == (linden, 0)
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                count()
        assert count() == 1
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            count("platform_account")


def test_refusal_in_the_directory_leaves_the_practice_in_force(linden: UUID, olu: Actor) -> None:
    """A page is still made after a refusal, in the same transaction: not as the login, which reads every account."""
    with acting(linden, olu):
        Effect.objects.create(key="a")
        with pytest.raises(NotFound), context.in_directory():
            raise NotFound()
        assert count() == 1
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            count("platform_account")


@pytest.mark.parametrize("kind", ["worker", "portal"])
def test_neither_a_job_nor_a_patients_page_steps_out(linden: UUID, olu: Actor, kind: context.Kind) -> None:
    with (
        acting(linden, olu, kind=kind),
        pytest.raises(RuntimeError, match="Only a request of staff"),
        context.in_directory(),
    ):
        pass


def test_visitor_of_the_website_does_not_step_out(linden: UUID) -> None:
    with acting(linden, public()), pytest.raises(RuntimeError, match="Only a request of staff"), context.in_directory():
        pass
