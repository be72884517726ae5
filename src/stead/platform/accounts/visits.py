"""A visit by a link: who came with a one-use link and their birth date is let to their papers, and to nothing else.

It is no session of an account: `session.find_signed_in` does not know it, so every door that asks for an account stays
shut, and what may be reached is what rooms have opened (`permissions.open_by_link`). It ends like a session: after 15
minutes without the person doing something, after two hours in any case, on leaving, when a full sign-in begins in the
same browser, and when staff sends the patient a new link.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.http import HttpRequest

from stead.platform import clock, permissions
from stead.platform.accounts.factor_models import LinkVisit
from stead.platform.accounts.models import Practice
from stead.platform.accounts.session import IDLE, WRITTEN_EVERY, is_by_itself, sign_out
from stead.platform.actors import Actor
from stead.platform.tenancy import context

KEY = "link_visit"
ABSOLUTE = timedelta(hours=2)


def begin(
    request: HttpRequest, *, practice: Practice, patient_id: UUID, name: str, invitation_id: UUID, case_id: UUID | None
) -> LinkVisit:
    """Let somebody in. Nothing of an earlier session is carried over, its key least of all."""
    sign_out(request)
    request.session.create()
    now = clock.now()
    row = LinkVisit.objects.create(
        practice=practice,
        person_id=patient_id,
        name=name,
        invitation_id=invitation_id,
        case_id=case_id,
        session_key=request.session.session_key or "",
        started_at=now,
        seen_at=now,
    )
    request.session[KEY] = str(row.id)
    request.__dict__.pop("_link_visit", None)
    return row


def find(request: HttpRequest) -> LinkVisit | None:
    """Return the living visit, read afresh once in each request."""
    if not hasattr(request, "_link_visit"):
        request._link_visit = _living(request)  # type: ignore[attr-defined]  # kept for the length of the request
    return request._link_visit  # type: ignore[attr-defined,no-any-return]


def _living(request: HttpRequest) -> LinkVisit | None:
    chosen = request.session.get(KEY)
    if not chosen:
        return None
    rows = LinkVisit.objects.select_related("practice")
    row = rows.filter(id=chosen, session_key=request.session.session_key).first()
    now = clock.now()
    if row is None:
        return None
    if now - row.seen_at >= IDLE or now - row.started_at >= ABSOLUTE:
        row.delete()
        return None
    if now - row.seen_at >= WRITTEN_EVERY and not is_by_itself(request):
        LinkVisit.objects.filter(id=row.id).update(seen_at=now)
    return row


def has_ended(request: HttpRequest) -> bool:
    """Answer whether this browser had a visit that is over by the clock or by staff: its person knows no password."""
    return KEY in request.session and find(request) is None


def end_all_of(patient_id: UUID) -> int:
    """End every visit of a patient of the practice in force; return how many there were. Only staff's requests may."""
    with context.in_directory() as now:
        ended, _ = LinkVisit.objects.filter(practice_id=now.practice_id, person_id=patient_id).delete()
    return ended


def actor_of(visit: LinkVisit) -> Actor:
    """Return the patient with the permissions that a link opens, and no other; the journal says how they came."""
    return Actor(
        id=visit.person_id,
        kind="patient",
        name=f"{visit.name}, by link",
        roles=frozenset({"patient"}),
        scopes=permissions.opened_by_link(),
    )
