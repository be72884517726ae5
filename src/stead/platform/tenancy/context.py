"""Who acts, in which practice: the context that row-level security trusts.

`acting(...)` opens the outermost transaction and, before anything else, takes a database role and a signed context with
real SET LOCAL statements, each alone in its string (ADR 0003). The signature is made here and checked inside the
database, so SQL that an attacker slips in can neither name another practice nor turn a portal request into a staff
request: a policy of `stead_app` accepts only a context signed as `app`.

The context dies with the transaction. It is never nested with another practice: a released savepoint would leak the
inner one.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from time import time
from typing import Any, Literal
from uuid import UUID

from django.conf import settings
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from stead.platform.actors import Actor

Kind = Literal["app", "worker", "portal"]
LIFETIME_SECONDS: dict[Kind, int] = {"app": 900, "portal": 900, "worker": 6 * 3600}
"""How long a signed context is believed: a request is over in seconds, an import or a simulated month is not."""


class NoPractice(RuntimeError):
    """Tenant rows were asked for outside `acting`. Always a fault in the program, never a user's mistake."""


@dataclass
class Context:
    """The practice, the person and the kind of access in force; `written` counts journal lines for the action check."""

    practice_id: UUID
    actor: Actor
    kind: Kind
    patient_id: UUID | None = None
    written: int = 0
    read_patients: dict[UUID, str] = field(default_factory=dict)


_current: ContextVar[Context | None] = ContextVar("stead_context", default=None)


def current() -> Context:
    """Return the context in force or raise NoPractice."""
    found = _current.get()
    if found is None:
        raise NoPractice("No practice is set. Wrap the code in tenancy.acting(...).")
    return found


def find_current() -> Context | None:
    return _current.get()


def practice_id() -> UUID:
    """Return the identifier of the practice in force; the default of every tenant row's `practice_id`."""
    return current().practice_id


def signing_key() -> bytes:
    """Derive the context key from the deployment's secret; `stead migrate` stores the same bytes in the database."""
    return hmac.new(settings.SECRET_KEY.encode(), b"stead.context.v1", hashlib.sha256).digest()


def signed(context: Context) -> str:
    """Return `kind|practice|actor|patient|expiry|signature`, the text that `stead.practice()` verifies."""
    # The expiry is real time, not the driven clock: it bounds a replay, it is no business fact.
    expiry = int(time()) + LIFETIME_SECONDS[context.kind]
    body = f"{context.kind}|{context.practice_id}|{context.actor.id}|{context.patient_id or ''}|{expiry}"
    return f"{body}|{hmac.new(signing_key(), body.encode(), hashlib.sha256).hexdigest()}"


def _set_local(context: Context) -> None:
    with connections["default"].cursor() as cursor:
        # Neither statement holds user input: a role from a Literal, and hex, dashes and pipes.
        cursor.execute(f"SET LOCAL ROLE {settings.STEAD_ROLES[context.kind]}")
        cursor.execute(f"SET LOCAL stead.context = '{signed(context)}'")


def _set_directory() -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute(_directory_statement())
        cursor.execute("SET LOCAL ROLE NONE")


def _directory_statement() -> str:
    return f"SET LOCAL stead.context = '{_signed_for_directory(settings.SECRET_KEY, int(time()) // 300)}'"


@lru_cache(maxsize=4)
def _signed_for_directory(secret: str, five_minutes: int) -> str:
    body = f"directory||||{five_minutes * 300 + LIFETIME_SECONDS['app']}"
    return f"{body}|{hmac.new(signing_key(), body.encode(), hashlib.sha256).hexdigest()}"


_OF_TRANSACTIONS = ("SAVEPOINT", "RELEASE", "ROLLBACK")


def outside_practices(execute: Any, statement: Any, given: Any, many: bool, about: dict[str, Any]) -> Any:
    """Wrapper of every statement of the login: outside `acting` it is signed as the directory's, in its own transaction
    where none is open. So accounts are reached by the program outside a practice, and by nothing inside one."""
    connection = about["connection"]
    if _current.get() is not None or (isinstance(statement, str) and statement.startswith(_OF_TRANSACTIONS)):
        return execute(statement, given, many, about)
    with connection.wrap_database_errors:
        if connection.in_atomic_block:
            connection.connection.execute(_directory_statement())
            return execute(statement, given, many, about)
        with connection.connection.transaction():
            connection.connection.execute(_directory_statement())
            return execute(statement, given, many, about)


def watch(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Put the wrapper on a connection that was just made; receiver of `connection_created`."""
    if connection.alias == "default" and outside_practices not in connection.execute_wrappers:
        connection.execute_wrappers.insert(0, outside_practices)


@contextmanager
def acting(practice_id: UUID, by: Actor, *, kind: Kind = "app", patient_id: UUID | None = None) -> Iterator[Context]:
    """Run the code inside in one transaction as `by` in the practice. Refuses to nest."""
    if _current.get() is not None:
        raise RuntimeError("A practice is already set; contexts are never nested.")
    nested = connections["default"].in_atomic_block  # only the test suite wraps us in a transaction
    context = Context(practice_id=practice_id, actor=by, kind=kind, patient_id=patient_id)
    token = _current.set(context)
    try:
        with transaction.atomic():
            _set_local(context)
            yield context
            if nested:
                _set_directory()
    finally:
        _current.reset(token)


@contextmanager
def in_directory() -> Iterator[Context]:
    """Step out to the accounts above the practices, in the same transaction, for a few fixed statements: inside a
    practice no role may read them. What is asked for there must name the practice itself: `practice_id` of what this
    gives, not a number from a request. Only staff's requests may; a patient's page and a job have nothing to do there.

    No row of any practice can be read or written meanwhile: the login has no right to them. A refusal inside takes the
    role and the context back with its savepoint, as a page is still made in the transaction after it.
    """
    now = current()
    if now.kind != "app" or now.actor.kind != "staff":
        raise RuntimeError("Only a request of staff steps out to the directory.")
    with transaction.atomic():
        _set_directory()
        yield now
        _set_local(now)


__all__ = [
    "Context",
    "Kind",
    "NoPractice",
    "acting",
    "current",
    "find_current",
    "in_directory",
    "practice_id",
    "signed",
    "watch",
]
