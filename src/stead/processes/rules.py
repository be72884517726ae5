"""Pure rules of processes: what an item may become, whose turn it is, when a case may move."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from stead.platform.refusals import Conflict
from stead.practice.rules import BusinessCalendar
from stead.processes.terms import SETTLED, WaitingOn

ITEM_MOVES: dict[str, frozenset[str]] = {
    "open": frozenset({"asked", "received", "accepted", "waived"}),
    "asked": frozenset({"asked", "received", "accepted", "waived"}),
    "received": frozenset({"received", "accepted", "returned", "waived"}),
    "returned": frozenset({"asked", "received", "accepted", "waived"}),
    "accepted": frozenset({"returned", "received", "open"}),
    "waived": frozenset({"open", "asked", "received"}),
}
"""From each state of an item, the states it may take. What was accepted can be returned: a card expires; and
what an event settled is open again when another takes the event back."""


class ItemCannot(Conflict):
    """The item is not in a state from which this is possible."""


class CrisisOpen(Conflict):
    words = (
        "A person of this case may be in danger. Say first on the safety page what came of it; then it can be closed."
    )


def check_no_crisis(alert: str) -> None:
    """Refuse to end what a machine may raise and only a person may end."""
    if alert == "crisis":
        raise CrisisOpen()


def check_item_move(old: str, new: str) -> None:
    if new not in ITEM_MOVES[old]:
        raise ItemCannot(f"This is {old} already, so it cannot become {new}. Nothing was changed.")


def open_minutes(since: datetime, until: datetime, calendar: BusinessCalendar) -> float:
    """Return the open minutes from one moment to another, negative when that is earlier: limits count business hours,
    so what is left of them or over them does too, on every page."""
    return calendar.hours_between(since, until) * 60


@dataclass(frozen=True)
class ItemStanding:
    """What the rules need to know of an item."""

    key: str
    required: bool
    asked_of: str
    state: str


def unsettled(items: Iterable[ItemStanding]) -> list[ItemStanding]:
    """Return the required items that still hold the case in its stage."""
    return [item for item in items if item.required and item.state not in SETTLED]


def whose_turn(items: Iterable[ItemStanding], unmet_wait_on: Iterable[WaitingOn]) -> WaitingOn:
    """Return whom a stage waits for.

    What has arrived and wants a decision is ours. What the patient was asked for is theirs, and our own checks mostly
    follow from it. Then our own items; then whoever an unmet clause waits on, us first.
    """
    open_items = unsettled(items)
    if any(item.state == "received" for item in open_items):
        return "us"
    if any(item.asked_of == "patient" for item in open_items):
        return "patient"
    if open_items:
        return "us"
    turns: set[WaitingOn] = set(unmet_wait_on)
    for turn in ("us", "payer", "patient", "other"):
        if turn in turns:
            return turn
    return "us"
