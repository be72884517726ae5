"""Tasks and denials that people work off: most of them; the owner few, and the denials of one cause none."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from stead.billing import actions as billing
from stead.billing.models import Denial
from stead.platform.money import Money
from stead.practice.models import Seat, SeatHolding
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
    """Let billers give up the oldest denials of mixed causes: who may for this much, or else ask the seat that may."""
    for denial in life.read(morning, lambda: _denials_to_decide(morning)):
        at, amount = life.moment(morning, 8, 15), Money(denial.amount_cents)
        biller = life.read(at, partial(_biller_of_limit, amount.cents))
        if biller is None:
            life.do(
                "approvals_asked", processes.create_task, life.of_role("biller"), at,
                key=f"write_off:{denial.claim_id}", title=f"Approve the write-off of {amount}",
                patient_id=denial.patient_id,
                seat_key=life.read(at, partial(_seat_of_limit, amount.cents)),
            )  # fmt: skip
            continue
        life.do(
            "denials", billing.write_off, life.staff(biller), at, claim_id=denial.claim_id, amount=amount,
            reason="The plan will not pay it",
        )  # fmt: skip


def _biller_of_limit(cents: int) -> UUID | None:
    """Return the biller whose seat has the lowest limit that suffices, or None."""
    rows = SeatHolding.objects.filter(
        until_date=None, seat__closed_date=None, seat__write_off_limit_cents__gte=cents, staff__ended_date=None,
        staff__roles__contains=["biller"],
    )  # fmt: skip
    return rows.order_by("seat__write_off_limit_cents", "id").values_list("staff_id", flat=True).first()


def _seat_of_limit(cents: int) -> str:
    rows = Seat.objects.filter(closed_date=None, write_off_limit_cents__gte=cents).order_by("write_off_limit_cents")
    return rows.values_list("key", flat=True).first() or "owner"


def _owners() -> set[UUID]:
    return set(SeatHolding.objects.filter(seat__key="owner", until_date=None).values_list("staff_id", flat=True))


def _open_tasks(morning: datetime) -> list[Task]:
    rows = Task.objects.filter(state="open", created_at__lt=morning).exclude(staff_id=None)
    return list(rows.order_by("created_at", "id"))


def _denials_to_decide(morning: datetime) -> list[Denial]:
    rows = Denial.objects.filter(state="open", denied_at__lt=morning - RESTS)
    mixed = rows.exclude(reason_code=CLUSTER_CODES[1], remark_codes__contains=[CLUSTER_CODES[2]])
    return list(mixed.order_by("denied_at", "id")[:DENIALS_A_DAY])
