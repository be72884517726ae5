"""How a case moves: private to the actions, which hold its lock.

A case leaves a stage when its required items are settled and the stage's `leave_when` clauses are met, and enters the
next when that one's `enter_when` clauses are met too. Nothing else sets `stage_key`, so no stage is entered against its
clauses. Each entry names an owner and why it is theirs; while somebody else is waited for the clock stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from stead.platform.actors import Actor, system
from stead.platform.identifiers import uuid7
from stead.platform.journal.write import write
from stead.practice import queries as practice
from stead.practice.rules import BusinessCalendar
from stead.processes import queries, tasks
from stead.processes.document import AutomationPart, ClausePart, Document, StagePart
from stead.processes.models import Case, CaseItem, Task, Timer
from stead.processes.rules import check_item_move, check_no_crisis, unsettled, whose_turn
from stead.processes.terms import SETTLED, WaitingOn


@dataclass
class Mover:
    """One case in hand, locked, at one moment."""

    case: Case
    at: datetime
    by: Actor
    document: Document
    calendar: BusinessCalendar
    _loaded: tuple[str, list[CaseItem]] | None = field(default=None, repr=False)
    _subjects: dict[str, object] | None = field(default=None, repr=False)

    def advance(self) -> None:
        """Move the case as far as its items and clauses let it, then set its clock."""
        passed = {self.case.stage_key}
        while True:
            blocking = self._blocking()
            if blocking is not None:
                break
            target = self._next_stage()
            if target is None and self.case.alert == "crisis":
                blocking = []  # it waits for a person to say what came of it
                break
            if target is None:
                return self.close(self.document.done)
            unmet = self._unmet(target.enter_when)
            if unmet or target.key in passed:
                blocking = [part.waits_on for part in unmet]
                if not unmet:
                    self._say_circle(target)
                break
            passed.add(target.key)
            self._leave()
            self.enter(target)
        self._set_turn(whose_turn(queries.as_standings(self._items()), blocking))

    def enter(self, stage: StagePart) -> None:
        """Enter a stage whose clauses are met: owner, due time, timers, and what is asked of the patient."""
        case = self.case
        came_from, case.stage_key, case.stage_entered_at = case.stage_key, stage.key, self.at
        case.due_at, case.clock_left_seconds = self.calendar.add_hours(self.at, stage.due), None
        if case.alert_by is not None:
            case.due_at = min(case.due_at, case.alert_by)
        case.waiting_on = "us"
        self._take_owner(stage.owner)
        case.version_no += 1
        case.save()
        self._line(
            "case.stage_entered", stage=stage.key, came_from=came_from, seat=case.owner_seat_key,
            staff=str(case.owner_staff_id or ""), due_at=case.due_at.isoformat(),
        )  # fmt: skip
        self._schedule("enter", self.at)
        self._schedule("late", case.due_at)
        self._waive_unwanted()
        self.ask_items([item for item in self._items() if item.asked_of == "patient" and item.state == "open"])

    def hurry(self) -> None:
        """Let the stage be due by the limit of the case's alert: its clock no longer stands while others are waited
        for."""
        case = self.case
        if case.state != "open" or case.alert_by is None or (case.due_at and case.due_at <= case.alert_by):
            return
        case.due_at, case.clock_left_seconds = case.alert_by, None
        case.save(update_fields=["due_at", "clock_left_seconds"])
        self._cancel_timers("late")
        self._schedule("late", case.due_at)

    def ask_items(self, items: Iterable[CaseItem]) -> None:
        """Ask the patient for items (again); messages follow the line."""
        items = list(items)
        for item in items:
            check_item_move(item.state, "asked")
            item.state, item.asked_at, item.asked_times = "asked", self.at, item.asked_times + 1
            item.save(update_fields=["state", "asked_at", "asked_times"])
        if items:
            times = max(item.asked_times for item in items)
            self._line("case.items_asked", items=[item.key for item in items], times=times)

    def hand_over(self, seat_key: str, verb: str, **data: str) -> None:
        """Give the case to another seat."""
        old = self.case.owner_seat_key
        self._take_owner(seat_key)
        self.case.save(update_fields=["owner_seat_key", "owner_staff_id", "owner_reason"])
        self._line(verb, seat=seat_key, from_seat=old, staff=str(self.case.owner_staff_id or ""), **data)

    def close(self, code: str) -> None:
        """End the case with a code; its timers and open tasks end with it. A crisis is ended by a person first."""
        case = self.case
        check_no_crisis(case.alert)
        case.state, case.close_code, case.closed_at = "closed", code, self.at
        case.due_at = case.clock_left_seconds = None
        case.version_no += 1
        case.save()
        self._cancel_timers()
        for task in Task.objects.filter(case_id=case.id, state="open"):
            tasks.end(task, "cancelled", self.by, self.at)
        self._line("case.closed", code=code, stage=case.stage_key)

    def reopen(self, stage: StagePart, because: str) -> None:
        """Bring a closed case back to a stage, its clock new; what an event had settled there is open again."""
        case = self.case
        was, case.state, case.close_code, case.closed_at = case.close_code, "open", "", None
        case.version_no += 1
        case.save()
        self._line("case.reopened", stage=stage.key, was=was, because=because)
        settled = {part.key for part in stage.items if part.accepted_by}
        for item in queries.items_of(case.id, stage.key):
            if item.key in settled and item.state == "accepted":
                check_item_move(item.state, "open")
                item.state, item.decided_at, item.decided_by_name = "open", None, ""
                item.save(update_fields=["state", "decided_at", "decided_by_name"])
        self.enter(stage)
        self.advance()

    def _blocking(self) -> list[WaitingOn] | None:
        """Return whom the unmet clauses wait on, or None when nothing keeps the case in its stage."""
        self._waive_unwanted()
        unmet = self._unmet(self._stage.leave_when)
        if unmet or unsettled(queries.as_standings(self._items())):
            return [part.waits_on for part in unmet]
        return None

    def _unmet(self, clauses: Sequence[ClausePart]) -> list[ClausePart]:
        """Return the clauses that are not met; a stage without any needs no facts."""
        return self._standing().unmet(clauses) if clauses else []

    def _next_stage(self) -> StagePart | None:
        for branch in self.document.successors(self.case.stage_key):
            if not branch.when or self._standing().is_true(branch.when):
                return self.document.stage(branch.go)
        return None

    def _waive_unwanted(self) -> None:
        """Do not ask for what the facts say is not needed; ask after all when they change. Unknown keeps asking."""
        wanted = {part.key: part.when for part in self._stage.items if part.when}
        if not wanted:
            return
        standing = self._standing()
        for item in self._items():
            if item.key not in wanted or item.state in ("accepted", "received"):
                continue
            needless = standing.ask_expression(wanted[item.key]).outcome == "unmet"
            state = "waived" if needless else ("open" if item.state == "waived" else item.state)
            if state != item.state:
                item.state = state
                item.save(update_fields=["state"])

    def _leave(self) -> None:
        self._cancel_timers()
        open_hours = self.calendar.hours_between(self.case.stage_entered_at, self.at)
        self._line("case.stage_left", stage=self.case.stage_key, business_minutes=round(open_hours * 60))

    def _set_turn(self, turn: WaitingOn) -> None:
        """Write down whose turn it is; stop the clock while it is not ours, and go on where it stood."""
        case, old = self.case, self.case.waiting_on
        clock = (case.due_at, case.clock_left_seconds)
        stands = turn != "us" and case.alert_by is None  # nobody in need waits for a clock that stands
        if stands and case.clock_left_seconds is None and case.due_at and case.due_at > self.at:
            left = self.calendar.hours_between(self.at, case.due_at)
            case.clock_left_seconds, case.due_at = round(left * 3600), None
            self._cancel_timers("late")
        if turn == "us" and case.clock_left_seconds is not None:
            case.due_at = self.calendar.add_hours(self.at, case.clock_left_seconds / 3600)
            case.clock_left_seconds = None
            self._schedule("late", case.due_at)
        case.waiting_on = turn
        if turn != old:
            self._cancel_timers("waiting")
            if turn != "us":
                self._schedule("waiting", self.at)
            self._line("case.turn_changed", waiting_on=turn, was=old)
        if (turn, *clock) != (old, case.due_at, case.clock_left_seconds):
            case.save(update_fields=["waiting_on", "due_at", "clock_left_seconds"])

    def _schedule(self, on: str, since: datetime) -> None:
        """Set the stage's timers of one kind."""
        Timer.objects.bulk_create(
            [
                Timer(
                    case_id=self.case.id,
                    key=f"{self._stage.key}:{on}:{n}",
                    act=part.do,
                    data={"stage": self._stage.key, "on": on, "n": n},
                    due_at=self.calendar.add_hours(since, part.after) if part.after else since,
                )
                for n, part in enumerate(self._stage.automations)
                if part.on == on
            ]
        )

    def _cancel_timers(self, on: str = "") -> None:
        timers = Timer.objects.filter(case_id=self.case.id, state="pending")
        if on:
            timers = timers.filter(key__startswith=f"{self.case.stage_key}:{on}:")
        timers.update(state="cancelled", ended_at=self.at)

    def _take_owner(self, seat_key: str) -> None:
        """Resolve whose the case is today."""
        case = self.case
        holder = practice.holder_of(seat_key, self.calendar.local(self.at).date(), case.location_id)
        case.owner_seat_key, case.owner_staff_id = seat_key, holder.staff_id
        case.owner_reason = holder.reason

    def _say_circle(self, target: StagePart) -> None:
        tasks.create(
            key=f"{self.case.id}:circle", title=f"{self.case.title}: the playbook leads in a circle at {target.name}",
            seat_key=self.document.owner, case=self.case, by=self.by, at=self.at, due_at=self.case.due_at,
        )  # fmt: skip

    @property
    def _stage(self) -> StagePart:
        return self.document.stage(self.case.stage_key)

    def _items(self) -> list[CaseItem]:
        """Return the stage's items, read once per stage: nobody else changes them while the case is locked."""
        if self._loaded is None or self._loaded[0] != self.case.stage_key:
            self._loaded = (self.case.stage_key, queries.items_of(self.case.id, self.case.stage_key))
        return self._loaded[1]

    def _standing(self) -> queries.Standing:
        """Return the facts afresh: the case's own have moved with it, its patient is still the same row."""
        if self._subjects is None:
            self._subjects = queries.subjects_of(self.case)
        return queries.standing_of(self.case, self.at, calendar=self.calendar, subjects=self._subjects)

    def _line(self, verb: str, **data: object) -> None:
        write(
            verb, by=self.by, at=self.at, subject=self.case, patient_id=self.case.patient_id, case_id=self.case.id,
            playbook=self.case.playbook_key, **data,
        )  # fmt: skip


