"""The door of the API: token, scope, expiry, idempotency, refusals; and the start-up check of routes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path
from ninja import NinjaAPI, Router, Schema, Status

from stead.config import api as product
from stead.platform import checks, clock, permissions
from stead.platform.accounts.models import Account
from stead.platform.accounts.tokens import ScopeRefused, create_token, revoke_token
from stead.platform.actors import Actor
from stead.platform.jobs.models import Effect
from stead.platform.refusals import Conflict, Fix
from stead.platform.web import tokens
from stead.platform.web.door import PageRequest, public
from stead.testing.clients import InPractice, enter_person

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

for key in ("testing.api_read", "testing.api_write"):
    if permissions.find(key) is None:
        permissions.declare(key, "test the API", "manager")

router = Router()


class EffectOut(Schema):
    id: UUID
    key: str


class EffectIn(Schema):
    key: str


@router.get("/effects", response=list[EffectOut])
@tokens.token("testing.api_read")
def effects(request: PageRequest) -> Any:
    return Effect.objects.order_by("key")  # read while the answer is made, inside the practice


@router.post("/effects", response={201: EffectOut})
@tokens.token("testing.api_write")
def add(request: PageRequest, said: EffectIn) -> Any:
    if said.key == "taken":
        raise Conflict(fix=Fix("Look", "/look"))
    if said.key == "gone":
        raise Http404
    return Status(201, Effect.objects.create(key=said.key))


tested = NinjaAPI(urls_namespace="tested", docs_url=None, openapi_url=None)
tested.add_router("", router)
for error, handler in product.api._exception_handlers.items():
    tested.add_exception_handler(error, handler)
urlpatterns = [path("api/v1/", include((tokens.patterns(tested), "tested")))]


@pytest.fixture
def make_token(practice_row: Any, mona: Actor, at: datetime) -> Callable[..., str]:
    def make(*scopes: str, **given: Any) -> str:
        membership = enter_person(practice_row, mona)
        return create_token(membership=membership, name="t", scopes=scopes, at=at, **given)[1]

    return make


def call(text: str, body: dict[str, Any] | None = None, key: str | None = None) -> Any:
    headers = {"Authorization": f"Bearer {text}"} | ({"Idempotency-Key": key} if key else {})
    client = Client(enforce_csrf_checks=True)
    if body is None:
        return client.get("/api/v1/effects", headers=headers)
    return client.post("/api/v1/effects", body, content_type="application/json", headers=headers)


def test_answer_is_made_inside_the_practice(make_token: Callable[..., str], in_practice: InPractice) -> None:
    with in_practice():
        Effect.objects.create(key="ours")
    assert [e["key"] for e in call(make_token("testing.api_read")).json()] == ["ours"]


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer stead_nothing", "Basic abc"])
def test_nobody_without_a_token_gets_in(db: None, header: str) -> None:
    answer = Client().get("/api/v1/effects", headers={"Authorization": header})
    assert (answer.status_code, answer.json()["code"]) == (401, "no_token")


def test_token_does_only_what_its_scopes_say(make_token: Callable[..., str]) -> None:
    answer = call(make_token("testing.api_read"), {"key": "a"}, "k1")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")


def test_scope_that_the_person_does_not_hold_is_refused(make_token: Callable[..., str]) -> None:
    for scopes in ([], ["no.such"], ["messages.deliver"]):
        with pytest.raises(ScopeRefused):
            make_token(*scopes)


def test_expired_revoked_and_leavers_tokens_are_dead(
    make_token: Callable[..., str], in_practice: InPractice, mona: Actor, linden: UUID, at: datetime
) -> None:
    text = make_token("testing.api_read", expires_at=at + timedelta(hours=1))
    for moment, status in ((at + timedelta(minutes=59), 200), (at + timedelta(hours=1), 401)):
        with clock.driven(moment):
            assert call(text).status_code == status
    from stead.platform.accounts.models import ApiToken

    other = make_token("testing.api_read")
    assert call(other).status_code == 200
    living = ApiToken.objects.get(expires_at=None).id
    with in_practice():
        revoke_token(practice=linden, by=mona, at=at, token_id=living)
    assert call(other).status_code == 401
    third = make_token("testing.api_read")
    Account.objects.update(is_active=False)
    assert call(third).status_code == 401


def test_post_without_a_key_changes_nothing(make_token: Callable[..., str], in_practice: InPractice) -> None:
    answer = call(make_token("testing.api_write"), {"key": "a"})
    assert (answer.status_code, answer.json()["code"]) == (400, "key_missing")
    with in_practice():
        assert not Effect.objects.exists()


def test_post_again_with_its_key_gets_the_same_answer_once(
    make_token: Callable[..., str], in_practice: InPractice
) -> None:
    text = make_token("testing.api_write")
    first, again = call(text, {"key": "a"}, "k1"), call(text, {"key": "a"}, "k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert call(text, {"key": "b"}, "k1").json()["code"] == "key_reused"
    with in_practice():
        assert Effect.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [({"key": "taken"}, 409, "conflict"), ({"key": "gone"}, 404, "not_found"), ({"k": 1}, 422, "invalid_input")],
)
def test_refusal_is_json_with_code_and_words(
    make_token: Callable[..., str], body: dict[str, Any], status: int, code: str
) -> None:
    answer = call(make_token("testing.api_write"), body, "k1")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["words"]
    assert ("fix" in answer.json()) is (code == "conflict")


def test_other_methods_are_refused_with_the_list(db: None) -> None:
    answer = Client().delete("/api/v1/effects")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, POST")


def undeclared(request: HttpRequest) -> HttpResponse:
    return HttpResponse("open to all")


def test_undeclared_page_stops_the_program() -> None:
    urls = type("Urls", (), {"urlpatterns": [path("left-open", undeclared), path("declared", public(undeclared))]})
    with override_settings(ROOT_URLCONF=urls):
        assert [m.msg for m in checks.every_route_is_declared()] == ["The route /left-open declares no access."]


def test_undeclared_operation_stops_the_program() -> None:
    open_router = Router()
    open_router.get("/left-open")(undeclared)
    open_router.post("/left-open")(tokens.token("nobody.declared")(lambda request: None))
    planted = NinjaAPI(urls_namespace="planted", docs_url=None, openapi_url=None)
    planted.add_router("", open_router)
    urls = type("Urls", (), {"urlpatterns": tokens.patterns(planted)})
    with override_settings(ROOT_URLCONF=urls):
        assert {m.id for m in checks.every_route_is_declared()} == {"stead.E001", "stead.E002"}
        assert Client().get("/left-open").status_code == 405


@pytest.mark.urls("stead.config.urls")
def test_document_and_plain_page_are_served(client: Client) -> None:
    document = client.get("/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.")
    for methods in document["paths"].values():
        assert all(operation["x-permission"] for operation in methods.values())
    page = client.get("/api/v1/")
    assert "https://cdn" not in page.content.decode()
    assert page.status_code == 200


@pytest.mark.urls("stead.config.urls")
def test_every_route_of_the_product_is_declared() -> None:
    assert checks.every_route_is_declared() == []
