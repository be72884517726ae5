"""What makes a request complete, what looks like a machine or a card number, and when an invitation still holds."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from stead.intake.terms import (
    INVITATION_TRIES,
    RENEWAL_DAYS,
    RENEWALS_A_DAY,
    REQUESTS_PER_HOUR,
    SAFETY,
    URGENT_PER_HOUR,
    IntakeDetails,
    Minutes,
    Rung,
)
from stead.platform.refusals import Conflict, InvalidInput, Refusal
from stead.processes.terms import Alert

OLDEST_YEARS = 120


class NeedMissing(InvalidInput):
    words = "Tell us in a few words what you would like help with."


class NoWayToReach(InvalidInput):
    words = "Give us a telephone number or an e-mail address, so that we can answer."


class BirthDateNotPossible(InvalidInput):
    words = "Check the birth date. The day must be in the past."


class SafetyNotAnswered(InvalidInput):
    words = "Please answer the safety question. It tells us how fast to call you."


class AlreadyTaken(Conflict):
    """Somebody has the request in hand."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} has taken this already. Speak with them before you call the person too.")


class AlreadySettled(Conflict):
    words = "What came of this is recorded already. Nothing was changed."


class NotTaken(Conflict):
    words = "Nobody has taken this yet. Take it first, then say what came of it."


class CaseOver(Conflict):
    words = "The case of this request is closed. Open a new one, then mark it."


class OutcomeUnknown(InvalidInput):
    words = "Say with one of the answers what came of it."


class MinutesNotPossible(InvalidInput):
    words = "Write a number of minutes from 1 to 60."


class TooManyRequests(Refusal):
    status = 429
    words = "Many requests came from this connection in the last hour. Please call us, or try again later."


class LooksSentByMachine(InvalidInput):
    words = (
        "This was sent faster than a person can type, or a hidden box was filled. Nothing is lost: send it once more."
    )


class InvitationEnded(InvalidInput):
    words = "This link no longer works. Call us and we will send you a new one."


class InvitationLocked(InvalidInput):
    words = "A wrong birth date was typed five times, so this link is locked. Call us and we will send you a new one."


class TooManyEntries(Refusal):
    status = 429
    words = "Too many tries came from this connection. Please wait 15 minutes, or call us."


class TooManyRenewals(Refusal):
    status = 429
    words = "We have sent you several links today. Look in your mail, or call us."


class BirthDateDiffers(InvalidInput):
    words = "This is not the birth date we have. Try once more, or call us."


class MessageEmpty(InvalidInput):
    words = "Write a few words first."


class EmailMissing(InvalidInput):
    words = "There is no e-mail address on the record. Add one, then the invitation can be sent."


def check_request(details: IntakeDetails, today: date) -> None:
    """Refuse a request that cannot be answered: no need, no way to reach the person, an impossible birth date."""
    if details.safety not in SAFETY:
        raise SafetyNotAnswered(field="safety")
    if not details.need.strip():
        raise NeedMissing(field="need")
    if not details.phone.strip() and not details.email.strip():
        raise NoWayToReach(field="phone")
    if not (today.year - OLDEST_YEARS <= details.birth_date.year and details.birth_date <= today):
        raise BirthDateNotPossible(field="birth_date")


def check_rate(sent_last_hour: int, *, urgent: bool = False) -> None:
    if sent_last_hour >= (URGENT_PER_HOUR if urgent else REQUESTS_PER_HOUR):
        raise TooManyRequests()


def check_person(hidden_box: str, seconds_open: float | None, least: float) -> None:
    """Refuse what a person cannot have done. `seconds_open` None means that the page's stamp was forged or missing."""
    if hidden_box or seconds_open is None or seconds_open < least:
        raise LooksSentByMachine()


def is_crisis(safety_answer: str) -> bool:
    """Answer whether the person said to be in danger now."""
    return safety_answer == "yes"


def is_urgent(safety_answer: str) -> bool:
    """Answer whether the person is safe and needs help within two days."""
    return safety_answer == "soon"


def alert_of(safety_answer: str) -> Alert:
    return "crisis" if is_crisis(safety_answer) else "urgent" if is_urgent(safety_answer) else ""


def once_each(ladder: Sequence[Rung]) -> list[Rung]:
    """Return the ladder as it is climbed in one round: a person stands where they are first told."""
    climbed: dict[UUID | str, Rung] = {}
    for rung in ladder:
        climbed.setdefault(rung.staff_id or rung.seat_key, rung)
    return list(climbed.values())


def next_rungs(ladder: Sequence[Rung], told: Collection[UUID], blank: Collection[str]) -> list[Rung]:
    """Return the steps to climb now: what leads to nobody (said once, aloud), up to and with the next person who can be
    told. Ends without such a person when everybody on the ladder was told."""
    steps: list[Rung] = []
    for rung in ladder:
        if rung.staff_id is None:
            steps += [] if rung.seat_key in blank or rung.seat_key in {s.seat_key for s in steps} else [rung]
        elif rung.staff_id not in told and rung.staff_id not in {s.staff_id for s in steps}:
            steps.append(rung)
            if rung.email:
                break
    return steps


def wait_minutes(minutes: Minutes, *, is_open: bool, rounds: int) -> int:
    """Return how long to wait for an answer: short while the practice is open; after everybody was told, ever longer up
    to an hour, and never without end."""
    if rounds == 0:
        return minutes.while_open if is_open else minutes.while_closed
    return min(minutes.again << min(rounds - 1, 6), 60)


def check_minutes(minutes: Minutes) -> None:
    for name in ("while_open", "while_closed", "again"):
        if not 1 <= getattr(minutes, name) <= 60:
            raise MinutesNotPossible(field=name)


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def check_invitation_holds(
    *, used_at: datetime | None, ended_at: datetime | None, expires_at: datetime, tries: int, at: datetime
) -> None:
    if used_at is not None or ended_at is not None or at >= expires_at or tries >= INVITATION_TRIES:
        raise InvitationEnded()


def is_locked(tries: int) -> bool:
    """Answer whether so many wrong birth dates were typed that only staff can send a new link."""
    return tries >= INVITATION_TRIES


def check_renewal(*, sent_at: datetime, tries: int, newest_tries: int, sent_today: int, at: datetime) -> None:
    """Refuse to send a new link by oneself: after wrong birth dates (of this link or of a newer one), for a link that
    is long gone, and too often a day."""
    if is_locked(tries) or is_locked(newest_tries):
        raise InvitationLocked()
    if at >= sent_at + timedelta(days=RENEWAL_DAYS):
        raise InvitationEnded()
    if sent_today >= RENEWALS_A_DAY:
        raise TooManyRenewals()


def expires_at(sent_at: datetime, days: int) -> datetime:
    return sent_at + timedelta(days=days)
