"""A day at the end of the calendar in an address is no day; it must not break a page."""

from __future__ import annotations

import pytest

from stead.operating.tests.conftest import Hand
from stead.testing.clients import ClientAs

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/care/?day={day}", 200),
        ("/calendar/list/?day={day}", 200),
        ("/calendar/day/{day}/", 404),
        ("/numbers/no_show_rate/{day}/", 404),
        ("/seats/absence/?person={person}&first={day}&last={day}", 422),
    ],
)
def test_page_answers(client_as: ClientAs, hand: Hand, day: str, address: str, status: int) -> None:
    client = client_as("owner" if "care" not in address else "clinician")
    assert client.get(address.format(day=day, person=hand.priya.id)).status_code == status
