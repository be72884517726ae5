"""Clients signed in as the cast, for page tests.

    def test_day_is_shown(client_as: ClientAs, inside: UUID) -> None:
        book_something()                                    # rows are made inside the practice
        assert client_as("front_desk").get("/calendar/").status_code == 200

A request opens its own context, and contexts never nest; so these clients put the test's own context (`inside`,
`in_practice`) down for the length of a request and take it up again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.http import HttpRequest
from django.test import Client

from stead.platform.actors import STAFF_ROLES, Actor, Role

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
HEADER = "Idempotency-Key"  # and the field _key, as in platform.idempotency, whose import would need Django set up
ClientAs = Callable[[Role], "SeatClient"]
InPractice = Callable[..., AbstractContextManager[UUID]]


@contextmanager
def outside() -> Iterator[None]:
    """Put down the context in force, as a request or a job starts with none; take it up again at the end."""
    from django.db import connections

    from stead.platform.tenancy import context

    now = context.find_current()
    if now is None:
        yield
        return
    context._set_directory()
    token = context._current.set(None)
    try:
        yield
    finally:
        context._current.reset(token)
        if not connections["default"].needs_rollback:
            context._set_local(now)


class SeatClient(Client):
    """A client of somebody signed in. `post` carries a fresh idempotency key, unless the form or the headers hold one,
    and follows the redirect to the page that shows the result (`follow=False` stops before it)."""

    actor: Actor

    def request(self, **request: Any) -> Any:
        with outside():
            return super().request(**request)

    def generic(self, method: str, path: Any, data: Any = "", *args: Any, **extra: Any) -> Any:
        headers = dict(extra.pop("headers", None) or {})
        sent = data if isinstance(data, bytes) else str(data).encode()
        if method in UNSAFE and not re.search(rb'(?:name="|^|&)_key["=]', sent):
            headers.setdefault(HEADER, str(uuid4()))
        return super().generic(method, path, data, *args, headers=headers, **extra)

    def post(self, path: Any, data: Any = None, *args: Any, follow: Any = True, **extra: Any) -> Any:
        return super().post(path, data, *args, **{"follow": follow} | extra)


def enter_practice(practice_id: UUID, name: str, slug: str) -> Any:
    """Return the practice's row in the directory, made if it is not there."""
    from stead.platform.accounts.models import Practice

    return Practice.objects.get_or_create(id=practice_id, defaults={"name": name, "slug": slug})[0]


def enter_person(practice: Any, actor: Actor, *, kind: str = "staff") -> Any:
    """Return the actor's membership, made with an account and, for staff, the row of the member of staff."""
    from stead.platform.accounts.models import Account, Membership
    from stead.platform.tenancy.context import acting
    from stead.practice.models import StaffMember

    email = f"{actor.name.split()[-1]}.{actor.id.hex[-8:]}@example.test".lower()
    account, _ = Account.objects.get_or_create(email=email)
    roles = sorted(actor.roles) if kind == "staff" else []
    membership, made = Membership.objects.select_related("practice").get_or_create(
        practice=practice, account=account, kind=kind, person_id=actor.id, defaults={"name": actor.name, "roles": roles}
    )
    if made and kind == "staff":
        with acting(practice.id, actor):
            if not StaffMember.objects.filter(id=actor.id).exists():
                StaffMember.objects.create(
                    id=actor.id, name=actor.name, roles=roles, is_practitioner="clinician" in actor.roles
                )
    return membership


def session_of(membership: Any) -> str:
    """Start a session for the membership and return its key."""
    from django.contrib.sessions.backends.db import SessionStore

    from stead.platform.accounts import session

    request = HttpRequest()
    request.session = SessionStore()
    session.sign_in(request, membership.account, membership, way="passkey")
    request.session.save()
    return str(request.session.session_key)


def client_of(membership: Any, actor: Actor) -> SeatClient:
    from django.conf import settings

    client = SeatClient()
    client.actor = actor
    client.cookies[settings.SESSION_COOKIE_NAME] = session_of(membership)
    return client


@pytest.fixture
def cast_of(ana: Actor, ben: Actor, cho: Actor, priya: Actor, mona: Actor, olu: Actor) -> dict[Role, Actor]:
    """The member of the cast who stands for each staff role."""
    people = {"front_desk": ana, "biller": ben, "clinician": cho, "intake": priya, "manager": mona, "owner": olu}
    return {role: people[role] for role in STAFF_ROLES}


@pytest.fixture
def practice_row(db: None, linden: UUID) -> Any:
    """The cast's practice in the directory."""
    with outside():
        return enter_practice(linden, "Linden Street Counseling", "linden-street")


@pytest.fixture
def client_as(practice_row: Any, cast_of: dict[Role, Actor]) -> ClientAs:
    """Return a client signed in as the cast's person of the role: client_as("front_desk")."""

    def make(role: Role) -> SeatClient:
        actor = cast_of[role]
        with outside():
            return client_of(enter_person(practice_row, actor), actor)

    return make


@pytest.fixture
def patient_client(practice_row: Any) -> Callable[[Any], SeatClient]:
    """Return a client signed in as a patient, given the patient's row."""

    def make(patient: Any) -> SeatClient:
        actor = Actor(
            id=patient.id,
            kind="patient",
            name=f"{patient.first_name} {patient.last_name}",
            roles=frozenset({"patient"}),
        )
        with outside():
            return client_of(enter_person(practice_row, actor, kind="patient"), actor)

    return make


@pytest.fixture
def eve_client(db: None, elsewhere: UUID, eve: Actor) -> SeatClient:
    """Eve holds every role, in another practice: whatever of ours she asks for is not there."""
    with outside():
        practice = enter_practice(elsewhere, "Elsewhere Therapy", "elsewhere")
        return client_of(enter_person(practice, eve), eve)


@pytest.fixture
def in_practice(db: None, linden: UUID, olu: Actor) -> InPractice:
    """Return a context manager that makes rows in the practice and leaves it again: `with in_practice(ana): ...`."""
    from stead.platform.tenancy.context import acting

    @contextmanager
    def enter(by: Actor = olu, practice: UUID = linden) -> Iterator[UUID]:
        with outside(), acting(practice, by):
            yield practice

    return enter


@pytest.fixture
def staff_row(inside: UUID, at: datetime) -> Callable[[Actor], Any]:
    """Return a function that makes the row of a member of staff for one of the cast."""
    from stead.practice.models import StaffMember

    def make(actor: Actor) -> StaffMember:
        found = StaffMember.objects.get_or_none(id=actor.id)
        return found or StaffMember.objects.create(
            id=actor.id,
            name=actor.name,
            roles=sorted(actor.roles),
            is_practitioner="clinician" in actor.roles,
            started_date=at.date(),
        )

    return make
