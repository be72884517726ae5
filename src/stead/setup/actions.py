"""Invite somebody to work here, send it again, take it back; let the invited person in."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from stead.messaging.actions import queue_message
from stead.messaging.terms import SEALED_MARK
from stead.platform.accounts import memberships
from stead.platform.accounts.models import Practice
from stead.platform.actions import action
from stead.platform.actors import Actor, system
from stead.platform.journal.write import write
from stead.platform.refusals import InvalidInput, NotFound
from stead.platform.tenancy import context
from stead.platform.ui import words
from stead.practice import actions as practice_actions
from stead.practice import queries as practice_queries
from stead.practice.models import PracticeProfile, StaffMember
from stead.practice.rules import check_npi, check_time_zone
from stead.practice.terms import ProfileDetails, StaffDetails
from stead.setup import rules
from stead.setup.models import StaffInvitation
from stead.setup.terms import INVITED_FOR


@action("invite_staff_member", permission="staff.invite", words="invite somebody to work here")
def invite_staff_member(
    *, practice: UUID, by: Actor, at: datetime, details: StaffDetails, seat_ids: Sequence[UUID] = (), site: str
) -> StaffMember:
    """Add somebody, put their name on seats from their first day, and e-mail a link by which they choose how to sign
    in. `site` is the address of this Stead. Refuses roles that the inviter may not give."""
    email = details.email.strip().lower()
    if not email:
        raise InvalidInput("The invitation goes to an e-mail address.", field="email")
    if not details.roles:
        raise InvalidInput("Name at least one role.", field="roles")
    if details.npi:
        check_npi(details.npi)
    _check_not_here(email, at)
    person = practice_actions.create_staff_member(practice=practice, by=by, at=at, details=details)
    first = details.started_date or practice_queries.practice_day(at)
    for seat_id in seat_ids:
        practice_actions.assign_seat(
            practice=practice, by=by, at=at, seat_id=seat_id, staff_id=person.id, from_date=first
        )
    _send(practice, by, at, person, site)
    return person


def _check_not_here(email: str, at: datetime) -> None:
    """Refuse the address of somebody who works here and can sign in: they would be two people to the practice."""
    today = practice_queries.practice_day(at)
    here = practice_queries.staff(today).filter(email__iexact=email).values_list("id", flat=True)
    if memberships.living(list(here)):
        raise rules.WorksHereAlready(field="email")


@action("send_staff_invitation", permission="staff.invite", words="send an invitation again")
def send_staff_invitation(*, practice: UUID, by: Actor, at: datetime, staff_id: UUID, site: str) -> StaffInvitation:
    """Send a new link to somebody who does not sign in yet; the earlier one ends with it."""
    person = _locked(staff_id)
    if person.ended_date is not None:
        raise practice_actions.GoneAlready()
    if memberships.living([person.id]):
        raise rules.SignsInAlready()
    if not person.email:
        raise rules.EmailNeeded()
    return _send(practice, by, at, person, site)


@action("withdraw_staff_invitation", permission="staff.invite", words="withdraw an invitation")
def withdraw_staff_invitation(*, practice: UUID, by: Actor, at: datetime, staff_id: UUID) -> StaffMember:
    """Take an invitation back that nobody has used: the link ends, and so does what was given with it."""
    person = _locked(staff_id)
    ended = StaffInvitation.objects.filter(staff_id=person.id, used_at=None, ended_at=None).update(ended_at=at)
    if not ended:
        raise rules.LinkOver("There is no open invitation of theirs. Nothing was changed.")
    write("staff_invitation.withdrawn", by=by, at=at, subject=person)
    if person.ended_date is None:
        practice_actions.withdraw_staff_member(practice=practice, by=by, at=at, staff_id=staff_id)
    return person


@action("take_staff_invitation", permission="staff.join", words="take an invitation to work here")
def take_staff_invitation(*, practice: UUID, by: Actor, at: datetime, invitation_id: UUID) -> StaffInvitation:
    """Use an invitation up. Refuses one that no longer holds; of two at once, the second finds it used."""
    row = (
        StaffInvitation.objects.get_queryset().select_for_update(of=("self",)).select_related("staff")
        .get_or_none(id=invitation_id)
    )  # fmt: skip
    if row is None:
        raise NotFound()
    if not rules.holds(used_at=row.used_at, ended_at=row.ended_at, expires_at=row.expires_at, at=at):
        raise rules.LinkOver()
    if row.staff.ended_date is not None and row.staff.ended_date <= practice_queries.practice_day(at):
        raise rules.LinkOver()
    row.used_at = at
    row.save(update_fields=["used_at"])
    write("staff_invitation.taken", by=by, at=at, subject=row.staff)
    return row


def _locked(staff_id: UUID) -> StaffMember:
    person = StaffMember.objects.get_queryset().select_for_update().get_or_none(id=staff_id)
    if person is None:
        raise NotFound()
    return person


def _send(practice: UUID, by: Actor, at: datetime, person: StaffMember, site: str) -> StaffInvitation:
    """End the open invitation, write the new one, and queue the mail with the link sealed in it."""
    StaffInvitation.objects.filter(staff_id=person.id, used_at=None, ended_at=None).update(ended_at=at)
    token = secrets.token_urlsafe(32)
    row = StaffInvitation(
        staff_id=person.id, token_sha256=rules.token_hash(token), email=person.email.lower(), sent_at=at,
        sent_by_name=by.name, expires_at=at + INVITED_FOR,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        if "staff_invitation_email_once" not in str(error):
            raise
        raise rules.InvitedAlready(field="email") from None
    home = Practice.objects.get(id=practice)
    until = words.long_day(row.expires_at.astimezone(practice_queries.practice_zone()).date())
    queue_message(
        practice=practice, by=system(), at=at, key=f"staff_invitation:{row.id}", staff_id=person.id, channel="email",
        purpose="staff", template="staff_invitation",
        context={"name": person.name, "practice": home.name, "who": by.name, "link": SEALED_MARK, "until": until},
        secret=f"{site.rstrip('/')}/join/{home.slug}/{token}/",
    )  # fmt: skip
    write("staff_invitation.sent", by=by, at=at, subject=person)
    return row


@action("set_practice", permission="practice.configure", words="set the practice's name, time zone and profile")
def set_practice(
    *, practice: UUID, by: Actor, at: datetime, name: str, time_zone: str, details: ProfileDetails
) -> PracticeProfile:
    """Write how the practice is called by patients and by payers, and the zone of its own pages."""
    if not name.strip():
        raise InvalidInput("This needs a name.", field="name")
    check_time_zone(time_zone)
    profile = practice_actions.set_profile(practice=practice, by=by, at=at, details=details)
    with context.in_directory() as now:
        row = Practice.objects.select_for_update().get(id=now.practice_id)
        was = [row.name, row.time_zone]
        Practice.objects.filter(id=row.id).update(name=name.strip(), time_zone=time_zone)
    if was != [name.strip(), time_zone]:
        write("practice.renamed", by=by, at=at, subject=profile, was=was, now=[name.strip(), time_zone])
    return profile
