"""Live on from today, or from the end of the days lived before: the actions that people and jobs use, a driven clock.

Each day: people ask for care and are taken along to a first visit; whoever is in the book comes, misses or cancels;
sessions are held, notes written and signed; most patients book again; patients pay, denials and tasks are worked; the
evening's claims leave, payers answer, and what came back is read. Refusals are part of life here: they are counted by
kind and the day goes on. A fault of ours rises.

The demo's faults stay until somebody mends them: who was made ready and forgotten stays forgotten, the denials of one
cause wait, Marcus Bell signs late, the owner decides little, and the blank desk has no one.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from stead.billing import ports
from stead.platform import actors, clock
from stead.platform.accounts.models import Practice
from stead.platform.journal.models import JournalEntry
from stead.platform.tenancy import context
from stead.simulation.cards import SandboxCards
from stead.simulation.days.day import Day
from stead.simulation.days.life import Life, Progress


def live(practice: Practice, days: int, seed: int, progress: Progress) -> dict[str, Any]:
    """Live `days` days on; return what was done and what was refused, by name, and up to when."""
    ports.provide(SandboxCards)
    now, lived_to = clock.now(), _lived_to(practice.id)
    life = Life(practice.id, seed, max(now, lived_to))
    first = datetime.combine(life.begun.date(), time(0), UTC) + timedelta(hours=6)
    if lived_to > now:
        first += timedelta(days=first < lived_to)  # notes of an evening are written past midnight
        progress(f"Days were lived before, to {lived_to:%A, %B %-d}; they go on from there")
    for number in range(days):
        morning = first + timedelta(days=number)
        before = life.did.copy()
        Day(life, morning).live()
        done = ", ".join(f"{count} {name}" for name, count in sorted((life.did - before).items())) or "nothing"
        progress(f"{morning:%a %b %d}: {done}")
    return {
        "name": "simulate days", "days": days, "from": first.date(), "did": dict(life.did),
        "refused": dict(life.refused),
    }  # fmt: skip


def _lived_to(practice: UUID) -> datetime:
    """Return the moment of the journal's last line: later than now only after days that were lived ahead."""
    with context.acting(practice, actors.system(), kind="worker"):
        last = JournalEntry.objects.order_by("-id").values_list("at", flat=True).first()
    return last or clock.now()
