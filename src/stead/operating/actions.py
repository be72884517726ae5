"""Change the rhythm: issues, meetings, decisions, to-dos, and what the practice expects of a measure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from stead.operating import agenda, figures, queries
from stead.operating.models import Decision, Issue, MeasureSetting, Meeting, Todo
from stead.operating.people import Chart
from stead.operating.refusals import (
    AlreadyHeld,
    AlreadySettled,
    MeetingExists,
    NothingDecided,
    OwnerUnknown,
    TodoFinished,
    WordsMissing,
)
from stead.operating.terms import NewIssue, NewTodo, Settlement
from stead.platform import permissions
from stead.platform.actions import action
from stead.platform.actors import Actor
from stead.platform.journal.write import write
from stead.platform.refusals import InvalidInput, NotFound
from stead.practice.models import Seat, StaffMember

SEVEN_DAYS = timedelta(days=7)


@action("raise_issue", permission="issues.raise", words="raise an issue", may_change_nothing=True)
def raise_issue(*, practice: UUID, by: Actor, at: datetime, issue: NewIssue) -> Issue:
    """Put something on the next meeting's list. The same source is raised once: a second time returns the open one."""
    if not issue.title.strip():
        raise WordsMissing(field="title")
    meeting = queries.next_meeting()
    row = Issue(
        title=issue.title.strip()[:200],
        source_kind=issue.source_kind,
        source_key=issue.source_key,
        evidence=issue.evidence,
        raised_at=at,
        raised_by_name=by.name,
        meeting_id=meeting.id if meeting else None,
    )
    # Two people may press at once: the constraint issue_open_once lets one in, the other finds the first.
    Issue.objects.bulk_create([row], ignore_conflicts=True)
    kept = Issue.objects.get_or_none(id=row.id)
    if kept is None:
        return Issue.objects.get(source_kind=issue.source_kind, source_key=issue.source_key, state="open")
    write("issue.raised", by=by, at=at, subject=kept, source_kind=kept.source_kind, source_key=kept.source_key)
    return kept


def raise_measure(*, practice: UUID, by: Actor, at: datetime, measure_key: str, week: date) -> Issue:
    """Raise a number as an issue, with the weeks and the rows that it stood on."""
    card = queries.scorecard(at=at, until=week)
    row = card.row(measure_key)
    if row is None or row.last.week.start_date != week:
        raise NotFound()
    behind = figures.rows(row.measure, row.last.week, card.zone)
    value, target = queries.said(row)
    issue = NewIssue(f"{row.measure.name}: {value}, {target}", "measure", measure_key, _evidence(row, behind))
    found: Issue = raise_issue(practice=practice, by=by, at=at, issue=issue)
    return found


def _evidence(row: queries.ScoreRow, behind: list[figures.Row]) -> dict[str, Any]:
    """The figure as it was: value, target, the weeks before it, how it is counted, and which rows it was made of."""
    return {
        "week": row.last.week.start_date.isoformat(),
        "value": _text(row.last.value),
        "target": _text(row.judged.target),
        "weeks": [_text(cell.value) for cell in row.cells],
        "off": [cell.off for cell in row.cells],
        "defined": row.measure.defined,
        "rows": [str(r.row_id) for r in behind],
        "row_count": len(behind),
    }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value.normalize())


@action("open_meeting", permission="rhythm.run", words="open a meeting")
def open_meeting(
    *, practice: UUID, by: Actor, at: datetime, starts_at: datetime, chair_seat_key: str, kind: str = "weekly"
) -> Meeting:
    """Set the next meeting. Its agenda fills itself; issues that wait without a meeting join it."""
    if starts_at < at - timedelta(days=1):
        raise InvalidInput("This time is past. Choose the next time you meet.", field="starts_at")
    meeting, is_new = Meeting.objects.get_or_create(
        kind=kind, starts_at=starts_at, defaults={"chair_seat_key": chair_seat_key}
    )
    if not is_new:
        raise MeetingExists(field="starts_at")
    Issue.objects.filter(state="open", meeting_id=None).update(meeting_id=meeting.id)
    write("meeting.opened", by=by, at=at, subject=meeting, kind=kind, starts_at=starts_at.isoformat())
    return meeting


@action("hold_meeting", permission="rhythm.run", words="close a meeting with its minutes")
def hold_meeting(
    *, practice: UUID, by: Actor, at: datetime, meeting_id: UUID, notes: str = "", present: Sequence[str] = ()
) -> Meeting:
    """Close the meeting. The minutes keep the agenda as it stood; what is still open waits for the next meeting.

    They are written behind the meeting's lock, so that what somebody settles in the same moment is either in them or
    is carried on, never neither.
    """
    meeting = Meeting.objects.select_for_update().filter(id=meeting_id).first()
    if meeting is None:
        raise NotFound()
    if meeting.held_at is not None:
        raise AlreadyHeld()
    meeting.held_at, meeting.minutes = at, _minutes(meeting, at, notes, present)
    meeting.save(update_fields=["held_at", "minutes"])
    carried = Issue.objects.filter(state="open", meeting_id=meeting_id).update(meeting_id=None)
    write("meeting.held", by=by, at=at, subject=meeting, carried=carried)
    return meeting


