"""Give every table its policies, grants, composite foreign keys and triggers, from what its model declares.

Runs after the migrations, as owner, and may run again at any time: it compares nothing, it states. A new model is safe
the moment it exists, and `linter.py` proves it against the live catalogue. What it writes is DDL without user input.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from importlib.resources import files

from django.apps import apps
from django.db import models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from stead.platform.tenancy import roles
from stead.platform.tenancy.models import ReferenceModel, TenantForeignKey, TenantModel

APP, WORKER, PORTAL = roles.RUNTIME["app"], roles.RUNTIME["worker"], roles.RUNTIME["portal"]
TRIGGER = "create or replace trigger {name} before {events} on {table} {each} execute function {function}()"

QUEUE_TABLES = ("procrastinate_jobs", "procrastinate_events", "procrastinate_periodic_defers", "procrastinate_workers")
"""Queue tables are local to a database and hold identifiers only (scale-out.md, rule 13)."""


def tenant_models() -> list[type[TenantModel]]:
    return [m for m in apps.get_models() if issubclass(m, TenantModel)]


def directory_models() -> list[type[models.Model]]:
    """Our directory tables and those of Django and its libraries: sessions, content types, sign-in factors."""
    ours = (TenantModel, ReferenceModel)
    return [m for m in apps.get_models() if not issubclass(m, ours) and m._meta.app_label != "procrastinate"]


def partitions_of(connection: BaseDatabaseWrapper, table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("select inhrelid::regclass::text from pg_inherits where inhparent = %s::regclass", [table])
        return [row[0] for row in cursor.fetchall()]


def _grants(model: type[TenantModel], table: str) -> Iterator[str]:
    yield f"revoke all on {table} from public, {APP}, {WORKER}, {PORTAL}"
    rights = "select" if model.writes == "none" else f"select, {model.writes.replace(' ', ', ')}"
    yield f"grant {rights} on {table} to {APP}, {WORKER}"
    if model.portal != "none":
        yield f"grant select on {table} to {PORTAL}"
    if model.portal_inserts:
        yield f"grant insert on {table} to {PORTAL}"


def _policies(model: type[TenantModel], table: str) -> Iterator[str]:
    yield f"alter table {table} enable row level security"
    yield f"alter table {table} force row level security"
    for name, role, kind in (("app", APP, "app"), ("worker", WORKER, "worker")):
        test = f"practice_id = stead.practice('{kind}')"
        yield f"drop policy if exists {name} on {table}"
        yield f"create policy {name} on {table} to {role} using ({test}) with check ({test})"
    yield f"drop policy if exists portal on {table}"
    rule = {"own": " and patient_id = stead.portal_patient()", "self": " and id = stead.portal_patient()", "all": ""}
    if model.portal != "none":
        test = f"practice_id = stead.practice('portal'){rule[model.portal]}"
        yield f"create policy portal on {table} for select to {PORTAL} using ({test})"
    yield f"drop policy if exists portal_insert on {table}"
    if model.portal_inserts:
        test = "practice_id = stead.practice('portal') and actor_id = stead.portal_patient()"
        yield f"create policy portal_insert on {table} for insert to {PORTAL} with check ({test})"


def _append_only(model: type[TenantModel], table: str) -> Iterator[str]:
    if model.writes == "insert":
        refuse = {"table": table, "function": "stead.refuse_change"}
        yield TRIGGER.format(name="refuse_row_change", events="update or delete", each="for each row", **refuse)
        yield from _refuse_truncate(model, table)


def _refuse_truncate(model: type[TenantModel], table: str) -> Iterator[str]:
    """Of a partition too: it inherits the triggers for rows from its parent, those for statements not."""
    if model.writes == "insert":
        refuse = {"table": table, "function": "stead.refuse_change"}
        yield TRIGGER.format(name="refuse_truncate", events="truncate", each="for each statement", **refuse)


def constraint_name(model: type[TenantModel], field: TenantForeignKey) -> str:
    """At most 50 characters, as Citus adds a shard suffix (scale-out.md, rule 15)."""
    name = f"{model._meta.db_table}_{field.name}_fk"
    return name if len(name) <= 50 else f"{name[:38]}_{hashlib.sha256(name.encode()).hexdigest()[:8]}_fk"


def tenant_keys(model: type[TenantModel]) -> list[TenantForeignKey]:
    return [f for f in model._meta.get_fields(include_parents=False) if isinstance(f, TenantForeignKey)]


def _foreign_keys(model: type[TenantModel], existing: dict[str, str]) -> Iterator[str]:
    for field in tenant_keys(model):
        name = constraint_name(model, field)
        columns = ", ".join(field.from_fields)  # a UUIDField's column has the field's own name
        target = field.related_model._meta.db_table
        action = "cascade" if field.cascades else "restrict"
        referred = ", ".join(str(name) for name in field.to_fields)
        wanted = f"foreign key ({columns}) references {target}({referred}) on delete {action}"
        if existing.get(name, "").lower() == wanted:
            continue
        yield f"alter table {model._meta.db_table} drop constraint if exists {name}"
        yield f"alter table {model._meta.db_table} add constraint {name} {wanted}"


def _existing_keys(connection: BaseDatabaseWrapper) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("select conname, pg_get_constraintdef(oid) from pg_constraint where contype = 'f'")
        return dict(cursor.fetchall())


def directory_policies(model: type[models.Model]) -> dict[str, str]:
    """Return policy name to rule. The login holds the rights; only a context signed outside every practice gives rows,
    since a role can be dropped by whoever slips in SQL, and a signature cannot be made."""
    test = "(select stead.in_directory())"
    rules = {"directory": f"to {roles.DIRECTORY} using ({test}) with check ({test})"}
    if getattr(model, "app_reads", False):
        readers = f"{APP}, {WORKER}, {PORTAL}, {roles.DIRECTORY}"
        rules["readers"] = f"for select to {readers} using (true)"
    return rules


def _directory() -> Iterator[str]:
    for model in directory_models():
        table = model._meta.db_table
        yield f"revoke all on {table} from public, {APP}, {WORKER}, {PORTAL}"
        yield f"grant select, insert, update, delete on {table} to {roles.DIRECTORY}"
        yield f"alter table {table} enable row level security"
        yield f"alter table {table} force row level security"
        for name, rule in directory_policies(model).items():
            yield f"drop policy if exists {name} on {table}"
            yield f"create policy {name} on {table} {rule}"
        if getattr(model, "app_reads", False):
            yield f"grant select on {table} to {APP}, {WORKER}, {PORTAL}"
    for model in apps.get_models():
        if issubclass(model, ReferenceModel):
            yield f"grant select on {model._meta.db_table} to {APP}, {WORKER}, {PORTAL}, {roles.DIRECTORY}"
    for table in QUEUE_TABLES:
        yield f"grant select, insert, update, delete on {table} to {APP}, {WORKER}, {roles.DIRECTORY}"
    yield f"grant usage on all sequences in schema public to {APP}, {WORKER}, {roles.DIRECTORY}"


def room_sql() -> list[tuple[str, str]]:
    """Return (room/file, text) of every room's `sql/*.sql`: functions and triggers, each idempotent, in file order."""
    rooms = [config for config in apps.get_app_configs() if config.name.startswith("stead.")]
    packages = ["stead.platform.tenancy", "stead.platform.journal", *(config.name for config in rooms)]
    found: list[tuple[str, str]] = []
    for package in packages:
        folder = files(package).joinpath("sql")
        if folder.is_dir():
            entries = sorted((f for f in folder.iterdir() if f.name.endswith(".sql")), key=lambda f: f.name)
            found.extend((f"{package.removeprefix('stead.')}/{f.name}", f.read_text()) for f in entries)
    return found


