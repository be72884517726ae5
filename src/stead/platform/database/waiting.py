"""Wait for a fact while telling the person what is being waited for."""

import time
from collections.abc import Callable

type Progress = Callable[[str], None]

POLL_SECONDS = 0.03
QUIET_SECONDS = 2.0


def stay_silent(_words: str) -> None:
    """Show nothing: the default listener."""


def wait_until(
    happened: Callable[[], bool], *, patience: float, words: str, on_progress: Progress = stay_silent
) -> bool:
    """Poll until `happened` or `patience` seconds are over; say `words` now and then once it takes long."""
    started = time.monotonic()
    next_words = started + QUIET_SECONDS
    while not happened():
        now = time.monotonic()
        if now - started > patience:
            return False
        if now >= next_words:
            on_progress(f"{words} ({now - started:.0f} s)")
            next_words = now + QUIET_SECONDS
        time.sleep(POLL_SECONDS)
    return True
