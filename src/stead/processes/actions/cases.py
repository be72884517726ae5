"""Open, reconsider, hand over and close cases."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from stead.platform.actions import action
from stead.platform.actors import Actor, system
from stead.platform.identifiers import new_id
from stead.platform.journal.write import write
from stead.platform.refusals import Conflict, InvalidInput, NotFound
from stead.platform.tenancy.models import TenantModel
from stead.practice import queries as practice_queries
from stead.practice.terms import Holder
from stead.processes import queries, tasks
from stead.processes.models import Case, CaseItem, Task
from stead.processes.moving import Mover, mover, open_items, take_turns
from stead.processes.rules import ITEM_MOVES


class NoSuchPlaybook(InvalidInput):
    """No published playbook of this key: somebody retired it, or never published it."""


class CaseAlreadyOpen(Conflict):
    """The subject has an open case of this playbook; `case_id` is its."""

    def __init__(self, case: Case) -> None:
        self.case_id = case.id
        super().__init__(f"Case {case.number} is open for this already. Open that one.")


class CaseClosed(Conflict):
    words = "This case is closed. Nothing was changed."


@action("open_case", permission="cases.open", words="open a case")
def open_case(
    *, practice: UUID, by: Actor, at: datetime, playbook_key: str, subject: TenantModel, title: str,
    patient_id: UUID | None = None, location_id: UUID | None = None, held_up_cents: int = 0,
) -> Case:  # fmt: skip
    """Start a run of the published version for one subject and let it move as far as it can."""
    version = queries.find_published(playbook_key)
    if version is None:
        raise NoSuchPlaybook(f"There is no published playbook {playbook_key}. Publish it, then open the case.")
    document = queries.document_of(version)
    label = subject._meta.label_lower
    if label not in document.subjects:
        raise InvalidInput(f"Cases of {document.name} are about {' or '.join(document.subjects)}, not {label}.")
    first = document.stages[0]
    case = Case(
        number=_next_number(practice), version_id=version.id, playbook_key=playbook_key, subject_type=label,
        subject_id=subject.id, patient_id=patient_id, location_id=location_id, title=title[:200],
        stage_key=first.key, stage_entered_at=at, owner_seat_key=first.owner, held_up_cents=held_up_cents,
        opened_at=at,
    )  # fmt: skip
    try:
        with transaction.atomic():
            case.save(force_insert=True)
    except IntegrityError as error:
        known = queries.find_open_case(playbook_key, subject.id)
        if "case_one_open" not in str(error) or known is None:
            raise
        raise CaseAlreadyOpen(known) from None
    write(
        "case.opened", by=by, at=at, subject=case, patient_id=patient_id, case_id=case.id, playbook=playbook_key,
        version=version.number, number=case.number,
    )  # fmt: skip
    open_items(case, document)
    hand = mover(case, at)
    hand.enter(first)
    hand.advance()
    return case


def _next_number(practice: UUID) -> int:
    """Take the next case number; the row's lock makes the numbers dense and in order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into case_number (practice_id, id, last) values (%s, %s, 1)"
            " on conflict (practice_id, id) do update set last = case_number.last + 1 returning last",
            [practice, practice],
        )
        return int(cursor.fetchone()[0])


@action("reconsider_case", permission="cases.move", words="look whether a case moves", may_change_nothing=True)
def reconsider_case(*, practice: UUID, by: Actor, at: datetime, case_id: UUID) -> Case:
    """Let a case leave its stage, and further ones, if what they need is there now."""
    hand = taken(case_id, at, by, alive=False)
    if hand.case.state == "open":
        hand.by = system()
        hand.advance()
    return hand.case