def take_turns(practice: UUID) -> None:
    """Let what walks over many cases of a practice wait for one another until its transaction ends.

    Each locks cases in its own order (by due time, by identifier), so two at once could wait for each other for ever.
    What works on one case locks that one only and needs no turn.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"processes:{practice}"])


def mover(case: Case, at: datetime, by: Actor | None = None) -> Mover:
    """Take a locked case in hand. What it does by itself is done by Stead, whoever set it off."""
    document = queries.document_of_case(case)
    return Mover(case, at, by or system(), document, practice.calendar_of(case.location_id))


def open_items(case: Case, document: Document) -> list[CaseItem]:
    """Create every item of the playbook, so that a paper may come early; its stage asks for it later."""
    start = case.opened_at
    return CaseItem.objects.bulk_create(
        [
            CaseItem(
                # Identifiers follow the document, so that items are listed in its order.
                id=uuid7(start + timedelta(milliseconds=n)),
                case_id=case.id,
                patient_id=case.patient_id,
                stage_key=stage.key,
                key=part.key,
                kind=part.kind,
                words=part.words,
                required=part.required,
                asked_of=part.asked_of,
            )
            for n, (stage, part) in enumerate((stage, part) for stage in document.stages for part in stage.items)
        ]
    )


def automation_of(document: Document, timer: Timer) -> AutomationPart:
    found: AutomationPart = document.stage(timer.data["stage"]).automations[timer.data["n"]]
    return found


def outstanding(items: Iterable[CaseItem]) -> list[CaseItem]:
    """Return what the patient was asked for and has not sent."""
    return [i for i in items if i.asked_of == "patient" and i.required and i.state not in SETTLED | {"received"}]
