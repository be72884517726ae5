"""The numbers by API: the same figures as the page, rows only for a token whose person and scope may open them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from stead.operating.tests.conftest import Hand
from stead.platform.accounts.tokens import create_token
from stead.platform.actors import Actor
from stead.testing.clients import enter_person, outside

pytestmark = pytest.mark.django_db

Get = Callable[..., Any]


@pytest.fixture
def get(hand: Hand, practice_row: Any, mona: Actor, ana: Actor) -> Get:
    def ask(address: str, *scopes: str, by: Actor = mona) -> Any:
        with outside():
            text = create_token(membership=enter_person(practice_row, by), name="t", scopes=scopes, at=hand.at)[1]
            return Client().get(f"/api/v1{address}", headers={"Authorization": f"Bearer {text}"})

    return ask


def test_scorecard_is_that_of_the_page(hand: Hand, get: Get) -> None:
    for hour, status in enumerate(["done"] * 3 + ["no_show"], start=8):
        hand.visit(hand.patient(), hand.local(18, hour), status)
    found = {row["key"]: row for row in get("/scorecard", "numbers.read").json()}
    assert len(found["no_show_rate"]["weeks"]) == 13
    last = found["no_show_rate"]["weeks"][-1]
    assert (last["week"], float(last["value"]), last["off"]) == ("2026-11-16", 25.0, True)
    assert found["no_show_rate"]["run"] == "1 week over"


def test_rows_add_up_to_the_figure(hand: Hand, get: Get) -> None:
    for hour, status in enumerate(["done", "no_show"], start=8):
        hand.visit(hand.patient(), hand.local(18, hour), status)
    rows = get("/measures/no_show_rate/weeks/2026-11-16/rows", "numbers.rows").json()
    assert (sum(r["counts"] for r in rows), sum(r["among"] for r in rows)) == (1, 2)


def test_catalogue_says_how_each_is_counted(get: Get) -> None:
    found = get("/measures", "numbers.read").json()
    assert len(found) == 12
    assert all(row["defined"] and row["excluded"] and row["owner_seat"] for row in found)


@pytest.mark.parametrize("week", ["2026-11-17", "2026-11-23", "2030-01-07"])
def test_week_that_is_no_week_or_not_over_is_not_there(get: Get, week: str) -> None:
    assert get(f"/measures/no_show_rate/weeks/{week}/rows", "numbers.rows").status_code == 404


def test_rows_need_their_own_right(get: Get, ana: Actor) -> None:
    address = "/measures/no_show_rate/weeks/2026-11-16/rows"
    assert get(address, "numbers.read").status_code == 403
    assert get("/measures/nothing/weeks/2026-11-16/rows", "numbers.rows").status_code == 404
