"""How cases are told: computed titles, the rail, items, and the journal in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from stead.platform.journal.models import JournalEntry
from stead.platform.ui import words
from stead.platform.ui.parts import Line, Stage
from stead.practice import queries as practice
from stead.practice.rules import BusinessCalendar
from stead.practice.terms import NO_ONE
from stead.processes.document import Document, StagePart
from stead.processes.models import Case, CaseItem
from stead.processes.moving import outstanding
from stead.processes.queries import as_standings, clock_words
from stead.processes.rules import open_minutes, unsettled
from stead.processes.terms import RETURN_REASONS

GAP = timedelta(hours=24)


def title(case: Case, document: Document, items: Sequence[CaseItem], unmet: Sequence[str]) -> str:
    """Say in one sentence what the case waits for."""
    if case.state == "closed":
        return f"Closed: {_lower(document.ends.get(case.close_code, case.close_code))}"
    arrived = [item for item in items if item.state == "received"]
    if arrived:
        return f"{arrived[0].words} has arrived and wants a look" + _and_more(len(arrived) - 1)
    missing = outstanding(items)
    if missing:
        return f"Waiting for {_lower(missing[0].words)}" + _and_more(len(missing) - 1)
    ours = [item for item in items if item.required and item.state == "open"]
    if ours:
        left = words.count(len(ours), "thing", start=True)
        return f"{left} to do in “{document.stage(case.stage_key).name}”"
    if unmet:
        return f"Not so yet: {_lower(unmet[0])}" + _and_more(len(unmet) - 1)
    return f"Ready to leave “{document.stage(case.stage_key).name}”"


def _and_more(number: int) -> str:
    return f", and {words.count(number, 'more', 'more')}" if number > 0 else ""


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


@dataclass(frozen=True)
class Limit:
    """The due time in words: `mark` met, close, over or held."""

    mark: str
    words: str
    note: str = ""


def limit(case: Case, at: datetime, calendar: BusinessCalendar) -> Limit:
    """Say when the stage is due, by how much it is over, or that its clock stands."""
    if case.state == "closed":
        return Limit("met", "closed")
    said = clock_words(case, at, calendar)
    if case.due_at is None:
        return Limit("held", said, f"waiting on {waits_on(case)}")
    due = words.moment(calendar.local(case.due_at))
    if case.due_at < at:
        return Limit("over", said, f"was due {due}")
    return Limit("close" if open_minutes(case.due_at, at, calendar) >= -60 else "booked", f"due {due}", said)


def waits_on(case: Case) -> str:
    return {"us": "us", "patient": "the patient", "payer": "the payer", "other": "somebody else"}[case.waiting_on]


def rail(
    case: Case, document: Document, lines: Sequence[JournalEntry], at: datetime, calendar: BusinessCalendar
) -> list[Stage]:
    """Return the stages as the margin shows them: time taken, whose, over, limit."""
    left = {line.data["stage"]: line for line in lines if line.verb == "case.stage_left"}
    current = document.index(case.stage_key)
    today = calendar.local(at).date()
    stages = []
    for place, stage in enumerate(document.stages):
        if place == current:
            stages.append(_stage_now(case, stage, at, calendar))
        elif stage.key in left:
            taken = words.length(left[stage.key].data.get("business_minutes", 0))
            stages.append(Stage(stage.name, "behind", "met", notes=(f"{taken} of open time",)))
        elif place < current:
            stages.append(Stage(stage.name, "behind", "cancelled", notes=("not needed",)))
        else:
            holder = practice.holder_of(stage.owner, today, case.location_id)
            no_one = holder.staff_id is None
            notes = (f"limit {business_length(stage.due)}", *(() if no_one else (holder.name,)))
            stages.append(Stage(stage.name, "ahead", "booked", notes=notes, no_one=no_one))
    return stages


def _stage_now(case: Case, stage: StagePart, at: datetime, calendar: BusinessCalendar) -> Stage:
    said = limit(case, at, calendar)
    if case.state == "closed":
        return Stage(stage.name, "now", "met", notes=("closed here",))
    name = case.owner_staff.name if case.owner_staff else ""
    notes = tuple(note for note in ("" if said.mark == "over" else said.words, name) if note)
    tone = "brick" if said.mark == "over" else ""
    over = said.words if said.mark == "over" else ""
    return Stage(stage.name, "now", "waiting", tone, notes, over, no_one=case.owner_staff_id is None)


def business_length(hours: float) -> str:
    """Say business hours: a day has nine of them here, so "2 h", "1 day", "5 days"."""
    if hours < 9:
        return words.length(hours * 60)
    days = round(hours / 9)
    return words.count(days, "business day") if days < 13 else f"{days} business days"


def item_note(item: CaseItem, calendar: BusinessCalendar) -> str:
    """Say in one line how an item stands."""

    def moment(at: datetime | None) -> str:
        return words.moment(calendar.local(at)) if at else ""

    if item.state == "accepted":
        return f"Accepted by {item.decided_by_name}, {moment(item.decided_at)}"
    if item.state == "received":
        return f"Arrived {moment(item.received_at)}, nobody has looked yet"
    if item.state == "returned":
        return f"Returned, {RETURN_REASONS.get(item.return_reason, '')}, {moment(item.decided_at)}"
    if item.state == "waived":
        return "Not asked: not needed here"
    if item.state == "asked":
        times = words.count(item.asked_times, "time")
        return f"Asked {times}, last {moment(item.asked_at)}"
    return "Ours to do" if item.asked_of == "us" else "Not asked yet"


def still_open(items: Sequence[CaseItem]) -> int:
    return len(unsettled(as_standings(items)))


_SENTENCES: dict[str, tuple[str, str]] = {
    "case.opened": ("booked", "Case {number} was opened"),
    "case.stage_entered": ("met", "The case came to “{stage}”"),
    "case.stage_left": ("met", "“{stage}” was done"),
    "case.items_asked": ("asked", "Asked for: {items}"),
    "case.handed_over": ("met", "Handed over to the seat {seat}"),
    "case.escalated": ("over", "The step passed its limit and went to the seat {seat}"),
    "case.rerouted": ("met", "The case changed hands: somebody is away or a seat changed"),
    "case.owner_reminded": ("over", "The owner was reminded"),
    "case.automation_failed": ("unmet", "Something did not work by itself; a task was written"),
    "case.reopened": ("over", "The case came back: {because}"),
    "case.closed": ("met", "The case was closed as “{code}”"),
    "case.marked": ("over", "The case was put before others: {alert}"),
    "safety.raised": ("refused", "Said to be in danger; somebody is told until one has it"),
    "safety.rung": ("asked", "A person was told: {seat}, step {step}"),
    "safety.seat_blank": ("noone", "Nobody answers for the seat {seat}; the next was told at once"),
    "safety.unreachable": ("noone", "A person without an e-mail address was passed over: {seat}"),
    "safety.nobody": ("noone", "Nobody could be told"),
    "safety.taken": ("met", "Somebody has it"),
    "safety.passed_on": ("waiting", "It was passed on to the next person"),
    "safety.settled": ("met", "What came of it was recorded: {outcome}"),
    "request.urgent_late": ("over", "Urgent, and not seen within its hours"),
    "task.taken": ("met", "A task was taken"),
    "item.received": ("waiting", "Arrived: {item}"),
    "item.accepted": ("met", "Accepted: {item}"),
    "item.returned": ("unmet", "Returned: {item}, {reason}"),
    "item.waived": ("cancelled", "Done without: {item}"),
    "task.created": ("booked", "A task was written"),
    "task.done": ("met", "A task was done"),
    "task.cancelled": ("cancelled", "A task fell away"),
    "task.rerouted": ("met", "A task changed hands"),
    "gate.refused": ("refused", "Refused by a gate: {clauses}"),
    "gate.overridden": ("over", "A gate was overridden: {clauses}"),
    "gate.warned": ("close", "A gate warned: {clauses}"),
    "gate.watched": ("held", "A gate only watched: {clauses}"),
    "agreement.signed": ("met", "An agreement was signed: {kind}"),
    "eligibility.asked": ("asked", "The payer was asked about the coverage"),
    "eligibility.answered": ("met", "The payer answered about the coverage"),
    "coverage.card_verified": ("met", "The insurance card was verified"),
    "card.vaulted": ("met", "A card was put on file"),
    "appointment.booked": ("booked", "A visit was booked"),
    "appointment.cancelled": ("cancelled", "A visit was cancelled"),
    "appointment.no_show": ("over", "The patient did not come to a visit"),
    "appointment.booking_undone": ("cancelled", "A booking was taken back"),
}
_FELL_AWAY = {
    "appointment.cancelled": "the visit was cancelled",
    "appointment.no_show": "the patient did not come",
    "appointment.booking_undone": "the booking was taken back",
}


_UNTOLD = frozenset({"case.turn_changed", "timer.fired"})
"""What another line of the same instant tells better."""


def timeline(
    lines: Sequence[JournalEntry], document: Document, calendar: BusinessCalendar, numbers: dict[UUID, int]
) -> list[Line]:
    """Return journal lines as sentences, newest first; a wait of a day or more is a row of its own."""
    return list(_told([line for line in lines if line.verb not in _UNTOLD], document, calendar, numbers))


def _told(
    lines: Sequence[JournalEntry], document: Document, calendar: BusinessCalendar, numbers: dict[UUID, int]
) -> Iterator[Line]:
    shown_day, newer = None, None
    for line in lines:
        local = calendar.local(line.at)
        if newer is not None and newer.at - line.at >= GAP:
            open_hours = calendar.hours_between(line.at, newer.at)
            waited = words.length((newer.at - line.at).total_seconds() / 60)
            yield Line(
                f"Nothing happened for {waited}, {words.length(open_hours * 60)} of it in open hours", kind="gap"
            )
            shown_day = None
        mark, said = _sentence(line, document)
        day = "" if local.date() == shown_day else words.day_with_weekday(local.date())
        yield Line(
            said, day=day, time=words.clock(local), mark=mark, by=line.actor_name, number=_number(numbers.get(line.id))
        )
        shown_day, newer = local.date(), line


def _number(line: int | None) -> str:
    return words.grouped(line) if line else ""


def _sentence(line: JournalEntry, document: Document) -> tuple[str, str]:
    mark, pattern = _SENTENCES.get(line.verb, ("met", _plain(line.verb)))
    return mark, pattern.format_map(_Codes(line.data, document))


def _plain(verb: str) -> str:
    noun, _, past = verb.partition(".")
    return f"{noun.replace('_', ' ').capitalize()}: {past.replace('_', ' ')}".replace("{", "").replace("}", "")


class _Codes(dict[str, Any]):
    """A line's codes in words; a code the line does not carry is left out quietly."""

    def __init__(self, data: dict[str, Any], document: Document) -> None:
        super().__init__(data)
        self._stages = {stage.key: stage.name for stage in document.stages}
        self._items = {item.key: item.words for stage in document.stages for item in stage.items}

    def __getitem__(self, key: str) -> str:
        value = self.get(key, "")
        if key == "stage":
            return self._stages.get(value, str(value))
        if key == "item":
            return self._items.get(value, str(value))
        if key == "items":
            return words.listed([self._items.get(name, name) for name in value]) if value else ""
        if key == "clauses":
            return words.listed([name.replace("_", " ") for name in value]) if value else ""
        if key == "alert":
            return str(value) or "no more"
        if key == "because":
            return _FELL_AWAY.get(value, str(value))
        if key == "reason":
            return RETURN_REASONS.get(value, str(value))
        return str(value).replace("_", " ")


def owner(case: Case) -> str:
    return case.owner_staff.name if case.owner_staff else NO_ONE
