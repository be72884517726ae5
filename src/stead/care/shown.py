"""What the pages of care say: sentences and rows, ready to print."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.urls import reverse

from stead.care.terms import NoteDue, Visit
from stead.platform.money import Money
from stead.platform.ui import words
from stead.platform.ui.parts import Choice, Filter, FilterBar

_MARKS = {
    "booked": ("booked", "booked"),
    "confirmed": ("confirmed", "confirmed"),
    "arrived": ("waiting", "waiting"),
    "in_session": ("session", "in session"),
    "done": ("met", "done"),
    "no_show": ("noshow", "no-show"),
    "late_cancel": ("cancelled", "cancelled late"),
}
_MODALITIES = {"room": "", "video": "video", "phone": "telephone"}


def title_of_day(visits: list[Visit], due: list[NoteDue], *, is_today: bool) -> str:
    seen = sum(v.status in ("done", "in_session") for v in visits)
    open_visits = f"{words.count(len(visits), 'visit', start=True)}{' today' if is_today else ''}"
    if is_today and visits:
        open_visits += f", {words.number_word(seen) if seen else 'none'} held so far"
    notes = f"{words.count(len(due), 'note', start=True)} to sign" if due else "No note waits for you"
    return f"{open_visits}. {notes}."


def lead_of_day(visits: list[Visit], due: list[NoteDue], at: datetime) -> str:
    if not due:
        return "Signed notes have their charges; nothing of yours holds up a claim."
    held = words.money(sum(d.held_cents for d in due))
    oldest = words.length((at - min(d.starts_at for d in due)).total_seconds() / 60)
    return f"{held} waits for your signature; the oldest session was {oldest} ago."


def title_of_due(due: list[NoteDue], at: datetime) -> str:
    if not due:
        return "No note is due."
    late = sum(d.due_at < at for d in due)
    said = f"{words.count(len(due), 'note', start=True)} without a signature"
    return f"{said}, {words.number_word(late)} over the limit." if late else f"{said}, none over the limit."


def visit_rows(visits: list[Visit], *, own: bool) -> list[dict[str, Any]]:
    return [_visit_row(v, own) for v in visits]


def _visit_row(visit: Visit, own: bool) -> dict[str, Any]:
    zone = ZoneInfo(visit.time_zone)
    mark, word = _MARKS.get(visit.status, ("booked", visit.status))
    modality = _MODALITIES.get(visit.modality, "")
    return {
        "id": visit.appointment_id,
        "time": words.clock(visit.starts_at.astimezone(zone)),
        "until": words.clock(visit.ends_at.astimezone(zone)),
        "patient": visit.patient_name,
        "service": f"{visit.service_name}, {modality}" if modality else visit.service_name,
        "where": visit.where,
        "mark": mark,
        "word": word,
        "template": visit.template_name,
        "note_state": visit.note_state,
        "note_url": reverse("care_note", args=[visit.note_id]) if visit.note_id and own else "",
        "start_url": _start_url(visit.encounter_id) if own and visit.encounter_id and not visit.note_id else "",
    }


def _start_url(encounter_id: UUID) -> str:
    return reverse("care_start_note", args=[encounter_id])


def due_rows(due: list[NoteDue], at: datetime, *, own: UUID) -> list[dict[str, Any]]:
    return [_due_row(d, at, own) for d in due]


def _due_row(due: NoteDue, at: datetime, own: UUID) -> dict[str, Any]:
    over = due.hours_over(at)
    mine = due.practitioner_id == own
    return {
        "id": due.encounter_id,
        "visit": words.moment(due.starts_at.astimezone(ZoneInfo(due.time_zone))),
        "service": due.service_name,
        "patient": due.patient_name,
        "practitioner": due.practitioner_name,
        "mark": "over" if over > 0 else "close" if over > -24 else "booked",
        "age": words.over_limit(over * 60) if over > 0 else f"{words.length(-over * 60)} left",
        "held": words.money(due.held_cents),
        "started": due.note_id is not None,
        "note_url": reverse("care_note", args=[due.note_id]) if due.note_id and mine else "",
        "start_url": _start_url(due.encounter_id) if mine and not due.note_id else "",
    }


_LIMITS = {"": "all", "over": "over", "within": "within"}


def narrowed_due(query: QueryDict, due: list[NoteDue], at: datetime) -> list[NoteDue]:
    """Return the notes due that the address asks for: of one practitioner, over the limit or within it."""
    whose, limit = query.get("practitioner", ""), query.get("limit", "")
    kept = [d for d in due if not whose or str(d.practitioner_id) == whose]
    return [d for d in kept if limit not in ("over", "within") or (d.due_at < at) == (limit == "over")]


def due_bar(query: QueryDict, due: list[NoteDue], at: datetime) -> FilterBar:
    """Return the filter sentence above the notes due; with one practitioner there is nobody to choose."""
    names = {str(d.practitioner_id): d.practitioner_name for d in sorted(due, key=lambda d: d.practitioner_name)}
    whose = query.get("practitioner", "")
    limit = query.get("limit", "") if query.get("limit", "") in _LIMITS else ""
    people = [Choice("", "all", not whose), *(Choice(i, name, i == whose) for i, name in names.items())]
    filters = [Filter("practitioner", "Practitioner", names.get(whose, "all"), people)] if len(names) > 1 else []
    limits = [Choice(value, said, value == limit) for value, said in _LIMITS.items()]
    return FilterBar(
        [*filters, Filter("limit", "Limit", _LIMITS[limit], limits)],
        count=words.tally(len(narrowed_due(query, due, at)), "note"),
        clear_url="?" if whose or limit else "",
        kept=[("sort", query.get("sort", ""))] if query.get("sort") else [],
    )


_SORTS: dict[str, Callable[[NoteDue], Any]] = {
    "visit": lambda d: d.starts_at,
    "due": lambda d: d.due_at,
    "held": lambda d: d.held_cents,
    "whose": lambda d: (d.practitioner_name, d.due_at),
}


def sorted_due(rows: list[NoteDue], sort: str) -> list[NoteDue]:
    """Sort by a column's key, "-" before it for the reverse; oldest first without."""
    key = _SORTS.get(sort.removeprefix("-"))
    return sorted(rows, key=key, reverse=sort.startswith("-")) if key else rows


def due_csv(rows: list[NoteDue], at: datetime) -> tuple[list[str], list[list[object]]]:
    head = ["Visit", "Service", "Patient", "Practitioner", "Due", "Hours over", "Held up USD"]
    return head, [
        [
            row.starts_at.isoformat(timespec="minutes"),
            row.service_name,
            row.patient_name,
            row.practitioner_name,
            row.due_at.isoformat(timespec="minutes"),
            max(0, round(row.hours_over(at))),
            Money(row.held_cents).dollars,
        ]
        for row in rows
    ]
