"""Read the live catalogue and name everything that would let rows of one practice be seen or changed from another.

Row-level security leaves holes that only the catalogue shows: a bare foreign key, a global unique index, a view or a
definer function that runs as somebody mightier, a partition without its own policy, TRUNCATE. Each rule below is one
query over the catalogue; the test plants a violation of each and sees it named. `stead doctor` runs the same rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper

from stead.platform.tenancy import catalogue, lint_sql, roles
from stead.platform.tenancy.models import ReferenceModel

RUNTIME = tuple(roles.RUNTIME.values())
SERVING = (*RUNTIME, roles.LOGIN, roles.DIRECTORY)

REVIEWED = {
    "verified_context": "checks the signature; the only reader of the key",
    "practice": "names the practice of the signed context",
    "in_directory": "takes no argument; answers whether the context was signed outside every practice",
    "portal_patient": "names the patient of the signed context",
    "search_patients": "takes the practice first and compares it with the context; trigrams are not leakproof",
    "portal_stages": "takes no argument; practice and patient come from the signed context; patient words only",
    "portal_item_words": "takes no argument; practice and patient come from the signed context; patient words only",
    "next_control_number": "touches no tenant table; counts the files of a sender, whom practices may share",
    "copy_roles_to_membership": "trigger: writes the membership of the row's own practice and person, nothing else",
    "take_roles_of_staff": "trigger: reads the roles of the membership's own practice and person",
    "ledger_statement_balances": "trigger: sums the entries of the statement's own transactions",
    "ledger_transaction_balances": "trigger: sums the entries of one transaction",
    "ledger_reopens_closes": "trigger: deletes kept sums of the practices whose own rows were inserted",
}
"""Definer functions that somebody has read with this question: can it touch two practices? A new one is refused by the
linter until it stands here with its reason."""

OWN_TABLES = ("django_migrations", "context_key", "catalogue_state")
"""Tables of no model: Django's list of migrations, and the two in schema `stead`."""


@dataclass(frozen=True)
class Finding:
    """One violation: which rule, of what, in words."""

    rule: str
    subject: str
    words: str


@dataclass(frozen=True)
class Tables:
    """The declared classes, with the partitions that exist."""

    tenant: list[str]
    reference: list[str]
    directory: list[str]
    known: list[str]


def tables(connection: BaseDatabaseWrapper) -> Tables:
    tenant = []
    for model in catalogue.tenant_models():
        tenant += [model._meta.db_table, *catalogue.partitions_of(connection, model._meta.db_table)]
    reference = [m._meta.db_table for m in apps.get_models() if issubclass(m, ReferenceModel)]
    directory = [m._meta.db_table for m in catalogue.directory_models()]
    known = [*tenant, *reference, *directory, *catalogue.QUEUE_TABLES, *OWN_TABLES]
    return Tables(tenant, reference, directory, known)


def lint(connection: BaseDatabaseWrapper) -> list[Finding]:
    """Return every violation, by rule. An empty list is the only good answer."""
    named = tables(connection)
    given: dict[str, Any] = {
        "tenant": named.tenant,
        "reference": named.reference,
        "directory": named.directory,
        "above": [*named.directory, *catalogue.QUEUE_TABLES],
        "known": named.known,
        "serving": list(SERVING),
        "runtime": list(RUNTIME),
        "owner": roles.OWNER,
        "definer": roles.DEFINER,
        "reviewed": list(REVIEWED),
    }
    found: list[Finding] = []
    with connection.cursor() as cursor:
        for rule, (words, query) in lint_sql.RULES.items():
            cursor.execute(query, given)
            found.extend(Finding(rule, str(subject), words) for (subject,) in cursor.fetchall())
        for check in (_policies, _grants, _append_only):
            found.extend(check(cursor, connection))
    return found


Check = Callable[[Any, BaseDatabaseWrapper], Iterator[Finding]]


def _expected_policies(model: Any) -> dict[str, tuple[str, str]]:
    """Return policy name to (role, the test it must begin with)."""
    said = {
        name: (roles.RUNTIME[name], f"(practice_id = stead.practice('{name}'::text))") for name in ("app", "worker")
    }
    if model.portal != "none":
        said["portal"] = (roles.RUNTIME["portal"], "(practice_id = stead.practice('portal'::text))")
    if model.portal_inserts:
        said["portal_insert"] = (roles.RUNTIME["portal"], "(practice_id = stead.practice('portal'::text))")
    return said