@action("note_arrival", permission="cases.move", words="note what a case waited for", may_change_nothing=True)
def note_arrival(
    *, practice: UUID, by: Actor, at: datetime, case_id: UUID, verb: str, codes: dict[str, object],
    subject_id: UUID | None = None, of_case: UUID | None = None,
) -> Case:  # fmt: skip
    """Settle the items that this event answers, then look whether the case moves; or end it, if the event does. A case
    of several subjects ends with the last of them: the event says how many are left (`left_of_case`)."""
    hand = taken(case_id, at, by, alive=False)
    if hand.case.state != "open":
        return hand.case
    is_about = of_case == case_id or (of_case is None and subject_id == hand.case.subject_id)
    if verb in hand.document.closes_on and is_about and not codes.get("left_of_case"):
        hand.by = system()
        if hand.case.alert == "crisis":
            _ask_for_the_end(hand, verb)
        else:
            hand.close(hand.document.closes_on[verb])
        return hand.case
    answered = {
        part.key
        for stage in hand.document.stages
        for part in stage.items
        if part.accepted_by == verb and all(str(codes.get(name, "")) == value for name, value in part.where.items())
    }
    for item in CaseItem.objects.filter(case_id=case_id, key__in=answered):
        if item.state != "accepted" and "accepted" in ITEM_MOVES[item.state]:
            item.state, item.decided_at, item.decided_by_name = "accepted", at, system().name
            item.received_at = item.received_at or at
            item.save(update_fields=["state", "decided_at", "decided_by_name", "received_at"])
            write(
                "item.accepted", by=system(), at=at, subject=item, patient_id=item.patient_id, case_id=case_id,
                item=item.key, answered_by=verb,
            )  # fmt: skip
    hand.by = system()
    hand.advance()
    return hand.case


def _ask_for_the_end(hand: Mover, verb: str) -> None:
    """A crisis is ended by a person: tell whose case it is that what it was about has ended."""
    tasks.create(
        key=f"{hand.case.id}:ended:{verb}", title=f"Settle the crisis and close what has ended: {hand.case.title}",
        seat_key=hand.case.owner_seat_key, case=hand.case, by=hand.by, at=hand.at, due_at=hand.case.alert_by,
    )  # fmt: skip


@action("reopen_case", permission="cases.move", words="bring a case back", may_change_nothing=True)
def reopen_case(*, practice: UUID, by: Actor, at: datetime, case_id: UUID, verb: str) -> Case:
    """Bring a case that was done back to the stage its playbook names for this event, if its condition holds.

    Nothing happens to a case that is open, ended otherwise, or has an open successor.
    """
    hand = taken(case_id, at, by, alive=False)
    case = hand.case
    back = next((part for part in hand.document.reopens if part.on == verb), None)
    if back is None or case.state == "open" or case.close_code != hand.document.done:
        return case
    if queries.find_open_case(case.playbook_key, case.subject_id) is not None:
        return case
    if back.when and not queries.standing_of(case, at, calendar=hand.calendar).is_true(back.when):
        return case
    hand.by = system()
    hand.reopen(hand.document.stage(back.to), verb)
    return case


@action("close_case", permission="cases.work", words="close a case")
def close_case(*, practice: UUID, by: Actor, at: datetime, case_id: UUID, code: str) -> Case:
    """End a case with one of its playbook's coded ends."""
    hand = taken(case_id, at, by)
    if code not in hand.document.ends:
        raise InvalidInput(f"Cases of {hand.document.name} end as {', '.join(hand.document.ends)}.", field="code")
    hand.close(code)
    return hand.case


@action("hand_over_case", permission="cases.work", words="hand a case over")
def hand_over_case(*, practice: UUID, by: Actor, at: datetime, case_id: UUID, seat_key: str, reason: str = "") -> Case:
    """Give a case to another seat until its next stage; the reason in words becomes a task's note, not a line."""
    hand = taken(case_id, at, by)
    if practice_queries.find_seat(seat_key, hand.case.location_id) is None:
        raise InvalidInput("There is no such seat.", field="seat_key")
    hand.hand_over(seat_key, "case.handed_over")
    if reason.strip():
        tasks.create(
            key=f"{case_id}:handed:{new_id()}", title=f"{hand.case.title}: {reason.strip()}", seat_key=seat_key,
            case=hand.case, by=by, at=at, due_at=hand.case.due_at,
        )  # fmt: skip
    return hand.case


