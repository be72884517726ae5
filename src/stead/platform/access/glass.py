"""Break the glass: open what one's seat does not, in an emergency, with a reason, for an hour at most.

The grant is a tenant row with a journal line of its own; the session only remembers that there may be one, so that
nobody else pays a query. While it lasts, every page says so, and every read of a patient carries the reason, which
puts it on the review list of the owner and the manager.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.urls import reverse

from stead.platform import permissions
from stead.platform.access.models import BreakGlass
from stead.platform.actions import action
from stead.platform.actors import Actor
from stead.platform.journal.write import write
from stead.platform.refusals import Conflict, InvalidInput
from stead.platform.ui import words
from stead.platform.ui.parts import Receipt, Step

SESSION_KEY = "glass"
MOST_MINUTES = 60


class ReasonTooShort(InvalidInput):
    words = "Say in a sentence why you need it; the reason is reviewed."


class OwnGlass(Conflict):
    words = "Somebody else reviews this: nobody reviews their own emergency."


@action("break_glass", permission="glass.break", words="open records beyond their seat")
def break_glass(*, practice: UUID, by: Actor, at: datetime, reason: str, minutes: int, site: str = "") -> BreakGlass:
    """Give the actor an hour at most; others are told, with a link to `site`. Refuses a reason that says nothing."""
    if len(reason.strip()) < 10:
        raise ReasonTooShort(field="reason")
    if not 0 < minutes <= MOST_MINUTES:
        raise InvalidInput("An hour at most.", field="minutes")
    row = BreakGlass.objects.create(
        actor_id=by.id,
        actor_name=by.name,
        reason=reason.strip()[:400],
        started_at=at,
        ends_at=at + timedelta(minutes=minutes),
    )
    write("glass.broken", by=by, at=at, subject=row, minutes=minutes, site=site)
    return row


@action("end_glass", permission="glass.break", words="end an emergency opening")
def end_glass(*, practice: UUID, by: Actor, at: datetime) -> int:
    """End every living grant of the actor, and return how many there were."""
    living = BreakGlass.objects.filter(actor_id=by.id, ends_at__gt=at)
    ended = living.update(ends_at=at)
    write("glass.ended", by=by, at=at, grants=ended)
    return ended


@action("review_glass", permission="glass.review", words="review an emergency opening")
def review_glass(*, practice: UUID, by: Actor, at: datetime, glass_id: UUID) -> BreakGlass:
    """Note that somebody else than the actor has looked at it."""
    row = BreakGlass.objects.select_for_update().get(id=glass_id)
    if row.actor_id == by.id:
        raise OwnGlass()
    if row.reviewed_at is None:
        row.reviewed_at, row.reviewed_by_name = at, by.name
        row.save(update_fields=["reviewed_at", "reviewed_by_name"])
    write("glass.reviewed", by=by, at=at, subject=row)
    return row


def find_glass(by: Actor, at: datetime) -> BreakGlass | None:
    return BreakGlass.objects.filter(actor_id=by.id, started_at__lte=at, ends_at__gt=at).order_by("-ends_at").first()


def with_glass(request: HttpRequest, by: Actor, at: datetime) -> tuple[Actor, str]:
    """Return the actor with what a living grant opens, and its reason for the access log."""
    if by.kind != "staff" or by.scopes is not None or not request.session.get(SESSION_KEY):
        return by, ""
    row = find_glass(by, at)
    if row is None:
        return by, ""
    request.glass = row  # type: ignore[attr-defined]  # for the banner
    return replace(by, granted=permissions.opened_by_glass()), row.reason


def banner(request: HttpRequest) -> Receipt | None:
    """Return what every page says while the glass is broken."""
    row: BreakGlass | None = getattr(request, "glass", None)
    if row is None:
        return None
    ends = row.ends_at.astimezone(ZoneInfo(request.practice.time_zone))  # type: ignore[attr-defined]  # set by the door
    said = f"Emergency opening until {words.clock(ends)}. Every record you open is listed for review."
    return Receipt(said, Step("End it now", reverse("glass_end"), "post"))
