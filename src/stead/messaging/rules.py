"""Who may be written to, when, and for what: pure functions.

Worked case: a reminder falls due at 22:10 in Louisville. The patient agreed to e-mail about care, so it may be sent,
but not at night: `may_send` answers "later" with 8:00 the next morning in the patient's own zone, summer time or not.
Source: 47 CFR 64.1200(c)(1) and (a)(10) (telephone hours; revoking consent by any reasonable word).
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from stead.messaging.terms import LANGUAGES, MaySend, Recipient
from stead.platform.refusals import InvalidInput, Refusal

WAYS = ("email", "sms")
QUIET_FROM, QUIET_UNTIL = time(21), time(8)
STOP_WORDS = frozenset(
    {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "alto", "parar", "baja", "cancelar"}
)
STOP_PHRASES = frozenset(
    {
        "stop all", "stop all messages", "stop messages", "stop messaging me", "stop texting", "stop texting me",
        "stop texts", "stop sending me texts", "stop sending me messages", "stop contacting me", "do not text me",
        "dont text me", "do not message me", "dont message me", "do not contact me", "dont contact me",
        "no more texts", "no more messages", "leave me alone", "take me off", "take me off your list", "remove me",
        "revoke consent", "i revoke consent", "i revoke my consent", "opt out", "opt me out", "unsubscribe me",
        "no mas", "no mas mensajes", "no me escriba", "no me escriban", "no me envie mensajes", "no me envien mensajes",
        "deje de escribirme", "dejen de escribirme",
    }
)  # fmt: skip
START_WORDS = frozenset({"start", "unstop", "empezar", "alta"})
WAITS_MINUTES = (1, 5, 15, 60, 180, 360, 720)
"""How long to wait after each transient failure; after the last the message has failed and a person looks at it."""
CLOCKS_DIFFER_BY = timedelta(minutes=1)
"""How far the clocks of two of our machines may stand apart before a message that is due waits for the next sweep."""
LEAVES_WITHIN = timedelta(minutes=5)
"""Longer than a carrier talks: a mail conversation is some ten steps of at most 20 seconds. After that the worker that
handed a message over is taken for dead."""


class TemplateUnknown(InvalidInput):
    words = "There is no message of this name."


class PurposeWrong(InvalidInput):
    words = "This wording is for another purpose than the one it was asked for."


class NotQueued(Refusal):
    words = "This message is not waiting any more. Open the list again to see what became of it."


class NotFailed(Refusal):
    words = "Only a message that failed or was not sent can be sent again."


class StillLeaving(Refusal):
    words = "This message was on its way out a moment ago and may have left. Look again in five minutes."


class SecretGone(Refusal):
    words = "This message carried a link for one person, and it is not kept. Send them a new link instead."


def may_send(*, channel: str, purpose: str, recipient: Recipient, now: datetime) -> MaySend:
    """Say whether a message may leave now: only by a channel and for a purpose that the patient agreed to. The portal
    and colleagues need no consent and know no quiet hours."""
    if recipient.is_deceased:
        return MaySend("never", "The patient has died.")
    if not recipient.address and channel != "portal":
        return MaySend("never", f"No {'telephone number' if channel == 'sms' else 'e-mail address'} is on record.")
    if purpose == "staff" or channel == "portal":
        return MaySend("now")
    if recipient.granted is False:
        return MaySend("never", "The patient does not want this kind of message.")
    if recipient.granted is None:
        return MaySend("never", "The patient was not asked yet whether we may write this way.")
    morning = end_of_quiet(now, recipient.zone)
    return (
        MaySend("later", "Quiet hours, 9 pm to 8 am where the patient lives.", morning) if morning else MaySend("now")
    )


def agreed_way(addresses: Mapping[str, str], granted: Mapping[str, bool], carried: Container[str]) -> str:
    """Return how a patient may be written to, e-mail before text: agreed to, with an address, and carried by somebody.
    Empty when there is none; a text that nobody carries reaches no one, whatever was agreed."""
    ways = (way for way in WAYS if addresses.get(way) and granted.get(way) and way in carried)
    return next(ways, "")


def end_of_quiet(now: datetime, zone: str) -> datetime | None:
    """The next 8:00 in the zone if it is night there, else None."""
    local = now.astimezone(ZoneInfo(zone))
    if QUIET_UNTIL <= local.time() < QUIET_FROM:
        return None
    day = local.date() + timedelta(days=1) if local.time() >= QUIET_FROM else local.date()
    return datetime.combine(day, QUIET_UNTIL, ZoneInfo(zone)).astimezone(UTC)


def is_stop(text: str) -> bool:
    """Whether the text says no more than that it wants an end: "STOP!" and "please don't text me" do, "stop by at 3"
    does not. What it says otherwise is for a person to read."""
    said = _said(text).removeprefix("please ").removeprefix("por favor ")
    said = said.removesuffix(" please").removesuffix(" por favor").removesuffix(" thanks").removesuffix(" thank you")
    return said in STOP_WORDS or said in STOP_PHRASES


def is_start(text: str) -> bool:
    return _said(text) in START_WORDS


def _said(text: str) -> str:
    plain = text.lower().translate(str.maketrans("áéí", "aei", "'\N{RIGHT SINGLE QUOTATION MARK}"))
    kept = "".join(c if c.isalnum() or c.isspace() else " " for c in plain)
    return " ".join(kept.split())


def next_try(attempts: int, now: datetime) -> datetime | None:
    """When to try again after so many failures; None when enough was tried."""
    if attempts > len(WAITS_MINUTES):
        return None
    return now + timedelta(minutes=WAITS_MINUTES[attempts - 1])


def language_of(language: str) -> str:
    """The language a person is written in: theirs if we have it, else English."""
    short = language[:2].lower()
    return short if short in LANGUAGES else "en"
