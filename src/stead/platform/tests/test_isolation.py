"""Hostile statements as every serving role see and change nothing foreign; without row-level security they would."""

from __future__ import annotations

import pytest
from django.db import connections

from stead.platform.tenancy import drill
from stead.platform.tenancy.attacks import READS, WRITES

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def test_hostile_statements_reach_no_other_practice() -> None:
    practices = drill.plant(3)
    kinds = READS | WRITES
    tally = drill.attack(practices, 2 * len(drill.KINDS) * len(kinds))
    assert tally.kinds == set(kinds) and len(kinds) >= 21
    assert dict(tally.leaks) == {}
    assert tally.seen > 0 and tally.refused > 0
    assert drill.changed_rows(practices) == 0
    assert drill.control(practices) > 0


APP = "practice_id = stead.practice('app')"
DIRECTORY = "(select stead.in_directory())"


@pytest.mark.parametrize(
    ("policy", "table", "test"),
    [("app", "location", APP), ("app", "closure", APP), ("directory", "platform_account", DIRECTORY)],
)
def test_attack_finds_the_wall_taken_down(policy: str, table: str, test: str) -> None:
    """The proof that the drill can fail: the same statements with one policy too wide."""
    practices = drill.plant(3)
    owner = connections["owner"]
    with owner.cursor() as cursor:
        cursor.execute(f"alter policy {policy} on {table} using (true) with check (true)")
    try:
        tally = drill.attack(practices, len(drill.KINDS) * len(READS | WRITES))
        assert tally.foreign + drill.changed_rows(practices) > 0
    finally:
        with owner.cursor() as cursor:
            cursor.execute(f"alter policy {policy} on {table} using ({test}) with check ({test})")
