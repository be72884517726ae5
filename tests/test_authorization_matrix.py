"""Every route, method and person: nobody, each role, the patient, and Eve of another practice with all roles.

What is expected follows from each route's declared access and the permission table; nothing is listed by hand, so a new
route is inside the matrix the moment it exists. Each request is undone afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django.test import Client

from stead.platform import permissions
from stead.platform.accounts.models import Membership
from stead.platform.accounts.tokens import create_token
from stead.platform.actors import STAFF_ROLES, Role
from stead.platform.journal.models import JournalEntry
from stead.testing.clients import ClientAs, InPractice, SeatClient
from stead.testing.matrix import Route, all_routes
from stead.testing.rows import Rows

pytestmark = pytest.mark.django_db
ROUTES = [route for route in all_routes() if route.access is not None]
FINE = {200, 201, 204, 302, 303, 400, 409, 422, 429}


@dataclass
class World:
    """The people at their browsers, and one of every row, in the practice they share."""

    rows: Rows
    seats: dict[Role, SeatClient]
    patient: SeatClient
    eve: SeatClient
    nobody: Client
    tokens: dict[Role, str]
    eve_token: str
    addresses: list[tuple[Route, str]]


@pytest.fixture
def world(
    client_as: ClientAs,
    patient_client: Callable[[Any], SeatClient],
    eve_client: SeatClient,
    in_practice: InPractice,
    at: datetime,
) -> World:
    seats = {role: client_as(role) for role in STAFF_ROLES}
    with in_practice():
        rows = Rows()
        filled = [(route, route.filled(rows)) for route in ROUTES if not route.missing()]
        patient = rows.of("patients.Patient")
    members = {tuple(m.roles): m for m in Membership.objects.filter(kind="staff")}
    tokens: dict[Role, str] = {role: _token(members[(role,)], at) for role in STAFF_ROLES}
    eve = next(m for roles, m in members.items() if len(roles) > 1)
    return World(rows, seats, patient_client(patient), eve_client, Client(), tokens, _token(eve, at), filled)


def _token(membership: Membership, at: datetime) -> str:
    held = [p.key for p in permissions.table() if p.roles & set(membership.roles)]
    return create_token(membership=membership, name="matrix", scopes=held, at=at)[1]


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def ask(client: Client, method: str, address: str, token: str = "", key: str = "") -> Any:
    """Send one request, as a browser form or with a token; one that breaks answers 500."""
    headers = {"Idempotency-Key": key or str(uuid4())} | ({"Authorization": f"Bearer {token}"} if token else {})
    kind = {"content_type": "application/json"} if token else {}
    client.raise_request_exception = False  # a broken view is a 500 in the list, not the end of it
    return client.generic(method, address, "{}" if token else "", headers=headers, **kind)


def methods(route: Route) -> tuple[str, ...]:
    return ("GET", "POST") if route.method == "page" else (route.method,)


def test_every_parameter_of_every_route_has_an_example() -> None:
    assert [f"{r.name}: {', '.join(r.missing())}" for r in ROUTES if r.missing()] == []


def test_every_route_has_an_access() -> None:
    assert [r.name for r in all_routes() if r.access is None] == []


def test_nobody_is_asked_to_sign_in(world: World) -> None:
    wrong = []
    for route, address in world.addresses:
        if route.access.kind in ("public", "public_of_practice"):
            continue
        for method in methods(route):
            answer = ask(world.nobody, method, address)
            expected = 401 if route.access.kind == "token" else 302
            if not _is_asked_to_sign_in(answer) if expected == 302 else answer.status_code not in (401, 405):
                wrong.append(f"{method} {address}: {answer.status_code}")
    assert "\n".join(wrong) == ""


def _is_asked_to_sign_in(answer: Any) -> bool:
    """Or told that the address takes no such method, which tells nothing of whoever asks."""
    return answer.status_code == 405 or answer.get("Location", "").startswith(("/sign-in/", "/portal/"))


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_role_reaches_what_its_permissions_say_and_no_more(world: World, role: Role) -> None:
    wrong = []
    for route, address in world.addresses:
        if route.access.kind not in ("staff", "token"):
            continue
        permission = permissions.find(route.access.permission)
        held = permission is not None and role in permission.roles
        token = world.tokens[role] if route.access.kind == "token" else ""
        for method in methods(route):
            with undone():
                answer = ask(world.seats[role] if not token else world.nobody, method, address, token)
            if _is_wrong(answer.status_code, held, method, route):
                wrong.append(f"{method} {address}: {answer.status_code}, {'held' if held else 'not held'}")
    assert "\n".join(wrong) == ""


def _is_wrong(status: int, held: bool, method: str, route: Route) -> bool:
    if not held:
        return status not in (403, 405)
    if status == 403:  # a finer rule than the route's permission may refuse a post
        return method == "GET"
    return status not in FINE | {404, 405} or (
        status == 404 and method == "GET" and route.has_row and not _absent(route)
    )


def _absent(route: Route) -> bool:
    """Routes whose row is not there by nature: another kind of key stands beside it, the file has no bytes, or only
    its author sees it."""
    own = ("billing_statement", "intake_file", "intake_message", "care_note")
    return bool({"side", "key", "week"} & set(route.holes)) or route.name in own


def test_eve_finds_nothing_of_ours_and_changes_nothing(world: World, in_practice: InPractice) -> None:
    wrong = []
    with in_practice():
        before = JournalEntry.objects.count()
    for route, address in world.addresses:
        if route.access.kind not in ("staff", "token") or not route.has_row:
            continue
        permission = permissions.find(route.access.permission)
        held = permission is not None and bool(permission.roles & set(STAFF_ROLES))
        token = world.eve_token if route.access.kind == "token" else ""
        for method in methods(route):
            with undone():
                answer = ask(world.nobody if token else world.eve, method, address, token)
                with in_practice():
                    after = JournalEntry.objects.count()
            allowed = {404, 405} if held else {403, 405}
            if method != "GET" and held:
                allowed |= {400, 422}  # the form is read before the row; nothing of ours is in the answer
            if answer.status_code not in allowed or after != before:
                wrong.append(f"{method} {address}: {answer.status_code}, {after - before} lines")
    assert "\n".join(wrong) == ""


def test_patient_reaches_no_staff_page_and_staff_no_portal(world: World) -> None:
    wrong = []
    for route, address in world.addresses:
        if route.access.kind not in ("staff", "portal"):
            continue
        client = world.patient if route.access.kind == "staff" else world.seats["manager"]
        for method in methods(route):
            with undone():
                answer = ask(client, method, address)
            if not _is_asked_to_sign_in(answer):
                wrong.append(f"{method} {address}: {answer.status_code}")
    assert "\n".join(wrong) == ""


def test_patient_finds_nothing_of_another_patient(
    world: World, in_practice: InPractice, patient_client: Callable[[Any], SeatClient]
) -> None:
    """The rows are Dee's; somebody else signs in."""
    with in_practice():
        stranger = patient_client(Rows("other").of("patients.Patient", number=9_000_001))
    wrong = []
    for route, address in world.addresses:
        if route.access.kind == "portal" and route.has_row:
            for method in methods(route):
                with undone():
                    answer = ask(stranger, method, address)
                if answer.status_code not in ({404, 405} if method == "GET" else {400, 404, 405, 422}):
                    wrong.append(f"{method} {address}: {answer.status_code}")
    assert "\n".join(wrong) == ""


