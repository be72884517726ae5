"""A practice with a book: two locations in two time zones, three rooms, three practitioners, four services' worth."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from stead.platform.actors import Actor
from stead.scheduling.tests.book import Book, open_book


@pytest.fixture
def book(practice_row: Any, inside: UUID, olu: Actor, at: datetime) -> Book:
    return open_book(inside, olu, at)


@pytest.fixture
def when(at: datetime) -> Callable[..., datetime]:
    """Return a function from a day of November 2026 and an hour in Louisville to the instant."""
    from stead.scheduling.tests.book import louisville

    return louisville
