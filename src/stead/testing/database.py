"""The throw-away database of a test run."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

TEMPLATE = "stead_template"
_SETTINGS = {"shared_buffers": "64MB", "max_connections": "80"}


@pytest.fixture(scope="session")
def cluster_folder() -> Iterator[Path]:
    """One folder per run: xdist's workers find it by the run's identifier."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    root = Path(tempfile.gettempdir())
    if run is None:
        with tempfile.TemporaryDirectory(prefix="stead-test-", dir=root, ignore_cleanup_errors=True) as folder:
            Path(folder).chmod(0o755)
            yield Path(folder)
        return
    folder_of_run = root / f"stead-test-{run}"
    folder_of_run.mkdir(mode=0o755, exist_ok=True)
    yield folder_of_run


@pytest.fixture(scope="session")
def django_db_setup(
    cluster_folder: Path, worker_id: str, django_test_environment: None, django_db_blocker: pytest.FixtureRequest
) -> Iterator[None]:
    """Point Django's connections at a fresh copy of the migrated template, as the runtime login."""
    from django.conf import settings
    from django.db import connections

    from stead.platform.database.embedded import open_cluster
    from stead.platform.database.urls import DatabaseUrl
    from stead.platform.tenancy.roles import LOGIN, login_password

    with open_cluster(cluster_folder / "postgres", durable=False, settings=_SETTINGS) as cluster:
        superuser = DatabaseUrl.parse(cluster.superuser_url)

        def point(alias: str, database: str, user: str, password: str) -> None:
            said = DatabaseUrl.parse(cluster.url(database, user, password)).as_django()
            connections[alias].close()
            for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT"):
                connections[alias].settings_dict[key] = said[key]
                settings.DATABASES[alias][key] = said[key]

        with django_db_blocker.unblock():  # type: ignore[attr-defined]
            _ensure_template(cluster_folder, cluster.superuser_url, point, superuser)
            name = f"stead_{worker_id}"
            with psycopg.connect(cluster.superuser_url, autocommit=True) as admin:
                admin.execute(sql.SQL("drop database if exists {}").format(sql.Identifier(name)))
                admin.execute(sql.SQL("create database {} template {}").format(*map(sql.Identifier, (name, TEMPLATE))))
            point("default", name, LOGIN, login_password(settings.SECRET_KEY))
            point("owner", name, superuser.user, superuser.password)
        _empty_between_tests(cluster.url(name, superuser.user, superuser.password))
        yield
        with django_db_blocker.unblock():  # type: ignore[attr-defined]
            connections["default"].close()
            connections["owner"].close()


def _ensure_template(folder: Path, url: str, point: object, superuser: object) -> None:
    """Make the migrated template once; other workers wait for it."""
    from stead.platform.tenancy.migrate import migrate

    with (folder / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with psycopg.connect(url, autocommit=True) as admin:
            if admin.execute("select 1 from pg_database where datname = %s", [TEMPLATE]).fetchone():
                return
            making = f"{TEMPLATE}_making"
            admin.execute(sql.SQL("drop database if exists {}").format(sql.Identifier(making)))
            admin.execute(sql.SQL("create database {}").format(sql.Identifier(making)))
        from stead.platform.database.urls import DatabaseUrl

        parsed = DatabaseUrl.parse(url)
        target = DatabaseUrl(making, parsed.user, parsed.password, parsed.host, parsed.port, parsed.options)
        point("owner", making, parsed.user, parsed.password)  # type: ignore[operator]
        migrate(target.compose(), lambda words: None)
        with psycopg.connect(url, autocommit=True) as admin:
            admin.execute(sql.SQL("alter database {} rename to {}").format(*map(sql.Identifier, (making, TEMPLATE))))


_EMPTY = """
do $$
declare t record; filled boolean;
begin
  set local session_replication_role = replica;  -- append-only tables refuse even their owner
  for t in select oid::regclass as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace
           and relname <> 'django_migrations' loop
    execute format('select exists (select from %s)', t.name) into filled;
    if filled then execute format('delete from %s', t.name); end if;
  end loop;
end $$
"""


def _empty_between_tests(superuser_url: str) -> None:
    """Let a test that commits (`transaction=True`) leave no row: Django's own flush would need the right to TRUNCATE,
    which no role of ours has."""
    from django.test import TransactionTestCase

    def empty(self: TransactionTestCase) -> None:
        with psycopg.connect(superuser_url) as admin:
            admin.execute(_EMPTY)

    TransactionTestCase._fixture_teardown = empty  # type: ignore[attr-defined]  # Django's own name, not in its stubs
