"""Every route, method and person: nobody, each role, the patient, and Eve of another practice with all roles.

What is expected follows from each route's declared access and the permission table; nothing is listed by hand, so a new
route is inside the matrix the moment it exists. Each request is undone afterwards.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client

from stead.platform import permissions
from stead.platform.accounts.models import Membership
from stead.platform.accounts.tokens import create_token
from stead.platform.actors import STAFF_ROLES, Role
from stead.platform.journal.models import JournalEntry
from stead.platform.tenancy.models import TenantModel
from stead.testing.clients import ClientAs, InPractice, SeatClient
from stead.testing.matrix import Route, all_routes
from stead.testing.rows import Rows
from stead.testing.valid import ELSEWHERE, NO_INPUT, SENT_BY, VALID, Form, form_of, key_of

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
    own = ("billing_statement", "intake_file", "intake_message", "care_note", "forms_paper")
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
            home = address == "/" and answer.get("Location") == "/portal/"
            if answer.status_code not in (403, 405) and not home:
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


SENDING = [r for r in ROUTES if r.access.kind in ("staff", "token", "portal") and r.method != "GET"]


def send(client: Client, route: Route, address: str, form: Form, token: str, key: str) -> Any:
    """Send a form as a browser would, or a body with a token."""
    client.raise_request_exception = False
    headers = {"Idempotency-Key": key} | ({"Authorization": f"Bearer {token}"} if token else {})
    method = "POST" if route.method == "page" else route.method
    if token:
        return client.generic(method, address, json.dumps(form), content_type="application/json", headers=headers)
    kind = "application/x-www-form-urlencoded"
    return client.generic(method, address, urlencode(form), content_type=kind, headers=headers)


def counts(in_practice: InPractice) -> dict[str, int]:
    """Count the rows of every table of the practice, but those that only say that a request came by."""
    by_the_way = ("platform.IdempotencyKey", "platform.PatientAccess")
    with in_practice():
        return {
            model._meta.label: model.objects.count()
            for model in apps.get_models()
            if issubclass(model, TenantModel) and not model._meta.abstract and model._meta.label not in by_the_way
        }


def _sender(world: World, route: Route, role: Role | None) -> tuple[Client, str]:
    if route.access.kind == "portal":
        return world.patient, ""
    if route.access.kind == "token":
        return world.nobody, world.tokens[role or "owner"]
    return world.seats[role or "owner"], ""


def test_every_route_that_takes_a_post_has_a_valid_form(world: World, in_practice: InPractice) -> None:
    """Default deny: a new form stays out of the matrix only by saying where its story is told."""
    lost = []
    for route, address in world.addresses:
        known = key_of(route) in VALID or key_of(route) in NO_INPUT or key_of(route) in ELSEWHERE
        if route in SENDING and not known:
            client, token = _sender(world, route, _holder(route))
            with undone():
                status = send(client, route, address, {}, token, "empty").status_code
            if status != 405:
                lost.append(key_of(route))
    assert lost == []


def test_table_of_forms_names_routes_that_are_there() -> None:
    assert {*VALID, *NO_INPUT, *ELSEWHERE} - {key_of(r) for r in SENDING} == set()


def test_every_form_is_told_of_in_one_place() -> None:
    """A form that the matrix sends needs no other story."""
    assert (VALID.keys() | NO_INPUT) & ELSEWHERE.keys() == set()


@pytest.mark.parametrize("key", ELSEWHERE)
def test_story_that_is_told_elsewhere_is_there(key: str) -> None:
    module, _, name = ELSEWHERE[key][1].partition("::")
    assert name.startswith("test_") and callable(getattr(importlib.import_module(module), name, None))


def test_valid_form_has_one_effect_under_its_key(world: World, in_practice: InPractice) -> None:
    """Whoever holds the permission succeeds; sent again with the same key it repeats its answer and changes nothing."""
    wrong = []
    for route, address in world.addresses:
        if key_of(route) not in VALID and key_of(route) not in NO_INPUT:
            continue
        client, token = _sender(world, route, SENT_BY.get(key_of(route)) or _holder(route))
        with undone():
            with in_practice():
                form = form_of(route, world.rows) or {}
            first = send(client, route, address, form, token, "once")
            once = counts(in_practice)
            again = send(client, route, address, form, token, "once")
            more = {k: n - once[k] for k, n in counts(in_practice).items() if n != once[k]}
        if first.status_code not in (200, 201, 302) or again.status_code != first.status_code:
            wrong.append(f"{key_of(route)}: {first.status_code} then {again.status_code}")
        elif more or again.get("Idempotent-Replay") != "true":
            wrong.append(f"{key_of(route)}: {more} more, replay {again.get('Idempotent-Replay')}")
    assert "\n".join(wrong) == ""


def test_valid_form_of_somebody_without_the_permission_changes_no_row(world: World, in_practice: InPractice) -> None:
    """The form is right, the seat is not: a refusal to every role outside, and not one row more in any table."""
    wrong = []
    for route, address in world.addresses:
        found = permissions.find(route.access.permission)
        outside = [r for r in STAFF_ROLES if found and r not in found.roles]
        if (key_of(route) not in VALID and key_of(route) not in NO_INPUT) or not outside:
            continue
        if route.access.kind == "portal":
            continue
        with undone():
            with in_practice():
                form = form_of(route, world.rows) or {}
            before = counts(in_practice)
            for role in outside:
                client, token = _sender(world, route, role)
                status = send(client, route, address, form, token, f"never-{role}").status_code
                if status != 403:
                    wrong.append(f"{key_of(route)} as {role}: {status}")
            after = counts(in_practice)
        if after != before:
            wrong.append(f"{key_of(route)}: {_grown(before, after)}")
    assert "\n".join(wrong) == ""


def _grown(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    return {k: n - before[k] for k, n in after.items() if n != before[k]}


def test_valid_form_of_another_practice_finds_nothing(world: World, in_practice: InPractice) -> None:
    wrong = []
    for route, address in world.addresses:
        if (key_of(route) not in VALID and key_of(route) not in NO_INPUT) or not route.has_row:
            continue
        if route.access.kind == "portal":
            continue
        token = world.eve_token if route.access.kind == "token" else ""
        with undone():
            with in_practice():
                form = form_of(route, world.rows) or {}
            before = counts(in_practice)
            answer = send(world.nobody if token else world.eve, route, address, form, token, "eve")
            after = counts(in_practice)
        if answer.status_code not in (404, 422) or after != before:
            wrong.append(f"{key_of(route)}: {answer.status_code}, {_grown(before, after)}")
    assert "\n".join(wrong) == ""


def test_refused_form_sent_again_is_refused_again(world: World, in_practice: InPractice) -> None:
    """Nonsense with one key twice: the same answer, and no line more."""
    wrong = []
    for route, address in world.addresses:
        if route not in SENDING:
            continue
        client, token = _sender(world, route, _holder(route))
        with undone():
            first = send(client, route, address, {}, token, "twice")
            lines = counts(in_practice)
            again = send(client, route, address, {}, token, "twice")
            more = _grown(lines, counts(in_practice))
        if first.status_code != again.status_code or more:
            wrong.append(f"{key_of(route)}: {first.status_code} then {again.status_code}, {more}")
    assert "\n".join(wrong) == ""


def _holder(route: Route) -> Role | None:
    permission = permissions.find(route.access.permission)
    return next((r for r in STAFF_ROLES if permission and r in permission.roles), None)


def test_undeclared_example_would_be_found() -> None:
    """The proof that the first test can fail."""
    planted = replace(ROUTES[0], address="x/<uuid:nobody_knows_id>/", holes=("nobody_knows_id",))
    assert planted.missing() == ["nobody_knows_id"]