def apply(connection: BaseDatabaseWrapper) -> None:
    """State the whole catalogue in one transaction."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute("set local lock_timeout = '5s'")
        existing = _existing_keys(connection)
        sql_files = room_sql()
        for _, text in [f for f in sql_files if f[0].startswith("platform.tenancy")]:
            cursor.execute(text)
        for function in ("verified_context()", "practice(text)", "portal_patient()", "in_directory()"):
            cursor.execute(f"alter function stead.{function} owner to {roles.DEFINER}")
        for model in tenant_models():
            for table in [model._meta.db_table, *partitions_of(connection, model._meta.db_table)]:
                statements = [*_policies(model, table), *_grants(model, table), *_refuse_truncate(model, table)]
                cursor.execute("; ".join(statements))
            for statement in [*_append_only(model, model._meta.db_table), *_foreign_keys(model, existing)]:
                cursor.execute(statement)
        for statement in _directory():
            cursor.execute(statement)
        for _, text in [f for f in sql_files if not f[0].startswith("platform.tenancy")]:
            cursor.execute(text)


def protect_partitions(connection: BaseDatabaseWrapper) -> None:
    """Give partitions made since the last `apply` their policies, grants and the trigger that refuses TRUNCATE."""
    bare = (
        "select relname from pg_class where oid = any(select inhrelid from pg_inherits where inhparent = %s::regclass)"
    )
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        for model in tenant_models():
            cursor.execute(f"{bare} and not relforcerowsecurity", [model._meta.db_table])
            for (table,) in cursor.fetchall():
                statements = [*_policies(model, table), *_grants(model, table), *_refuse_truncate(model, table)]
                cursor.execute("; ".join(statements))


def fingerprint() -> str:
    """Return a hash of everything `apply` reads, so that an unchanged start skips it."""
    text = [f"{name}\n{body}" for name, body in room_sql()]
    for model in tenant_models():
        keys = [(constraint_name(model, k), k.cascades) for k in tenant_keys(model)]
        text.append(f"{model._meta.db_table} {model.writes} {model.portal} {model.portal_inserts} {keys}")
    text.extend(m._meta.db_table for m in directory_models())
    text.append(files("stead.platform.tenancy").joinpath("catalogue.py").read_text())
    return hashlib.sha256("\n".join(text).encode()).hexdigest()
