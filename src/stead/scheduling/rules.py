"""Pure rules of the book: the life of a visit, and arithmetic on stretches of time.

A stretch is a pair of aware instants, half-open. Work hours are wall-clock times of a location and become instants day
by day, so a day on which the clocks change is as long as it really is.

>>> zone = ZoneInfo("America/Kentucky/Louisville")
>>> [b - a for a, b in worked(date(2026, 11, 1), [(time(0), time(9))], zone)]   # the night the clocks go back
[datetime.timedelta(seconds=36000)]
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from stead.platform.refusals import Conflict, InvalidInput, Refusal
from stead.scheduling.terms import (
    FINISH_WITHIN_HOURS,
    LATE_HOURS,
    LATE_REASONS,
    MOST_HOLD_HOURS,
    MOST_HOLDS,
    MOST_HOLDS_OF_A_PATIENT,
    MOST_LANES,
    MOST_SESSION_HOURS,
    OURS,
    PATIENT_NOTICE_HOURS,
    REASONS,
    UNDO_SECONDS,
    Slot,
)

type Stretch = tuple[datetime, datetime]
STEP_MINUTES = 15


@dataclass(frozen=True)
class Move:
    """One way a visit goes on: allowed from which statuses, to which one; `frees` gives the claimed time back."""

    came_from: frozenset[str]
    to: str
    words: str
    frees: bool = False


MOVES = {
    "book": Move(frozenset({"held"}), "booked", "booked"),
    "confirm": Move(frozenset({"booked"}), "confirmed", "confirmed"),
    "check_in": Move(frozenset({"booked", "confirmed"}), "arrived", "checked in"),
    "start": Move(frozenset({"arrived"}), "in_session", "started"),
    "finish": Move(frozenset({"in_session"}), "done", "finished"),
    "finish_late": Move(
        frozenset({"booked", "confirmed", "arrived", "in_session", "no_show"}), "done", "written down as held"
    ),
    "undo_check_in": Move(frozenset({"arrived"}), "booked", "taken back to before the check-in"),
    "undo_check_in_confirmed": Move(frozenset({"arrived"}), "confirmed", "taken back to before the check-in"),
    "undo_start": Move(frozenset({"in_session", "done"}), "arrived", "taken back to before the start"),
    "no_show": Move(frozenset({"booked", "confirmed"}), "no_show", "marked as a no-show"),
    "cancel": Move(frozenset({"booked", "confirmed", "arrived"}), "cancelled", "cancelled", frees=True),
    "cancel_late": Move(frozenset({"booked", "confirmed", "arrived"}), "late_cancel", "cancelled", frees=True),
    "release": Move(frozenset({"held"}), "released", "released", frees=True),
    "undo": Move(frozenset({"booked"}), "cancelled", "taken back", frees=True),
    "reschedule": Move(frozenset({"held", "booked", "confirmed"}), "booked", "moved"),
}
_SAID = {
    "held": "is only held",
    "booked": "is booked and not checked in",
    "confirmed": "is confirmed and not checked in",
    "arrived": "is checked in",
    "in_session": "is in session",
    "done": "is done",
    "no_show": "was marked as a no-show",
    "late_cancel": "was cancelled",
    "cancelled": "was cancelled",
    "released": "was released",
}


class MoveNotPossible(Conflict):
    """The visit has gone on since the page was opened, or the step does not follow from where it stands."""

    for_patients = "This visit can no longer be changed here. Please call us. Nothing was changed."


class SlotTaken(Conflict):
    """Somebody else has claimed the practitioner, the room or the patient at this time."""

    words = "This time was taken a moment ago. Nothing was booked."
    for_patients = words

    def __init__(self, alternatives: Sequence[Slot] = (), words: str | None = None) -> None:
        self.alternatives = list(alternatives)
        super().__init__(words)


class PatientBusy(SlotTaken):
    words = "The patient has another visit at this time. Nothing was booked."
    for_patients = "You have another visit at this time. Nothing was booked."


class NotWorkingThen(InvalidInput):
    words = "The practitioner does not work at this location at that time. Nothing was booked."


class TravelTooShort(InvalidInput):
    words = "The practitioner is at another location too close to this time to travel. Nothing was booked."


class NotPerformedHere(InvalidInput):
    words = "This practitioner does not perform the service. Nothing was booked."


class ServiceRetired(InvalidInput):
    words = "This service is no longer offered."


class TimePassed(InvalidInput):
    words = "This time has passed. A visit that took place is recorded from the clinician's day."


class TooSoonForPatients(InvalidInput):
    words = "This time is too soon to book here. Please call us. Nothing was booked."


class VisitBegun(Refusal):
    words = "This visit has already begun. Please call us. Nothing was changed."


class MoveInsideNotice(Refusal):
    """A move so near the visit is a late cancellation under another name, so whoever may charge for one decides."""

    words = f"This visit is less than {LATE_HOURS} hours away. To move it, please call us. Nothing was changed."


class TimeUneven(InvalidInput):
    words = "Visits start on full five minutes."


class LaneUnknown(InvalidInput):
    words = f"A time is overbooked at most {MOST_LANES} times."


class NotStartedYet(Refusal):
    words = "The visit has not begun, so nobody has missed it. Cancel it, or wait for its time."


class NotItsDay(Refusal):
    """The step belongs to the day of the visit at its location."""


class FinishedTooLate(Refusal):
    words = (
        "The planned end of this visit lies too far back to take now as its end. "
        "Write on the visit's page when it began and ended. Nothing was changed."
    )


class TimesNotOfTheVisit(InvalidInput):
    """Typed times that cannot be when this visit was held."""


class LateReasonUnknown(InvalidInput):
    words = "Say why the visit is written down late; the list has the reasons."


class UndoOver(Refusal):
    words = "A booking can be taken back for three minutes, by who made it. Cancel it instead."


class HoldOver(Conflict):
    words = "This hold has ended and the time was given back. Nothing was booked."


class HoldTooLong(InvalidInput):
    words = f"A time is held for at most {MOST_HOLD_HOURS // 24} days. Nothing was held."


class TooManyHolds(Refusal):
    """Held times are nobody else's; what is held and not used is lost to those who wait."""


