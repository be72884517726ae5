"""The day's board: a column for each practitioner, arrivals beside them, everything ready to print.

One query reads the visits, one the working time; the rest is arithmetic on what came back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.urls import reverse

from stead.platform.actors import Actor
from stead.platform.ui import words
from stead.platform.ui.calendar import hour_labels, place
from stead.platform.ui.parts import Block, Step
from stead.practice.models import Location, StaffMember
from stead.scheduling import arriving, queries, rules, shown
from stead.scheduling.arriving import Due
from stead.scheduling.models import FreeDay
from stead.scheduling.queries import DayVisit

WAITING_LIMIT = 15
NEXT_MINUTES = 60


@dataclass(frozen=True)
class Frame:
    """The hours that the board shows, in the location's zone."""

    zone: ZoneInfo
    day: date
    opens: time
    closes: time

    def at(self, start: datetime, end: datetime, lane: int = 0) -> str:
        local = start.astimezone(self.zone)
        minutes = int((end - start).total_seconds() // 60)
        return place(local, minutes, opens=self.opens, lane=lane + 1).classes


def board(location: Location, day: date, now: datetime, by: Actor) -> dict[str, Any]:
    """Return the context of the day page."""
    visits = queries.day_book([location.id], day)
    working = {row.staff_id: row for row in queries.open_days(day, day, location_ids=[location.id])}
    zone = queries.zone_of(location)
    frame = frame_of(zone, day, visits, list(working.values()))
    people = _people({*working, *(v.practitioner_id for v in visits)})
    is_today = now.astimezone(zone).date() == day
    return {
        "columns": [_column(p, visits, working.get(p.id), frame, now if is_today else None) for p in people],
        "hours": hour_labels(frame.opens, frame.closes),
        "now_label": _now_label(frame, now) if is_today else None,
        "arrivals": arrivals(visits, now, zone, by) if is_today else None,
        "counts": counts(visits),
        "label": words.long_day(day),
        "visits": visits,
    }


def frame_of(zone: ZoneInfo, day: date, visits: Sequence[DayVisit], working: Sequence[FreeDay]) -> Frame:
    """Show whole hours from the first thing of the day to the last, at least 8 to 17."""
    begins = [v.starts_at for v in visits] + [row.open[0].lower for row in working]
    ends = [v.ends_at for v in visits] + [row.open[-1].upper for row in working]
    first = min([8, *(b.astimezone(zone).hour for b in begins)])
    last = max([17, *((local := e.astimezone(zone)).hour + bool(local.minute) for e in ends)])
    return Frame(zone, day, time(first), time(min(last, 23)))


def block(visit: DayVisit, frame: Frame, now: datetime | None) -> Block:
    look = shown.look(visit.status)
    end = words.clock(visit.ends_at.astimezone(frame.zone))
    word, tone = shown.status_words(visit, now, end) if now else (look.word, look.tone)
    mark = "over" if tone == "brick" and visit.status == "in_session" else look.mark
    kind = visit.service if visit.modality == "room" else f"{visit.service}, {visit.modality}"
    where = frame.at(visit.starts_at, visit.ends_at, visit.lane)
    url = reverse("calendar_visit", args=[visit.id])
    return Block(shown.short_name(visit), where, look.state, mark, word, kind, url, tone)


def closed(row: FreeDay | None, frame: Frame) -> list[dict[str, str]]:
    """Return the stretches that cannot be booked, with the word that stands in them."""
    day_from = datetime.combine(frame.day, frame.opens, tzinfo=frame.zone)
    day_to = datetime.combine(frame.day, frame.closes, tzinfo=frame.zone)
    open_time = [(s.lower, s.upper) for s in row.open] if row else []
    found = []
    for start, end in rules.without([(day_from, day_to)], open_time):
        is_break = start > day_from and end < day_to
        found.append({"place": frame.at(start, end), "closed": "Break" if is_break else "Not at work"})
    return found


def counts(visits: Sequence[DayVisit]) -> list[str]:
    """Say the day in figures, those that are not nought."""
    by = Counter(v.status for v in visits)
    booked = sum(by[s] for s in ("booked", "confirmed", "arrived", "in_session", "done", "no_show"))
    parts = [("visits" if booked != 1 else "visit", booked), ("confirmed", by["confirmed"]), ("done", by["done"]),
             ("in session", by["in_session"]), ("waiting", by["arrived"]), ("no-show", by["no_show"]),
             ("cancelled late", by["late_cancel"]), ("held", by["held"])]  # fmt: skip
    return [f"{number} {word}" for word, number in parts if number or word.startswith("visit")]


def arrivals(visits: Sequence[DayVisit], now: datetime, zone: ZoneInfo, by: Actor) -> list[dict[str, Any]]:
    """Return the groups of the panel: waiting, not here yet, in session, next hour; the longest wait first."""

    due_of = arriving.due(visits, by, now)

    def group(head: str, chosen: list[DayVisit]) -> dict[str, Any]:
        return {
            "head": head,
            "rows": [_arrival(v, now, zone, due_of.get(v.id, [])) for v in chosen],
            "count": len(chosen),
        }

    waiting = [v for v in visits if v.status == "arrived"]
    waiting.sort(key=lambda v: v.arrived_at or v.starts_at)
    due = [v for v in visits if v.status in ("booked", "confirmed")]
    soon = [v for v in due if 0 <= (v.starts_at - now).total_seconds() <= NEXT_MINUTES * 60]
    return [
        group("Waiting", waiting),
        group("Not here yet", [v for v in due if v.starts_at < now]),
        group("In session", [v for v in visits if v.status == "in_session"]),
        group("Next hour", soon),
    ]


def _arrival(visit: DayVisit, now: datetime, zone: ZoneInfo, besides: Sequence[Due]) -> dict[str, Any]:
    said, tone = _arrival_words(visit, now)
    begins = words.clock(visit.starts_at.astimezone(zone))
    return {
        "id": visit.id,
        "name": shown.patient_name(visit),
        "url": reverse("calendar_visit", args=[visit.id]),
        "said": said,
        "tone": tone,
        "note": ", ".join(
            p for p in (f"{begins} with {visit.practitioner}", visit.room, *(due.words for due in besides)) if p
        ),
        "steps": [
            *(due.step for due in besides if due.step),
            *steps(visit.id, visit.status, (visit.starts_at, visit.ends_at), now, zone),
        ],
    }


def _arrival_words(visit: DayVisit, now: datetime) -> tuple[str, str]:
    if visit.status == "arrived":
        waited = shown.waiting_minutes(visit, now)
        return words.length(waited), "ochre" if waited > WAITING_LIMIT else ""
    if visit.status == "in_session":
        left = int((visit.ends_at - now).total_seconds() // 60)
        return (f"{left} min left", "") if left >= 0 else (f"over by {words.length(-left)}", "brick")
    late = int((now - visit.starts_at).total_seconds() // 60)
    if late > 0:
        return f"{words.length(late)} late", "ochre" if late > WAITING_LIMIT else ""
    return shown.look(visit.status).word.lower(), ""


def steps(visit_id: UUID, status: str, booked: rules.Stretch, now: datetime, zone: ZoneInfo) -> list[Step]:
    """Return the steps that follow from where the visit stands, the likeliest first; on another day than its own only
    those that do not say it takes place now."""
    starts_at = booked[0]
    is_its_day = rules.is_its_day(*booked, now, zone)

    def step(name: str, label: str) -> Step:
        return Step(label, reverse("calendar_step", args=[visit_id, name]), "post")

    if status in ("booked", "confirmed"):
        missed = [step("no-show", "No-show")] if now >= starts_at else []
        confirm = [step("confirm", "Confirm")] if status == "booked" and now < starts_at else []
        return [*([step("check-in", "Check in")] if is_its_day else []), *missed, *confirm]
    if status == "arrived":
        return [step("start", "Start")] if is_its_day else []
    return [step("finish", "Finish")] if status == "in_session" and rules.may_finish(booked[1], now) else []


def steps_back(visit_id: UUID, status: str) -> list[Step]:
    """Return what takes back a step that was meant for another visit."""

    def step(name: str, label: str) -> Step:
        return Step(label, reverse("calendar_step", args=[visit_id, name]), "post")

    if status in rules.MOVES["undo_check_in"].came_from:
        return [step("undo-check-in", "Take the check-in back")]
    if status in rules.MOVES["undo_start"].came_from:
        return [step("undo-start", "Take the start back")]
    return []


def _column(
    person: StaffMember, visits: Sequence[DayVisit], row: FreeDay | None, frame: Frame, now: datetime | None
) -> dict[str, Any]:
    own = [v for v in visits if v.practitioner_id == person.id]
    live = [v for v in own if v.status not in ("cancelled", "late_cancel")]
    # A cancelled visit gave its time back: it is drawn only while nobody else has taken it.
    taken = [(v.starts_at, v.ends_at) for v in live]
    drawn = live + [v for v in own if v not in live and not rules.touches(taken, v.starts_at, v.ends_at)]
    drawn.sort(key=lambda v: v.starts_at)
    rooms = sorted({v.room for v in live if v.room})
    return {
        "name": person.name,
        "note": rooms[0] if len(rooms) == 1 else "",
        "count": words.grouped(len(live)) + (" visit" if len(live) == 1 else " visits"),
        "blocks": [block(v, frame, now) for v in drawn],
        "closed": closed(row, frame),
        "lanes": max((v.lane for v in live), default=0) + 1 if any(v.lane for v in live) else 0,
        "now": frame.at(now, now) if now and _within(frame, now) else "",
    }


def _now_label(frame: Frame, now: datetime) -> dict[str, str] | None:
    local = now.astimezone(frame.zone)
    words_now = words.clock(local, "en").split()[0]  # the hours beside it say am and pm
    return {"place": frame.at(now, now), "words": words_now} if _within(frame, now) else None


def _within(frame: Frame, now: datetime) -> bool:
    return frame.opens <= now.astimezone(frame.zone).time() < frame.closes


def _people(ids: set[UUID]) -> list[StaffMember]:
    return list(StaffMember.objects.filter(id__in=ids).order_by("name"))