def test_post_again_with_its_key_changes_nothing_more(world: World, in_practice: InPractice, linden: UUID) -> None:
    wrong = []
    for route, address in world.addresses:
        if route.access.kind not in ("staff", "token", "portal") or "POST" not in methods(route):
            continue
        role = _holder(route)
        if role is None and route.access.kind != "portal":
            continue
        token = world.tokens[role] if route.access.kind == "token" and role else ""
        client = (
            world.patient if route.access.kind == "portal" else world.nobody if token else world.seats[role or "owner"]
        )
        with undone():
            key = str(uuid4())
            first = ask(client, "POST", address, token, key)
            with in_practice():
                lines = JournalEntry.objects.count()
            again = ask(client, "POST", address, token, key)
            with in_practice():
                more = JournalEntry.objects.count() - lines
        same = (first.status_code, first.get("Location")) == (again.status_code, again.get("Location"))
        repeated = first.status_code >= 400 or again.get("Idempotent-Replay") == "true"
        if not (same and repeated and more == 0):
            wrong.append(f"POST {address}: {first.status_code} then {again.status_code}, {more} lines more")
    assert "\n".join(wrong) == ""


def _holder(route: Route) -> Role | None:
    permission = permissions.find(route.access.permission)
    return next((r for r in STAFF_ROLES if permission and r in permission.roles), None)


def test_undeclared_example_would_be_found() -> None:
    """The proof that the first test can fail."""
    planted = replace(ROUTES[0], address="x/<uuid:nobody_knows_id>/", holes=("nobody_knows_id",))
    assert planted.missing() == ["nobody_knows_id"]
