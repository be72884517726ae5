"""Item moves and whose turn it is, as tables."""

from __future__ import annotations

import pytest

from stead.processes.rules import ITEM_MOVES, ItemCannot, ItemStanding, check_item_move, whose_turn
from stead.processes.terms import WaitingOn


@pytest.mark.parametrize("old", ITEM_MOVES)
@pytest.mark.parametrize("new", ITEM_MOVES)
def test_an_item_moves_as_the_table_says(old: str, new: str) -> None:
    if new in ITEM_MOVES[old]:
        check_item_move(old, new)
    else:
        with pytest.raises(ItemCannot):
            check_item_move(old, new)


def item(asked_of: str, state: str, required: bool = True) -> ItemStanding:
    return ItemStanding("x", required, asked_of, state)


@pytest.mark.parametrize(
    ("items", "unmet", "turn"),
    [
        ([item("patient", "received"), item("patient", "asked")], [], "us"),
        ([item("patient", "asked"), item("us", "open")], [], "patient"),
        ([item("patient", "returned")], ["payer"], "patient"),
        ([item("us", "open")], ["payer"], "us"),
        ([item("patient", "asked", required=False)], ["payer"], "payer"),
        ([item("patient", "accepted")], ["payer", "us"], "us"),
        ([], ["patient", "payer"], "payer"),
        ([], [], "us"),
    ],
)
def test_whose_turn_it_is(items: list[ItemStanding], unmet: list[WaitingOn], turn: str) -> None:
    assert whose_turn(items, unmet) == turn
