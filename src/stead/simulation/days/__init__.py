"""Live on from today: the same actions that people and jobs use, on a driven clock.

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

from stead.billing import ports
from stead.platform import clock
from stead.platform.accounts.models import Practice
from stead.simulation.cards import SandboxCards
from stead.simulation.days.day import Day
from stead.simulation.days.life import Life, Progress


def live(practice: Practice, days: int, seed: int, progress: Progress) -> dict[str, Any]:
    """Live `days` days from today on; return what was done and what was refused, by name."""
    ports.provide(SandboxCards)
    life = Life(practice.id, seed, clock.now())
    first = datetime.combine(life.begun.date(), time(0), UTC) + timedelta(hours=6)
    for number in range(days):
        morning = first + timedelta(days=number)
        before = life.did.copy()
        Day(life, morning).live()
        done = ", ".join(f"{count} {name}" for name, count in sorted((life.did - before).items())) or "nothing"
        progress(f"{morning:%a %b %d}: {done}")
    return {"name": "simulate days", "days": days, "did": dict(life.did), "refused": dict(life.refused)}
