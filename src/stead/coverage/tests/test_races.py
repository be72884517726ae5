"""Several at once, on committed data with threads: the last unit of an authorization goes to one visit."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import connections

from stead.coverage import actions
from stead.coverage.models import Authorization, AuthorizationUse
from stead.coverage.terms import AuthorizationDetails
from stead.coverage.tests.cast import bluegrass, dee, policy
from stead.platform.actors import Actor
from stead.platform.identifiers import new_id
from stead.platform.tenancy.context import acting
from stead.practice.queries import practice_day

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "owner"])]
TIMES = 6


def test_last_unit_goes_to_one_of_six_visits(practice_row: object, linden: UUID, olu: Actor, at: datetime) -> None:
    door: dict[str, Any] = {"practice": linden, "by": olu, "at": at}
    with acting(linden, olu):
        covered = policy(linden, olu, at, dee(at), bluegrass(linden, olu, at))
        day = practice_day(at)
        actions.add_authorization(**door, details=AuthorizationDetails(covered.id, "A1", 1, day, day))
    gate = threading.Barrier(TIMES)
    results: list[Any] = [None for _ in range(TIMES)]

    def run(n: int) -> None:
        try:
            gate.wait(timeout=60)
            with acting(linden, olu):
                results[n] = actions.count_unit(**door, coverage_id=covered.id, service_date=day, encounter_id=new_id())
        finally:
            connections["default"].close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(TIMES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert sum(row is not None for row in results) == 1
    with acting(linden, olu):
        assert Authorization.objects.get().units_used == 1
        assert AuthorizationUse.objects.count() == 1
