"""The day as a list: for a phone at the desk, for print, and as CSV."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.urls import reverse

from stead.messaging.queries import unreached
from stead.platform.ui import words
from stead.platform.ui.parts import Choice, Filter, FilterBar
from stead.platform.web.days import read_day
from stead.practice.models import Location
from stead.scheduling import board, queries, shown
from stead.scheduling.models import STATUSES
from stead.scheduling.terms import COUNTED, DAY_GROUPS

CSV_HEADS = ("Start", "End", "Patient", "Service", "Practitioner", "Location", "Room", "Status")
GROUP_WORDS = {"": "all", "counted": "not cancelled", "sure": "confirmed or come", "waiting": "waiting",
               "session": "in session", "missed": "no-show", "due": "still to come", "here": "here now", "done": "done",
               "lost": "missed or cancelled", "held": "held"}  # fmt: skip
REMINDERS = {"": "all", "none": "none can be sent"}
SORTS = {"time": "starts_at", "patient": "patient", "practitioner": "practitioner", "status": "word"}


@dataclass(frozen=True)
class Wish:
    day: date
    location: UUID | None
    status: str
    sort: str
    places: Sequence[Location]
    unreached: bool = False

    @classmethod
    def read(cls, query: QueryDict, at: datetime, places: Sequence[Location]) -> Wish:
        """Read the address; a day that is none means today where the first location is."""
        chosen = next((p for p in places if str(p.id) == query.get("location")), None)
        zone = queries.zone_of(chosen or places[0]) if places else None
        try:
            day = read_day(query.get("day", ""))
        except ValueError:
            day = at.astimezone(zone).date()
        status = query.get("status", "")
        return cls(
            day, chosen.id if chosen else None, status if status in DAY_GROUPS else "", query.get("sort", ""), places,
            query.get("reminder") == "none",
        )  # fmt: skip


def rows(wish: Wish, now: datetime) -> list[dict[str, Any]]:
    """Return the visits asked for, ready to print, in the order asked for."""
    zones = {p.id: queries.zone_of(p) for p in wish.places}
    names = {p.id: p.name for p in wish.places}
    wanted = [wish.location] if wish.location else list(zones)
    found = []
    visits = list(queries.day_book(wanted, wish.day))
    coming = {v.patient_id for v in visits if v.status in ("booked", "confirmed") and v.starts_at > now}
    alone = unreached(coming, "care") if coming else set()
    for visit in visits:
        if wish.status and visit.status not in DAY_GROUPS[wish.status]:
            continue
        to_call = visit.patient_id in alone and visit.status in ("booked", "confirmed") and visit.starts_at > now
        if wish.unreached and not to_call:
            continue
        zone, look = zones[visit.location_id], shown.look(visit.status)
        end = words.clock(visit.ends_at.astimezone(zone))
        said, tone = shown.status_words(visit, now, end)
        found.append(
            {
                "id": visit.id,
                "patient_id": visit.patient_id,
                "starts_at": visit.starts_at,
                "start": words.clock(visit.starts_at.astimezone(zone)),
                "end": end,
                "patient": shown.patient_name(visit),
                "service": visit.service + ("" if visit.modality == "room" else f", {visit.modality}"),
                "practitioner": visit.practitioner,
                "location": names[visit.location_id],
                "room": visit.room or "",
                "status": visit.status,
                "mark": look.mark,
                "word": said,
                "tone": tone or "ink",
                "to_call": to_call,
                "url": reverse("calendar_visit", args=[visit.id]),
                "step": next(
                    iter(board.steps(visit.id, visit.status, (visit.starts_at, visit.ends_at), now, zone)), None
                ),
            }
        )
    key = SORTS.get(wish.sort.lstrip("-"))
    return sorted(found, key=lambda r: r[key], reverse=wish.sort.startswith("-")) if key else found


def sentence(found: Sequence[dict[str, Any]], wish: Wish) -> str:
    """Say how many visits the day has, as Today counts them; what is cancelled or held is said beside them."""
    on = f"on {words.long_day(wish.day)}"
    if wish.unreached:
        return f"No reminder can be sent for {words.count(len(found), 'visit')} {on}."
    if wish.status:
        return f"{words.count(len(found), 'visit', start=True)} {on}, {GROUP_WORDS[wish.status]}."
    said = f"{words.count(sum(r['status'] in COUNTED for r in found), 'visit', start=True)} {on}"
    beside = {"cancelled": DAY_GROUPS["lost"][1:], "held": DAY_GROUPS["held"]}
    numbers = ((sum(r["status"] in states for r in found), name) for name, states in beside.items())
    more = [f"{words.number_word(number)} {name}" for number, name in numbers if number]
    said = f"{said}, {words.listed(more)}." if more else f"{said}."
    to_call = sum(r["to_call"] for r in found)
    return f"{said} No reminder reaches {words.number_word(to_call)}; call them." if to_call else said


def filter_bar(wish: Wish, count: int) -> FilterBar:
    places = [("", "all"), *((str(p.id), p.name) for p in wish.places)]
    days = [wish.day + timedelta(days=n) for n in (-1, 0, 1, 2, 7)]
    chosen = str(wish.location or "")
    return FilterBar(
        (
            Filter("day", "Day", words.day_with_weekday(wish.day),
                   [Choice(str(d), words.day_with_weekday(d), d == wish.day) for d in days]),
            Filter("location", "Location", dict(places)[chosen], _choices(places, chosen)),
            Filter("reminder", "Reminder", REMINDERS["none" if wish.unreached else ""],
                   _choices(list(REMINDERS.items()), "none" if wish.unreached else "")),
            Filter("status", "Status", GROUP_WORDS[wish.status], _choices(list(GROUP_WORDS.items()), wish.status)),
        ),
        count=words.tally(count, "visit"),
        clear_url="?" if wish.status or wish.location or wish.unreached else "",
        kept=[("sort", wish.sort)] if wish.sort else [],
    )  # fmt: skip


def csv_rows(found: Iterable[dict[str, Any]]) -> Iterable[tuple[str, ...]]:
    names = ("start", "end", "patient", "service", "practitioner", "location", "room", "word")
    return (tuple(row[name] for name in names) for row in found)


def _choices(pairs: Sequence[tuple[str, str]], chosen: str) -> list[Choice]:
    return [Choice(value, label, value == chosen) for value, label in pairs]


assert {s for group in DAY_GROUPS.values() for s in group} == {s for s, _ in STATUSES} - {"released"}