def _policies(cursor: Any, connection: BaseDatabaseWrapper) -> Iterator[Finding]:
    cursor.execute(lint_sql.POLICIES)
    live: dict[str, dict[str, tuple[list[str], str]]] = {}
    for table, name, held_by, test in cursor.fetchall():
        live.setdefault(table, {})[name] = (held_by, test)
    for directory in catalogue.directory_models():
        table = directory._meta.db_table
        seen = {name: (held_by, test) for name, (held_by, test) in live.get(table, {}).items()}
        for name in catalogue.directory_policies(directory).keys() - seen.keys():
            yield Finding("policy_missing", f"{table}.{name}", "a policy of the directory is missing")
        for name, (held_by, test) in seen.items():
            if name not in catalogue.directory_policies(directory) or not _is_of_directory(name, held_by, test):
                yield Finding("policy_strange", f"{table}.{name}", "a policy lets in more than the directory's own")
    for model in catalogue.tenant_models():
        expected = _expected_policies(model)
        table_names = [model._meta.db_table, *catalogue.partitions_of(connection, model._meta.db_table)]
        for table in table_names:
            seen = live.get(table, {})
            for name in expected.keys() - seen.keys():
                yield Finding("policy_missing", f"{table}.{name}", "a policy of the serving roles is missing")
            for name, (held_by, test) in seen.items():
                if name not in expected or not _is_expected(expected[name], held_by, test, model.portal):
                    yield Finding("policy_strange", f"{table}.{name}", "a policy lets in more than its role's practice")


def _is_of_directory(name: str, held_by: list[str], test: str) -> bool:
    if name == "readers":
        return sorted(held_by) == sorted((*RUNTIME, roles.DIRECTORY)) and test == "true"
    return held_by == [roles.DIRECTORY] and "in_directory()" in test and " OR " not in test


def _is_expected(expected: tuple[str, str], held_by: list[str], test: str, portal: str) -> bool:
    role, start = expected
    rest = {
        "own": " AND (patient_id = stead.portal_patient())",
        "self": " AND (id = stead.portal_patient())",
        "all": "",
    }
    allowed = {start, f"({start} AND (actor_id = stead.portal_patient()))"}
    if role == roles.RUNTIME["portal"]:
        allowed = {f"({start} AND (actor_id = stead.portal_patient()))"}
        if portal != "none":
            allowed.add(f"({start}{rest[portal]})" if rest[portal] else start)
    return held_by == [role] and test in allowed


def _grants(cursor: Any, connection: BaseDatabaseWrapper) -> Iterator[Finding]:
    """Compare the rights of every serving role on every tenant and directory table with what the model declares."""
    cursor.execute(lint_sql.GRANTS, {"serving": list(SERVING)})
    live = {(table, role, right) for table, role, right in cursor.fetchall()}
    declared: set[tuple[str, str, str]] = set()
    for model in catalogue.tenant_models():
        rights = {"SELECT"} | (set() if model.writes == "none" else {w.upper() for w in model.writes.split()})
        for table in [model._meta.db_table, *catalogue.partitions_of(connection, model._meta.db_table)]:
            declared |= {(table, role, right) for role in RUNTIME[:2] for right in rights}
            declared |= {(table, roles.RUNTIME["portal"], "SELECT")} if model.portal != "none" else set()
            declared |= {(table, roles.RUNTIME["portal"], "INSERT")} if model.portal_inserts else set()
    everything = ("SELECT", "INSERT", "UPDATE", "DELETE")
    for directory in catalogue.directory_models():
        table = directory._meta.db_table
        declared |= {(table, roles.DIRECTORY, right) for right in everything}
        if getattr(directory, "app_reads", False):
            declared |= {(table, role, "SELECT") for role in RUNTIME}
    for table in catalogue.QUEUE_TABLES:
        declared |= {(table, role, right) for role in (*RUNTIME[:2], roles.DIRECTORY) for right in everything}
    for reference in apps.get_models():
        if issubclass(reference, ReferenceModel):
            declared |= {(reference._meta.db_table, role, "SELECT") for role in (*RUNTIME, roles.DIRECTORY)}
    for table, role, right in sorted(live - declared):
        yield Finding("grant", f"{table}: {right} to {role}", "a right that no model declares")


def _append_only(cursor: Any, connection: BaseDatabaseWrapper) -> Iterator[Finding]:
    cursor.execute(lint_sql.REFUSING)
    live = {(table, trigger) for table, trigger in cursor.fetchall()}
    for model in catalogue.tenant_models():
        if model.writes == "insert":
            for table in [model._meta.db_table, *catalogue.partitions_of(connection, model._meta.db_table)]:
                for trigger in ("refuse_row_change", "refuse_truncate"):
                    if (table, trigger) not in live:
                        yield Finding("append_only", f"{table}.{trigger}", "an append-only table can change")