def _minutes(meeting: Meeting, at: datetime, notes: str, present: Sequence[str]) -> dict[str, Any]:
    zone = figures.zone_of_practice()
    chart = Chart(at.astimezone(zone).date())
    card = queries.scorecard(at=at, chart=chart, zone=zone)
    list(Issue.objects.select_for_update().filter(meeting_id=meeting.id))
    found = agenda.agenda(at=at, today=at.astimezone(zone).date(), card=card, chart=chart)
    return agenda.minutes_of(meeting, found, notes=notes, present=present)


@action("settle_issue", permission="rhythm.run", words="settle an issue")
def settle_issue(*, practice: UUID, by: Actor, at: datetime, issue_id: UUID, settlement: Settlement) -> Issue:
    """End an issue with a decision, a to-do, or both. Refuses to end it with neither, or twice."""
    issue = Issue.objects.select_for_update().filter(id=issue_id).first()
    if issue is None:
        raise NotFound()
    if issue.state != "open":
        raise AlreadySettled()
    if not settlement.decision.strip() and settlement.todo is None:
        raise NothingDecided(field="decision")
    if settlement.decision.strip():
        Decision.objects.create(
            issue_id=issue.id,
            what=settlement.decision.strip()[:500],
            why=settlement.why.strip()[:1000],
            decided_at=at,
            by_name=by.name,
        )
    if settlement.todo is not None:
        _make_todo(settlement.todo, issue.id, by, at)
    issue.state, issue.settled_at = "dropped" if settlement.drop else "solved", at
    issue.save(update_fields=["state", "settled_at"])
    write("issue.settled", by=by, at=at, subject=issue, state=issue.state, source_key=issue.source_key)
    return issue


@action("make_todo", permission="todos.make", words="give somebody a to-do")
def make_todo(*, practice: UUID, by: Actor, at: datetime, todo: NewTodo, issue_id: UUID | None = None) -> Todo:
    """Give exactly one person something to do."""
    if issue_id is not None:
        queries.get_issue(issue_id)
    return _make_todo(todo, issue_id, by, at)


def _make_todo(todo: NewTodo, issue_id: UUID | None, by: Actor, at: datetime) -> Todo:
    if not todo.words.strip():
        raise WordsMissing(field="todo")
    owner = StaffMember.objects.get_or_none(id=todo.owner_id)
    if owner is None or (owner.ended_date is not None and owner.ended_date <= todo.due_date):
        raise OwnerUnknown(field="owner")
    if todo.due_date < _today(at):
        raise InvalidInput("The day is past. A to-do is due within the next seven days.", field="due_date")
    row = Todo.objects.create(
        issue_id=issue_id,
        words=todo.words.strip()[:300],
        owner_id=owner.id,
        due_date=todo.due_date,
        made_at=at,
    )
    write("todo.made", by=by, at=at, subject=row, owner_id=str(owner.id), due=todo.due_date.isoformat())
    return row


def _today(at: datetime) -> date:
    """Name the practice's own day: in the evening the day of UTC is tomorrow's already."""
    return at.astimezone(figures.zone_of_practice()).date()


@action("finish_todo", permission="todos.finish", words="finish a to-do")
def finish_todo(*, practice: UUID, by: Actor, at: datetime, todo_id: UUID) -> Todo:
    """Say that it is done. The owner may, and who may finish anybody's."""
    todo = Todo.objects.select_for_update().filter(id=todo_id).first()
    if todo is None or not (todo.owner_id == by.id or permissions.holds(by, "todos.finish_all")):
        raise NotFound()
    if todo.done_at is not None:
        raise TodoFinished()
    todo.done_at = at
    todo.save(update_fields=["done_at"])
    write("todo.finished", by=by, at=at, subject=todo, late=todo.due_date < _today(at))
    return todo


@action("set_measure", permission="numbers.set", words="set a measure's target and owner")
def set_measure(
    *,
    practice: UUID,
    by: Actor,
    at: datetime,
    key: str,
    target: Decimal | None,
    owner_seat_key: str = "",
    on_scorecard: bool = True,
    position: int | None = None,
) -> MeasureSetting:
    """Decide what a measure is held against and whose it is. Figures stay; only their judgement changes."""
    measure = queries.get_measure(key)
    if target is not None and target < 0:
        raise InvalidInput("A target is zero or more.", field="target")
    if owner_seat_key and not Seat.objects.filter(key=owner_seat_key, closed_date=None).exists():
        raise InvalidInput("There is no such seat. Choose one of the chart.", field="owner_seat_key")
    place = position if position is not None else queries.place_of(measure)
    setting, _ = MeasureSetting.objects.update_or_create(
        key=key,
        defaults={
            "target": target,
            "owner_seat_key": owner_seat_key,
            "on_scorecard": on_scorecard,
            "position": place,
        },
    )
    write("measure.set", by=by, at=at, subject=setting, key=key, target=_text(target), on_scorecard=on_scorecard)
    return setting
