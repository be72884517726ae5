"""Tasks and denials that people work off: most of them; the owner few, and the denials of one cause none."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from stead.billing import actions as billing
from stead.billing.models import Denial
from stead.platform.money import Money
from stead.practice.models import SeatHolding
from stead.processes import actions as processes
from stead.processes.models import Task
from stead.simulation.days.life import Life
from stead.simulation.demo.money import CLUSTER_CODES

DONE_TODAY, OWNER_DOES = 0.6, 0.05
DENIALS_A_DAY = 4
RESTS = timedelta(days=2)


def do_tasks(life: Life, morning: datetime) -> None:
    """Let people finish the tasks that are theirs; nobody finishes those of No one."""
    owners = life.read(morning, _owners)
    for task in life.read(morning, lambda: _open_tasks(morning)):
        assert task.staff_id is not None
        if life.random.random() < (OWNER_DOES if task.staff_id in owners else DONE_TODAY):
            at = life.moment(morning, 8, 15)
            life.do("tasks", processes.complete_task, life.staff(task.staff_id), at, task_id=task.id)


def work_denials(life: Life, morning: datetime) -> None:
    """Let the biller give up the oldest denials of mixed causes, within the limit of the seat."""
    biller = life.of_role("biller")
    for denial in life.read(morning, lambda: _denials_to_decide(morning)):
        at = life.moment(morning, 8, 15)
        life.do(
            "denials", billing.write_off, biller, at, claim_id=denial.claim_id, amount=Money(denial.amount_cents),
            reason="The plan will not pay it",
        )  # fmt: skip


def _owners() -> set[UUID]:
    return set(SeatHolding.objects.filter(seat__key="owner", until_date=None).values_list("staff_id", flat=True))


def _open_tasks(morning: datetime) -> list[Task]:
    rows = Task.objects.filter(state="open", created_at__lt=morning).exclude(staff_id=None)
    return list(rows.order_by("created_at", "id"))


def _denials_to_decide(morning: datetime) -> list[Denial]:
    rows = Denial.objects.filter(state="open", denied_at__lt=morning - RESTS)
    mixed = rows.exclude(reason_code=CLUSTER_CODES[1], remark_codes__contains=[CLUSTER_CODES[2]])
    return list(mixed.order_by("denied_at", "id")[:DENIALS_A_DAY])
