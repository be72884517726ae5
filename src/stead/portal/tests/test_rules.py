"""Card numbers are known where they are typed, and nothing else is taken for one."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stead.platform.card_numbers import CardNumberTyped, check_no_card_number, has_luhn, holds_card_number


def with_check_digit(digits: str) -> str:
    return next(digits + str(d) for d in range(10) if has_luhn(digits + str(d)))


@pytest.mark.parametrize(
    "text",
    [
        "4242424242424242", "4242 4242 4242 4242", "4242-4242-4242-4242", "my card: 378282246310005, thanks",
        "6011.1111.1111.1117", "x4000056655665556y",
    ],
)  # fmt: skip
def test_card_number_is_known_however_it_is_typed(text: str) -> None:
    assert holds_card_number(text)
    with pytest.raises(CardNumberTyped):
        check_no_card_number(["fine", text])


@pytest.mark.parametrize(
    "text", ["", "4242 4242 4242 4243", "502 555 0143", "W123456789", "03/14/1991", "12345678901234567890123"]
)
def test_other_numbers_pass(text: str) -> None:
    check_no_card_number([text])


@given(st.text("0123456789", min_size=12, max_size=18), st.sampled_from(["", " ", "-", "."]))
def test_every_length_of_card_number_is_known(digits: str, between: str) -> None:
    number = with_check_digit(digits)
    assert holds_card_number(between.join(number))
    assert holds_card_number(f"card {number} of mine")


@given(st.uuids())
def test_identifier_of_a_row_is_no_card_number(identifier: UUID) -> None:
    assert not holds_card_number(str(identifier))
    assert not holds_card_number(f"visit={identifier}, card={identifier}")


def test_card_number_beside_an_identifier_is_still_found() -> None:
    assert holds_card_number("01a20e38-9940-7001-9211-cae386219ded 4242 4242 4242 4242")
