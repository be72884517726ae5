"""The daily jobs as stories: each makes its own patients and rows, counts, and looks into the database at the end.

A story yields its counted stretches. `5 to see` and `5` are two stretches of job 5; a job holds its bar when all do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from stead.config.ruler.hand import HandOf, Stretch
from stead.config.ruler.house import House
from stead.config.ruler.keystrokes import Bar

Story = Callable[[House, HandOf], Iterator[Stretch]]

BARS = {
    "1": Bar(3, 1, 1, 0, 10),
    "4": Bar(2, 0, 1, 0, 5),
    "5 to see": Bar(0),
    "5": Bar(1, seconds=3),
    "5 in a form": Bar(1, 0, 1, 0, 4),
    "8": Bar(1, 0, 1, 1, 4),
    "9": Bar(1, seconds=3),
    "16 to see": Bar(0),
    "16": Bar(1, 0, 1, 1, 4),
    "19": Bar(1, seconds=3),
    "21 to the first question": Bar(2, 1, 1, None, None),
    "21": Bar(6, 1, 5, None, 23),
    "23": Bar(2, 0, 1, 1, 5),
}


class JobNotDone(AssertionError):
    """The browser said one thing and the database another."""


def check(held: bool, words: str) -> None:
    """Refuse a story whose job did not happen; `assert` would be left out by python -O."""
    if not held:
        raise JobNotDone(words)