@action("reroute_cases", permission="cases.move", words="look again whose cases are", may_change_nothing=True)
def reroute_cases(*, practice: UUID, by: Actor, at: datetime) -> int:
    """Give open cases and tasks to whoever is here today; return how many changed hands. Only what changes hands is
    locked, and only that costs statements of its own."""
    take_turns(practice)
    whose = _Whose(at)
    return _reroute_cases(whose) + _reroute_tasks(whose)


class _Whose:
    """Who has the work of a seat at a moment, on the day of the place."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self._calendars, self._holders = practice_queries.Calendars(), practice_queries.Holders()

    def is_it(self, seat_key: str, location_id: UUID | None) -> Holder:
        return self._holders.of(seat_key, self._calendars.of(location_id).local(self.at).date(), location_id)


def _reroute_cases(whose: _Whose) -> int:
    rows = Case.objects.filter(state="open").values_list(
        "id", "owner_seat_key", "location_id", "owner_staff_id", "owner_reason"
    )
    holders = ((key, whose.is_it(seat, place), was, why) for key, seat, place, was, why in rows)
    stale = [key for key, holder, was, why in holders if (holder.staff_id, holder.reason) != (was, why)]
    moved = 0
    for case in Case.objects.select_for_update().filter(id__in=stale, state="open").order_by("id"):
        holder = whose.is_it(case.owner_seat_key, case.location_id)  # it may have been handed over since
        was = case.owner_staff_id
        case.owner_staff_id, case.owner_reason = holder.staff_id, holder.reason
        case.save(update_fields=["owner_staff_id", "owner_reason"])
        if holder.staff_id != was:
            write(
                "case.rerouted", by=system(), at=whose.at, subject=case, patient_id=case.patient_id, case_id=case.id,
                playbook=case.playbook_key, seat=case.owner_seat_key, from_staff=str(was or ""),
                staff=str(holder.staff_id or ""),
            )  # fmt: skip
            moved += 1
    return moved


def _reroute_tasks(whose: _Whose) -> int:
    rows = Task.objects.filter(state="open").exclude(seat_key="").values_list(
        "id", "seat_key", "case__location_id", "staff_id"
    )  # fmt: skip
    stale = [key for key, seat, place, was in rows if whose.is_it(seat, place).staff_id != was]
    # One that is locked is being taken or ended at this moment: it is not waited for, as who ends a task may be waiting
    # for a case of ours, and it is read again under the lock, so that nothing somebody has just taken goes elsewhere.
    locked = Task.objects.select_for_update(skip_locked=True, of=("self",)).select_related("case")
    moved = 0
    for task in locked.filter(id__in=stale, state="open").exclude(seat_key="").order_by("id"):
        holder = whose.is_it(task.seat_key, task.case.location_id if task.case_id else None)
        if holder.staff_id == task.staff_id:
            continue
        was, task.staff_id = task.staff_id, holder.staff_id
        task.save(update_fields=["staff_id"])
        write(
            "task.rerouted", by=system(), at=whose.at, subject=task, patient_id=task.patient_id, case_id=task.case_id,
            from_staff=str(was or ""), staff=str(holder.staff_id or ""),
        )  # fmt: skip
        moved += 1
    return moved


def taken(case_id: UUID, at: datetime, by: Actor, *, alive: bool = True) -> Mover:
    """Lock a case and take it in hand. A patient takes only their own; a closed case is refused unless not `alive`."""
    case = Case.objects.select_for_update().filter(id=case_id).first()
    if case is None or (by.kind == "patient" and case.patient_id != by.id):
        raise NotFound()
    if alive and case.state != "open":
        raise CaseClosed()
    return mover(case, at, by)
