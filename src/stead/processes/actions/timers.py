"""Fire timers: exactly once each, never after what they waited for has arrived.

The case is locked first and the timer then turned from pending to fired in one statement, so a second worker finds it
fired, and an item that arrives at the same moment either comes before (the timer is cancelled) or after (it fired).
"""

from __future__ import annotations

import logging
from datetime import datetime
from uuid import UUID

from django.db import transaction

from stead.platform.actions import action
from stead.platform.actors import Actor, system
from stead.platform.journal.write import write
from stead.processes import queries, tasks
from stead.processes.document import AutomationPart
from stead.processes.models import Case, Timer
from stead.processes.moving import Mover, automation_of, mover, outstanding, take_turns

log = logging.getLogger(__name__)


@action("fire_timers", permission="cases.move", words="do what is due by itself", may_change_nothing=True)
def fire_timers(*, practice: UUID, by: Actor, at: datetime, limit: int = 200) -> int:
    """Fire the timers that are due, oldest first; return how many."""
    take_turns(practice)
    due = Timer.objects.filter(state="pending", due_at__lte=at).order_by("due_at", "id")
    return sum(_fire(timer, at) for timer in list(due[:limit]))


def _fire(timer: Timer, at: datetime) -> bool:
    case = Case.objects.select_for_update().get(id=timer.case_id)
    mine = Timer.objects.filter(id=timer.id, state="pending").update(state="fired", ended_at=at)
    if not mine or case.state != "open":
        return False
    _timer_line(case, at, timer, "timer.fired")
    words = timer.act
    try:
        with transaction.atomic():
            hand = mover(case, at)  # here, as a version that can no longer be read is such a fault too
            part = automation_of(hand.document, timer)
            words = part.words
            _ACTS[timer.act](hand, part, timer)
    except Exception as fault:  # whatever it is must not keep the other timers from firing
        log.exception("automation of case %s did not work", case.id)
        _say_failed(timer, words, at, type(fault).__name__)
    return True


def _remind(hand: Mover, part: AutomationPart, timer: Timer) -> None:
    """Ask the patient again for what is outstanding; where nothing is, remind the owner."""
    waiting = outstanding(queries.items_of(hand.case.id, hand.case.stage_key))
    if waiting:
        hand.ask_items(waiting)
    else:
        write(
            "case.owner_reminded", by=system(), at=hand.at, subject=hand.case, patient_id=hand.case.patient_id,
            case_id=hand.case.id, staff=str(hand.case.owner_staff_id or ""), stage=hand.case.stage_key,
        )  # fmt: skip


def _task(hand: Mover, part: AutomationPart, timer: Timer) -> None:
    tasks.create(
        key=f"{hand.case.id}:{timer.key}", title=f"{part.words}: {hand.case.title}", seat_key=part.to, case=hand.case,
        by=system(), at=hand.at, due_at=hand.calendar.add_hours(hand.at, 4),
    )  # fmt: skip


def _escalate(hand: Mover, part: AutomationPart, timer: Timer) -> None:
    hand.hand_over(part.to, "case.escalated", stage=hand.case.stage_key)


def _close(hand: Mover, part: AutomationPart, timer: Timer) -> None:
    hand.close(part.code)


_ACTS = {"remind": _remind, "task": _task, "escalate": _escalate, "close": _close}


def _say_failed(timer: Timer, words: str, at: datetime, fault: str) -> None:
    """Make a failed automation visible: a line, and a task for whoever owns the case."""
    case = Case.objects.get(id=timer.case_id)  # the attempt was undone; look at the row as it is
    _timer_line(case, at, timer, "case.automation_failed", fault=fault)
    tasks.create(
        key=f"{case.id}:{timer.key}:failed", title=f"Do by hand, it did not work by itself: {words}",
        seat_key=case.owner_seat_key, case=case, by=system(), at=at,
    )  # fmt: skip


def _timer_line(case: Case, at: datetime, timer: Timer, verb: str, **codes: str) -> None:
    write(
        verb, by=system(), at=at, subject=timer, patient_id=case.patient_id, case_id=case.id,
        timer=timer.key, act=timer.act, due_at=timer.due_at.isoformat(), **codes,
    )  # fmt: skip
