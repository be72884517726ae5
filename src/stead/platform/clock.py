"""The only source of now.

Only views, jobs and commands ask; everything below them takes `at`. The simulator and the tests drive the clock, so a
call of `datetime.now` anywhere else would live in another time than the practice does (ruff's DTZ rules and a test
guard that).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_driven: ContextVar[datetime | None] = ContextVar("stead_driven_clock", default=None)


def wall() -> datetime:
    """Return what the machine's clock says. The tests put a calendar of their own here, for every thread at once."""
    return datetime.now(UTC)


def now() -> datetime:
    """Return the current instant, aware, in UTC."""
    return _driven.get() or wall()


@contextmanager
def driven(at: datetime) -> Iterator[None]:
    """Hold the clock at one instant for the code inside."""
    if at.tzinfo is None:
        raise ValueError("A driven clock needs an aware instant.")
    token = _driven.set(at.astimezone(UTC))
    try:
        yield
    finally:
        _driven.reset(token)
