"""Judge coverage: pure functions, three-valued where the payer has not answered.

A question that was asked and not answered is *not known*: neither a yes that lets a visit pass nor a no that turns a
patient away. Worked case: asked on Monday, silent on Tuesday. `verified` is None, so a gate says "not known yet", and
whose step it is; an answer from before, still young enough, keeps it True.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from stead.coverage.terms import FILING_CODES, RANKS, RELATIONS, AuthorizationDetails, PayerDetails
from stead.platform.refusals import InvalidInput, Refusal

SILENT_AFTER = timedelta(hours=24)
"""A real-time payer answers in seconds, a batch one overnight; later than that somebody should look."""


class MemberIdMissing(InvalidInput):
    words = "Write the member number as it stands on the card."


class PayerUnreadable(InvalidInput):
    words = "A payer needs its name and the identifier from the clearinghouse's payer list."


class SubscriberMissing(InvalidInput):
    words = "The policy is somebody else's: write that person's name and birth date, as the payer asks for both."


class DatesReversed(InvalidInput):
    words = "The last day lies before the first. Check both dates."


class UnitsNotPositive(InvalidInput):
    words = "An authorization covers at least one visit. Write how many the payer allowed."


class RankTaken(Refusal):
    words = "Another policy is already billed in this order. Retire that one first, or choose another order."


class AlreadyAnswered(Refusal):
    words = "This question was answered already. Ask again to get a new answer."


class AlreadyRetired(Refusal):
    words = "This policy was retired before. Nothing was changed."


class CardMissing(Refusal):
    words = "No photo of the card is on record. Attach the card first, then compare it."


@dataclass(frozen=True)
class Check:
    """What a rule needs to know of one eligibility question."""

    state: str
    asked_at: datetime
    answered_at: datetime | None


def check_payer(details: PayerDetails) -> None:
    if not details.name.strip() or not details.edi_id.strip():
        raise PayerUnreadable(field="name" if not details.name.strip() else "edi_id")
    if details.filing_code not in FILING_CODES:
        raise InvalidInput("Choose the kind of insurance from the list.", field="filing_code")
    for name in ("timely_filing_days", "appeal_days", "silent_after_days"):
        if not 1 <= getattr(details, name) <= 730:
            raise InvalidInput("A clock runs from 1 to 730 days.", field=name)


def check_policy(
    *, member_id: str, rank: int, relation: str, has_subscriber: bool, starts: date | None, ends: date | None
) -> None:
    """Refuse a policy nobody could bill."""
    if not member_id.strip():
        raise MemberIdMissing(field="member_id")
    if rank not in RANKS:
        raise InvalidInput("A policy is billed first, second or third.", field="rank")
    if relation not in RELATIONS:
        raise InvalidInput("Say whose policy it is.", field="relation")
    if relation != "self" and not has_subscriber:
        raise SubscriberMissing(field="subscriber_last_name")
    if starts and ends and ends < starts:
        raise DatesReversed(field="ends_date")


def check_authorization(details: AuthorizationDetails) -> None:
    if not details.number.strip():
        raise InvalidInput("Write the authorization's number: the claim must carry it.", field="number")
    if details.units < 1:
        raise UnitsNotPositive(field="units")
    if details.ends_date < details.starts_date:
        raise DatesReversed(field="ends_date")


def last_day(written: date | None, asked: date | None, today: date) -> date:
    """Return the last day that a policy being retired covers: the day asked for, else the day before at the latest."""
    if asked is not None:
        return asked
    yesterday = today - timedelta(days=1)
    return min(written, yesterday) if written else yesterday


def clean_member_id(text: str) -> str:
    """Write a member number as payers read it: no blanks or dashes, upper case."""
    return "".join(text.split()).replace("-", "").upper()


def is_verified(checks: Sequence[Check]) -> bool | None:
    """Answer from the newest question backwards: active True, inactive or rejected False, unanswered not known.

    `checks` newest first. A failed transport said nothing about the patient, so it is passed over like a question that
    never left; when nothing else was asked, nobody knows.
    """
    if not checks:
        return False
    newest = checks[0]
    if newest.state in ("asked", "failed"):
        return None
    return newest.state == "active"


def verified_age_days(checks: Sequence[Check], at: datetime) -> int | None:
    """Whole days since the newest answer of active cover, None if there is none."""
    answered = [c.answered_at for c in checks if c.state == "active" and c.answered_at]
    return max((at - max(answered)).days, 0) if answered else None


def is_silent(check: Check, at: datetime) -> bool:
    return check.state == "asked" and at - check.asked_at > SILENT_AFTER


def age_in_words(then: datetime, at: datetime) -> str:
    """Say how long ago as a biller does: 12 min, 5 h, 3 d."""
    minutes = max(int((at - then).total_seconds() // 60), 0)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} d"
