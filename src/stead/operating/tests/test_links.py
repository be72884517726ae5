"""The addresses this room sends people to are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.urls import get_resolver

ROOM = Path(__file__).parents[1]
NAMES = sorted(
    {name for file in ROOM.glob("**/*.py") if "tests" not in file.parts for name in
     re.findall(r'address\(\s*"([a-z_]+)"', file.read_text())}
)  # fmt: skip


def test_there_are_links() -> None:
    assert len(NAMES) >= 8


@pytest.mark.parametrize("name", NAMES)
def test_link_leads_to_a_page(name: str) -> None:
    assert name in get_resolver().reverse_dict
