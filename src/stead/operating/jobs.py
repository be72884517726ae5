"""What operating does by the clock: count the weeks that closed, so that nobody's page counts them."""

from __future__ import annotations

from stead.operating import figures, queries
from stead.platform import clock
from stead.platform.jobs.queue import job


@job("operating.count_weeks")
def count_weeks() -> None:
    """Count the scorecard's closed weeks that are missing or stale, and keep them. Bears repetition."""
    at = clock.now()
    card = queries.scorecard(at=at)
    figures.keep(card.found, card.weeks, at)
