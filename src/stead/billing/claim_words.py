"""What the page of a claim says of it: its title, and its history step by step."""

from __future__ import annotations

from collections.abc import Iterable

from stead.billing.days import book_zone
from stead.billing.models import Claim, ClaimEvent
from stead.platform.money import Money
from stead.platform.ui import words
from stead.platform.ui.parts import Line

EVENT_WORDS = {
    "made": "Made",
    "held": "Held by the scrubber",
    "ready": "Released",
    "sent": "Sent",
    "999": "Receipt of the file (999)",
    "277CA": "Receipt of the claim (277CA)",
    "835": "Answered by the payer (835)",
    "replaced": "Replaced",
    "write_off": "Written off",
    "to_patient": "Billed to the patient",
    "voided": "Voided",
}
_SAYS_ALL = frozenset({"made", "write_off", "to_patient", "voided"})
"""Steps whose own words name the step and who did it."""
_MARKS = {"held": "held", "sent": "asked", "replaced": "cancelled", "voided": "cancelled"}
_TITLES = {
    "held": "{number} is held: {payer} would reject it.",
    "ready": "{number} is ready to leave for {payer}.",
    "sent": "{number} is sent. {payer} has not answered yet.",
    "accepted": "{payer} has taken {number} in and not decided yet.",
    "rejected": "{number} was rejected before {payer} judged it.",
    "paid": "{payer} paid {number}.",
    "part_paid": "{payer} paid {number} in part.",
    "denied": "{payer} denied {number}.",
    "closed": "{number} is closed; nothing more is billed under it.",
}


def title_of_claim(claim: Claim, owed: int) -> str:
    """Say where a claim stands and what is still to come; after a decision what is open waits for us, not the payer."""
    said = _TITLES[claim.state].format(number=claim.number, payer=claim.payer.name)
    if owed <= 0:
        return f"{said} Nothing is open." if claim.state in ("paid", "part_paid", "denied") else said
    if claim.state in ("part_paid", "denied"):
        return f"{said} {Money(owed)} waits for your decision."
    return f"{said} {Money(owed)} is open."


def history_lines(events: Iterable[ClaimEvent]) -> list[Line]:
    """The claim's history, newest first; a day is said once."""
    zone, lines, before = book_zone(), [], ""
    for event in events:
        when = event.at.astimezone(zone)
        day = words.day_with_weekday(when.date())
        shown = "" if day == before else day
        lines.append(Line(words=_said(event), day=shown, time=words.clock(when), mark=_MARKS.get(event.kind, "met")))
        before = day
    return lines


def _said(event: ClaimEvent) -> str:
    step = EVENT_WORDS.get(event.kind, event.kind)
    if event.words and event.kind in _SAYS_ALL:
        return event.words
    code = f" [{event.code}]" if event.code and not event.code.isdigit() else ""
    return f"{step}: {event.words}{code}" if event.words else f"{step}{code}"
