"""One effect and one answer for each key; a refusal is not kept."""

from __future__ import annotations

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import path

from stead.platform import permissions
from stead.platform.idempotency.models import IdempotencyKey
from stead.platform.jobs.models import Effect
from stead.platform.refusals import Conflict
from stead.platform.web.door import staff
from stead.testing.clients import ClientAs, InPractice

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]
if permissions.find("testing.once") is None:
    permissions.declare("testing.once", "test keys", "manager")


@staff("testing.once")
def add(request: HttpRequest) -> HttpResponse:
    if request.POST["name"] == "refused":
        raise Conflict()
    return HttpResponse(Effect.objects.create(key=request.POST["name"]).key, status=201)


urlpatterns = [path("add", add)]


def test_refused_post_may_be_sent_again_with_its_key(client_as: ClientAs, in_practice: InPractice) -> None:
    manager = client_as("manager")
    for _ in range(2):
        assert manager.post("/add", {"name": "refused", "_key": "k"}).status_code == 409
    assert manager.post("/add", {"name": "corrected", "_key": "k"}).status_code == 201
    with in_practice():
        assert IdempotencyKey.objects.get().status == 201


def test_answer_is_repeated_and_the_effect_is_not(client_as: ClientAs, in_practice: InPractice) -> None:
    manager = client_as("manager")
    first, again = (manager.post("/add", {"name": "a", "_key": "k"}) for _ in range(2))
    assert (first.content, first.status_code) == (again.content, again.status_code) == (b"a", 201)
    assert again["Idempotent-Replay"] == "true"
    assert manager.post("/add", {"name": "b", "_key": "k"}).status_code == 422
    with in_practice():
        assert Effect.objects.count() == 1
