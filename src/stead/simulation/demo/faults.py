"""What is wrong at Linden Street on purpose, so that the product has something to show.

The blank desk is in `structure`, Marcus Bell's notes in `book`, the denials and the silent claims in `money`; here are
the decisions that wait for the owner, and Dee Marsh.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from stead.processes.models import Task
from stead.simulation.demo.history import Person
from stead.simulation.demo.journal import Lines
from stead.simulation.demo.people import OLU
from stead.simulation.demo.rows import Ids, Rows
from stead.simulation.demo.structure import Structure

OWNER_DECISIONS = (
    ("Approve the write-off of $640.00, plan refused for good", 9),
    ("Approve the refund of $310.00", 8),
    ("Sign the renewal of the lease, New Albany", 7),
    ("Approve the overtime of the front desk", 6),
    ("Decide on the offer to a new therapist", 6),
    ("Approve the fee waiver of $180.00", 5),
    ("Approve the order of two chairs, $410.00", 4),
    ("Answer Commonwealth Health Plan about the contract", 4),
    ("Approve the week off of Hannah Stein", 3),
)


def plant(rows: Rows, lines: Lines, ids: Ids, made: Structure, now: datetime) -> None:
    """Let nine decisions wait for Olu, who alone may take them."""
    for number, (title, days) in enumerate(OWNER_DECISIONS):
        at = now - timedelta(days=days, hours=number)
        task = ids.at(at)
        rows.add(
            Task, id=task, key=f"demo.owner.{number}", title=title, seat_key="owner", staff_id=made.staff[OLU].id,
            due_at=at + timedelta(days=2), created_at=at,
        )  # fmt: skip
        lines.add("task.created", at, "", "processes.task", task, key=f"demo.owner.{number}")


def dee(people: list[Person]) -> Person:
    """Return Dee Marsh's row: the last who asked for care."""
    return next(person for person in people if (person.first_name, person.last_name) == ("Dee", "Marsh"))
