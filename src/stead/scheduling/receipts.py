"""What was just done, said in place with its undo. The address carries a word and the visit, never a name."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.urls import reverse

from stead.platform.ui import words
from stead.platform.ui.parts import Receipt, Step
from stead.platform.web.door import PageRequest
from stead.scheduling import queries
from stead.scheduling.models import Appointment
from stead.scheduling.terms import UNDO_SECONDS

_SAID = {
    "confirm": "Confirmed.",
    "check-in": "Checked in. The practitioner's day shows it.",
    "start": "In session.",
    "finish": "Finished.",
    "no-show": "Marked as a no-show.",
    "undo": "Taken back; the time is free again.",
    "undo-check-in": "Check-in taken back; the patient is to come.",
    "undo-start": "Start taken back; the patient waits and no note is owed.",
    "late": "Written down as held, with the times you typed.",
    "release": "Given back; the time is free again.",
    "moved": "Moved to {when}.",
    "cancelled": "Cancelled; the time is free again.",
    "book": "Booked {when} with {who}.",
    "booked": "Booked {when} with {who}.",
    "held": "Held {when} with {who} until {until}.",
}


def of_address(request: PageRequest) -> list[Receipt]:
    """Return the receipt that the address asks for, if it is about a visit of this practice."""
    done = request.GET.get("done", "")
    row = _visit(request.GET.get("visit", ""))
    if done not in _SAID or row is None:
        return []
    zone = queries.zone_of(row.location)
    said = _SAID[done].format(
        when=words.moment(row.starts_at.astimezone(zone)),
        who=row.practitioner.name,
        until=words.moment(row.held_until.astimezone(zone)) if row.held_until else "",
    )
    ends = row.booked_at + timedelta(seconds=UNDO_SECONDS)
    is_mine = row.booked_by_id == request.by.id and row.status == "booked" and request.at <= ends
    if done == "booked" and is_mine:
        undo = Step("Undo", reverse("calendar_step", args=[row.id, "undo"]), "post")
        return [Receipt(said, undo, f"until {words.clock(ends.astimezone(zone))}")]
    if done == "held" and row.status == "held":
        return [Receipt(said, Step("Give it back", reverse("calendar_step", args=[row.id, "release"]), "post"))]
    back = {"check-in": "arrived", "start": "in_session"}
    if done in back and row.status == back[done]:
        return [Receipt(said, Step("Undo", reverse("calendar_step", args=[row.id, f"undo-{done}"]), "post"))]
    return [Receipt(said)]


def _visit(text: str) -> Appointment | None:
    try:
        rows = Appointment.objects.filter(id=UUID(text)).select_related("location", "practitioner")
    except ValueError:
        return None
    return rows.first()
