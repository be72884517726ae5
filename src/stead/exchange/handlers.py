"""What the exchange does when other rooms have done something."""

from __future__ import annotations

from stead.platform.jobs.queue import enqueue
from stead.platform.journal.follow import handles
from stead.platform.journal.models import JournalEntry


@handles("eligibility.asked")
def send_question(entry: JournalEntry) -> None:
    """Queue the 270 in the question's own transaction: asked and queued are one."""
    enqueue("exchange.send_inquiry", check_id=entry.subject_id)
