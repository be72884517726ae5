"""The formula, against the table of the keystroke-level model worked by hand."""

import pytest

from stead.config.ruler.keystrokes import Bar, Counted, seconds


@pytest.mark.parametrize(
    ("counted", "phone", "expected"),
    [
        (Counted(), False, 0.0),
        (Counted(clicks=3, search_fields=1, views=1), False, 9.3),
        (Counted(clicks=1), False, 2.65),
        (Counted(clicks=2, other_fields=4, views=1), False, 24.25),
        (Counted(clicks=6, other_fields=1, views=5, loads=5), True, 22.4),
        (Counted(clicks=2, search_fields=1, views=1, loads=1), True, 9.8),
    ],
)
def test_seconds_follow_the_model(counted: Counted, phone: bool, expected: float) -> None:
    assert seconds(counted, phone=phone) == expected


@pytest.mark.parametrize("name", ["clicks", "other_fields", "views", "loads"])
def test_one_more_of_anything_is_above_the_bar(name: str) -> None:
    bar = Bar(2, 1, 1, 1, seconds=30)
    at_the_bar = Counted(clicks=2, search_fields=1, views=1, loads=1)
    assert bar.holds(at_the_bar)
    assert not bar.holds(at_the_bar + Counted(**{name: 1}))


def test_too_slow_is_above_the_bar() -> None:
    assert not Bar(3, 1, 1, 0, seconds=9.2).holds(Counted(clicks=3, search_fields=1, views=1))


def test_what_a_bar_does_not_limit_is_free() -> None:
    assert Bar(2, 1, 1, loads=None, seconds=None).holds(Counted(clicks=2, other_fields=1, views=1, loads=9))
