"""What is wrong at Linden Street on purpose, so that the product has something to show.

The blank desk is in `structure`, Marcus Bell's notes in `book`, the denials and the silent claims in `money`; here are
the decisions that wait for the owner, and Dee Marsh.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from stead.processes.models import Task
from stead.simulation.demo.history import Person, Story
from stead.simulation.demo.journal import Lines
from stead.simulation.demo.people import OLU
from stead.simulation.demo.rows import Ids, Rows
from stead.simulation.demo.structure import Structure

OWNER_DECISIONS = (
    ("Approve the write-off of $640.00, plan refused for good", 19),
    ("Approve the refund of $310.00", 17),
    ("Sign the renewal of the lease, New Albany", 15),
    ("Approve the overtime of the front desk", 14),
    ("Decide on the offer to a new therapist", 12),
    ("Approve the fee waiver of $180.00", 11),
    ("Approve the order of two chairs, $410.00", 9),
    ("Answer Commonwealth Health Plan about the contract", 6),
    ("Approve the week off of Hannah Stein", 4),
)
DECIDED = (
    "Approve the refund of ${}.00", "Approve the write-off of ${}.00", "Approve the order of supplies, ${}.00",
    "Approve the fee waiver of ${}.00", "Approve the repair of the telephone line, ${}.00",
)  # fmt: skip
DECIDED_EVERY = timedelta(days=3.2)
QUICK, SLOW = (0.3, 4.0), (8.0, 20.0)
"""Between how many days Olu decided at first, and between how many of late."""


def plant(rows: Rows, lines: Lines, ids: Ids, made: Structure, story: Story, random: Random) -> None:
    """Let nine decisions wait for Olu, who alone may take them, behind the many that she has taken."""
    now = story.now
    for number, (title, days) in enumerate(OWNER_DECISIONS):
        _decision(rows, lines, ids, made, f"demo.owner.{number}", title, now - timedelta(days=days, hours=number))
    begun, until = now - timedelta(weeks=story.weeks), now - timedelta(days=20)
    at, number = begun, 0
    while at < until:
        words = random.choice(DECIDED).format(random.randrange(40, 700, 5))
        share = (at - begun) / (until - begun)
        ended = at + timedelta(days=random.uniform(*(q + (s - q) * share for q, s in zip(QUICK, SLOW, strict=True))))
        _decision(rows, lines, ids, made, f"demo.decided.{number}", words, at, min(ended, now - timedelta(days=1)))
        at, number = at + DECIDED_EVERY * (1 - 0.3 * share) * random.uniform(0.5, 1.5), number + 1


def _decision(
    rows: Rows, lines: Lines, ids: Ids, made: Structure, key: str, title: str, at: datetime,
    ended: datetime | None = None,
) -> None:  # fmt: skip
    task = ids.at(at)
    rows.add(
        Task, id=task, key=key, title=title, seat_key="owner", staff_id=made.staff[OLU].id,
        due_at=at + timedelta(days=2), created_at=at, state="done" if ended else "open", ended_at=ended,
    )  # fmt: skip
    lines.add("task.created", at, "", "processes.task", task, key=key)
    if ended:
        lines.add("task.done", ended, OLU, "processes.task", task, key=key)


def dee(people: list[Person]) -> Person:
    """Return Dee Marsh's row: the last who asked for care."""
    return next(person for person in people if (person.first_name, person.last_name) == ("Dee", "Marsh"))
