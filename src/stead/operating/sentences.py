"""The sentences and figures of the numbers layer, as the practice says them."""

from __future__ import annotations

from decimal import Decimal

from stead.operating.terms import Direction, Unit
from stead.platform.ui import words

NOTHING = "\u2013"
"""An en dash where there was nothing to count: a word in every cell would shout."""


def shown(value: Decimal | None, unit: Unit, *, short: bool = False) -> str:
    """Write a figure with its unit; `short` is the cell of the scorecard, where the row already says the unit."""
    if value is None:
        return NOTHING
    if unit == "dollars":
        return f"{value / 1000:.1f}" if short else words.money(int(value * 100))
    number = f"{value:.0f}" if unit in ("count", "hours") or value == value.to_integral_value() else f"{value:.1f}"
    tail = {"percent": "%", "hours": "" if short else " h", "days": "" if short else " d"}.get(unit, "")
    return f"{number}{tail}"


def target_words(target: Decimal | None, direction: Direction, unit: Unit) -> str:
    if target is None:
        return "none yet"
    side = "at least" if direction == "at_least" else "at most"
    if unit == "dollars":
        return f"{side} ${target / 1000:.1f}k"
    return f"{side} {shown(target, unit)}"


def scorecard_title(on_target: int, judged: int) -> str:
    """Write the page's first sentence: "Seven of twelve on target"."""
    if judged == 0:
        return "No measure has a figure and a target yet"
    if on_target == judged:
        return f"All {words.number_word(judged)} on target" if judged > 1 else "The one measure is on target"
    return (
        f"{words.number_word(on_target, start=True) if on_target else 'None'} of {words.number_word(judged)} on target"
    )


def stuck_title(stuck: int, yours: int) -> str:
    """Write the first sentence of the manager's home."""
    if stuck == 0:
        return "Nothing is stuck."
    first = f"{words.count(stuck, 'thing', start=True)} {'is' if stuck == 1 else 'are'} stuck."
    if yours == stuck:
        return f"{first} {'It is' if stuck == 1 else 'All are'} yours."
    if yours == 0:
        return f"{first} None is yours."
    return f"{first} {words.number_word(yours, start=True)} {'is' if yours == 1 else 'are'} yours."
