"""A short list narrows, orders and gives its file's address by what the address says, and ignores nonsense."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import QueryDict

from stead.platform.ui.lists import Listing

ROWS: list[dict[str, Any]] = [
    {"title": "beds", "owner": "Ana", "due": "Dec 2", "due_order": 2},
    {"title": "Chairs", "owner": "Ben", "due": "Nov 30", "due_order": 1},
    {"title": "arm rests", "owner": "Ana", "due": "no limit", "due_order": None},
]


def titles(address: str) -> list[str]:
    listing = Listing(QueryDict(address), ROWS, noun="task", sorts=("title", "due"), filters={"owner": "Owner"})
    return [row["title"] for row in listing.rows]


@pytest.mark.parametrize(
    ("address", "left"),
    [
        ("", ["beds", "Chairs", "arm rests"]),
        ("sort=title", ["arm rests", "beds", "Chairs"]),
        ("sort=-title", ["Chairs", "beds", "arm rests"]),
        ("sort=due", ["Chairs", "beds", "arm rests"]),
        ("sort=-due", ["beds", "Chairs", "arm rests"]),  # what has no limit stays at the end
        ("owner=Ana", ["beds", "arm rests"]),
        ("owner=Ana&sort=title", ["arm rests", "beds"]),
        ("owner=Eve&sort=owner_id", ["beds", "Chairs", "arm rests"]),
    ],
)
def test_address_says_what_is_left_and_in_which_order(address: str, left: list[str]) -> None:
    assert titles(address) == left


def test_sentence_keeps_what_was_chosen() -> None:
    listing = Listing(QueryDict("owner=Ana&sort=due"), ROWS, noun="task", sorts=("due",), filters={"owner": "Owner"})
    assert (listing.bar.filters[0].shown, listing.bar.count, listing.bar.clear_url) == ("Ana", "2 tasks", "?")
    assert list(listing.bar.kept) == [("sort", "due")]
    assert not listing.is_csv


def test_whose_page_it_is_stays_when_the_list_is_narrowed_or_cleared() -> None:
    asked = QueryDict("as=owner&owner=Ana")
    listing = Listing(asked, ROWS, noun="task", sorts=("due",), filters={"owner": "Owner"}, keep=("as",))
    assert list(listing.bar.kept) == [("as", "owner")]
    assert listing.bar.clear_url == "?as=owner"