class ReasonUnknown(InvalidInput):
    words = "Say why the visit is given up; the list has the reasons."


class PatientDeceased(Refusal):
    words = "This patient has died. Nothing was booked."


def has_started(status: str) -> bool:
    """Tell whether the session of a visit has begun: it was started, and perhaps finished since."""
    return status in (MOVES["start"].to, MOVES["finish"].to)


def check_move(name: str, status: str) -> Move:
    """Return the move or refuse it, saying where the visit stands."""
    move = MOVES[name]
    if status not in move.came_from:
        raise MoveNotPossible(f"The visit {_SAID[status]}, so it cannot be {move.words}. Nothing was changed.")
    return move


def is_its_day(starts_at: datetime, ends_at: datetime, at: datetime, zone: ZoneInfo) -> bool:
    """Tell whether a visit can be checked in or started now: on its local day, and until its end if that is later."""
    return at.astimezone(zone).date() == starts_at.astimezone(zone).date() or starts_at <= at < ends_at


def check_its_day(starts_at: datetime, ends_at: datetime, at: datetime, zone: ZoneInfo) -> None:
    """Refuse a step that would say the visit took place on another day than it is booked for."""
    if is_its_day(starts_at, ends_at, at, zone):
        return
    if at < starts_at:
        raise NotItsDay("This visit is on another day. Move it to today first, if it takes place now.")
    raise NotItsDay("The day of this visit is over. If it took place, write down on its page when it began and ended.")


def check_finish(ends_at: datetime, at: datetime) -> None:
    """Refuse to take a moment long after the planned end for the end of the session."""
    if not may_finish(ends_at, at):
        raise FinishedTooLate()


def may_finish(ends_at: datetime, at: datetime) -> bool:
    return at - ends_at <= timedelta(hours=FINISH_WITHIN_HOURS)


def check_late_entry(booked: Stretch, held: Stretch, at: datetime, zone: ZoneInfo, reason: str) -> None:
    """Refuse typed times that cannot be when this visit was held: another local day, backwards, too long, to come."""
    began, ended = held
    if reason not in dict(LATE_REASONS):
        raise LateReasonUnknown(field="reason")
    if began.astimezone(zone).date() != booked[0].astimezone(zone).date():
        raise TimesNotOfTheVisit(
            "A visit is held on the day it is booked for. Move it to that day first. Nothing was changed.",
            field="began",
        )
    if not began < ended <= began + timedelta(hours=MOST_SESSION_HOURS):
        raise TimesNotOfTheVisit(
            f"A session ends after it began, within {MOST_SESSION_HOURS} hours. Nothing was changed.", field="ended"
        )
    if ended > at:
        raise TimesNotOfTheVisit("This end has not come yet. Nothing was changed.", field="ended")


def check_patients_notice(starts_at: datetime, at: datetime) -> None:
    """Refuse a time that is too near for a patient to take without the front desk."""
    if starts_at - at < timedelta(hours=PATIENT_NOTICE_HOURS):
        raise TooSoonForPatients()


def check_not_begun(starts_at: datetime, at: datetime) -> None:
    """Refuse a patient's change of a visit whose time has begun: whether it took place is the practice's to say."""
    if starts_at <= at:
        raise VisitBegun()


def is_inside_notice(starts_at: datetime, at: datetime) -> bool:
    """Tell whether a visit is so near that giving it up is late."""
    return starts_at - at < timedelta(hours=LATE_HOURS)


def may_patient_move(status: str, starts_at: datetime, at: datetime) -> bool:
    """Tell whether a patient moves a visit without the front desk: not inside the notice. A time only held was never
    promised, so it may move."""
    return status == "held" or not is_inside_notice(starts_at, at)


