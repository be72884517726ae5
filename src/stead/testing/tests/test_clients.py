"""The signed-in clients: who they are, what they find, and that they leave the test's own context as it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import include, path

from stead.patients.models import Patient
from stead.platform import permissions
from stead.platform.actors import STAFF_ROLES, Actor
from stead.platform.jobs.models import Effect
from stead.platform.web.door import PageRequest, portal, staff
from stead.testing.clients import ClientAs, InPractice, SeatClient

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

if permissions.find("testing.look") is None:
    permissions.declare("testing.look", "look", *STAFF_ROLES)
    permissions.declare("testing.own", "look at one's own", "patient")
    permissions.declare("testing.desk", "do what the desk does", "front_desk")


@staff("testing.look")
def look(request: PageRequest) -> HttpResponse:
    return HttpResponse(f"{request.by.name}: {Effect.objects.count()}")


@staff("testing.desk")
def add(request: PageRequest) -> HttpResponse:
    Effect.objects.create(key=request.POST["key"])
    return redirect("look")


@portal("testing.own")
def own(request: PageRequest) -> HttpResponse:
    return HttpResponse(f"{request.by.name}: {Patient.objects.count()}")


urlpatterns = [
    path("look", look, name="look"),
    path("add", add),
    path("own", own),
    path("", include("stead.platform.web.urls")),  # what a refusal's page leads to
    path("", include("stead.platform.accounts.urls")),
]


def test_each_role_is_its_person_of_the_cast(client_as: ClientAs, cast_of: dict[str, Actor]) -> None:
    for role in STAFF_ROLES:
        assert client_as(role).get("/look").content.decode() == f"{cast_of[role].name}: 0"


def test_rows_made_inside_are_seen_and_the_context_goes_on(client_as: ClientAs, inside: UUID) -> None:
    Effect.objects.create(key="before")
    client = client_as("front_desk")
    assert client.get("/look").content == b"Ana Ruiz: 1"
    assert client.post("/add", {"key": "by page"}).content == b"Ana Ruiz: 2"
    assert set(Effect.objects.values_list("key", flat=True)) == {"before", "by page"}


def test_post_without_the_permission_is_refused(client_as: ClientAs) -> None:
    assert client_as("biller").post("/add", {"key": "x"}).status_code == 403


def test_each_post_has_its_own_key_unless_the_form_brings_one(client_as: ClientAs, in_practice: InPractice) -> None:
    client = client_as("front_desk")
    for _ in range(2):
        client.post("/add", {"key": "same form", "_key": "k-1"})
    client.post("/add", {"key": "another"})
    with in_practice():
        assert Effect.objects.count() == 2


def test_eve_sees_nothing_of_ours(client_as: ClientAs, eve_client: SeatClient, inside: UUID) -> None:
    Effect.objects.create(key="ours")
    assert eve_client.get("/look").content == b"Eve Stranger: 0"


def test_patient_reads_only_their_own_row(
    patient_client: Callable[[Any], SeatClient], inside: UUID, at: Any, client_as: ClientAs
) -> None:
    dee, other = (
        Patient.objects.create(number=n, first_name=name, last_name="Marsh", created_at=at)
        for n, name in enumerate(("Dee", "Other"), start=1)
    )
    assert patient_client(dee).get("/own").content == b"Dee Marsh: 1"
    assert Patient.objects.count() == 2
    assert client_as("biller").get("/own").status_code == 403
    assert other.id != dee.id
