"""Bring a database to what this version needs: roles, extensions, migrations, partitions, catalogue. Safe to repeat."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from stead.platform import clock
from stead.platform.journal.partitions import ensure_partitions
from stead.platform.tenancy import catalogue, context, roles

Progress = Callable[[str], None]


class DatabaseTooOld(RuntimeError):
    """PostgreSQL below 18: `RETURNING old`, `uuidv7()` and others are missing."""


def prepare(admin_url: str, progress: Progress) -> None:
    """Make roles, extensions and the context key, as administrator."""
    with psycopg.connect(admin_url, autocommit=True) as admin:
        if admin.info.server_version < 180000:
            raise DatabaseTooOld(f"Stead needs PostgreSQL 18 or newer; this is {admin.info.server_version // 10000}.")
        progress("Making roles")
        roles.ensure_roles(admin, settings.SECRET_KEY)
        roles.ensure_database(admin, context.signing_key())


def migrate(admin_url: str, progress: Progress) -> None:
    """Prepare the database, run what is pending and state the catalogue if anything changed."""
    prepare(admin_url, progress)
    owner = connections["owner"]
    if _pending():
        progress("Running migrations")
        call_command("migrate", database="owner", verbosity=0, interactive=False)
    now = clock.now()
    ensure_partitions(owner, now - timedelta(days=31), now + timedelta(days=186))
    if _applied() != catalogue.fingerprint():
        progress("Stating policies, grants and keys")
        catalogue.apply(owner)
        _remember(catalogue.fingerprint())
    else:
        catalogue.protect_partitions(owner)
    owner.close()


def _pending() -> bool:
    executor = MigrationExecutor(connections["owner"])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _applied() -> str | None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("create table if not exists stead.catalogue_state (id int primary key, fingerprint text)")
        cursor.execute("select fingerprint from stead.catalogue_state where id = 1")
        row = cursor.fetchone()
        return row[0] if row else None


def _remember(fingerprint: str) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "insert into stead.catalogue_state values (1, %s) on conflict (id) do update set fingerprint = %s",
            [fingerprint, fingerprint],
        )