def check_patients_move(status: str, starts_at: datetime, at: datetime) -> None:
    if not may_patient_move(status, starts_at, at):
        raise MoveInsideNotice()


def is_late(reason: str, starts_at: datetime, at: datetime) -> bool:
    """Tell whether giving a visit's time up, by cancelling or moving it, is late: inside the notice, and not ours."""
    if reason not in dict(REASONS):
        raise ReasonUnknown(field="reason")
    return reason not in OURS and is_inside_notice(starts_at, at)


def cancelling(reason: str, starts_at: datetime, at: datetime) -> str:
    """Return the move of a cancellation: late within 24 hours of the start, unless the reason is ours."""
    return "cancel_late" if is_late(reason, starts_at, at) else "cancel"


def check_undo(booked_at: datetime, at: datetime, is_own: bool) -> None:
    if not is_own or at - booked_at > timedelta(seconds=UNDO_SECONDS):
        raise UndoOver()


def check_hold(at: datetime, until: datetime) -> None:
    if until <= at:
        raise HoldOver()
    if until - at > timedelta(hours=MOST_HOLD_HOURS):
        raise HoldTooLong(field="until")


def check_holds(own: int, patients: int, *, is_patient: bool) -> None:
    """Refuse one hold more than somebody may keep at a time, `own`, or than one patient may have."""
    most = MOST_HOLDS_OF_A_PATIENT if is_patient else MOST_HOLDS
    if patients >= MOST_HOLDS_OF_A_PATIENT:
        held = f"{MOST_HOLDS_OF_A_PATIENT} times are held for this patient already."
        raise TooManyHolds(f"{held} Give one back or book it. Nothing was held.")
    if own >= most:
        raise TooManyHolds(f"You hold {most} times already. Give one back or book it. Nothing was held.")


def check_time(starts_at: datetime, ends_at: datetime, at: datetime) -> None:
    if starts_at.second or starts_at.microsecond or starts_at.minute % 5:
        raise TimeUneven(field="starts_at")
    if ends_at <= at:
        raise TimePassed(field="starts_at")


def check_lane(lane: int) -> None:
    if not 0 <= lane <= MOST_LANES:
        raise LaneUnknown(field="lane")


def instant(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """Return the instant of a wall-clock time; one that the clocks skip is the moment they skip at, more or less: an
    hour later on the new clock, as people would come."""
    return datetime.combine(day, wall, tzinfo=zone).astimezone(UTC)


def worked(day: date, blocks: Iterable[tuple[time, time]], zone: ZoneInfo) -> list[Stretch]:
    """Return the day's working stretches, merged and in order."""
    return merged((instant(day, a, zone), instant(day, b, zone)) for a, b in blocks)


def day_bounds(day: date, zone: ZoneInfo) -> Stretch:
    """Return the local day's first instant and that of the next."""
    return instant(day, time(0), zone), instant(day + timedelta(days=1), time(0), zone)


def merged(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Return the union, in order, without empty or touching parts."""
    found: list[Stretch] = []
    for start, end in sorted(s for s in stretches if s[0] < s[1]):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def without(stretches: Iterable[Stretch], taken: Iterable[Stretch]) -> list[Stretch]:
    """Return what is left of the first when the second is taken away."""
    left = merged(stretches)
    for start, end in merged(taken):
        left = [part for a, b in left for part in ((a, min(b, start)), (max(a, end), b)) if part[0] < part[1]]
    return left


def holds(stretches: Iterable[Stretch], start: datetime, end: datetime) -> bool:
    return any(a <= start and end <= b for a, b in stretches)


def touches(stretches: Iterable[Stretch], start: datetime, end: datetime) -> bool:
    return any(a < end and start < b for a, b in stretches)


def starts(free: Stretch, minutes: int, buffer: int, earliest: datetime, *, tail: bool) -> Iterator[datetime]:
    """Tile a free stretch with visits, so that none leaves an orphan too short for another.

    Visits begin on quarter hours. The pause after a visit must fit too, except at the end of the working time (`tail`).
    """
    length, pause = timedelta(minutes=minutes), timedelta(minutes=buffer)
    at = quarter(max(free[0], earliest))
    while at + length <= free[1]:
        if tail or at + length + pause <= free[1]:
            yield at
        at = quarter(at + length + pause)


def orphan_minutes(left: timedelta, minutes: int) -> int:
    """Return what is left of a free stretch after a visit and its pause, if it is too short for another; else 0."""
    return int(left.total_seconds() // 60) if timedelta(0) < left < timedelta(minutes=minutes) else 0


def quarter(at: datetime) -> datetime:
    """Round up to the next quarter of an hour. Every zone in use is whole quarters from UTC."""
    step = STEP_MINUTES * 60
    seconds = -int(-at.timestamp() // step) * step
    return datetime.fromtimestamp(seconds, UTC)
