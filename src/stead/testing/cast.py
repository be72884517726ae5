"""The standing cast: Ana (front desk), Ben (biller), Dr Cho, Dee (patient), Olu (owner), and Eve from elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.conf import settings
from django.utils import translation

from stead.platform import clock
from stead.platform.actors import Actor, Role
from stead.platform.identifiers import uuid7

NOON = datetime(2026, 11, 24, 15, 42, tzinfo=UTC)
"""Tuesday November 24, 2026, 10:42 in Louisville: the moment of the pictures."""


def person(name: str, *roles: Role) -> Actor:
    return Actor(id=uuid7(NOON), kind="staff", name=name, roles=frozenset(roles))


@pytest.fixture
def at() -> datetime:
    return NOON


@pytest.fixture(autouse=True)
def calendar(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every test live on the day of the cast, whatever the machine's day is: the clock starts there and runs on.

    Rows made `at` and pages that ask the clock then agree, so no test fails because weeks have passed. A test that
    talks to a process of its own is marked `machine_clock`: that process lives on the machine's day.
    """
    if request.node.get_closest_marker("machine_clock"):
        return
    began = time.monotonic()
    monkeypatch.setattr(clock, "wall", lambda: NOON + timedelta(seconds=time.monotonic() - began))


@pytest.fixture(autouse=True)
def language() -> Iterator[None]:
    """Let every test begin in the product's own language: a page read in Spanish leaves the thread in Spanish.

    The web server sets the language anew for each request (LocaleMiddleware); a test of a rule asks no server.
    """
    with translation.override(settings.LANGUAGE_CODE):
        yield


@pytest.fixture
def ana() -> Actor:
    return person("Ana Ruiz", "front_desk")


@pytest.fixture
def ben() -> Actor:
    return person("Ben Whitlock", "biller")


@pytest.fixture
def cho() -> Actor:
    return person("Dr Grace Cho", "clinician")


@pytest.fixture
def priya() -> Actor:
    return person("Priya Nair", "intake")


@pytest.fixture
def mona() -> Actor:
    return person("Mona Petrakis", "manager")


@pytest.fixture
def olu() -> Actor:
    return person("Olu Adeyemi", "owner")


@pytest.fixture
def eve() -> Actor:
    return person("Eve Stranger", "owner", "manager", "front_desk", "intake", "clinician", "biller")


@pytest.fixture
def linden() -> UUID:
    """The practice of the cast."""
    return uuid7(NOON)


@pytest.fixture
def elsewhere() -> UUID:
    """Eve's practice."""
    return uuid7(NOON)


@pytest.fixture
def inside(db: None, linden: UUID, olu: Actor) -> Iterator[UUID]:
    """Act in the practice for the length of the test."""
    from stead.platform.tenancy.context import acting

    with acting(linden, olu):
        yield linden
