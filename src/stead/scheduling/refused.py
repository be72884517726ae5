"""A refusal of the desk as it stands on the page: a gate's clauses, a time taken with the next three, or words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.urls import reverse

from stead.platform.refusals import NotFound, Refusal
from stead.platform.ui import words
from stead.platform.ui.pages import SHEET, in_sheet
from stead.platform.ui.parts import Choice, GateRefusal
from stead.platform.web.door import PageRequest
from stead.processes import gates
from stead.processes.terms import OVERRIDE_DAYS
from stead.scheduling import booking, desk, queries, rules
from stead.scheduling.gates import subjects
from stead.scheduling.terms import Slot

HOLD_DAYS = 2


def said(refusal: Refusal, opened: desk.Desk, offered: Sequence[Slot], request: PageRequest) -> dict[str, Any]:
    """Return what the panel shows: `gate` for a gate's refusal, else the sentence and the reasons."""
    decision = _decision(refusal, opened, request)
    if decision is None:
        return {"sentence": refusal.words, "reasons": _reasons(refusal, opened, request), "asked": desk.asked(opened)}
    zone = opened.zone(opened.wish.location) if opened.wish.location else ZoneInfo("UTC")
    until = hold_until(request.at, zone).astimezone(zone)
    times = with_asked(opened, offered)
    into = f"#{SHEET}" if in_sheet(request) else ""
    return {
        "gate": gates.as_refusal(
            decision,
            done="booked",
            asked=desk.asked(opened),
            next_head="Hold a time until the rest is met",
            next_note="Nothing is booked yet. A hold is given back by itself when its time is up.",
            next_times=desk.next_times(opened, times, f"{words.weekday(until.date())} noon", into),
            by=request.by,
            back=back_to(opened),
            into=into,
            override_url=reverse("calendar_book"),
            override_fields=fields_of(opened.wish),
            override_reason=request.POST.get("reason", ""),
            override_error=refusal.words if isinstance(refusal, gates.OverrideInvalid) else "",
        )
    }


def back_to(opened: desk.Desk) -> str:
    """Return the address of this very booking, to which a mending returns."""
    return f"{reverse('calendar_book')}?{urlencode(fields_of(opened.wish))}"


def standing(opened: desk.Desk, request: PageRequest) -> Refusal | None:
    """Return what would refuse the booking that the address names, for whoever comes back from mending it."""
    wanted = opened.wish.request()
    if wanted is None:
        return None
    try:
        draft = booking.drafted(wanted, practice=request.practice.id, by=request.by, at=request.at)
    except NotFound:
        raise
    except Refusal as refusal:
        return refusal
    decision = gates.why_not("book_appointment", subjects(draft), at=request.at)
    return None if decision.allowed else gates.GateRefused(decision, request.by)


def _decision(refusal: Refusal, opened: desk.Desk, request: PageRequest) -> gates.Decision | None:
    """Return the gate's answer; an override that was not accepted asks again, so that the clauses stay on the page."""
    if isinstance(refusal, gates.GateRefused):
        return refusal.decision
    wanted = opened.wish.request()
    if not isinstance(refusal, gates.OverrideInvalid) or wanted is None:
        return None
    draft = booking.drafted(wanted, practice=request.practice.id, by=request.by, at=request.at)
    return gates.why_not("book_appointment", subjects(draft), at=request.at)


@dataclass(frozen=True)
class Again:
    """A step with a visit that a gate may refuse: its participle, and the form that would take it by an override."""

    done: str
    url: str
    fields: Sequence[tuple[str, str]] = ()


def gate_of(refusal: Refusal | None, again: Again, back: str) -> GateRefusal | None:
    """Return a gate's refusal of a step with a visit; mendings return to the visit's page, `back`."""
    if not isinstance(refusal, gates.GateRefused):
        return None
    return gates.as_refusal(
        refusal.decision,
        done=again.done,
        by=refusal.by,
        back=back,
        override_url=again.url,
        override_fields=again.fields,
    )


def override_of(request: PageRequest, starts_at: datetime | None) -> gates.OverrideRequest | None:
    """Return the override that the form asks for, ending when the visit begins; None where the form has none."""
    if "reason" not in request.POST or starts_at is None:
        return None
    ends = min(starts_at, request.at + timedelta(days=OVERRIDE_DAYS))
    return gates.OverrideRequest(request.POST["reason"], ends)


def hold_until(at: datetime, zone: ZoneInfo) -> datetime:
    """Return noon of the day after tomorrow at the location: long enough to fetch a card, short enough to matter."""
    day = at.astimezone(zone).date() + timedelta(days=HOLD_DAYS)
    return rules.instant(day, time(12), zone)


def choices(opened: desk.Desk) -> dict[str, list[Choice]]:
    wish = opened.wish

    def options(rows: Sequence[Any], chosen: Any, nothing: str) -> list[Choice]:
        first = [Choice("", nothing, chosen is None)] if nothing else []
        return first + [Choice(str(row.id), row.name, row.id == chosen) for row in rows]

    return {
        "services": options(opened.services, wish.service, ""),
        "people": options(opened.people, wish.practitioner, "anybody"),
        "places": options(opened.places, wish.location, "any location"),
    }


def with_asked(opened: desk.Desk, offered: Sequence[Slot]) -> list[Slot]:
    """Put the time asked for first if it is still free: a gate stopped it, not the calendar."""
    wish = opened.wish
    if not (wish.service and wish.practitioner and wish.location and wish.starts_at):
        return list(offered)
    exact = [s for s in offered if s.starts_at == wish.starts_at and s.practitioner_id == wish.practitioner]
    if not exact and wish.starts_at:
        near = queries.find_slots(
            service_id=wish.service, practitioner_ids=[wish.practitioner], location_ids=[wish.location],
            earliest=wish.starts_at, count=1, modality=wish.modality or None, patient_id=wish.patient,
        )  # fmt: skip
        exact = [s for s in near if s.starts_at == wish.starts_at]
    marked = [replace(s, why="the time you asked for") for s in exact]
    return marked + [s for s in offered if s not in exact]


def fields_of(wish: desk.Wish) -> list[tuple[str, str]]:
    """Return the hidden fields, or the address's parts, that say the wish again."""
    starts_at = wish.starts_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if wish.starts_at else ""
    said = {
        "patient": wish.patient, "service": wish.service, "practitioner": wish.practitioner,
        "location": wish.location, "modality": wish.modality, "starts_at": starts_at,
    }  # fmt: skip
    return [(name, str(value)) for name, value in said.items() if value]


def _reasons(refusal: Refusal, opened: desk.Desk, request: PageRequest) -> list[str]:
    """Name what else stands against the time, for a refusal about the time itself."""
    wish = opened.wish
    about_time = (rules.NotWorkingThen, rules.TravelTooShort, rules.NotPerformedHere, rules.SlotTaken)
    if not isinstance(refusal, about_time) or not (wish.service and wish.practitioner and wish.location):
        return []
    if wish.starts_at is None:
        return []
    found = queries.why_not_offered(
        service_id=wish.service, practitioner_id=wish.practitioner, location_id=wish.location,
        starts_at=wish.starts_at, at=request.at, patient_id=wish.patient, modality=wish.modality or None,
    )  # fmt: skip
    return [reason.words for reason in found]
