"""What a new password may be (NIST SP 800-63B-4)."""

import pytest

from stead.platform.accounts.passwords import PasswordRefused, check_new

REFUSED = [
    ("", True, "at least 8"),
    ("seven77", True, "at least 8"),
    ("fourteen chars", False, "at least 15"),
    ("password", True, "tried first"),
    ("password123", True, "tried first"),
    ("iloveyou!!", True, "tried first"),
    ("aaaaaaaaaaaaaaaaaaaa", False, "tried first"),
    ("Stead2026", True, "tried first"),
    ("mona.petrakis@example.test", False, "tried first"),
    ("mona.petrakis1", True, "tried first"),
    ("plumorbitplumorbit", False, "tried first"),
    ("x" * 250 + "yzabcde", False, "at most 256"),
]


@pytest.mark.parametrize(("password", "second", "words"), REFUSED)
def test_weak_password_is_refused(password: str, second: bool, words: str) -> None:
    with pytest.raises(PasswordRefused, match=words):
        check_new(password, email="mona.petrakis@example.test", second_factor=second)


@pytest.mark.parametrize(
    ("password", "second"),
    [
        ("eightchr", True),
        ("plum orbit lantern", False),
        ("Çok güzel bir gün bugün", False),
        (" ".join(["violet harbor mitten candle acorn saddle", "ribbon walnut 64ch"]), False),
    ],
)
def test_long_enough_password_is_taken_without_rules_of_composition(password: str, second: bool) -> None:
    check_new(password, email="mona.petrakis@example.test", second_factor=second)
